"""OpenCV's MIL tracker behind the same array types as everything else."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, ImageU8
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["MilTracker"]


class MilTracker:
    """Follows the look of one object.

    Args:
        image: (H, W, 3) uint8 BGR with the object in it.
        box: (4,) where it is; at least 4 x 4 px.
        seed: of OpenCV's random generator, which picks the features.

    Raises:
        InvalidInput: if the box is too small to learn from.
    """

    def __init__(self, image: ImageU8, box: Boxes, /, *, seed: int = 0) -> None:
        x0, y0, x1, y1 = (round(float(value)) for value in box)
        if x1 - x0 < 4 or y1 - y0 < 4:
            raise InvalidInput(f"box: expected at least 4x4 px, got {x1 - x0}x{y1 - y0}")
        cv2.setRNGSeed(seed)
        self._tracker = cv2.TrackerMIL.create()
        self._tracker.init(image, (x0, y0, x1 - x0, y1 - y0))

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
