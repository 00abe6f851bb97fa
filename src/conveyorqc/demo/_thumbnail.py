"""Small pictures for the page."""

from __future__ import annotations

from conveyorqc.core import ImageU8
from conveyorqc.imgproc import resize

__all__ = ["still", "thumbnail"]

_SIDE = 192
_STILL = 960


def thumbnail(crop: ImageU8, /) -> ImageU8:
    """A square crop (S, S, 3) uint8 BGR, as large as the page shows it on a sharp screen."""
    return resize(crop, width=_SIDE, height=_SIDE, method="area")


def still(picture: ImageU8, /) -> ImageU8:
    """A whole frame (H, W, 3) uint8 BGR, at most as wide as the page."""
    height, width = picture.shape[:2]
    if width <= _STILL:
        return picture
    return resize(picture, width=_STILL, height=round(height * _STILL / width), method="area")
