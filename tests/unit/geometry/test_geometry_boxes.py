"""Boxes by example; the naive twins are in the property tests."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc import geometry
from conveyorqc.errors import InvalidInput

BOXES = np.array([[0.0, 0.0, 10.0, 4.0], [5.0, 2.0, 5.0, 9.0]])
NONE = np.empty((0, 4))


def test_sizes_areas_and_centres():
    assert geometry.box_sizes(BOXES).tolist() == [[10, 4], [0, 7]]
    assert geometry.box_area(BOXES).tolist() == [40, 0]
    assert geometry.box_centers(BOXES).tolist() == [[5, 2], [5, 5.5]]


@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (geometry.box_sizes, (0, 2)),
        (geometry.box_area, (0,)),
        (geometry.box_centers, (0, 2)),
        (lambda boxes: geometry.box_iou(boxes, BOXES), (0, 2)),
        (lambda boxes: geometry.box_intersection(BOXES, boxes), (2, 0)),
        (lambda boxes: geometry.clip_boxes(boxes, width=5, height=5), (0, 4)),
        (lambda boxes: geometry.shift_boxes(boxes, dx=1, dy=1), (0, 4)),
        (lambda boxes: geometry.scale_boxes(boxes, x=2, y=2), (0, 4)),
        (lambda boxes: geometry.visible_fraction(boxes, width=5, height=5), (0,)),
        (lambda boxes: geometry.touches_edge(boxes, width=5, height=5), (0, 4)),
    ],
)
def test_no_boxes_give_an_empty_answer(function, shape):
    assert function(NONE).shape == shape


def test_boxes_that_share_nothing_have_no_overlap():
    far = np.array([[20.0, 20.0, 30.0, 30.0]])
    assert geometry.box_iou(BOXES, far).tolist() == [[0.0], [0.0]]
    touching = np.array([[10.0, 0.0, 20.0, 4.0]])
    assert geometry.box_intersection(BOXES[:1], touching).item() == 0


def test_two_empty_boxes_do_not_divide_by_zero():
    assert geometry.box_iou(BOXES[1:], BOXES[1:]).item() == 0.0


def test_a_box_outside_collapses_onto_the_edge():
    outside = np.array([[-9.0, -9.0, -1.0, -1.0], [90.0, 3.0, 99.0, 4.0]])
    assert geometry.clip_boxes(outside, width=50, height=40).tolist() == [[0, 0, 0, 0], [50, 3, 50, 4]]


def test_the_visible_fraction_of_a_box_on_the_edge_and_of_an_empty_one():
    boxes = np.array([[-5.0, 0.0, 5.0, 10.0], [5.0, 5.0, 5.0, 9.0]])
    assert geometry.visible_fraction(boxes, width=50, height=40).tolist() == [0.5, 0.0]


def test_the_union_surrounds_all_boxes():
    assert geometry.union_box(BOXES).tolist() == [0, 0, 10, 9]
    with pytest.raises(InvalidInput, match="at least one"):
        geometry.union_box(NONE)


def test_edges_are_reached_within_the_margin():
    boxes = np.array([[1.0, 1.1, 49.0, 38.9], [0.0, 0.0, 50.0, 40.0]])
    touched = geometry.touches_edge(boxes, width=50, height=40, margin=1.0)
    assert touched.tolist() == [[True, False, True, False], [True, True, True, True]]


@pytest.mark.parametrize(
    ("box", "region"),
    [
        ((0.0, 0.0, 10.0, 8.0), (0, 0, 10, 8)),
        ((0.5, 0.5, 1.5, 1.5), (0, 0, 2, 2)),
        ((-9.0, -9.0, -1.0, -1.0), (0, 0, 1, 1)),
        ((90.0, 90.0, 99.0, 99.0), (9, 7, 10, 8)),
        ((3.0, 3.0, 3.0, 3.0), (3, 3, 4, 4)),
    ],
)
def test_a_region_has_at_least_one_pixel_inside_the_frame(box, region):
    assert geometry.pixel_region(np.array(box), width=10, height=8) == region


@pytest.mark.parametrize(("size", "padding"), [((3, 3), (0, 0, 0, 0)), ((3, 6), (1, 0, 2, 0)), ((7, 4), (0, 1, 0, 2))])
def test_padding_makes_a_square_around_the_middle(size, padding):
    assert geometry.square_padding(*size) == padding
