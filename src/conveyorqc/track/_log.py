"""What a run over a clip found: each object once, with the frames that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, get_args

from conveyorqc.core import Direction, Frame, StateFields, Tracks
from conveyorqc.errors import InvalidInput
from conveyorqc.track._count import CrossingCounter

__all__ = ["End", "TrackLog", "TrackedObject"]

_STATE_VERSION = 1

End: TypeAlias = Literal["in_view", "left", "removed"]
"""How an object ended: not yet, over an edge of the frame, or inside it: somebody took it away."""


@dataclass(frozen=True, slots=True)
class TrackedObject:
    """One object of a clip; frames are 0-based.

    Attributes:
        object_id: its identity.
        first_frame, last_frame: when it was first and last in view.
        crossed_frame: where its centre crossed the middle of the frame, or None.
        end: left, removed, or in_view while it has not ended.
    """

    object_id: int
    first_frame: int
    last_frame: int
    crossed_frame: int | None = None
    end: End = "in_view"


class TrackLog:
    """Notes the objects of a finite clip; memory grows with their number.

    Args:
        direction: travel of the belt.
    """

    def __init__(self, *, direction: Direction) -> None:
        self._crossing = CrossingCounter(direction=direction)
        self._objects: dict[int, TrackedObject] = {}

    def update(self, frame: Frame, tracks: Tracks, /) -> None:
        """Note what a tracker said of ``frame``."""
        for object_id in tracks.entered:
            self._objects[object_id] = TrackedObject(object_id, frame.index, frame.index)
        for past in tracks.past:
            if len(past.frame_indices):
                first, last = past.frame_indices[[0, -1]].tolist()
                self._objects[past.object_id] = TrackedObject(past.object_id, first, last)
        for object_id in tracks.ids.tolist():
            self._objects[object_id] = replace(self._known(object_id, frame), last_frame=frame.index)
        for object_id in self._crossing.update(frame, tracks):
            self._objects[object_id] = replace(self._known(object_id, frame), crossed_frame=frame.index)
        for object_id in tracks.ended:
            end: End = "removed" if object_id in tracks.removed else "left"
            self._objects[object_id] = replace(self._known(object_id, frame), end=end)

    def state(self) -> dict[str, object]:
        """All objects so far, as JSON; about 30 bytes for each."""
        objects = [
            [found.object_id, found.first_frame, found.last_frame, _number(found.crossed_frame), _ENDS.index(found.end)]
            for found in self._objects.values()
        ]
        return {"version": _STATE_VERSION, "objects": objects, "crossing": self._crossing.state()}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from ``state``, of a log of the same direction.

        Raises:
            InvalidInput: if it is not such a state; the log stays as it was.
        """
        fields = StateFields(state, kind="TrackLog", version=_STATE_VERSION)
        rows = [[int(value) for value in row] for row in fields.table("objects", columns=5).tolist()]
        if any(not 0 <= row[4] < len(_ENDS) for row in rows):
            raise InvalidInput("state of TrackLog: objects: expected 0, 1 or 2 in the last column")
        self._crossing.restore(fields.mapping("crossing"))
        self._objects = {
            row[0]: TrackedObject(row[0], row[1], row[2], row[3] if row[3] >= 0 else None, _ENDS[row[4]])
            for row in rows
        }

    @property
    def objects(self) -> tuple[TrackedObject, ...]:
        """All objects so far, by id."""
        return tuple(self._objects[object_id] for object_id in sorted(self._objects))

    @property
    def crossed(self) -> int:
        """How many crossed the middle of the frame in the direction of travel."""
        return self._crossing.count

    @property
    def removed(self) -> int:
        """How many were taken away inside the frame."""
        return sum(found.end == "removed" for found in self._objects.values())

    def _known(self, object_id: int, frame: Frame) -> TrackedObject:
        return self._objects.get(object_id, TrackedObject(object_id, frame.index, frame.index))


_ENDS: tuple[End, ...] = get_args(End)


def _number(frame_index: int | None) -> int:
    """A crossing as a number: -1 where there was none."""
    return -1 if frame_index is None else frame_index
