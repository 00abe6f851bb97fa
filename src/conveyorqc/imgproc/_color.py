"""Colour spaces and colour thresholds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["ColorRange", "ColorSpace", "bgr_to_ycrcb", "color_mask", "convert_color", "luma_of", "ycrcb_to_bgr"]

ColorSpace: TypeAlias = Literal["bgr", "hsv", "lab", "ycrcb", "gray"]
"""Named as in OpenCV, 8 bit: HSV has H in 0-179, S and V in 0-255; Lab and YCrCb are in 0-255."""

_CODES = {
    "hsv": cv2.COLOR_BGR2HSV,
    "lab": cv2.COLOR_BGR2Lab,
    "ycrcb": cv2.COLOR_BGR2YCrCb,
    "gray": cv2.COLOR_BGR2GRAY,
}


@dataclass(frozen=True, slots=True)
class ColorRange:
    """A box in a colour space, both ends included.

    Attributes:
        space: the colour space of the limits.
        low, high: one number per channel (one for gray, else three), 0-255 (hue 0-179).
            In HSV ``low[0] > high[0]`` means a range around red, through 179 and 0.

    >>> ColorRange("hsv", (90, 40, 40), (130, 255, 255)).space
    'hsv'

    Raises:
        InvalidInput: if there is no such space, the number of limits is wrong, a limit is outside its channel's
            range, or low is above high.
    """

    space: ColorSpace
    low: tuple[int, ...]
    high: tuple[int, ...]

    def __post_init__(self) -> None:
        if self.space != "bgr" and self.space not in _CODES:
            raise InvalidInput(f"space: expected one of bgr, {', '.join(_CODES)}, got {self.space!r}")
        most = (255,) if self.space == "gray" else (179 if self.space == "hsv" else 255, 255, 255)
        for name, limits in (("low", self.low), ("high", self.high)):
            if len(limits) != len(most):
                raise InvalidInput(f"{name}: expected {len(most)} numbers for {self.space}, got {len(limits)}")
            if not all(0 <= limit <= top for limit, top in zip(limits, most, strict=True)):
                raise InvalidInput(f"{name}: expected numbers in 0-{most} for {self.space}, got {limits}")
        first = 1 if self.space == "hsv" else 0
        if any(low > high for low, high in zip(self.low[first:], self.high[first:], strict=True)):
            raise InvalidInput(f"low: expected no limit above high, got {self.low} and {self.high}")


def convert_color(image: ImageU8, /, *, space: ColorSpace) -> NDArray[np.uint8]:
    """``image`` (H, W, 3) uint8 BGR in ``space``: (H, W, 3), or (H, W) for gray; read-only for bgr, which is itself."""
    checked = as_image(image)
    if space == "bgr":
        return checked
    return np.asarray(cv2.cvtColor(checked, _CODES[space]), dtype=np.uint8)


def color_mask(image: ImageU8, /, *, color: ColorRange) -> Mask:
    """(H, W) bool, True where the colour of ``image`` (BGR) lies in the range."""
    converted = convert_color(image, space=color.space)
    low, high = list(color.low), list(color.high)
    if color.space == "hsv" and low[0] > high[0]:
        upper = cv2.inRange(converted, np.array(low), np.array([179, *high[1:]]))
        lower = cv2.inRange(converted, np.array([0, *low[1:]]), np.array(high))
        return np.asarray(upper, dtype=np.bool_) | np.asarray(lower, dtype=np.bool_)
    return np.asarray(cv2.inRange(converted, np.array(low), np.array(high)), dtype=np.bool_)


def luma_of(image: ImageU8, /) -> NDArray[np.uint8]:
    """(H, W) uint8 brightness of a BGR picture, ITU-R BT.601."""
    return convert_color(image, space="gray")


def bgr_to_ycrcb(image: ImageU8, /) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 Y Cr Cb, full range, of a BGR picture."""
    return convert_color(image, space="ycrcb")


def ycrcb_to_bgr(image: NDArray[np.uint8], /) -> ImageU8:
    """(H, W, 3) uint8 BGR of a full-range Y Cr Cb picture."""
    return np.asarray(cv2.cvtColor(as_image(image), cv2.COLOR_YCrCb2BGR), dtype=np.uint8)
