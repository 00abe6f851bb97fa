"""Every vectorised kernel against a twin that is written as one would say it."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conveyorqc import geometry

COORDINATE = st.floats(-200, 200, allow_subnormal=False, width=32)
SIDE = st.integers(1, 150)


@st.composite
def box_tables(draw, max_size=6):
    corners = draw(st.lists(st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE), max_size=max_size))
    return np.array([[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in corners]).reshape(-1, 4)


@st.composite
def whole_boxes(draw, limit=12):
    x0, y0 = draw(st.integers(0, limit - 1)), draw(st.integers(0, limit - 1))
    return (x0, y0, draw(st.integers(x0, limit)), draw(st.integers(y0, limit)))


def _pixels(box):
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


@given(st.lists(whole_boxes(), max_size=4), st.lists(whole_boxes(), max_size=4))
def test_overlap_counts_the_pixels_in_both(first, second):
    left, right = np.array(first, float).reshape(-1, 4), np.array(second, float).reshape(-1, 4)
    shared, iou = geometry.box_intersection(left, right), geometry.box_iou(left, right)
    assert shared.shape == iou.shape == (len(first), len(second))
    for i, one in enumerate(first):
        for j, two in enumerate(second):
            both, either = _pixels(one) & _pixels(two), _pixels(one) | _pixels(two)
            assert shared[i, j] == len(both)
            assert iou[i, j] == (len(both) / len(either) if either else 0)


@given(box_tables(), box_tables())
def test_iou_is_symmetric_and_a_fraction(first, second):
    iou = geometry.box_iou(first, second)
    assert ((iou >= 0) & (iou <= 1)).all()
    assert np.array_equal(iou, geometry.box_iou(second, first).T)


@given(box_tables())
def test_sizes_areas_and_centres_row_by_row(boxes):
    for row, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        assert geometry.box_sizes(boxes)[row].tolist() == [x1 - x0, y1 - y0]
        assert geometry.box_area(boxes)[row] == (x1 - x0) * (y1 - y0)
        assert geometry.box_centers(boxes)[row].tolist() == [(x0 + x1) / 2, (y0 + y1) / 2]


@given(box_tables(), SIDE, SIDE)
def test_clipping_keeps_what_is_inside_and_changes_nothing_twice(boxes, width, height):
    clipped = geometry.clip_boxes(boxes, width=width, height=height)
    for box, part in zip(boxes.tolist(), clipped.tolist(), strict=True):
        limits = (width, height, width, height)
        assert part == [min(max(value, 0), limit) for value, limit in zip(box, limits, strict=True)]
    assert np.array_equal(geometry.clip_boxes(clipped, width=width, height=height), clipped)


@given(box_tables(), SIDE, SIDE)
def test_the_visible_fraction_is_the_share_of_the_area_inside(boxes, width, height):
    fractions = geometry.visible_fraction(boxes, width=width, height=height)
    frame = np.array([[0.0, 0.0, width, height]])
    for row, fraction in enumerate(fractions.tolist()):
        area = geometry.box_area(boxes)[row]
        expected = geometry.box_intersection(boxes[[row]], frame).item() / area if area > 0 else 0
        assert np.isclose(fraction, expected)


@given(box_tables(), COORDINATE, COORDINATE)
def test_shifting_there_and_back_changes_nothing(boxes, dx, dy):
    there = geometry.shift_boxes(boxes, dx=dx, dy=dy)
    assert np.allclose(there[:, [0, 2]], boxes[:, [0, 2]] + dx)
    assert np.allclose(there[:, [1, 3]], boxes[:, [1, 3]] + dy)
    assert np.allclose(geometry.shift_boxes(there, dx=-dx, dy=-dy), boxes)


@given(box_tables(), st.floats(0.1, 10), st.floats(0.1, 10))
def test_scaling_there_and_back_changes_nothing(boxes, x, y):
    there = geometry.scale_boxes(boxes, x=x, y=y)
    assert np.allclose(geometry.box_area(there), geometry.box_area(boxes) * x * y)
    assert np.allclose(geometry.scale_boxes(there, x=1 / x, y=1 / y), boxes)


@given(box_tables().filter(len))
def test_the_union_is_the_smallest_box_around_all(boxes):
    expected = [min(boxes[:, 0]), min(boxes[:, 1]), max(boxes[:, 2]), max(boxes[:, 3])]
    assert geometry.union_box(boxes).tolist() == expected


@given(box_tables(), SIDE, SIDE, st.floats(0, 20))
def test_edges_one_by_one(boxes, width, height, margin):
    touched = geometry.touches_edge(boxes, width=width, height=height, margin=margin)
    for box, edges in zip(boxes.tolist(), touched.tolist(), strict=True):
        x0, y0, x1, y1 = box
        assert edges == [x0 <= margin, y0 <= margin, x1 >= width - margin, y1 >= height - margin]


@given(box_tables(max_size=1).filter(len), SIDE, SIDE)
def test_a_region_lies_in_the_frame_and_holds_the_visible_box(boxes, width, height):
    x0, y0, x1, y1 = geometry.pixel_region(boxes[0], width=width, height=height)
    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height
    visible = geometry.clip_boxes(boxes, width=width, height=height)[0]
    if geometry.box_area(visible[None]).item() > 0:
        assert x0 <= visible[0] < x0 + 1
        assert y0 <= visible[1] < y0 + 1
        assert x1 - 1 < visible[2] <= x1
        assert y1 - 1 < visible[3] <= y1


@given(SIDE, SIDE)
def test_padding_makes_a_square_with_the_content_in_the_middle(width, height):
    left, top, right, bottom = geometry.square_padding(width, height)
    assert width + left + right == height + top + bottom == max(width, height)
    assert 0 <= right - left <= 1
    assert 0 <= bottom - top <= 1


def _best_assignment(cost, max_cost):
    """Most pairs first, then the lowest total, by trying everything."""
    count, width = cost.shape
    best = (0, 0.0)
    for columns in set(permutations([*range(width), *[None] * count], count)):
        pairs = [(row, column) for row, column in enumerate(columns) if column is not None]
        if all(cost[pair] <= max_cost for pair in pairs):
            best = min(best, (-len(pairs), sum(cost[pair] for pair in pairs)))
    return best


@given(
    arrays(np.int8, st.tuples(st.integers(1, 3), st.integers(1, 3)), elements=st.integers(-20, 20)),
    st.integers(-25, 25),
)
def test_assignment_makes_most_pairs_at_the_lowest_cost(cost, max_cost):
    cost = cost.astype(np.float64)
    rows, columns = geometry.assign(cost, max_cost=max_cost)
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == len(rows)
    assert (np.diff(rows) > 0).all()
    assert (cost[rows, columns] <= max_cost).all()
    assert (-len(rows), cost[rows, columns].sum()) == _best_assignment(cost, max_cost)
