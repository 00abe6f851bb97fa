"""Blobs cut at their necks: discs that touch are parted, stacks and single objects are not."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import components, fill_holes, neck_split, possible_necks

RADIUS = 20
NECK = 0.62


def discs(*centers, radius=RADIUS):
    y, x = np.mgrid[:100, :180]
    return np.any([np.hypot(x - cx, y - cy) <= radius for cx, cy in centers], axis=0)


def parts_of(mask, *, neck=NECK, smallest_radius=8.0):
    return neck_split(mask, neck=neck, smallest_radius=smallest_radius)


@pytest.mark.parametrize(
    ("centers", "count"),
    [
        ([(40, 50)], 1),
        ([(40, 50), (80, 50)], 2),
        ([(40, 50), (76, 50)], 2),
        ([(40, 50), (60, 50)], 1),  # one on top of the other
        ([(30, 50), (68, 50), (106, 50)], 3),
        ([(40, 30), (78, 30), (59, 63)], 3),
        ([(12, 50), (50, 50)], 2),  # the frame cuts one of them
    ],
)
def test_parts_of_discs(centers, count):
    assert parts_of(discs(*centers)).max() == count


def test_every_pixel_goes_to_the_nearest_part():
    mask = discs((40, 50), (77, 50))

    parts = parts_of(mask)

    assert np.array_equal(parts > 0, mask)
    assert parts.dtype == np.int32
    columns = np.arange(mask.shape[1])
    assert len(np.unique(parts[(columns < 57) & mask])) == 1
    assert len(np.unique(parts[(columns > 60) & mask])) == 1


def test_a_higher_neck_cuts_more():
    pressed = discs((40, 50), (70, 50))

    assert [int(parts_of(pressed, neck=neck).max()) for neck in (0.3, 0.9)] == [1, 2]


def test_a_spike_is_no_object_of_its_own():
    mask = discs((40, 50)) | discs((66, 50), radius=6)

    assert parts_of(mask).max() == 1
    assert parts_of(mask, smallest_radius=2.0).max() == 2


def test_a_neck_is_measured_against_the_smaller_part():
    mask = discs((40, 50)) | discs((63.5, 50), radius=9)

    assert parts_of(mask, smallest_radius=4.0).max() == 1


@pytest.mark.parametrize("cut_at", [0, 12, 20, 28])
def test_the_edge_of_the_picture_is_no_belt(cut_at):
    pair, single = discs((40, 50), (79, 50)), discs((60, 50))

    assert [int(parts_of(mask[30 + cut_at :]).max()) for mask in (pair, single)] == [2, 1]


def test_what_discs_enclose_may_count_as_belt():
    three = discs((40, 30), (78, 30), (59, 63))
    filled = fill_holes(three)

    parts = neck_split(filled, neck=NECK, smallest_radius=8.0, holes=filled & ~three)

    assert parts.max() == 3
    assert np.array_equal(parts > 0, filled)


def test_a_ring_is_no_chain():
    ring = discs((60, 50), radius=30) & ~discs((60, 50), radius=10)

    assert parts_of(ring).max() == 1


@pytest.mark.parametrize(
    ("centers", "possible"),
    [([(40, 50)], False), ([(40, 50), (55, 50)], False), ([(40, 50), (78, 50)], True)],
)
def test_few_blobs_may_have_necks(centers, possible):
    labels, _, _ = components(discs(*centers) | discs((150, 50), radius=15))

    assert possible_necks(labels, neck=NECK, smallest_radius=8.0).tolist() == [1] * possible


def test_nothing_has_no_necks():
    assert possible_necks(np.zeros((9, 9), np.int32), neck=NECK, smallest_radius=2.0).tolist() == []


def test_an_empty_mask_has_no_parts():
    assert not parts_of(np.zeros((10, 10), bool)).any()


@pytest.mark.parametrize(("neck", "radius"), [(0.0, 1.0), (1.1, 1.0), (float("nan"), 1.0), (0.5, -1.0)])
def test_numbers_outside_their_range_are_refused(neck, radius):
    with pytest.raises(InvalidInput, match="neck, smallest_radius: expected"):
        parts_of(discs((40, 50)), neck=neck, smallest_radius=radius)
