"""What the empty belt looks like, and what differs from it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Mask, Region, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import BeltPlanes, belt_in_shadow, crisp_mask, difference_from_belt, local_range, only_where

__all__ = ["BeltAppearance", "BeltComparison"]

_EDGE = 5
"""Working px over which the edges of objects may be blurred."""

_DARKEST_SHADOW = 0.45
"""Share of the light that a shadow leaves at least: what is darker is an object."""


@dataclass(frozen=True, slots=True, eq=False)
class BeltAppearance:
    """The empty belt, pixel by pixel.

    Attributes:
        picture: (h, w, 3) uint8 Y Cr Cb, full range, at the resolution that detection works at.
        noise: standard deviations of Y, Cr and Cb over time: sensor noise, flicker, texture that moves with the belt.

    Raises:
        InvalidInput: if the picture is none, or the noise is not three numbers above 0 and below 256.
    """

    picture: NDArray[np.uint8]
    noise: tuple[float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", as_image(self.picture, name="picture"))
        noise = np.asarray(self.noise)
        if noise.shape != (3,) or not ((noise > 0) & (noise < 256)).all():
            raise InvalidInput(f"noise: expected three numbers above 0 and below 256, got {self.noise}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.picture.shape[1], self.picture.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class BeltComparison:
    """Limits prepared from a `BeltAppearance`: for each pixel the range of colours that is belt.

    Neighbouring belt pixels count too, so that a shaking camera does not turn every edge of the frame's
    fixed parts into an object.

    Attributes:
        low, high: the darkest and the brightest belt near each pixel, as Y, Cr and Cb planes of (h, w) uint8.
        belt: the belt itself.
        even: (h, w) bool, where the belt differs from the belt around it by a tolerance at most.
        tolerance: levels of Y, Cr, Cb beyond low and high that are still belt.
    """

    low: BeltPlanes
    high: BeltPlanes
    belt: BeltPlanes
    even: Mask
    tolerance: tuple[float, float, float]

    @classmethod
    def of(cls, belt: BeltAppearance, *, sensitivity: float, reach: int) -> BeltComparison:
        """``sensitivity`` in standard deviations of the belt's noise, ``reach`` in px of its picture.

        Raises:
            InvalidInput: if ``sensitivity`` is not above 0, or ``reach`` not in 0-100.
        """
        if not (math.isfinite(sensitivity) and sensitivity > 0):
            raise InvalidInput(f"sensitivity: expected a number above 0, got {sensitivity}")
        if not 0 <= reach <= 100:
            raise InvalidInput(f"reach: expected 0-100 px, got {reach}")
        low, high = local_range(belt.picture, size=2 * reach + 1)
        luma, red, blue = (sensitivity * value for value in belt.noise)
        darkest, brightest = local_range(belt.picture, size=_EDGE)
        even = np.asarray((brightest - darkest <= np.array([luma, red, blue])).all(axis=2), dtype=np.bool_)
        return cls(_planes(low), _planes(high), _planes(belt.picture), even, (luma, red, blue))

    def part(self, region: Region, /) -> BeltComparison:
        """The limits inside ``region`` (working px)."""
        x0, y0, x1, y1 = region
        low, high, belt = (_crop(planes, np.s_[y0:y1, x0:x1]) for planes in (self.low, self.high, self.belt))
        return BeltComparison(low, high, belt, self.even[y0:y1, x0:x1], self.tolerance)

    def foreground(self, picture: NDArray[np.uint8], /) -> Mask:
        """(h, w) bool, True where ``picture`` (h, w, 3) uint8 Y Cr Cb is neither belt nor a shadow on it.

        Raises:
            InvalidInput: if it is not as large as the belt's picture.
        """
        return self.difference(_planes(as_image(picture, name="picture"))) > 0

    def difference(self, planes: BeltPlanes, /) -> NDArray[np.uint8]:
        """(h, w) uint8, how much of an object each pixel of Y, Cr and Cb shows: 0 on the belt and on shadows.

        Raises:
            InvalidInput: if the planes are not as large as the belt's picture.
        """
        if planes[0].shape != self.belt[0].shape:
            raise InvalidInput(f"picture: expected shape {self.belt[0].shape}, as the belt's, got {planes[0].shape}")
        difference = difference_from_belt(planes, self.low, self.high, tolerance=self.tolerance)
        shadow = belt_in_shadow(planes, self.belt, darkest=_DARKEST_SHADOW, tolerance=max(self.tolerance[1:]))
        return only_where(difference, ~shadow)

    def objects(self, difference: NDArray[np.uint8], /) -> Mask:
        """(h, w) bool, objects with their edges at half height, see `conveyorqc.imgproc.crisp_mask`."""
        return crisp_mask(difference, self.even, size=_EDGE)


def _planes(picture: NDArray[np.uint8]) -> BeltPlanes:
    """The channels of an (h, w, 3) picture, each in memory of its own."""
    luma, red, blue = np.ascontiguousarray(np.moveaxis(picture, 2, 0))
    return luma, red, blue


def _crop(planes: BeltPlanes, part: tuple[slice, slice]) -> BeltPlanes:
    luma, red, blue = planes
    return luma[part], red[part], blue[part]
