"""Light, colour and sharpness: each tells what it is for, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import blur, photometry


@pytest.fixture(scope="module")
def disc():
    """A sharp disc with noise, 200 x 200."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:200, :200] - 100
    clean = np.where((np.hypot(x, y) < 70)[..., None], (60, 120, 180), (120, 90, 60))
    return np.clip(clean + rng.normal(0, 3, clean.shape), 0, 255).astype(np.uint8)


def test_sharpness_falls_with_every_step_of_blur(disc):
    values = [photometry(blur(disc, sigma=sigma).astype(np.uint8)).sharpness for sigma in (0.01, 1, 2, 3, 5)]
    assert values == sorted(values, reverse=True)
    assert values[0] - values[2] > 0.3


def test_noise_is_not_taken_for_sharpness(disc):
    noisy = np.clip(disc + np.random.default_rng(1).normal(0, 6, disc.shape), 0, 255).astype(np.uint8)
    assert photometry(disc).sharpness == pytest.approx(photometry(noisy).sharpness, abs=0.1)


def test_light_and_colour_are_those_of_the_mask():
    image = np.zeros((300, 300, 3), np.uint8)
    image[:, 150:] = (98, 48, 198)
    mask = np.zeros((300, 300), np.bool_)
    mask[:, 150:] = True
    seen = photometry(image, mask=mask)
    assert [np.log(0.114 * 98 + 0.587 * 48 + 0.299 * 198 + 2), np.log(4), np.log(2)] == pytest.approx(
        [seen.light, seen.red, seen.blue]
    )
    assert photometry(image) == photometry(image, mask=np.zeros_like(mask))


def test_a_mask_of_another_size_is_refused():
    with pytest.raises(InvalidInput, match="mask"):
        photometry(np.zeros((4, 4, 3), np.uint8), mask=np.ones((4, 5), np.bool_))
