"""The checks that every record applies to its arrays."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from conveyorqc.core import as_boxes, as_ids, as_image, as_mask, mask_shape, read_only
from conveyorqc.core._arrays import as_box, as_number, as_scores
from conveyorqc.errors import InvalidInput


@pytest.mark.parametrize("empty", [[], np.empty((0, 4)), np.empty(0), [[]]])
def test_no_boxes_become_an_empty_table(empty):
    assert as_boxes(empty).shape == (0, 4)


def test_boxes_are_a_read_only_float64_copy():
    given = np.array([[1, 2, 3, 4]])
    boxes = as_boxes(given)
    given[0, 0] = -9
    assert boxes.tolist() == [[1.0, 2.0, 3.0, 4.0]]
    assert boxes.dtype == np.float64
    assert not boxes.flags.writeable


@pytest.mark.parametrize(
    ("value", "complaint"),
    [
        ([1, 2, 3, 4], r"shape \(N, 4\), got \(4,\)"),
        ([[1, 2, 3]], r"shape \(N, 4\), got \(1, 3\)"),
        ([[0, 0, np.nan, 1]], "NaN"),
        ([[0, 0, np.inf, 1]], "infinity"),
        ([[5, 0, 4, 1]], "inside out"),
        ([[0, 5, 1, 4]], "inside out"),
        ([[0, 0, 1, 1], [0, 0, 1]], "expected numbers"),
        ("boxes", "expected numbers"),
        ([[0, 0, None, 1j]], "expected numbers"),
    ],
)
def test_boxes_that_are_none_are_refused(value, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        as_boxes(value)


def test_one_box_is_taken_alone():
    assert as_box((1, 2, 3, 4)).tolist() == [1.0, 2.0, 3.0, 4.0]
    assert not as_box((1, 2, 3, 4)).flags.writeable


@pytest.mark.parametrize("value", [[1, 2, 3], [[1, 2, 3, 4]], [4, 2, 3, 4], []])
def test_what_is_not_one_box_is_refused(value):
    with pytest.raises(InvalidInput, match="box"):
        as_box(value)


def test_scores_default_to_one():
    assert as_scores(None, 3).tolist() == [1.0, 1.0, 1.0]
    assert as_scores([], 0).shape == (0,)
    assert as_scores(np.empty((0, 1)), 0).shape == (0,)


@pytest.mark.parametrize("value", [[1.0], [1.0, np.nan], [[1.0, 2.0]], ["a", "b"]])
def test_scores_must_be_finite_and_one_per_box(value):
    with pytest.raises(InvalidInput, match="scores"):
        as_scores(value, 2)


def test_ids_are_read_only_int64():
    ids = as_ids([3, 1])
    assert ids.tolist() == [3, 1]
    assert ids.dtype == np.int64
    assert not ids.flags.writeable
    assert as_ids([]).dtype == np.int64


@pytest.mark.parametrize("value", [[1, 1], [1.5, 2.0], [[1, 2]], ["1"], [True, False]])
def test_ids_must_be_distinct_integers(value):
    with pytest.raises(InvalidInput, match="ids"):
        as_ids(value)


def test_an_image_is_not_copied_but_cannot_be_written_through():
    given = np.zeros((4, 6, 3), np.uint8)
    image = as_image(given)
    given[0, 0] = 9
    assert image[0, 0].tolist() == [9, 9, 9]
    assert not image.flags.writeable
    assert given.flags.writeable


@pytest.mark.parametrize(
    "value",
    [
        None,
        [[1, 2, 3]],
        np.zeros((4, 6), np.uint8),
        np.zeros((4, 6, 4), np.uint8),
        np.zeros((4, 6, 3), np.float32),
        np.zeros((4, 6, 3), np.uint16),
        np.zeros((0, 6, 3), np.uint8),
    ],
)
def test_what_is_not_a_colour_picture_is_refused(value):
    with pytest.raises(InvalidInput, match="image"):
        as_image(value)


def test_a_mask_must_fit():
    mask = np.ones((2, 3), np.bool_)
    assert as_mask(mask, (2, 3)).sum() == 6
    for wrong in (mask.T, mask.astype(np.uint8), [[True]], None):
        with pytest.raises(InvalidInput, match=r"expected bool of shape \(2, 3\)"):
            as_mask(wrong, (2, 3))


@pytest.mark.parametrize("value", [1, 0.5, np.float32(0.5), np.int64(3), Fraction(1, 3), True])
def test_real_numbers_become_floats(value):
    assert type(as_number(value, name="x")) is float
    assert as_number(value, name="x") == float(value)


@pytest.mark.parametrize("value", ["1", None, 1j, float("nan"), np.float32("inf"), np.array([1.0])])
def test_what_is_not_a_finite_number_is_refused(value):
    with pytest.raises(InvalidInput, match="x: expected a finite number"):
        as_number(value, name="x")


def test_the_mask_of_a_box_covers_every_pixel_it_touches():
    assert mask_shape(np.array([0.0, 0.0, 4.0, 2.0])) == (2, 4)
    assert mask_shape(np.array([0.9, 1.9, 4.1, 2.1])) == (2, 5)


def test_read_only_leaves_the_original_writable():
    original = np.zeros(3)
    view = read_only(original)
    original[0] = 1
    assert view[0] == 1
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 2
