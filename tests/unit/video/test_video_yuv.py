"""The conversion of planes, against a naive twin."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Planes
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import bgr_to_yuv420, yuv420_to_bgr

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def _random_planes(width, height):
    rng = np.random.default_rng(3)
    chroma = rng.integers(16, 241, (2, (height + 1) // 2, (width + 1) // 2), np.uint8)
    return Planes(rng.integers(16, 236, (height, width), np.uint8), chroma[0], chroma[1])


def _naive(planes, x, y, matrix, levels):
    red, blue = WEIGHTS[matrix]
    luma, cb, cr = (
        float(plane[at])
        for plane, at in zip(
            (planes.luma, planes.cb, planes.cr), ((y, x), (y // 2, x // 2), (y // 2, x // 2)), strict=True
        )
    )
    if levels == "limited":
        luma, cb, cr = (luma - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    else:
        luma, cb, cr = luma / 255, (cb - 128) / 255, (cr - 128) / 255
    r = luma + 2 * (1 - red) * cr
    b = luma + 2 * (1 - blue) * cb
    g = (luma - red * r - blue * b) / (1 - red - blue)
    return [min(255.0, max(0.0, 255 * value)) for value in (b, g, r)]


@pytest.mark.parametrize("matrix", WEIGHTS)
@pytest.mark.parametrize("levels", ["limited", "full"])
@pytest.mark.parametrize(("width", "height"), [(16, 12), (15, 11), (1, 1), (2, 1)])
def test_every_pixel_is_what_the_standard_says(matrix, levels, width, height):
    planes = _random_planes(width, height)

    bgr = yuv420_to_bgr(planes, (0, 0, width, height), matrix=matrix, levels=levels)

    expected = [[_naive(planes, x, y, matrix, levels) for x in range(width)] for y in range(height)]
    assert bgr.shape == (height, width, 3)
    assert np.abs(bgr - np.array(expected)).max() < 1.6


def test_a_region_is_contiguous_whatever_its_corner():
    assert yuv420_to_bgr(_random_planes(16, 12), (3, 5, 10, 11)).flags.c_contiguous


def test_planes_may_be_turned_views():
    planes = _random_planes(16, 12)
    turned = Planes(*(np.rot90(plane) for plane in (planes.luma, planes.cb, planes.cr)))

    for matrix in ("bt601", "bt709"):
        upright = yuv420_to_bgr(planes, (0, 0, 16, 12), matrix=matrix)
        assert np.array_equal(yuv420_to_bgr(turned, (0, 0, 12, 16), matrix=matrix), np.rot90(upright))


def test_a_picture_survives_the_way_there_and_back():
    rows, columns = np.mgrid[0:32, 0:48]
    image = np.stack([4 * columns, 5 * rows, 200 - 2 * (rows + columns)], axis=2).astype(np.uint8)

    stacked = bgr_to_yuv420(image)

    luma, chroma = stacked[:32], stacked[32:].reshape(2, 16, 24)
    back = yuv420_to_bgr(Planes(luma, chroma[0], chroma[1]), (0, 0, 48, 32))
    assert stacked.shape == (48, 48)
    assert np.abs(back.astype(np.int64) - image).max() <= 8


def test_only_colour_pictures_become_yuv():
    with pytest.raises(InvalidInput, match="uint8 in BGR order"):
        bgr_to_yuv420(np.zeros((4, 4), np.uint8))
