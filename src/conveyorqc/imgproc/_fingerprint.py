"""What stays of a picture when it is saved again, made smaller or a little brighter: to find copies of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, as_image
from conveyorqc.imgproc._color import luma_of
from conveyorqc.imgproc._opencv import cv2

__all__ = ["HASH_BITS", "perceptual_hash", "picture_gist"]

_SIDE = 64
_LOWEST = 16

HASH_BITS = _LOWEST * _LOWEST
"""Length of a `perceptual_hash`."""


def perceptual_hash(image: ImageU8, /) -> NDArray[np.bool_]:
    """(256,) bool: which of the 16 x 16 lowest frequencies of the luma lie above their median.

    Copies that were saved again, scaled, brightened or blurred differ in few bits, pictures of different things in
    about half of them, different objects photographed alike in something between: let `picture_gist` confirm. This is
    the DCT hash of C. Zauner (2010), "Implementation and benchmarking of perceptual image hash functions", with 256
    bits in place of 64, since pictures of one product are much alike.

    Args:
        image: (H, W, 3) uint8 BGR.

    Raises:
        InvalidInput: if it is no such array.

    >>> picture = np.zeros((48, 64, 3), np.uint8)
    >>> picture[8:20, 10:50] = 200
    >>> brighter = picture + np.uint8(20)
    >>> int((perceptual_hash(picture) != perceptual_hash(brighter)).sum())
    0
    """
    small = _small_luma(image, _SIDE)
    lowest = cv2.dct(small)[:_LOWEST, :_LOWEST].ravel()
    lowest[0] = 0  # the mean of the picture tells nothing about what it shows
    return np.asarray(lowest > np.median(lowest), dtype=np.bool_)


def picture_gist(image: ImageU8, /, *, side: int = 32) -> NDArray[np.float32]:
    """(side², ) float32: the luma at ``side`` x ``side`` px without its mean, of length 1; all 0 for a plain picture.

    The product of two gists is their correlation: 1 for copies, whatever their brightness and contrast.

    Args:
        image: (H, W, 3) uint8 BGR.
        side: px. More tells finer differences apart and takes memory (squared).

    Raises:
        InvalidInput: if it is no such array.
    """
    small = _small_luma(image, side).ravel()
    small -= small.mean()
    length = float(np.linalg.norm(small))
    return np.asarray(small / length if length > side / 8 else np.zeros_like(small), dtype=np.float32)


def _small_luma(image: ImageU8, side: int) -> NDArray[np.float32]:
    luma = luma_of(as_image(image))
    return np.asarray(cv2.resize(luma, (side, side), interpolation=cv2.INTER_AREA), dtype=np.float32)
