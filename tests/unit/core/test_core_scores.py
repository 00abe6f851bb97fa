from __future__ import annotations

import math

import numpy as np
import pytest

from conveyorqc.core import ScoreScale, as_pictures
from conveyorqc.errors import InvalidInput

PICTURE = np.zeros((4, 6, 3), np.uint8)


@pytest.mark.parametrize(
    ("threshold", "low", "high"), [(0, 0, 1), (1, 0, 1), (0.5, 1, 0), (math.nan, 0, 1), (1, 0, math.inf)]
)
def test_a_scale_needs_its_threshold_between_its_ends(threshold, low, high):
    with pytest.raises(InvalidInput, match="expected finite numbers low < threshold < high"):
        ScoreScale(threshold, low, high)


def test_a_score_is_straight_on_either_side_of_the_threshold():
    scale = ScoreScale(threshold=2.0, low=0.0, high=10.0)
    assert [0.0, 0.0, 0.25, 0.5, 0.75, 1.0, 1.0] == [scale.anomalous(score) for score in (-9, 0, 1, 2, 6, 10, 99)]


def test_a_label_that_contradicts_its_score_is_as_unsure_as_can_be():
    scale = ScoreScale()
    assert [0.9, 0.5] == [scale.confidence(0.9, is_anomalous=label) for label in (True, False)]
    assert [0.5, 0.75] == [scale.confidence(0.25, is_anomalous=label) for label in (True, False)]


def test_pictures_are_paired_with_their_masks_and_read_only():
    mask = np.ones((4, 6), np.bool_)
    pairs = as_pictures([PICTURE, PICTURE], [mask, None])
    assert [True, False] == [hint is not None for _, hint in pairs]
    assert not pairs[0][0].flags.writeable
    assert not pairs[0][1].flags.writeable
    assert as_pictures([], None) == []


@pytest.mark.parametrize(
    ("images", "masks", "message"),
    [
        ([PICTURE], [], "masks: expected 1, one per picture, got 0"),
        ([PICTURE, PICTURE[..., 0]], None, r"images\[1\]"),
        ([PICTURE, PICTURE], [None, np.ones((3, 3), np.bool_)], r"masks\[1\]"),
    ],
)
def test_what_is_wrong_is_named_by_its_position(images, masks, message):
    with pytest.raises(InvalidInput, match=message):
        as_pictures(images, masks)
