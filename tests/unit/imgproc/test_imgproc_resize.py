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
    small_planes,
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
@pytest.mark.parametrize("region", [None, (16, 8, 80, 56), (15, 7, 80, 56), (16, 9, 79, 56)])
def test_planes_and_bgr_give_nearly_the_same_small_picture(full_range, region):
    one = small_ycrcb(from_bgr(), width=24, height=16, region=region)
    other = small_ycrcb(from_planes(full_range=full_range), width=24, height=16, region=region)

    assert one.shape == other.shape == (16, 24, 3)
    assert np.abs(one.astype(int) - other).max() <= 8
    assert np.abs(one.astype(int) - other).mean() < 1.5


def test_at_odd_edges_colour_stays_with_its_pixels():
    chroma = np.repeat(np.arange(0, 240, 10, dtype=np.uint8)[None], 4, axis=0)
    luma = np.repeat(chroma.repeat(2, axis=1), 2, axis=0)
    frame = Frame.from_planes(Planes(luma, chroma, chroma, full_range=True), index=0, time_s=0.0, to_bgr=no_bgr)

    y, cr, cb = small_planes(frame, width=20, height=6, region=(7, 1, 27, 7))

    assert np.array_equal(y, cr)
    assert np.array_equal(y, cb)


@pytest.mark.parametrize(("width", "height"), [(24, 16), (32, 16), (31, 21), (90, 60), (12, 8)])
def test_every_pixel_counts_in_a_smaller_plane(width, height):
    """Whatever it is made of: the mean of noise stays, and its deviation shrinks as in a mean over the area."""
    noise = np.random.default_rng(5).integers(0, 256, (64, 96), dtype=np.uint8)
    grey = np.full((32, 48), 128, np.uint8)
    frame = Frame.from_planes(Planes(noise, grey, grey, full_range=True), index=0, time_s=0.0, to_bgr=no_bgr)
    reference = resize(noise, width=width, height=height, method="area")

    small = small_luma(frame, width=width, height=height)

    assert small.mean() == pytest.approx(noise.mean(), abs=3)
    assert small.std() <= 1.35 * reference.std()


def test_planes_are_the_channels_of_the_small_picture():
    frame = from_planes()

    planes = small_planes(frame, width=24, height=16)

    assert np.array_equal(np.stack(planes, axis=-1), small_ycrcb(frame, width=24, height=16))
