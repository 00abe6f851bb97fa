"""Changes of colour that augmentation needs from OpenCV."""

from __future__ import annotations

import math

import numpy as np

from conveyorqc.core import FloatArray, ImageU8, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["turn_hue"]

_LUMA_BGR = np.array([0.072, 0.715, 0.213])


def turn_hue(image: ImageU8, /, *, angle_deg: float) -> ImageU8:
    """``image`` with all hues turned by ``angle_deg`` around the grey axis; greys stay, luma too where nothing clips.

    A linear map of the channels, so that it is smooth where HSV jumps (dark and grey pixels).
    https://www.w3.org/TR/filter-effects-1/#feColorMatrixElement, ``hueRotate``.

    Args:
        image: (H, W, 3) uint8 BGR.
        angle_deg: positive turns red towards yellow; 360 is a full turn.

    Raises:
        InvalidInput: if the picture is not (H, W, 3) uint8 or the angle is not finite.

    >>> import numpy as np
    >>> turn_hue(np.full((1, 1, 3), 90, np.uint8), angle_deg=40).tolist()
    [[[90, 90, 90]]]
    """
    if not math.isfinite(angle_deg):
        raise InvalidInput(f"angle_deg: expected a finite angle, got {angle_deg}")
    turned = cv2.transform(as_image(image), _hue_matrix(math.radians(angle_deg)))
    return np.asarray(turned, dtype=np.uint8)


def _hue_matrix(angle: float) -> FloatArray:
    """(3, 3) on columns B G R: what lies along grey stays, the rest turns in a plane of constant luma."""
    grey = np.tile(_LUMA_BGR, (3, 1))
    # Rows as in the W3C text, reordered to B G R on both sides.
    quarter = np.array([[0.072, 0.715, -0.787], [-0.283, 0.140, 0.143], [0.928, -0.715, -0.213]])
    return np.asarray(grey + math.cos(angle) * (np.eye(3) - grey) + math.sin(angle) * quarter)
