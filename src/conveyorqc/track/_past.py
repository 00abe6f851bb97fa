"""Where the belt was on the last frames, to tell where a new object had been before it was confirmed."""

from __future__ import annotations

from collections import deque

import numpy as np

from conveyorqc.core import BeltShift, Boxes, PastBoxes
from conveyorqc.geometry import clip_boxes, visible_fraction

__all__ = ["BeltHistory"]


class BeltHistory:
    """Position of the belt on the last ``length`` frames."""

    def __init__(self, *, length: int) -> None:
        self._frames: deque[int] = deque(maxlen=length)
        self._positions: deque[tuple[float, float]] = deque(maxlen=length)
        self._now = (0.0, 0.0)

    def add(self, frame_index: int, shift: BeltShift, /) -> None:
        """Note the belt's shift at a frame."""
        self._now = (self._now[0] + shift.dx, self._now[1] + shift.dy)
        self._frames.append(frame_index)
        self._positions.append(self._now)

    def past(
        self, object_id: int, box: Boxes, /, *, first_frame: int, from_edge: bool, width: int, height: int
    ) -> PastBoxes:
        """The boxes of an object on earlier frames, by carrying ``box`` (4,) back with the belt.

        From the frame on which it was first seen; when it came in at the edge, from the frame on which it began
        to show.
        """
        frames = np.array(self._frames, np.int64)[:-1]
        back = np.array(self._positions)[:-1].reshape(-1, 2) - self._now
        boxes = box[None] + np.tile(back, 2)
        shown = visible_fraction(boxes, width=width, height=height) > 0
        if not from_edge:
            shown &= frames >= first_frame
        # Only the last unbroken stretch: on a belt that runs back and forth an earlier one belongs to nobody.
        gaps = np.flatnonzero(~shown & (frames < first_frame))
        shown[: gaps[-1] + 1 if len(gaps) else 0] = False
        chosen = np.flatnonzero(shown)
        return PastBoxes(object_id, frames[chosen], clip_boxes(boxes[chosen], width=width, height=height))
