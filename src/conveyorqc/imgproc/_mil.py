"""OpenCV's MIL tracker behind the same array types as everything else."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, ImageU8
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["MilTracker"]

_LEAST_PX = 8
"""OpenCV draws features of some least area until one fits: in a box of 4x4 px it draws for ever."""


class MilTracker:
    """Follows the look of one object.

    OpenCV seeds its choice of features and samples from the clock: two runs over one clip differ by some px.

    Args:
        image: (H, W, 3) uint8 BGR with the object in it.
        box: (4,) where it is; at least 8 x 8 px, with some of the picture around it.

    Raises:
        InvalidInput: if the box is too small, or fills the picture so that there is no background to learn from.
    """

    def __init__(self, image: ImageU8, box: Boxes, /) -> None:
        x0, y0, x1, y1 = (round(float(value)) for value in box)
        if x1 - x0 < _LEAST_PX or y1 - y0 < _LEAST_PX:
            raise InvalidInput(f"box: expected at least {_LEAST_PX}x{_LEAST_PX} px, got {x1 - x0}x{y1 - y0}")
        self._tracker = cv2.TrackerMIL.create()
        try:
            self._tracker.init(image, (x0, y0, x1 - x0, y1 - y0))
        except cv2.error as error:
            raise InvalidInput(f"box: expected one with background around it, got {box} in {image.shape}") from error

    def update(self, image: ImageU8, /) -> Boxes | None:
        """(4,) the box in ``image``, or None when the look was not found."""
        try:
            found, box = self._tracker.update(image)
        except cv2.error:  # the search window left the picture
            return None
        if not found:
            return None
        x, y, width, height = box
        return np.array([x, y, x + width, y + height], dtype=np.float64)
