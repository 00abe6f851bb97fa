"""Belt, shadow and object told apart in whole levels, and edges at half their height."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc import imgproc
from conveyorqc.imgproc import belt_in_shadow, blur, difference_from_belt, only_where

TOLERANCE = (10.0, 4.0, 5.0)
RNG = np.random.default_rng(31)


def planes(*values, shape=(40, 60)):
    return tuple(np.full(shape, value, np.uint8) for value in values)


def random_planes():
    return tuple(RNG.integers(0, 256, (40, 60), dtype=np.uint8) for _ in range(3))


def rectangles(*columns, height=100):
    """(40, 60) float: objects of this height between pairs of columns."""
    picture = np.zeros((40, 60), np.float32)
    for first, last in columns:
        picture[8:32, first:last] = height
    return picture


def crisp_mask(difference, *, size):
    return imgproc.crisp_mask(difference, np.ones(difference.shape, bool), size=size)


def test_what_lies_in_the_range_is_belt():
    low, high = planes(90, 120, 140), planes(110, 126, 150)

    for inside in (low, high, planes(100, 123, 145)):
        assert not difference_from_belt(inside, low, high, tolerance=TOLERANCE).any()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((110, 120, 140), 0),  # one tolerance exactly
        ((111, 120, 140), 9),
        ((89, 120, 140), 9),
        ((100, 125, 140), 10),
        ((107, 122, 140), 0),  # the squares of 0.7 and 0.5 are less than 1 together,
        ((108, 123, 140), 12),  # those of 0.8 and 0.75 are more
        ((140, 128, 150), 64),  # 4 + 2 + 2 tolerances
        ((255, 255, 255), 255),
    ],
)
def test_differences_are_counted_in_tolerances(values, expected):
    belt = planes(100, 120, 140)

    found = difference_from_belt(planes(*values), belt, belt, tolerance=TOLERANCE)

    assert np.unique(found).tolist() == [expected]


def test_differences_are_what_floating_point_numbers_would_give():
    picture, belt = random_planes(), random_planes()
    low = tuple(np.minimum(plane, 200) for plane in belt)
    high = tuple(np.maximum(plane, 50) for plane in belt)
    low = tuple(np.minimum(a, b) for a, b in zip(low, high, strict=True))
    values, least, most = (np.stack(three).astype(float) for three in (picture, low, high))
    beyond = np.maximum(np.maximum(least - values, values - most), 0) / np.array(TOLERANCE)[:, None, None]

    found = difference_from_belt(picture, low, high, tolerance=TOLERANCE)

    clear = np.abs(np.square(beyond).sum(axis=0) - 1) > 0.05
    assert np.array_equal((found > 0)[clear], (np.square(beyond).sum(axis=0) > 1)[clear])
    assert np.abs(found - np.minimum(8 * beyond.sum(axis=0), 255))[found > 0].max() <= 2


@pytest.mark.parametrize("light", [0.5, 0.7, 0.95])
def test_less_light_of_the_same_tint_is_shadow(light):
    shaded = planes(*(round(v) for v in (200 * light, 128 - 30 * light, 128 + 40 * light)))

    assert belt_in_shadow(shaded, planes(200, 98, 168), darkest=0.45, tolerance=2.0).all()


@pytest.mark.parametrize(
    "values", [(60, 119, 140), (220, 95, 172), (120, 98, 168), (0, 128, 128)], ids=["dark", "light", "tint", "black"]
)
def test_what_is_too_dark_or_brighter_or_of_another_tint_is_no_shadow(values):
    assert not belt_in_shadow(planes(*values), planes(200, 98, 168), darkest=0.45, tolerance=3.0).any()


def test_a_black_belt_has_no_shadow():
    assert not belt_in_shadow(planes(5, 128, 128), planes(0, 128, 128), darkest=0.45, tolerance=3.0).any()


def test_sharp_objects_stay_as_they_are():
    picture = rectangles((5, 20), (30, 50)).astype(np.uint8)

    assert np.array_equal(crisp_mask(picture, size=5), picture > 0)


def test_a_blurred_edge_is_where_half_the_height_is():
    soft = np.rint(blur(rectangles((15, 45)), sigma=1.5)).astype(np.uint8)

    row = np.flatnonzero(crisp_mask(soft, size=5)[20])

    assert np.flatnonzero(soft[20])[[0, -1]].tolist() == [11, 48]
    assert [row[0], row[-1]] == pytest.approx([15, 44], abs=2)


def test_a_blurred_gap_is_belt_and_a_wide_one_too():
    gap = rectangles((10, 28), (30, 50))
    gap[:, 28:30] = 0.4 * gap[:, 27:28]

    found = crisp_mask(gap.astype(np.uint8), size=5)

    assert not found[:, 28:30].any()
    assert found[20, [20, 27, 30, 40]].all()


def test_a_step_between_two_tones_and_a_pale_object_stay_whole():
    tones = rectangles((10, 50), height=200)
    tones[8:32, 30:50] = 60
    inner = np.s_[12:28, 12:48]
    pale = rectangles((10, 50), height=10)
    pale[8:32, 10:50] += RNG.integers(-1, 3, (24, 40))

    assert crisp_mask(tones.astype(np.uint8), size=5)[inner].all()
    assert crisp_mask(pale.astype(np.uint8), size=5)[inner].all()


def test_where_the_belt_is_not_even_objects_are_left_as_they_are():
    picture = rectangles((10, 50))
    picture[18:20] *= 0.2
    even = np.ones(picture.shape, bool)
    even[17:21] = False

    assert not imgproc.crisp_mask(picture.astype(np.uint8), np.ones_like(even), size=5)[18:20].any()
    assert imgproc.crisp_mask(picture.astype(np.uint8), even, size=5)[12:28, 14:46].all()


def test_even_sizes_are_the_next_odd_one():
    soft = np.rint(blur(rectangles((10, 24), (27, 50)), sigma=1.2)).astype(np.uint8)

    assert np.array_equal(crisp_mask(soft, size=4), crisp_mask(soft, size=5))


def test_an_empty_picture_has_no_objects():
    assert not crisp_mask(np.zeros((6, 8), np.uint8), size=5).any()


def test_only_where_the_mask_is():
    image = RNG.integers(1, 256, (5, 7), dtype=np.uint8)
    mask = RNG.random((5, 7)) < 0.5

    assert np.array_equal(only_where(image, mask), np.where(mask, image, 0))
