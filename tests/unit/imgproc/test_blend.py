"""Light, signed noise and blends, against their formulas."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import LIGHT_UNIT, add_signed, heat_colors, lit, mixed


def picture(seed: int, shape: tuple[int, ...] = (9, 11, 3)) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(9, 11), (9, 11, 1), (9, 11, 3)])
def test_the_unit_of_light_changes_nothing(shape):
    image = picture(0, shape)
    np.testing.assert_array_equal(lit(image, np.full(shape, LIGHT_UNIT, np.uint8)), image)


def test_light_multiplies_and_saturates():
    image, light = picture(1), picture(2)
    expected = np.clip(np.rint(image.astype(float) * light * 1.2 / LIGHT_UNIT), 0, 255)
    assert int(np.abs(lit(image, light, gain=1.2) - expected).max()) <= 1


def test_signed_noise_is_added_and_saturates():
    image, plus, minus = picture(3), picture(4) // 4, picture(5) // 4
    expected = np.clip(np.clip(image.astype(int) + plus, 0, 255) - minus, 0, 255)
    np.testing.assert_array_equal(add_signed(image, plus, minus), expected)


def test_a_mix_runs_from_one_picture_to_the_other():
    image, other = picture(6), picture(7)
    weight = np.zeros((9, 11), np.float32)
    weight[4:] = 1.0
    result = mixed(image, other, weight)
    np.testing.assert_array_equal(result[:4], image[:4])
    np.testing.assert_array_equal(result[4:], other[4:])
    half = mixed(image, other, np.full((9, 11), 0.5, np.float32))
    assert float(np.abs(half - (image.astype(float) + other) / 2).max()) <= 0.5


def test_heat_gets_brighter_with_the_value_and_is_cut_at_its_ends():
    colors = heat_colors(np.array([[-1.0, 0.0, 0.5, 1.0, 9.0]], np.float32))[0].astype(float)
    assert colors.shape == (5, 3)
    assert (np.diff(colors.sum(axis=1)) >= 0).all()
    assert colors[0].tolist() == colors[1].tolist()
    assert colors[3].tolist() == colors[4].tolist()


def test_pictures_of_different_shapes_or_kinds_are_refused():
    with pytest.raises(InvalidInput, match="expected two uint8 of one shape"):
        lit(picture(0), picture(0, (9, 10, 3)))
    with pytest.raises(InvalidInput, match="expected two uint8 of one shape"):
        add_signed(picture(0), picture(1), picture(2).astype(np.float32))
