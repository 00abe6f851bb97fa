"""Planar YUV 4:2:0 to BGR for one rectangle, and whole pictures back."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8, Planes, Region, as_image
from conveyorqc.imgproc._opencv import cv2

__all__ = ["YuvLevels", "YuvMatrix", "bgr_to_yuv420", "yuv420_to_bgr"]

YuvMatrix: TypeAlias = Literal["bt601", "bt709", "bt2020"]
"""The matrix coefficients of ITU-R BT.601, BT.709 or BT.2020 (non-constant luminance)."""

YuvLevels: TypeAlias = Literal["limited", "full"]
"""``limited``: luma 16-235, chroma 16-240; ``full``: 0-255 (JPEG)."""

_RED_AND_BLUE = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}


def yuv420_to_bgr(
    planes: Planes, region: Region, /, *, matrix: YuvMatrix = "bt601", levels: YuvLevels = "limited"
) -> ImageU8:
    """(h, w, 3) uint8 BGR of ``region``, equal to the same rectangle of the whole picture.

    Each chroma sample serves its block of 2x2 pixels unchanged, so that a pixel depends on no other block.
    Source: Rec. ITU-R H.273, tables 4 and 5.

    Args:
        planes: luma (H, W) and chroma (ceil(H/2), ceil(W/2)), uint8.
        region: whole px within the frame; the caller has checked it.
        matrix: the coefficients that the stream was coded with.
        levels: the range that the stream was coded with.

    >>> grey = Planes(np.full((4, 4), 126, np.uint8), *np.full((2, 2, 2), 128, np.uint8))
    >>> yuv420_to_bgr(grey, (1, 1, 2, 2)).tolist()
    [[[128, 128, 128]]]
    """
    x0, y0, x1, y1 = region
    left, top = x0 & ~1, y0 & ~1
    luma = planes.luma[top:y1, left:x1]
    block = np.s_[top // 2 : (y1 + 1) // 2, left // 2 : (x1 + 1) // 2]
    cb, cr = planes.cb[block], planes.cr[block]
    if (matrix, levels) == ("bt601", "limited"):
        bgr = _fast(luma, cb, cr)
    else:
        bgr = _weighted(luma, cb, cr, _coefficients(matrix, levels))
    return np.ascontiguousarray(bgr[y0 - top : y1 - top, x0 - left : x1 - left])


def bgr_to_yuv420(image: ImageU8, /) -> NDArray[np.uint8]:
    """I420 of a BGR picture of even size: (H * 3 / 2, W) uint8, BT.601, limited range; luma over Cb over Cr."""
    return np.asarray(cv2.cvtColor(as_image(image), cv2.COLOR_BGR2YUV_I420), dtype=np.uint8)


def _fast(luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """OpenCV's own kernel, which knows BT.601 limited range and nothing else; the size is rounded up to even."""
    rows, columns = cb.shape
    stacked = np.zeros((3 * rows, 2 * columns), np.uint8)
    stacked[: luma.shape[0], : luma.shape[1]] = luma
    chroma = stacked[2 * rows :].reshape(2, rows, columns)
    chroma[0], chroma[1] = cb, cr
    return np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2BGR_I420), dtype=np.uint8)


def _weighted(
    luma: NDArray[np.uint8], cb: NDArray[np.uint8], cr: NDArray[np.uint8], coefficients: FloatArray
) -> NDArray[np.uint8]:
    height, width = luma.shape
    double = (2 * cb.shape[1], 2 * cb.shape[0])
    chroma = (cv2.resize(plane, double, interpolation=cv2.INTER_NEAREST)[:height, :width] for plane in (cb, cr))
    return np.asarray(cv2.transform(cv2.merge((luma, *chroma)), coefficients), dtype=np.uint8)


def _coefficients(matrix: YuvMatrix, levels: YuvLevels) -> FloatArray:
    """(3, 4): rows B, G, R; columns Y, Cb, Cr, offset."""
    red, blue = _RED_AND_BLUE[matrix]
    green = 1 - red - blue
    luma_gain, chroma_gain, black = (1.0, 1.0, 0.0) if levels == "full" else (255 / 219, 255 / 224, 16.0)
    to_blue, to_red = 2 * (1 - blue), 2 * (1 - red)
    weights = np.array([[1, to_blue, 0], [1, -to_blue * blue / green, -to_red * red / green], [1, 0, to_red]])
    weights *= (luma_gain, chroma_gain, chroma_gain)
    return np.column_stack([weights, -weights @ (black, 128.0, 128.0)])
