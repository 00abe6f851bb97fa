"""Resampling, and the small planes that detection and motion work on."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Frame, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["pad_image", "resize", "resize_mask", "small_luma", "small_ycrcb", "working_size"]

_METHODS = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA, "cubic": cv2.INTER_CUBIC}


def resize(
    image: NDArray[np.uint8], /, *, width: int, height: int, method: Literal["nearest", "linear", "area", "cubic"]
) -> NDArray[np.uint8]:
    """``image`` (H, W) or (H, W, 3) uint8 at ``width`` x ``height``; ``area`` averages when it gets smaller."""
    if width < 1 or height < 1:
        raise InvalidInput(f"size: expected 1x1 px or more, got {width}x{height}")
    return np.asarray(cv2.resize(image, (width, height), interpolation=_METHODS[method]), dtype=np.uint8)


def resize_mask(mask: Mask, /, *, width: int, height: int) -> Mask:
    """``mask`` at ``width`` x ``height``, nearest neighbour."""
    return resize(np.ascontiguousarray(mask).view(np.uint8), width=width, height=height, method="nearest").view(
        np.bool_
    )


def pad_image(image: NDArray[np.uint8], /, *, left: int, top: int, right: int, bottom: int) -> NDArray[np.uint8]:
    """``image`` with its edge pixels repeated outwards."""
    padded = cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REPLICATE)
    return np.asarray(padded, dtype=np.uint8)


def working_size(width: int, height: int, /, *, working_width: int) -> tuple[int, int]:
    """Width and height to work at: the longer side becomes ``working_width`` px, never larger than the frame."""
    ratio = min(1.0, working_width / max(width, height))
    return max(1, round(width * ratio)), max(1, round(height * ratio))


def small_luma(frame: Frame, /, *, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) uint8 luma of ``frame``, straight from the decoded plane when there is one."""
    if frame.planes is not None:
        return resize(frame.planes.luma, width=width, height=height, method="area")
    small = resize(frame.bgr, width=width, height=height, method="linear")
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def small_ycrcb(frame: Frame, /, *, width: int, height: int) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 Y Cr Cb of ``frame``, from the decoded planes when there are any.

    Planes keep the range of the source (luma usually 16-235); BGR frames give the full range. What is learned on
    one kind of source is therefore used on the same kind.
    """
    if frame.planes is not None:
        planes = (frame.planes.luma, frame.planes.cr, frame.planes.cb)
        small = [resize(plane, width=width, height=height, method="area") for plane in planes]
        return np.asarray(cv2.merge(small), dtype=np.uint8)
    bgr = resize(frame.bgr, width=width, height=height, method="area")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb), dtype=np.uint8)
