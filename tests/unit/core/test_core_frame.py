"""`Frame` converts to BGR only what is asked for, once."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Frame, Planes
from conveyorqc.errors import InvalidInput


def _planes(height=4, width=6):
    chroma = ((height + 1) // 2, (width + 1) // 2)
    return Planes(np.zeros((height, width), np.uint8), np.zeros(chroma, np.uint8), np.zeros(chroma, np.uint8))


class _Converter:
    def __init__(self):
        self.regions = []

    def __call__(self, region):
        self.regions.append(region)
        x0, y0, x1, y1 = region
        return np.full((y1 - y0, x1 - x0, 3), len(self.regions), np.uint8)


def test_a_frame_around_an_array_shares_its_pixels():
    image = np.zeros((4, 6, 3), np.uint8)
    frame = Frame.from_bgr(image, index=2, time_s=0.5)
    image[1, 1] = 7
    assert (frame.width, frame.height, frame.planes) == (6, 4, None)
    assert frame.bgr[1, 1].tolist() == [7, 7, 7]
    assert frame.bgr_in((1, 1, 2, 2)).tolist() == [[[7, 7, 7]]]
    assert not frame.bgr.flags.writeable
    assert not frame.bgr_in((0, 0, 2, 2)).flags.writeable


def test_the_whole_picture_is_converted_once():
    convert = _Converter()
    frame = Frame.from_planes(_planes(), index=0, time_s=0.0, to_bgr=convert)
    assert frame.bgr is frame.bgr
    assert frame.bgr_in((0, 0, 2, 2)).shape == (2, 2, 3)
    assert convert.regions == [(0, 0, 6, 4)]


def test_a_region_is_converted_alone():
    convert = _Converter()
    frame = Frame.deferred(6, 4, index=0, time_s=0.0, to_bgr=convert)
    assert frame.bgr_in((1, 2, 4, 4)).shape == (2, 3, 3)
    assert convert.regions == [(1, 2, 4, 4)]


@pytest.mark.parametrize("region", [(0, 0, 0, 4), (-1, 0, 2, 2), (0, 0, 7, 4), (0, 0, 6, 5), (3, 3, 2, 4)])
def test_a_region_outside_the_frame_is_refused(region):
    frame = Frame.from_bgr(np.zeros((4, 6, 3), np.uint8), index=0, time_s=0.0)
    with pytest.raises(InvalidInput, match="a part of 6x4 px"):
        frame.bgr_in(region)


@pytest.mark.parametrize(("index", "time_s"), [(-1, 0.0), (0, np.nan), (0, np.inf)])
def test_a_frame_outside_time_is_refused(index, time_s):
    with pytest.raises(InvalidInput):
        Frame.from_bgr(np.zeros((4, 6, 3), np.uint8), index=index, time_s=time_s)


@pytest.mark.parametrize(("width", "height"), [(0, 4), (4, 0), (-1, 4)])
def test_a_frame_without_pixels_is_refused(width, height):
    with pytest.raises(InvalidInput, match="at least one pixel"):
        Frame.deferred(width, height, index=0, time_s=0.0, to_bgr=_Converter())


@pytest.mark.parametrize("height", [4, 5])
def test_planes_are_read_only_and_half_as_large_rounded_up(height):
    planes = _planes(height, 7)
    assert planes.cb.shape == ((height + 1) // 2, 4)
    assert not planes.luma.flags.writeable


def test_planes_that_do_not_fit_are_refused():
    luma, chroma = np.zeros((4, 6), np.uint8), np.zeros((2, 3), np.uint8)
    with pytest.raises(InvalidInput, match=r"cr: expected shape \(2, 3\)"):
        Planes(luma, chroma, luma)
    for wrong in (np.zeros((4, 6, 3), np.uint8), np.zeros((0, 6), np.uint8)):
        with pytest.raises(InvalidInput, match="luma"):
            Planes(wrong, chroma, chroma)
