"""Heat maps colour what is hot and leave the rest."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.annotate import overlay_heatmap
from conveyorqc.errors import InvalidInput

PICTURE = np.full((40, 60, 3), 130, np.uint8)


def hot_corner() -> np.ndarray:
    heat = np.zeros((4, 6), np.float32)
    heat[0, 0] = 3.0
    return heat


def test_only_the_hot_part_is_coloured_and_the_picture_is_kept():
    drawn = overlay_heatmap(PICTURE, hot_corner())
    assert not np.array_equal(drawn[:5, :5], PICTURE[:5, :5])
    np.testing.assert_array_equal(drawn[25:, 25:], PICTURE[25:, 25:])
    assert int(PICTURE.min()) == int(PICTURE.max()) == 130


def test_the_map_lies_where_its_pixels_are():
    drawn = overlay_heatmap(PICTURE, hot_corner())
    changed = np.abs(drawn.astype(int) - 130).max(axis=2)
    rows, columns = np.nonzero(changed > 10)
    assert rows.max() < 20
    assert columns.max() < 20


def test_strength_zero_changes_nothing_and_one_hides_the_picture_at_the_hottest_spot():
    np.testing.assert_array_equal(overlay_heatmap(PICTURE, hot_corner(), strength=0.0), PICTURE)
    white, black = np.full_like(PICTURE, 255), np.zeros_like(PICTURE)
    first = overlay_heatmap(white, hot_corner(), strength=1.0)[0, 0]
    np.testing.assert_array_equal(first, overlay_heatmap(black, hot_corner(), strength=1.0)[0, 0])


def test_a_fixed_scale_makes_pictures_comparable():
    mild = overlay_heatmap(PICTURE, hot_corner() / 3, low=0.0, high=3.0)
    fierce = overlay_heatmap(PICTURE, hot_corner(), low=0.0, high=3.0)
    assert np.abs(mild.astype(int) - 130).sum() < 0.7 * np.abs(fierce.astype(int) - 130).sum()


def test_an_even_map_says_nothing():
    np.testing.assert_array_equal(overlay_heatmap(PICTURE, np.full((3, 3), 5.0, np.float32)), PICTURE)


@pytest.mark.parametrize(
    "heat", [np.zeros((0, 3), np.float32), np.zeros(5, np.float32), np.full((2, 2), np.nan, np.float32)]
)
def test_a_map_that_is_none_is_refused(heat):
    with pytest.raises(InvalidInput, match="heatmap: expected"):
        overlay_heatmap(PICTURE, heat)


def test_an_impossible_strength_is_refused():
    with pytest.raises(InvalidInput, match="strength"):
        overlay_heatmap(PICTURE, hot_corner(), strength=1.5)
