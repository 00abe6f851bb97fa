"""From a mask to objects: what is cut, what is joined, what is dropped."""

from __future__ import annotations

import numpy as np
import pytest
from belts_with_discs import RADIUS, disc_box, discs

from conveyorqc.detect import BlobFinder
from conveyorqc.errors import InvalidInput

DIAMETER = 2.0 * RADIUS
FINDER = BlobFinder(min_area=60, diameter=DIAMETER)


def found(mask, finder=FINDER):
    return finder.find(mask)[1]


def broken_disc(gap):
    mask = discs((60, 60))
    mask[:, 60 - gap // 2 : 60 + gap - gap // 2] = False
    return mask


def rectangle(width, height):
    mask = np.zeros((120, 160), bool)
    mask[20 : 20 + height, 10 : 10 + width] = True
    return mask


@pytest.mark.parametrize(
    ("centers", "count"),
    [
        ([(60, 60)], 1),
        ([(30, 60), (110, 60)], 2),
        ([(40, 60), (75, 60)], 2),  # they touch
        ([(40, 60), (58, 60)], 1),  # one lies on the other
        ([(30, 60), (64, 60), (98, 60)], 3),
        ([(40, 40), (75, 40), (75, 75)], 3),
    ],
)
def test_discs(centers, count):
    assert len(found(discs(*centers))) == count


def test_touching_discs_have_boxes_of_their_own():
    boxes = found(discs((40, 60), (75, 60)))

    assert np.abs(boxes[boxes[:, 0].argsort()] - [disc_box(40, 60), disc_box(75, 60)]).max() <= 3


def test_labels_and_boxes_belong_together():
    labels, boxes = FINDER.find(discs((40, 60), (75, 60), (130, 30)))

    assert np.unique(labels).tolist() == [0, 1, 2, 3]
    for number, box in enumerate(boxes, 1):
        y, x = np.nonzero(labels == number)
        assert box.tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]


@pytest.mark.parametrize(
    "finder", [BlobFinder(min_area=60), BlobFinder(min_area=60, diameter=DIAMETER, neck=0, join_gap=0)]
)
def test_without_diameter_or_with_zeros_nothing_is_cut_or_joined(finder):
    assert len(found(discs((40, 60), (75, 60)), finder)) == 1
    assert len(found(broken_disc(3), finder)) == 2


def test_two_halves_with_a_gap_are_one_object():
    boxes = found(broken_disc(3))

    assert len(boxes) == 1
    assert np.abs(boxes[0] - disc_box(60, 60)).max() <= 2


@pytest.mark.parametrize(("gap", "count"), [(1, 1), (3, 1), (4, 1), (5, 2), (7, 2)])
def test_pieces_join_across_gaps_below_a_share_of_the_diameter(gap, count):
    finder = BlobFinder(min_area=60, diameter=DIAMETER, join_gap=4.5 / DIAMETER, clean=0)

    assert len(found(broken_disc(gap), finder)) == count


def test_three_discs_that_enclose_belt_are_three():
    side = 2 * RADIUS - 0.8
    three = [(50, 30), (50 + side, 30), (50 + side / 2, 30 + 0.866 * side)]

    assert len(found(discs(*three))) == 3


@pytest.mark.parametrize("up", [0, 10, 20])
def test_a_pair_that_the_frame_cuts_is_two(up):
    assert len(found(discs((40, 20 - up), (76, 20 - up)))) == 2


@pytest.mark.parametrize(("apart", "count"), [(36, 2), (32, 2), (28, 2), (20, 1), (12, 1)])
def test_pairs_that_press_are_two_and_stacks_are_one(apart, count):
    assert len(found(discs((50, 60), (50 + apart, 60)))) == count


def test_a_chain_of_small_objects_is_cut_into_all_of_them():
    finder = BlobFinder(min_area=10, diameter=9.0)
    chain = discs(*((20 + 8.6 * i, 60 + 3 * (i % 2)) for i in range(12)), radius=4.5)

    assert len(found(chain, finder)) == 12


def test_cleaning_is_never_wider_than_small_objects_bear():
    mask = discs((40, 60), (48, 60), radius=3.6)

    assert len(found(mask, BlobFinder(min_area=10, diameter=8.0, clean=3))) == 2


def test_two_halves_far_apart_are_two():
    assert len(found(broken_disc(10))) == 2


def test_three_pieces_are_one_object():
    mask = broken_disc(3)
    mask[59:62, :60] = False

    assert len(found(mask)) == 1


def test_four_pieces_that_each_touch_two_others_are_one_object():
    mask = broken_disc(3)
    mask[59:62] = False

    assert len(found(mask)) == 1


def test_small_neighbours_that_are_too_much_for_one_object_stay_apart():
    mask = discs((45, 60), (76, 60), radius=14)

    assert len(found(mask)) == 2


def test_pieces_that_were_joined_already_join_as_one():
    mask = np.zeros((120, 160), bool)
    for left, right in ((40, 50), (53, 58), (61, 66), (69, 78)):  # the outer ones are larger, so they join first
        mask[40:72, left:right] = True

    assert found(mask).tolist() == [[40, 40, 78, 72]]


def test_joining_stops_when_the_pieces_make_one_object():
    mask = np.zeros((120, 160), bool)
    mask[40:83, 40:83] = True
    mask[60:63] = mask[:, 60:63] = False

    assert len(found(mask)) == 2


def test_pieces_that_are_too_long_for_one_object_stay_apart():
    mask = np.zeros((120, 160), bool)
    mask[60:70, 20:55] = mask[60:70, 58:93] = True

    assert len(found(mask)) == 2


def test_a_spike_is_not_torn_off():
    mask = discs((60, 60)) | discs((84, 60), radius=9)

    assert len(found(mask, BlobFinder(min_area=60, diameter=DIAMETER, join_gap=0))) == 1


def test_a_cut_that_leaves_slivers_on_all_sides_keeps_the_blob():
    cross = discs((60, 60), (60, 72), (60, 48), (72, 60), (48, 60), radius=6.5)

    assert len(found(cross, BlobFinder(min_area=60, diameter=25, neck=1.0, join_gap=0))) == 1


def test_crumbs_are_dropped():
    assert len(found(discs((40, 60)) | discs((100, 60), radius=4))) == 1
    assert len(found(discs((100, 60), radius=4), BlobFinder(min_area=20))) == 1


def test_what_is_too_large_is_no_object():
    mask = rectangle(100, 80) | discs((140, 60))

    assert len(found(mask, BlobFinder(min_area=60, max_area=2000))) == 1
    assert len(found(mask, BlobFinder(min_area=60))) == 2


@pytest.mark.parametrize(("max_aspect", "count"), [(None, 1), (6.0, 1), (4.0, 0)])
def test_what_is_too_long_is_no_object(max_aspect, count):
    finder = BlobFinder(min_area=60, max_aspect=max_aspect)

    assert len(found(rectangle(100, 20), finder)) == len(found(rectangle(20, 100), finder)) == count


def test_holes_are_filled():
    labels, _ = FINDER.find(discs((60, 60)) & ~discs((60, 60), radius=7))

    assert labels[60, 60] == 1


def test_cleaning_takes_specks_and_threads():
    mask = discs((40, 60), (120, 60))
    mask[60, :] = True

    assert len(found(mask, BlobFinder(min_area=1, clean=0))) == 1
    assert len(found(mask, BlobFinder(min_area=1, clean=3))) == 2


@pytest.mark.parametrize("finder", [FINDER, BlobFinder(min_area=0)])
def test_an_empty_mask_has_no_objects(finder):
    labels, boxes = finder.find(np.zeros((30, 40), bool))

    assert boxes.shape == (0, 4)
    assert labels.shape == (30, 40)
    assert not labels.any()


def test_lengths_are_px_of_the_frame_whatever_the_mask_is():
    centers = [(40, 60), (75, 60), (130, 30)]
    half = discs(*[(x / 2, y / 2) for x, y in centers], radius=RADIUS / 2, width=80, height=60)

    _, boxes = FINDER.find(half, scale=2.0)

    assert len(boxes) == 3
    assert np.abs(2 * boxes[boxes[:, 0].argsort()] - [disc_box(x, y) for x, y in centers]).max() <= 5
    assert len(FINDER.find(discs((60, 60), radius=4), scale=2.0)[1]) == 1  # 200 px² of the frame are no crumb


def test_the_mask_stays_as_it_is():
    mask = discs((40, 60), (75, 60))
    before = mask.copy()

    FINDER.find(mask)

    assert np.array_equal(mask, before)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"min_area": -1}, "min_area: expected 0 or more"),
        ({"neck": float("nan")}, "neck: expected 0 or more"),
        ({"neck": 1.5}, r"neck: expected a number in \[0, 1\]"),
        ({"join_gap": float("inf")}, "join_gap: expected 0 or more"),
        ({"clean": -3}, "clean: expected 0 or more"),
        ({"max_area": 0}, "max_area: expected a number above 0 or None"),
        ({"diameter": float("inf")}, "diameter: expected a number above 0 or None"),
        ({"max_aspect": 0.5}, "max_aspect: expected 1 or more"),
    ],
)
def test_a_number_outside_its_range_is_refused(settings, text):
    with pytest.raises(InvalidInput, match=text):
        BlobFinder(**{"min_area": 60, **settings})


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_a_scale_that_is_none_is_refused(scale):
    with pytest.raises(InvalidInput, match="scale: expected a number above 0"):
        FINDER.find(discs((60, 60)), scale=scale)


@pytest.mark.parametrize("mask", [np.zeros((4, 4), np.uint8), np.zeros((0, 4), bool)])
def test_what_is_no_mask_is_refused(mask):
    with pytest.raises(InvalidInput, match="mask: expected"):
        FINDER.find(mask)


def test_a_sliver_along_the_edge_is_an_object_that_comes_in_but_a_speck_there_is_none():
    mask = np.zeros((100, 160), bool)
    mask[30:62, :6] = True  # the first px of an object of 40 px
    mask[80:86, :32] = True  # as large, but no front of an object
    mask[30:62, 80:86] = True  # as large, but all of it is in view

    finder = BlobFinder(min_area=400, diameter=40, clean=0)

    assert finder.find(mask)[1].tolist() == [[0, 30, 6, 62]]
    assert len(BlobFinder(min_area=400, clean=0).find(mask)[1]) == 0
