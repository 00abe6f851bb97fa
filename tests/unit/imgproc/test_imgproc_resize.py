"""Sizes, and small pictures that are the same whether a frame came as planes or as BGR."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Frame, Planes
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import (
    bgr_to_ycrcb,
    bgr_to_yuv420,
    blur,
    luma_of,
    pad_image,
    resize,
    resize_mask,
    small_luma,
    small_ycrcb,
    working_size,
)

WIDTH, HEIGHT = 96, 64


def picture():
    """Soft colours over their whole range."""
    noise = np.random.default_rng(6).normal(0, 2400, (HEIGHT, WIDTH, 3)).astype(np.float32)
    return np.clip(128 + blur(noise, sigma=12.0), 0, 255).astype(np.uint8)


def no_bgr(region):
    raise AssertionError(f"planes need no BGR, asked for {region}")


def from_bgr():
    return Frame.from_bgr(picture(), index=0, time_s=0.0)


def from_planes(*, full_range=False):
    if full_range:
        luma, cr, cb = np.moveaxis(bgr_to_ycrcb(picture()), 2, 0)
        planes = Planes(luma, cb[::2, ::2], cr[::2, ::2], full_range=True)
    else:
        stacked = bgr_to_yuv420(picture())
        cb, cr = stacked[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
        planes = Planes(stacked[:HEIGHT], cb, cr)
    return Frame.from_planes(planes, index=0, time_s=0.0, to_bgr=no_bgr)


@pytest.mark.parametrize("method", ["nearest", "linear", "area", "cubic"])
@pytest.mark.parametrize("shape", [(12, 20), (12, 20, 3)])
def test_resize_gives_the_size_that_was_asked_for(method, shape):
    resized = resize(np.full(shape, 9, np.uint8), width=7, height=5, method=method)

    assert resized.shape == (5, 7, *shape[2:])
    assert (resized == 9).all()


def test_area_averages():
    assert resize(np.array([[0, 100]], np.uint8), width=1, height=1, method="area").tolist() == [[50]]


@pytest.mark.parametrize(("width", "height", "shape"), [(0, 4, (4, 4)), (4, 0, (4, 4)), (4, 4, (0, 4))])
def test_resize_needs_a_pixel(width, height, shape):
    with pytest.raises(InvalidInput, match=f"size: expected 1x1 px or more, got {width}x{height}"):
        resize(np.zeros(shape, np.uint8), width=width, height=height, method="linear")


def test_masks_stay_masks():
    mask = np.eye(2, dtype=bool)

    larger = resize_mask(mask, width=4, height=6)

    assert larger.dtype == np.bool_
    assert np.array_equal(larger, np.repeat(np.repeat(mask, 3, axis=0), 2, axis=1))


def test_padding_repeats_the_edge():
    assert pad_image(np.array([[1, 2]], np.uint8), left=1, top=0, right=2, bottom=1).tolist() == [[1, 1, 2, 2, 2]] * 2


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1280, 720), (320, 180)), ((720, 1280), (180, 320)), ((200, 100), (200, 100)), ((4000, 1), (320, 1))],
)
def test_the_longer_side_becomes_the_working_width(size, expected):
    assert working_size(*size, working_width=320) == expected


def test_small_luma_comes_straight_from_the_plane():
    frame = from_planes()

    assert np.array_equal(small_luma(frame, width=WIDTH, height=HEIGHT), frame.planes.luma)
    assert small_luma(frame, width=24, height=16).shape == (16, 24)


def test_small_luma_of_bgr_is_its_brightness():
    small = small_luma(from_bgr(), width=24, height=16)

    assert (small.shape, small.dtype) == ((16, 24), np.uint8)
    assert np.array_equal(small_luma(from_bgr(), width=WIDTH, height=HEIGHT), luma_of(picture()))


@pytest.mark.parametrize("full_range", [False, True])
@pytest.mark.parametrize(
    ("region", "most", "mean"), [(None, 8, 1.5), ((16, 8, 80, 56), 8, 1.5), ((15, 7, 80, 56), 16, 3.0)]
)
def test_planes_and_bgr_give_nearly_the_same_small_picture(full_range, region, most, mean):
    """At an odd edge the chroma of a whole block of 2x2 px counts, half of which lies outside."""
    one = small_ycrcb(from_bgr(), width=24, height=16, region=region)
    other = small_ycrcb(from_planes(full_range=full_range), width=24, height=16, region=region)

    assert one.shape == other.shape == (16, 24, 3)
    assert np.abs(one.astype(int) - other).max() <= most
    assert np.abs(one.astype(int) - other).mean() < mean
