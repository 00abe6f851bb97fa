"""The belt view: every belt seen as one that runs from left to right, so that nothing else asks for the direction."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import BeltShift, Boxes, Direction, FloatArray, Frame

__all__ = ["BeltView"]


class BeltView:
    """Turns boxes of a frame into rear, side, front, other side: px along the belt from the entry edge, px across.

    Args:
        direction: travel of the belt.
    """

    def __init__(self, direction: Direction) -> None:
        self.direction = Direction(direction)
        self._swapped = not self.direction.horizontal
        self._reversed = sum(self.direction.unit) < 0

    def size(self, frame: Frame, /) -> tuple[float, float]:
        """Length along the belt and breadth across it of ``frame``, px."""
        return (frame.height, frame.width) if self._swapped else (frame.width, frame.height)

    def inside(self, boxes: Boxes, frame: Frame, /) -> Boxes:
        """The part of ``boxes`` (N, 4) of the belt view that is inside ``frame``; one outside collapses on its edge."""
        length, breadth = self.size(frame)
        clipped = np.maximum(boxes, 0.0)
        np.minimum(clipped[:, ::2], length, out=clipped[:, ::2])
        np.minimum(clipped[:, 1::2], breadth, out=clipped[:, 1::2])
        return clipped

    def shift(self, shift: BeltShift, /) -> FloatArray:
        """(2,) px along and across the belt."""
        along, across = (shift.dy, shift.dx) if self._swapped else (shift.dx, shift.dy)
        return np.array([-along if self._reversed else along, across])

    def turned(self, boxes: Boxes, frame: Frame, /) -> Boxes:
        """``boxes`` (N, 4) of ``frame`` in the belt view."""
        if self._swapped:
            boxes = boxes[:, [1, 0, 3, 2]]
        return self._mirrored(boxes, frame) if self._reversed else boxes

    def turned_back(self, boxes: Boxes, frame: Frame, /) -> Boxes:
        """``boxes`` (N, 4) of the belt view in ``frame``."""
        if self._reversed:
            boxes = self._mirrored(boxes, frame)
        return boxes[:, [1, 0, 3, 2]] if self._swapped else boxes

    def _mirrored(self, boxes: Boxes, frame: Frame) -> Boxes:
        mirrored = boxes.copy()
        mirrored[:, [0, 2]] = self.size(frame)[0] - boxes[:, [2, 0]]
        return mirrored
