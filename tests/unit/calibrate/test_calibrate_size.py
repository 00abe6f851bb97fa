"""Sizes from masks: touching, heaped, long, cut and broken things, and two products at a time."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conveyorqc.calibrate._size import blobs_of, equal_disc, single_areas, sizes_in, smaller_kind, thickness
from conveyorqc.errors import CalibrationError

HEIGHT, WIDTH = 120, 240


def discs(*places, height=HEIGHT, width=WIDTH) -> np.ndarray:
    """Discs at x, y with radius r."""
    y, x = np.mgrid[:height, :width]
    mask = np.zeros((height, width), np.bool_)
    for cx, cy, radius in places:
        mask |= np.hypot(x - cx, y - cy) <= radius
    return mask


def lattice(radius, *, step, height=HEIGHT, width=WIDTH):
    return discs(
        *[(x, y, radius) for x in range(0, width + step, step) for y in range(0, height + step, step)],
        height=height,
        width=width,
    )


def diameter(masks, *, axis=0):
    return equal_disc(sizes_in(masks, thickness=thickness(masks), axis=axis).usual)


def test_a_disc_is_as_thick_as_its_diameter_and_a_bar_as_its_breadth():
    bar = np.zeros((HEIGHT, WIDTH), np.bool_)
    bar[40:54, 20:200] = True
    assert 40 == pytest.approx(thickness([discs((60, 60, 20))]), rel=0.1)
    assert 14 == pytest.approx(thickness([bar]), rel=0.15)
    assert 0.0 == thickness([np.zeros((9, 9), np.bool_)]) == thickness([])


def test_a_heap_is_as_thick_as_one_of_its_objects():
    assert 16 == pytest.approx(thickness([lattice(8, step=17)]), rel=0.2)


def test_objects_that_all_touch_another_are_measured_one_by_one():
    pairs = [discs((40 + s, 40, 15), (69 + s, 40, 15), (150 + s, 80, 15), (150 + s, 109 - 58, 15)) for s in range(4)]
    assert 30 == pytest.approx(diameter(pairs), rel=0.06)


def test_objects_of_a_heap_that_reaches_the_edges_are_measured_one_by_one():
    assert 16 == pytest.approx(diameter([lattice(8, step=16)]), rel=0.15)


def test_a_long_object_is_no_heap():
    bar = np.zeros((HEIGHT, WIDTH), np.bool_)
    bar[50:62, 10:200] = True
    assert equal_disc(12 * 190) == pytest.approx(diameter([bar]), rel=0.05)


def test_a_hole_belongs_to_the_object():
    ring = discs((60, 60, 25)) & ~discs((60, 60, 8))
    assert 50 == pytest.approx(diameter([ring]), rel=0.05)


def test_specks_do_not_count_however_many():
    specks = [(x, y, 2) for x in range(20, 230, 12) for y in (100, 110)]
    assert 40 == pytest.approx(diameter([discs((60, 50, 20), (160, 50, 20), *specks)]), rel=0.05)


def test_objects_that_the_edges_cut_do_not_count():
    assert 40 == pytest.approx(diameter([discs((60, 50, 20), (0, 50, 20), (239, 60, 30))]), rel=0.05)


def test_nothing_and_nothing_whole_are_told_apart():
    empty = np.zeros((HEIGHT, WIDTH), np.bool_)
    with pytest.raises(CalibrationError, match="nothing larger than a speck differs"):
        sizes_in([empty], thickness=thickness([empty]), axis=0)
    with pytest.raises(CalibrationError, match="its edges cut all 2 that were seen"):
        diameter([discs((0, 50, 30), (239, 50, 30))])


def two_products(shift):
    large = [(x + shift, 35, 24) for x in (30, 110, 190)]
    return discs(*large, *[(x + shift, 90, 9) for x in (20, 70, 130, 170, 210)])


def test_the_smaller_of_two_products_is_what_objects_are_found_by():
    sizes = sizes_in([two_products(shift) for shift in range(4)], thickness=48.0, axis=0)
    assert 18 == pytest.approx(sizes.wanted, rel=0.1)
    assert 48 == pytest.approx(equal_disc(sizes.usual), rel=0.1)


@pytest.mark.parametrize(
    ("small", "what"),
    [
        ([(x, 90, 9) for x in (190, 205, 220, 232)], "in one place only"),
        ([(25, 90, 9), (46, 90, 9), (110, 90, 9), (131, 90, 9)], "fragments that lie together"),
        ([(x, 90, r) for x, r in ((20, 5), (70, 7), (130, 11), (180, 14))], "of all sizes"),
        ([(120, 90, 9)], "few"),
        ([(x, 90, 3) for x in range(20, 230, 20)], "specks"),
        ([(x, 90, 19) for x in (25, 110, 190)], "hardly smaller"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_small_things_are_no_product(small, what):
    masks = [discs((40, 35, 24), (120, 35, 24), (190, 35, 24), *small)] * 4
    blobs = blobs_of(masks, thickness=48.0)
    assert smaller_kind(blobs, math.pi * 24**2, axis=0) is None, what


def test_areas_come_from_few_of_many_blobs():
    masks = [discs(*[(x, y, 5) for x in range(15, 230, 20) for y in range(15, 110, 20)])] * 10
    blobs = blobs_of(masks, thickness=10.0)
    assert 400 < len(blobs)
    assert 160 == len(single_areas(blobs, thickness=10.0))
