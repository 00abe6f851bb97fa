"""Morphology on bool masks, with rectangular structuring elements (they are separable, so 7 times faster).

Masks are (H, W) bool and stay as they are. Sizes are full widths in px; even sizes are taken as the next odd one.
The edge of the picture does not erode an object that it cuts. Reference: J. Serra, Image Analysis and Mathematical
Morphology, 1982; https://docs.opencv.org/4.x/d9/d61/tutorial_py_morphological_ops.html
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["closing", "dilation", "distance_inside", "erosion", "fill_holes", "local_range", "majority", "opening"]

_LARGEST_PX = 255
"""Side of the largest neighbourhood: OpenCV's median overflows beyond."""


def erosion(mask: Mask, /, *, size: int) -> Mask:
    """Shrink: a pixel stays when its whole ``size`` neighbourhood is object. Removes thin links and noise."""
    return _apply(cv2.MORPH_ERODE, mask, size)


def dilation(mask: Mask, /, *, size: int) -> Mask:
    """Grow: a pixel becomes object when any pixel of its ``size`` neighbourhood is. Closes cracks, joins neighbours."""
    return _apply(cv2.MORPH_DILATE, mask, size)


def opening(mask: Mask, /, *, size: int) -> Mask:
    """Erosion, then dilation: removes what is thinner than ``size`` and keeps the rest as large as it was."""
    return _apply(cv2.MORPH_OPEN, mask, size)


def closing(mask: Mask, /, *, size: int) -> Mask:
    """Dilation, then erosion: fills gaps narrower than ``size``; also joins neighbours that close together."""
    # Room around the picture, in which an object at its edge grows and from which it shrinks back.
    odd = _odd(size)
    return np.ascontiguousarray(_apply(cv2.MORPH_CLOSE, np.pad(mask, odd), size)[odd:-odd, odd:-odd])


def fill_holes(mask: Mask, /) -> Mask:
    """Every hole filled: belt enclosed by object becomes object."""
    image = np.pad(mask_u8(mask), 1)
    cv2.floodFill(image, None, (0, 0), 2)
    return np.asarray(image[1:-1, 1:-1] != 2, dtype=np.bool_)


def majority(mask: Mask, /, *, size: int) -> Mask:
    """Each pixel as most of its ``size`` x ``size`` neighbourhood is: specks go, pinholes and shreds close.

    Unlike an opening it mends an object whose mask is torn by noise, and unlike a closing it joins no neighbours.
    """
    return np.asarray(cv2.medianBlur(mask_u8(mask), _odd(size)), dtype=np.uint8).view(np.bool_)


def distance_inside(mask: Mask, /) -> NDArray[np.float32]:
    """(H, W) float32: distance in px from each object pixel to the nearest belt pixel; 0 on the belt.

    The edge of the picture is no belt; where there is none at all, distances are huge. Good to about 5 %.
    """
    return np.asarray(cv2.distanceTransform(mask_u8(mask), cv2.DIST_L2, 3), dtype=np.float32)


def local_range(image: NDArray[np.uint8], /, *, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Lowest and highest value of each channel within ``size`` x ``size`` px around each pixel."""
    element = np.ones((_odd(size), _odd(size)), np.uint8)
    return (
        np.asarray(cv2.erode(image, element), dtype=np.uint8),
        np.asarray(cv2.dilate(image, element), dtype=np.uint8),
    )


def _apply(operation: int, mask: Mask, size: int) -> Mask:
    element = np.ones((_odd(size), _odd(size)), np.uint8)
    return np.asarray(cv2.morphologyEx(mask_u8(mask), operation, element), dtype=np.uint8).view(np.bool_)


def _odd(size: int) -> int:
    if not 1 <= size <= _LARGEST_PX:
        raise InvalidInput(f"size: expected 1-{_LARGEST_PX} px, got {size}")
    return size | 1
