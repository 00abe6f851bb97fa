"""Resampling, and the small planes that detection and motion work on."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Frame, Mask, Region
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["pad_image", "resize", "resize_mask", "small_luma", "small_planes", "small_ycrcb", "working_size"]

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
        return _averaged(frame.planes.luma, width, height)
    small = resize(frame.bgr, width=width, height=height, method="linear")
    return np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def small_ycrcb(frame: Frame, /, *, width: int, height: int, region: Region | None = None) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 Y Cr Cb of ``frame`` or of one ``region`` of it, full range.

    Taken from the decoded planes when there are any. The full range makes what is learned from a video hold for a
    camera that delivers BGR, and the other way round (video in BT.709 differs from it by some levels where colours
    are saturated).
    """
    return np.asarray(cv2.merge(small_planes(frame, width=width, height=height, region=region)), dtype=np.uint8)


def small_planes(
    frame: Frame, /, *, width: int, height: int, region: Region | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]:
    """The Y, Cr and Cb of `small_ycrcb`, each (height, width) uint8, for work that goes plane by plane."""
    x0, y0, x1, y1 = region or (0, 0, frame.width, frame.height)
    if frame.planes is None:
        bgr = _averaged(frame.bgr_in((x0, y0, x1, y1)), width, height)
        luma, red, blue = np.moveaxis(np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YCrCb), np.uint8), 2, 0).copy()
        return luma, red, blue
    full = frame.planes
    cropped = (full.luma[y0:y1, x0:x1], *(_chroma_in(plane, (x0, y0, x1, y1)) for plane in (full.cr, full.cb)))
    small = [_averaged(plane, width, height) for plane in cropped]
    if not full.full_range:
        tables = (_FULL_LUMA, _FULL_CHROMA, _FULL_CHROMA)
        small = [np.asarray(cv2.LUT(plane, table), np.uint8) for plane, table in zip(small, tables, strict=True)]
    return small[0], small[1], small[2]


def _averaged(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """``image`` made smaller so that every pixel of it counts.

    Halving is many times faster than OpenCV's mean over any other area, and below a factor of two the four
    neighbours that linear interpolation looks at are nearly all there are.
    """
    while min(image.shape[1] // width, image.shape[0] // height) >= 2 and not (image.shape[0] | image.shape[1]) & 1:
        image = resize(image, width=image.shape[1] // 2, height=image.shape[0] // 2, method="area")
    remaining = max(image.shape[1] / width, image.shape[0] / height)
    return resize(image, width=width, height=height, method="linear" if 1 < remaining < 2 else "area")


def _chroma_in(plane: NDArray[np.uint8], region: Region) -> NDArray[np.uint8]:
    """What a half-size ``plane`` has of ``region``; at odd edges by its luma px, so that colour is not shifted."""
    x0, y0, x1, y1 = region
    block = plane[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2]
    if not (x0 | y0 | x1 | y1) & 1:
        return block
    enlarged = block.repeat(2, axis=0).repeat(2, axis=1)
    return enlarged[y0 % 2 :, x0 % 2 :][: y1 - y0, : x1 - x0]


def _full_range(zero: int, span: int, level: int) -> NDArray[np.uint8]:
    """(256,) look-up table from video range, where ``span`` levels from ``zero`` on are 255 from ``level`` on."""
    return np.clip(np.rint((np.arange(256.0) - zero) * (255 / span) + level), 0, 255).astype(np.uint8)


# Luma 16-235 and chroma 16-240 around 128, ITU-R BT.601.
_FULL_LUMA = _full_range(16, 219, 0)
_FULL_CHROMA = _full_range(128, 224, 128)
