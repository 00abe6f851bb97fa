"""Counting: each identity once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conveyorqc.core import Boxes, Direction, FloatArray, Frame, StateFields, Tracks
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_centers

__all__ = ["CrossingCounter"]

_STATE_VERSION = 1


class CrossingCounter:
    """Counts objects whose centre crosses a line, each identity once, in the direction of travel.

    An object that rests on the line and jitters, or is carried back and forth over it, counts once; one that comes
    to light only beyond the line does not count. Neither frame numbers nor times matter: the belt may skip, stop and
    run back between two frames.

    Args:
        direction: travel of the belt.
        position: 0-1 along the belt, from where objects come in; 0.5 is the middle of the frame.

    Attributes:
        count: how many crossed so far.

    Raises:
        InvalidInput: if ``position`` is outside [0, 1].

    >>> counter = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    >>> picture = np.zeros((50, 100, 3), np.uint8)
    >>> for index, x in enumerate((30, 45, 55)):
    ...     tracks = Tracks([1], [[x - 5, 20, x + 5, 30]], entered=(1,) if index == 0 else ())
    ...     crossed = counter.update(Frame.from_bgr(picture, index=index, time_s=index / 25), tracks)
    >>> crossed, counter.count
    ((1,), 1)
    """

    def __init__(self, *, direction: Direction, position: float = 0.5) -> None:
        if not 0 <= position <= 1:
            raise InvalidInput(f"position: expected a number in [0, 1], got {position}")
        self._direction = Direction(direction)
        self._position = position
        self._before: set[int] = set()
        self.count = 0

    def update(self, frame: Frame, tracks: Tracks, /) -> tuple[int, ...]:
        """Ids that crossed at this frame."""
        passed = set[int]()
        for past in tracks.past:
            distance = self._distance(frame, past.boxes)
            before = (distance < 0).nonzero()[0]
            if len(before):
                self._before.add(past.object_id)
                if (distance[before[0] :] >= 0).any():
                    passed.add(past.object_id)
        beyond = self._distance(frame, tracks.boxes) >= 0
        passed.update(tracks.ids[beyond].tolist())
        crossed = tuple(sorted(passed & self._before))
        self._before |= set(tracks.ids[~beyond].tolist()) & set(tracks.entered)
        self._before.difference_update(crossed, tracks.ended)
        self.count += len(crossed)
        return crossed

    def state(self) -> dict[str, object]:
        """The count, and the ids that may cross yet, as JSON."""
        return {"version": _STATE_VERSION, "count": self.count, "before": sorted(self._before)}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Count on from ``state``, of a counter with the same line.

        Raises:
            InvalidInput: if it is not such a state; the counter stays as it was.
        """
        fields = StateFields(state, kind="CrossingCounter", version=_STATE_VERSION)
        self.count, self._before = fields.whole("count"), set(fields.ids("before"))

    def _distance(self, frame: Frame, boxes: Boxes) -> FloatArray:
        """Signed px from the line to each centre, positive beyond it."""
        unit_x, unit_y = self._direction.unit
        length = frame.width if self._direction.horizontal else frame.height
        along = box_centers(boxes) @ np.array([unit_x, unit_y])
        start = 0.0 if unit_x + unit_y > 0 else -float(length)
        return np.asarray(along - start - self._position * length)
