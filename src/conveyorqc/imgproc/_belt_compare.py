"""Pictures compared with the empty belt in whole levels, plane by plane: some microseconds an operation."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Mask
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["BeltPlanes", "belt_in_shadow", "crisp_mask", "difference_from_belt", "only_where"]

BeltPlanes: TypeAlias = tuple[NDArray[np.uint8], NDArray[np.uint8], NDArray[np.uint8]]
"""Y, Cr and Cb, each (H, W) uint8, full range."""

_STEPS = 8
"""Levels of the difference that are one tolerance: 32 of these fit, which is more than any belt is from any object."""

_LIGHT = 128
"""Level of the light that the belt itself has; chroma has no colour there, too."""

_SQUARE = 64
"""Level of the sum of squares that is one tolerance."""


def difference_from_belt(
    planes: BeltPlanes, low: BeltPlanes, high: BeltPlanes, /, *, tolerance: tuple[float, float, float]
) -> NDArray[np.uint8]:
    """(H, W) uint8: how far each pixel is from the range of colours that is belt, 0 where it is belt.

    A pixel is belt when the squares of what it is beyond the range, in tolerances, add up to 1 at most. Of others the
    differences in Y, Cr and Cb are added, 8 levels a tolerance: the sum grows evenly across a soft edge.

    Args:
        planes: the picture.
        low: the darkest belt near each pixel, channel by channel.
        high: the brightest.
        tolerance: levels of Y, Cr, Cb beyond the range that are still belt, above 0. Higher sees less noise and less
            of objects that look like the belt.
    """
    squares = difference = np.zeros_like(planes[0])
    for plane, least, most, levels in zip(planes, low, high, tolerance, strict=True):
        beyond = cv2.max(cv2.subtract(least, plane), cv2.subtract(plane, most))
        squares = np.asarray(cv2.add(squares, cv2.multiply(beyond, beyond, scale=_SQUARE / levels**2)), np.uint8)
        difference = np.asarray(cv2.add(difference, cv2.convertScaleAbs(beyond, alpha=_STEPS / levels)), np.uint8)
    different: Mask = squares > _SQUARE
    return only_where(difference, different)


def only_where(image: NDArray[np.uint8], mask: Mask, /) -> NDArray[np.uint8]:
    """``image`` (H, W) uint8 where ``mask`` is True, 0 elsewhere."""
    kept: NDArray[np.uint8] = np.asarray(cv2.copyTo(image, mask_u8(mask)), dtype=np.uint8)
    return kept


def crisp_mask(difference: NDArray[np.uint8], even: Mask, /, *, size: int) -> Mask:
    """(H, W) bool: objects with their edges at half height, and with belt in narrow gaps between them.

    Motion, optics and the low resolution blur every edge into the belt: above the tolerance an object is too large by
    half of its blur, and neighbours grow together. Two things are therefore belt although they differ from it: rims
    of less than half the difference next to them, and valleys of less than half the height of both their sides.
    Inside an object a step from one tone to another is neither.

    Args:
        difference: from `difference_from_belt`.
        even: (H, W) bool, where the belt is even. Elsewhere, on rails and edges, objects differ less from it for that
            reason alone, and are left as they are.
        size: px of the neighbourhood, even ones as the next odd one. Larger parts objects across wider gaps and more
            blur, and takes more off pale parts of an object's outline.
    """
    element = np.ones((size | 1, size | 1), np.uint8)
    # What is lower by less than a tolerance may be noise of a pale object.
    double = np.asarray(cv2.convertScaleAbs(difference, alpha=2, beta=_STEPS), np.uint8)
    valley = even & (double < cv2.morphologyEx(difference, cv2.MORPH_CLOSE, element))
    mask = (difference > 0) & ~valley
    beside_belt = cv2.erode(mask.view(np.uint8), element) == 0
    rim = even & beside_belt & (double < cv2.dilate(difference, element))
    return np.asarray(mask & ~rim, dtype=np.bool_)


def belt_in_shadow(planes: BeltPlanes, belt: BeltPlanes, /, *, darkest: float, tolerance: float) -> Mask:
    """(H, W) bool: belt with less light, where luma and chroma shrink by one and the same factor.

    Args:
        planes: the picture.
        belt: the empty belt.
        darkest: share of the light, 0-1, that a shadow leaves at least. Lower takes dark objects of the belt's tint
            for shadows.
        tolerance: levels by which chroma may miss what the factor asks for. Higher forgives more noise, and takes
            faintly tinted objects for shadows.

    After T. Horprasert, D. Harwood and L. Davis, A statistical approach for real-time robust background subtraction
    and shadow detection (1999).
    """
    light = np.asarray(cv2.divide(planes[0], np.maximum(belt[0], 1), scale=_LIGHT), dtype=np.uint8)
    shadow: Mask = (light > int(_LIGHT * darkest)) & (light < _LIGHT)
    light = np.minimum(light, _LIGHT)
    for plane, own in zip(planes[1:], belt[1:], strict=True):
        expected = cv2.add(cv2.multiply(light, own, scale=1 / _LIGHT), _LIGHT - light)  # 128 + light * (own - 128)
        shadow &= np.asarray(cv2.absdiff(plane, expected)) <= int(tolerance)
    return shadow
