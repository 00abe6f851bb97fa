"""Resampling, and the small planes that detection and motion work on."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Frame, Mask, Region
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["pad_image", "resize", "resize_mask", "small_luma", "small_ycrcb", "working_size"]

_METHODS = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA, "cubic": cv2.INTER_CUBIC}


def resize(
    image: NDArray[np.uint8], /, *, width: int, height: int, method: Literal["nearest", "linear", "area", "cubic"]
) -> NDArray[np.uint8]:
    """``image`` (H, W) or (H, W, 3) uint8 at ``width`` x ``height``; ``area`` averages when it gets smaller.

    Raises:
        InvalidInput: if either picture would have no pixel.
    """
    if width < 1 or height < 1 or not image.size:
        raise InvalidInput(f"size: expected 1x1 px or more, got {width}x{height} from shape {image.shape}")
    return np.asarray(cv2.resize(image, (width, height), interpolation=_METHODS[method]), dtype=np.uint8)


def resize_mask(mask: Mask, /, *, width: int, height: int) -> Mask:
    """``mask`` at ``width`` x ``height``, nearest neighbour."""
    return resize(mask_u8(mask), width=width, height=height, method="nearest").view(np.bool_)


def pad_image(image: NDArray[np.uint8], /, *, left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    """``image`` with its edge pixels repeated outwards."""
    padded = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, dtype=np.uint8)


def working_size(width: int, height: int, /, *, working_width: int) -> tuple[int, int]:
    """Width and height to work at: the longer side becomes ``working_width`` px, never larger than the frame.

    >>> working_size(1280, 720, working_width=320), working_size(90, 160, working_width=320)
    ((320, 180), (90, 160))
    """
    ratio = min(1.0, working_width / max(width, height))
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def small_luma(frame: Frame, /, *, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) uint8 luma of ``frame``, straight from the decoded plane when there is one."""
    if frame.planes is not None:
        return resize(frame.planes.luma, width=width, height=height, method="area")
    small = resize(frame.bgr, width=width, height=height, method="linear")
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def small_ycrcb(frame: Frame, /, *, width: int, height: int, region: Region | None = None) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 Y Cr Cb of ``frame`` or of one ``region`` of it, full range.

    Taken from the decoded planes when there are any. The full range makes what is learned from a video hold for a
    camera that delivers BGR, and the other way round (video in BT.709 differs from it by some levels where colours
    are saturated).
    """
    x0, y0, x1, y1 = region or (0, 0, frame.width, frame.height)
    if frame.planes is None:
        bgr = resize(frame.bgr_in((x0, y0, x1, y1)), width=width, height=height, method="area")
        return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb), dtype=np.uint8)
    half = np.s_[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2]
    planes = (frame.planes.luma[y0:y1, x0:x1], frame.planes.cr[half], frame.planes.cb[half])
    small = cv2.merge([resize(plane, width=width, height=height, method="area") for plane in planes])
    return np.asarray(small if frame.planes.full_range else cv2.LUT(small, _FULL_RANGE), dtype=np.uint8)


def _full_range() -> NDArray[np.uint8]:
    """(1, 256, 3) look-up table from video range (luma 16-235, chroma 16-240) to 0-255, ITU-R BT.601."""
    level = np.arange(256.0)
    luma = (level - 16) * (255 / 219)
    chroma = (level - 128) * (255 / 224) + 128
    table = np.stack([luma, chroma, chroma], axis=-1)[None]
    return np.clip(np.rint(table), 0, 255).astype(np.uint8)


_FULL_RANGE = _full_range()
