"""Morphology on shapes small enough to write down; the naive twins are among the property tests."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import closing, dilation, distance_inside, erosion, fill_holes, local_range, majority, opening

SIZED = [erosion, dilation, opening, closing, majority]


def drawn(*rows):
    """A mask from rows of ``#`` and ``.``."""
    return np.array([[letter == "#" for letter in row] for row in rows])


def square(side=20, *, low=5, high=15):
    mask = np.zeros((side, side), bool)
    mask[low:high, low:high] = True
    return mask


def test_erosion_shrinks_and_dilation_grows():
    assert np.array_equal(erosion(square(), size=3), square(low=6, high=14))
    assert np.array_equal(dilation(square(), size=5), square(low=3, high=17))


def test_the_edge_of_the_picture_does_not_erode():
    assert erosion(np.ones((6, 6), bool), size=5).all()


def test_opening_drops_threads_and_keeps_the_rest():
    mask = square()
    mask[10, :] = True

    assert np.array_equal(opening(mask, size=3), square())


def test_closing_fills_cracks_and_keeps_the_rest():
    mask = square()
    mask[:, 10] = False

    assert np.array_equal(closing(mask, size=3), square())


def test_closing_at_the_edge_of_the_picture_adds_nothing():
    mask = square(low=1, high=20)

    assert np.array_equal(closing(mask, size=9), mask)


def test_an_even_size_is_the_next_odd_one():
    assert np.array_equal(dilation(square(), size=4), dilation(square(), size=5))


def test_holes_are_filled_and_bays_are_not():
    mask = drawn("#####..", "#...#.#", "#.#.#.#", "#...#.#", "#####..")

    assert np.array_equal(fill_holes(mask), drawn("#####..", "#####.#", "#####.#", "#####.#", "#####.."))


def test_majority_drops_specks_and_mends_pinholes():
    mask = square()
    mask[2, 2], mask[10, 10] = True, False

    mended = majority(mask, size=3)

    assert not mended[2, 2]
    assert mended[10, 10]
    assert np.array_equal(mended[6:14, 6:14], square()[6:14, 6:14])


def test_majority_joins_no_neighbours():
    mask = np.ones((12, 20), bool)
    mask[:, 9:11] = False

    assert not majority(mask, size=3)[:, 9:11].any()


def test_distance_counts_pixels_to_the_belt():
    distance = distance_inside(square(21, low=5, high=16))

    assert distance.dtype == np.float32
    assert distance[4, 10] == 0
    assert distance[10, 10] == pytest.approx(6, rel=0.05)
    assert distance[5, 10] == pytest.approx(1, rel=0.05)


def test_local_range_takes_each_channel_for_itself():
    picture = np.zeros((5, 5, 3), np.uint8)
    picture[2, 2] = (10, 20, 30)

    low, high = local_range(picture, size=3)

    assert not low.any()
    assert high[1, 1].tolist() == high[3, 3].tolist() == [10, 20, 30]
    assert high[0, 2].tolist() == [0, 0, 0]


@pytest.mark.parametrize("operation", SIZED)
@pytest.mark.parametrize("size", [0, -3, 256])
def test_a_size_outside_its_range_is_refused(operation, size):
    with pytest.raises(InvalidInput, match=f"size: expected 1-255 px, got {size}"):
        operation(square(), size=size)


@pytest.mark.parametrize("operation", SIZED)
def test_the_largest_size_works_and_the_mask_stays_as_it_is(operation):
    mask = square()

    operation(mask, size=255)

    assert np.array_equal(mask, square())


@pytest.mark.parametrize("operation", [fill_holes, distance_inside, lambda mask: erosion(mask, size=3)])
@pytest.mark.parametrize("mask", [np.zeros((4, 4), np.uint8), np.zeros((0, 4), bool), np.zeros(4, bool), [[True]]])
def test_what_is_no_mask_is_refused(operation, mask):
    with pytest.raises(InvalidInput, match=r"mask: expected \(H, W\) bool with at least one pixel"):
        operation(mask)


def test_a_slice_of_a_mask_is_a_mask():
    assert np.array_equal(erosion(square()[::2, ::2], size=1), square()[::2, ::2])
