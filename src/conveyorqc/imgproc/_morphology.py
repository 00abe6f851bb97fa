"""Morphology on bool masks, with rectangular structuring elements (they are separable, so 7 times faster).

Sizes are full widths in px; even sizes are taken as the next odd one. Reference: J. Serra, Image Analysis and
Mathematical Morphology, 1982; https://docs.opencv.org/4.x/d9/d61/tutorial_py_morphological_ops.html
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["closing", "dilation", "distance_inside", "erosion", "fill_holes", "local_range", "majority", "opening"]


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
    return _apply(cv2.MORPH_CLOSE, mask, size)


def fill_holes(mask: Mask, /) -> Mask:
    """Every hole filled: belt enclosed by object becomes object."""
    contours, _ = cv2.findContours(_u8(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros(mask.shape, np.uint8)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    return filled.view(np.bool_)


def majority(mask: Mask, /, *, size: int) -> Mask:
    """Each pixel as most of its ``size`` x ``size`` neighbourhood is: specks go, pinholes and shreds close.

    Unlike an opening it mends an object whose mask is torn by noise, and unlike a closing it joins no neighbours.
    """
    if size < 1:
        raise InvalidInput(f"size: expected 1 px or more, got {size}")
    return np.asarray(cv2.medianBlur(_u8(mask), size | 1), dtype=np.uint8).view(np.bool_)


def distance_inside(mask: Mask, /) -> NDArray[np.float32]:
    """(H, W) float32: distance in px from each object pixel to the nearest belt pixel; 0 on the belt."""
    return np.asarray(cv2.distanceTransform(_u8(mask), cv2.DIST_L2, 3), dtype=np.float32)


def local_range(image: NDArray[np.uint8], /, *, size: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Lowest and highest value of each channel within ``size`` x ``size`` px around each pixel."""
    element = np.ones((size | 1, size | 1), np.uint8)
    return (
        np.asarray(cv2.erode(image, element), dtype=np.uint8),
        np.asarray(cv2.dilate(image, element), dtype=np.uint8),
    )


def _apply(operation: int, mask: Mask, size: int) -> Mask:
    if size < 1:
        raise InvalidInput(f"size: expected 1 px or more, got {size}")
    odd = size | 1
    element = np.ones((odd, odd), np.uint8)
    border = 1 if operation == cv2.MORPH_CLOSE else 0
    # A closing must not erode from the edge of the picture: pad, work, cut.
    padded = np.pad(_u8(mask), odd) if border else _u8(mask)
    result = np.asarray(cv2.morphologyEx(padded, operation, element), dtype=np.uint8)
    if border:
        result = result[odd:-odd, odd:-odd]
    return np.ascontiguousarray(result).view(np.bool_)


def _u8(mask: Mask) -> NDArray[np.uint8]:
    return np.ascontiguousarray(mask).view(np.uint8)
