"""What a run over a clip found: each object once, with the frames that matter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from conveyorqc.core import Direction, Frame, Tracks
from conveyorqc.track._count import CrossingCounter

__all__ = ["TrackLog", "TrackedObject"]


@dataclass(frozen=True, slots=True)
class TrackedObject:
    """One object of a clip; frames are 0-based.

    Attributes:
        object_id: its identity.
        first_frame, last_frame: when it was first and last in view.
        crossed_frame: where its centre crossed the middle of the frame, or None.
    """

    object_id: int
    first_frame: int
    last_frame: int
    crossed_frame: int | None = None


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
            known = self._objects.get(object_id, TrackedObject(object_id, frame.index, frame.index))
            self._objects[object_id] = replace(known, last_frame=frame.index)
        for object_id in self._crossing.update(frame, tracks):
            self._objects[object_id] = replace(self._objects[object_id], crossed_frame=frame.index)

    @property
    def objects(self) -> tuple[TrackedObject, ...]:
        """All objects so far, by id."""
        return tuple(self._objects[object_id] for object_id in sorted(self._objects))

    @property
    def crossed(self) -> int:
        """How many crossed the middle of the frame in the direction of travel."""
        return self._crossing.count
