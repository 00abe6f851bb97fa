"""Masks and colours against twins that are written as one would say it, and round trips."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from conveyorqc import imgproc
from conveyorqc.core import Planes

PICTURES = array_shapes(min_dims=2, max_dims=2, max_side=9).flatmap(lambda shape: arrays(np.uint8, (*shape, 3)))
MASKS = array_shapes(min_dims=2, max_dims=2, max_side=9).flatmap(lambda shape: arrays(np.bool_, shape))
SIZES = st.sampled_from([1, 2, 3, 4, 5, 7])
EIGHT = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1) if (dy, dx) != (0, 0)]
FOUR = [(-1, 0), (1, 0), (0, -1), (0, 1)]


def around(array, y, x, size):
    """The ``size`` neighbourhood of a pixel, as far as it lies in the picture."""
    reach = size // 2
    return array[max(y - reach, 0) : y + reach + 1, max(x - reach, 0) : x + reach + 1]


def each_pixel(mask, rule):
    return np.array([[rule(y, x) for x in range(mask.shape[1])] for y in range(mask.shape[0])])


def shrunk(mask, size):
    return each_pixel(mask, lambda y, x: around(mask, y, x, size).all())


def grown(mask, size):
    return each_pixel(mask, lambda y, x: around(mask, y, x, size).any())


def reached(mask, seeds, steps):
    """Pixels of ``mask`` that can be walked to from ``seeds``."""
    seen, pending = set(), [place for place in seeds if mask[place]]
    while pending:
        y, x = pending.pop()
        if (y, x) in seen:
            continue
        seen.add((y, x))
        for dy, dx in steps:
            place = (y + dy, x + dx)
            if 0 <= place[0] < mask.shape[0] and 0 <= place[1] < mask.shape[1] and mask[place]:
                pending.append(place)
    return seen


@given(MASKS, SIZES)
def test_erosion_keeps_pixels_whose_neighbourhood_is_object(mask, size):
    assert np.array_equal(imgproc.erosion(mask, size=size), shrunk(mask, size))


@given(MASKS, SIZES)
def test_dilation_adds_pixels_near_the_object(mask, size):
    assert np.array_equal(imgproc.dilation(mask, size=size), grown(mask, size))


@given(MASKS, SIZES)
def test_opening_is_erosion_then_dilation(mask, size):
    assert np.array_equal(imgproc.opening(mask, size=size), grown(shrunk(mask, size), size))


@given(MASKS, SIZES)
def test_closing_is_dilation_then_erosion_with_room_around(mask, size):
    room = size + 1
    expected = shrunk(grown(np.pad(mask, room), size), size)[room:-room, room:-room]
    assert np.array_equal(imgproc.closing(mask, size=size), expected)


@given(MASKS, SIZES)
def test_opening_only_takes_closing_only_gives_and_a_second_time_changes_nothing(mask, size):
    opened, closed = imgproc.opening(mask, size=size), imgproc.closing(mask, size=size)
    assert not (opened & ~mask).any()
    assert not (mask & ~closed).any()
    assert np.array_equal(imgproc.opening(opened, size=size), opened)
    assert np.array_equal(imgproc.closing(closed, size=size), closed)


@given(MASKS, SIZES)
def test_erosion_is_dilation_of_the_belt(mask, size):
    assert np.array_equal(imgproc.erosion(mask, size=size), ~imgproc.dilation(~mask, size=size))


@given(MASKS, st.sampled_from([3, 5]))
def test_majority_counts_with_the_edge_repeated(mask, size):
    wide = np.pad(mask, size // 2, mode="edge")
    expected = each_pixel(mask, lambda y, x: wide[y : y + size, x : x + size].sum() > size**2 // 2)
    assert np.array_equal(imgproc.majority(mask, size=size), expected)


@given(MASKS)
def test_a_hole_is_belt_from_which_no_way_leads_out(mask):
    outside = np.pad(~mask, 1, constant_values=True)
    free = {(y - 1, x - 1) for y, x in reached(outside, [(0, 0)], FOUR)}
    assert np.array_equal(imgproc.fill_holes(mask), each_pixel(mask, lambda y, x: (y, x) not in free))


@given(MASKS)
def test_components_are_what_can_be_walked(mask):
    labels, boxes, areas = imgproc.components(mask)
    assert np.array_equal(labels > 0, mask)
    assert len(boxes) == len(areas) == labels.max()
    for number, (box, area) in enumerate(zip(boxes, areas, strict=True), 1):
        part = list(zip(*np.nonzero(labels == number), strict=True))
        assert reached(mask, part[:1], EIGHT) == set(part)
        assert len(part) == area
        low, high = np.min(part, axis=0), np.max(part, axis=0) + 1
        assert box.tolist() == [low[1], low[0], high[1], high[0]]


@given(MASKS.filter(lambda mask: not mask.all()))
def test_distance_is_to_the_nearest_belt(mask):
    belt = np.argwhere(~mask)
    expected = each_pixel(mask, lambda y, x: np.hypot(*(belt - (y, x)).T).min())
    assert np.allclose(imgproc.distance_inside(mask), expected, rtol=0.09, atol=0.09)


@given(PICTURES, SIZES)
def test_local_range_is_lowest_and_highest_nearby(picture, size):
    low, high = imgproc.local_range(picture, size=size)
    for y, x in np.ndindex(*picture.shape[:2]):
        near = around(picture, y, x, size).reshape(-1, 3)
        assert low[y, x].tolist() == near.min(axis=0).tolist()
        assert high[y, x].tolist() == near.max(axis=0).tolist()


@given(MASKS, st.floats(0.05, 1), st.floats(0, 4))
def test_parts_of_a_blob_share_its_pixels_among_them(mask, neck, radius):
    parts = imgproc.neck_split(mask, neck=neck, smallest_radius=radius)
    assert np.array_equal(parts > 0, mask)
    present = np.unique(parts[mask])
    assert present.tolist() == list(range(1, len(present) + 1))


@st.composite
def color_ranges(draw):
    space = draw(st.sampled_from(["bgr", "hsv", "lab", "ycrcb", "gray"]))
    limits = []
    for channel in range(1 if space == "gray" else 3):
        hue = space == "hsv" and channel == 0
        pair = [draw(st.integers(0, 179 if hue else 255)) for _ in range(2)]
        limits.append(pair if hue else sorted(pair))
    return imgproc.ColorRange(space, tuple(low for low, _ in limits), tuple(high for _, high in limits))


@given(PICTURES, color_ranges())
def test_a_colour_is_in_the_range_when_each_channel_is(picture, color):
    converted = imgproc.convert_color(picture, space=color.space).reshape(*picture.shape[:2], -1)

    def inside(y, x):
        values, answers = converted[y, x].tolist(), []
        for value, low, high in zip(values, color.low, color.high, strict=True):
            answers.append(low <= value <= high if low <= high else value >= low or value <= high)
        return all(answers)

    assert np.array_equal(imgproc.color_mask(picture, color=color), each_pixel(picture, inside))


@given(PICTURES)
def test_png_loses_nothing(picture):
    assert np.array_equal(imgproc.decode_image(imgproc.encode_png(picture)), picture)


@given(st.integers(1, 4000), st.integers(1, 4000), st.integers(1, 640))
def test_the_working_size_keeps_the_aspect_and_never_enlarges(width, height, working_width):
    small = imgproc.working_size(width, height, working_width=working_width)
    ratio = min(1, working_width / max(width, height))
    assert all(1 <= side for side in small)
    assert all(side <= full for side, full in zip(small, (width, height), strict=True))
    assert small == pytest.approx((width * ratio, height * ratio), abs=1)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_one_colour_is_the_same_from_planes_and_from_bgr(blue, green, red):
    picture = np.full((4, 4, 3), (blue, green, red), np.uint8)
    stacked = imgproc.bgr_to_yuv420(picture)
    planes = Planes(stacked[:4], *stacked[4:].reshape(2, 2, 2))
    back = imgproc.yuv420_to_bgr(planes, (0, 0, 4, 4))
    assert np.abs(back.astype(int) - picture).max() <= 4


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 40), st.integers(2, 14)), max_size=5), st.floats(0.3, 1))
def test_every_blob_that_is_cut_may_have_a_neck(discs, neck):
    y, x = np.mgrid[:40, :60]
    mask = np.zeros((40, 60), bool)
    for center_x, center_y, radius in discs:
        mask |= np.hypot(x - center_x, y - center_y) <= radius
    labels, boxes, _ = imgproc.components(mask)
    possible = set(imgproc.possible_necks(labels, neck=neck, smallest_radius=2.0).tolist())

    cut = {
        i for i in range(1, len(boxes) + 1) if imgproc.neck_split(labels == i, neck=neck, smallest_radius=2.0).max() > 1
    }

    assert cut <= possible
