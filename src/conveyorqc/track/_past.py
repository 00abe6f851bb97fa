"""Where the belt was on the last frames, to tell where a new object had been before it was confirmed."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, FloatArray, IntArray

__all__ = ["BeltHistory"]


class BeltHistory:
    """Position of the belt on up to ``length`` last frames, px along and across from where the run began."""

    def __init__(self, *, length: int) -> None:
        self._length = length
        self._frames = np.empty(2 * length, np.int64)
        self._places = np.empty((2 * length, 2))
        self._end = 0
        self._start = 0

    def add(self, frame_index: int, place: FloatArray, /) -> None:
        """Note that the belt is at ``place`` (2,) on a frame. Frames that count anew make what was before useless."""
        if self._end > self._start and frame_index <= self._frames[self._end - 1]:
            self._start = self._end = 0
        if self._end == len(self._frames):
            kept = slice(self._end - self._length, self._end)
            self._frames[: self._length], self._places[: self._length] = self._frames[kept], self._places[kept]
            self._start, self._end = 0, self._length
        self._frames[self._end] = frame_index
        self._places[self._end] = place
        self._end += 1
        self._start = max(self._start, self._end - self._length)

    def past(self, box: Boxes, /, *, first_frame: int, came_in: bool, length: float) -> tuple[IntArray, Boxes]:
        """Frames before the last one on which an object showed, and its boxes there, by carrying ``box`` (4,) back.

        From the frame on which it was first seen; when it came in at the edge, from the frame on which it began
        to show.
        """
        frames, places = self._frames[self._start : self._end - 1], self._places[self._start : self._end]
        along = places[:-1, 0] - places[-1, 0]
        shown = (box[2] + along > 0) & (box[0] + along < length)
        if not came_in:
            shown &= frames >= first_frame
        # Only the last unbroken stretch: on a belt that runs back and forth an earlier one belongs to nobody.
        gaps = np.flatnonzero(~shown & (frames < first_frame))
        first = int(gaps[-1]) + 1 if len(gaps) else 0
        chosen = first + np.flatnonzero(shown[first:])
        back = places[chosen] - places[-1]
        return frames[chosen], np.hstack([box[:2] + back, box[2:] + back])

    def state(self, *, most: int) -> list[list[float]]:
        """The last ``most`` frames as JSON: index, px along, px across."""
        last = slice(max(self._start, self._end - most), self._end)
        places = self._places[last].round(2).tolist()
        return [[index, *place] for index, place in zip(self._frames[last].tolist(), places, strict=True)]

    def restore(self, table: FloatArray, /) -> None:
        """Take over what `state` gave, (N, 3)."""
        self._start = self._end = 0
        for index, along, across in table.tolist():
            self.add(int(index), np.array([along, across]))
