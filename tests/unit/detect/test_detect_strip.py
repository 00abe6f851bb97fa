"""The entry strip lies where objects come in, and leaves out what its inner edge cuts."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.detect import EntryStrip
from conveyorqc.errors import InvalidInput


@pytest.mark.parametrize(
    ("direction", "region"),
    [
        (Direction.LEFT_TO_RIGHT, (0, 0, 50, 100)),
        (Direction.RIGHT_TO_LEFT, (150, 0, 200, 100)),
        (Direction.TOP_TO_BOTTOM, (0, 0, 200, 25)),
        (Direction.BOTTOM_TO_TOP, (0, 75, 200, 100)),
    ],
)
def test_the_strip_is_where_objects_come_in(direction, region):
    assert EntryStrip(direction, 0.25).region(200, 100) == region


@pytest.mark.parametrize(
    ("direction", "whole", "cut"),
    [
        (Direction.LEFT_TO_RIGHT, [0, 0, 45, 40], [60, 0, 97, 40]),
        (Direction.RIGHT_TO_LEFT, [110, 0, 200, 40], [103, 0, 140, 40]),
        (Direction.TOP_TO_BOTTOM, [0, 0, 40, 45], [0, 60, 40, 97]),
        (Direction.BOTTOM_TO_TOP, [0, 110, 40, 200], [0, 103, 40, 140]),
    ],
)
def test_what_reaches_the_inner_edge_is_left_out(direction, whole, cut):
    inside = EntryStrip(direction, 0.5).inside(np.array([whole, cut], float), width=200, height=200, margin=4.0)

    assert inside.tolist() == [True, False]


@pytest.mark.parametrize("direction", Direction)
def test_a_strip_that_is_the_whole_frame_has_no_inner_edge(direction):
    boxes = np.array([[0.0, 0, 200, 100]])

    assert EntryStrip(direction, 1.0).inside(boxes, width=200, height=100, margin=4.0).tolist() == [True]


@pytest.mark.parametrize("direction", Direction)
def test_the_thinnest_strip_has_a_pixel(direction):
    x0, y0, x1, y1 = EntryStrip(direction, 0.001).region(20, 10)

    assert min(x1 - x0, y1 - y0) == 1


@pytest.mark.parametrize("fraction", [0.0, -0.5, 1.01, float("nan"), float("inf")])
def test_a_fraction_outside_its_range_is_refused(fraction):
    with pytest.raises(InvalidInput, match="fraction: expected a number above 0 and at most 1"):
        EntryStrip(Direction.LEFT_TO_RIGHT, fraction)
