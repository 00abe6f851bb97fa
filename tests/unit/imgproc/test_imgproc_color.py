"""Colour ranges, hue around red, and conversions between colour spaces."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import ColorRange, bgr_to_ycrcb, color_mask, convert_color, luma_of, ycrcb_to_bgr

PURPLE_RED, ORANGE_RED, GREEN, CYAN = (60, 0, 255), (0, 60, 255), (0, 255, 0), (255, 255, 0)  # hues 173, 7, 60, 90


def row(*colors):
    """A picture one px high with these BGR colours."""
    return np.array([colors], np.uint8)


@pytest.mark.parametrize(
    ("space", "low", "high", "text"),
    [
        ("rgb", (0, 0, 0), (1, 1, 1), "space: expected one of bgr, hsv, lab, ycrcb, gray, got 'rgb'"),
        ("hsv", (0, 0), (1, 1, 1), "low: expected 3 numbers for hsv, got 2"),
        ("gray", (0,), (1, 1, 1), "high: expected 1 numbers for gray, got 3"),
        ("hsv", (0, 0, 0), (180, 255, 255), r"high: expected numbers in 0-\(179, 255, 255\) for hsv, got \(180"),
        ("bgr", (0, -1, 0), (255, 255, 255), "low: expected numbers in 0-"),
        ("lab", (0, 0, 0), (0, 256, 0), "high: expected numbers in 0-"),
        ("bgr", (9, 0, 0), (8, 255, 255), r"low: expected no limit above high, got \(9, 0, 0\) and \(8"),
        ("hsv", (170, 90, 0), (10, 80, 255), "low: expected no limit above high"),
    ],
)
def test_a_range_that_cannot_be_is_refused(space, low, high, text):
    with pytest.raises(InvalidInput, match=text):
        ColorRange(space, low, high)


def test_hue_goes_around_through_red():
    red = ColorRange("hsv", (170, 100, 100), (10, 255, 255))

    assert color_mask(row(PURPLE_RED, ORANGE_RED, GREEN, CYAN), color=red).tolist() == [[True, True, False, False]]


def test_a_hue_range_around_red_still_asks_for_saturation_and_value():
    red = ColorRange("hsv", (170, 100, 100), (10, 255, 255))

    assert color_mask(row((200, 200, 210), (0, 0, 60)), color=red).tolist() == [[False, False]]


def test_a_hue_range_around_red_ends_at_its_saturation_on_both_sides():
    pale_red = ColorRange("hsv", (170, 50, 100), (10, 200, 255))

    assert color_mask(row(PURPLE_RED, ORANGE_RED), color=pale_red).tolist() == [[False, False]]
    assert color_mask(row((120, 80, 210), (80, 110, 210)), color=pale_red).tolist() == [[True, True]]


def test_a_hue_range_in_order_does_not_go_around():
    middle = ColorRange("hsv", (50, 100, 100), (100, 255, 255))

    assert color_mask(row(PURPLE_RED, ORANGE_RED, GREEN, CYAN), color=middle).tolist() == [[False, False, True, True]]


@pytest.mark.parametrize("space", ["bgr", "gray"])
def test_both_ends_are_in_the_range(space):
    channels = 1 if space == "gray" else 3
    picture = row(*[(level,) * 3 for level in (99, 100, 110, 111)])

    found = color_mask(picture, color=ColorRange(space, (100,) * channels, (110,) * channels))

    assert found.tolist() == [[False, True, True, False]]
    assert found.dtype == np.bool_


@pytest.mark.parametrize(("space", "shape"), [("hsv", (2, 3, 3)), ("lab", (2, 3, 3)), ("gray", (2, 3))])
def test_each_space_has_its_shape(space, shape):
    converted = convert_color(np.zeros((2, 3, 3), np.uint8), space=space)

    assert (converted.shape, converted.dtype) == (shape, np.uint8)


def test_bgr_is_the_picture_itself_read_only():
    picture = row(GREEN, CYAN)

    same = convert_color(picture, space="bgr")

    assert np.shares_memory(same, picture)
    assert not same.flags.writeable
    assert picture.flags.writeable


def test_luma_weighs_the_channels_as_bt_601():
    blue, green, red = 40, 120, 200

    assert luma_of(row((blue, green, red)))[0, 0] == round(0.114 * blue + 0.587 * green + 0.299 * red)


def test_ycrcb_has_grey_in_the_middle_and_goes_back():
    picture = np.random.default_rng(1).integers(40, 216, (8, 8, 3), dtype=np.uint8)

    assert bgr_to_ycrcb(row((77, 77, 77))).tolist() == [[[77, 128, 128]]]
    assert np.abs(ycrcb_to_bgr(bgr_to_ycrcb(picture)).astype(int) - picture).max() <= 2


@pytest.mark.parametrize("convert", [luma_of, bgr_to_ycrcb, ycrcb_to_bgr])
def test_what_is_no_picture_is_refused(convert):
    with pytest.raises(InvalidInput, match="uint8"):
        convert(np.zeros((4, 4, 3)))
