"""Whether the background alone tells the label."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.evaluation import background_auroc
from conveyorqc.metrics import Estimate

LABELS = ["normal"] * 12 + ["anomaly"] * 8


def photo(rng, *, belt=120, part=(60, 120, 200), size=16):
    picture = np.clip(belt + rng.normal(0, 3, (48, 48, 3)), 0, 255).astype(np.uint8)
    at = rng.integers(8, 24, 2)
    picture[at[0] : at[0] + size, at[1] : at[1] + size] = part
    return picture


def mask_of(picture, part=(60, 120, 200)):
    return (picture == part).all(axis=2)


def test_one_belt_for_all_tells_nothing():
    rng = np.random.default_rng(1)
    pictures = [photo(rng, size=10 if label == "anomaly" else 16) for label in LABELS]
    estimate = background_auroc(pictures, LABELS, range(20), [mask_of(p) for p in pictures])
    assert 20 == estimate.n
    assert estimate.low < 0.5 < estimate.high


@pytest.mark.parametrize("given", [True, False])
def test_another_belt_under_the_anomalies_tells_all(given):
    rng = np.random.default_rng(2)
    pictures = [photo(rng, belt=100 if label == "anomaly" else 120) for label in LABELS]
    masks = [mask_of(p) if given else None for p in pictures]
    assert 1.0 == background_auroc(pictures, LABELS, range(20), masks).value
    assert 1.0 == background_auroc(pictures, LABELS, range(20)).value


def test_the_object_itself_takes_no_part():
    rng = np.random.default_rng(3)
    colors = [(30, 30, 220) if label == "anomaly" else (60, 120, 200) for label in LABELS]
    pictures = [photo(rng, part=color) for color in colors]
    masks = [mask_of(p, color) for p, color in zip(pictures, colors, strict=True)]
    estimate = background_auroc(pictures, LABELS, range(20), masks)
    assert estimate.low < 0.5 < estimate.high


def test_views_of_one_object_count_once():
    rng = np.random.default_rng(4)
    pictures = [photo(rng, belt=100 if label == "anomaly" else 120) for label in LABELS]
    ids = [row // 2 for row in range(20)]
    assert 10 == background_auroc(iter(pictures), LABELS, ids).n


def test_the_seed_decides():
    rng = np.random.default_rng(5)
    pictures = [photo(rng) for _ in LABELS]
    first, again = (background_auroc(pictures, LABELS, range(20), seed=7) for _ in range(2))
    assert first == again


def test_one_anomalous_object_is_too_few_to_say():
    rng = np.random.default_rng(6)
    pictures = [photo(rng) for _ in range(3)]
    assert Estimate(None, 3, 0.0, 1.0) == background_auroc(pictures, [0, 0, 1], "abc")
    assert Estimate(None, 0, 0.0, 1.0) == background_auroc([], [], [])


def test_lengths_that_differ_are_refused():
    rng = np.random.default_rng(7)
    pictures = [photo(rng) for _ in range(3)]
    with pytest.raises(InvalidInput, match="expected one mask or None for each label"):
        background_auroc(pictures, [0, 1], "ab")
    with pytest.raises(InvalidInput, match="expected one length, got 3, 3 and 2"):
        background_auroc(pictures, [0, 1, 1], "ab")


def test_what_goes_wrong_in_reading_keeps_its_words():
    def broken():
        yield np.zeros((8, 8, 3), np.uint8)
        raise DatasetError("line 7")

    with pytest.raises(DatasetError, match="line 7"):
        background_auroc(broken(), [0, 1], "ab")
