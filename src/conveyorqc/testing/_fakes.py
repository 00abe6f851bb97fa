"""Stand-ins for the clock, the run names, the stages and a sink, all of which do what they are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from conveyorqc.core import BeltShift, Detections, Frame, InspectionEvent, Tracks
from conveyorqc.errors import InvalidInput, SinkUnavailable

__all__ = ["FailingSink", "ManualClock", "ScriptedDetector", "ScriptedMotion", "ScriptedTracker", "SequentialRunIds"]


class ManualClock:
    """A `Clock` that moves only when told.

    >>> clock = ManualClock()
    >>> clock.advance(1.5)
    >>> clock.now().isoformat(), clock.monotonic_s()
    ('2026-01-01T00:00:01.500000+00:00', 1.5)
    """

    def __init__(self, start: datetime = datetime(2026, 1, 1, tzinfo=UTC)) -> None:
        if start.utcoffset() != timedelta(0):
            raise InvalidInput(f"start: expected an aware UTC datetime, got {start!r}")
        self._now = start
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """The time it was told, aware UTC."""
        return self._now

    def monotonic_s(self) -> float:
        """Seconds that it was advanced by."""
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass.

        Raises:
            InvalidInput: if they are negative; to set the wall clock back, see `jump`.
        """
        if not seconds >= 0:
            raise InvalidInput(f"seconds: expected 0 or more (jump goes back), got {seconds}")
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back, as a time server does; the monotonic clock does not notice."""
        self._now += timedelta(seconds=seconds)


class SequentialRunIds:
    """`RunIds` that count: run-1, then run-2, and so on."""

    def __init__(self, prefix: str = "run") -> None:
        self._prefix = prefix
        self._count = 0

    def new_id(self) -> str:
        """The next name."""
        self._count += 1
        return f"{self._prefix}-{self._count}"


class ScriptedDetector:
    """A `Detector` that finds what the script says for each frame index, and nothing on other frames.

    ``asked`` lists the indices of the frames it looked at.
    """

    def __init__(self, script: Mapping[int, Detections], /) -> None:
        self._script = dict(script)
        self.asked: list[int] = []

    def detect(self, frame: Frame, /) -> Detections:
        """The detections of the script."""
        self.asked.append(frame.index)
        return self._script.get(frame.index, Detections([]))


class ScriptedTracker:
    """A `Tracker` that reports what the script says for each frame index, and an empty belt on other frames.

    ``received`` lists the detections that it was given, None where nobody looked.
    """

    def __init__(self, script: Mapping[int, Tracks], /) -> None:
        self._script = dict(script)
        self.received: list[Detections | None] = []

    def update(self, frame: Frame, detections: Detections | None, /) -> Tracks:
        """The tracks of the script."""
        self.received.append(detections)
        return self._script.get(frame.index, Tracks(np.empty(0, np.int64), np.empty((0, 4))))


class ScriptedMotion:
    """`BeltMotion` that moves as the script says for each frame index, and stands still on other frames."""

    def __init__(self, script: Mapping[int, BeltShift], /) -> None:
        self._script = dict(script)

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift of the script."""
        return self._script.get(frame.index, BeltShift(0.0, 0.0, 1.0))


class FailingSink:
    """A `Sink` that refuses a number of writes and then stores in memory.

    Args:
        times: writes to refuse, with `SinkUnavailable`.
    """

    def __init__(self, times: int) -> None:
        self.failures_left = times
        self._events: dict[str, InspectionEvent] = {}

    @property
    def events(self) -> tuple[InspectionEvent, ...]:
        """The events it took, in order."""
        return tuple(self._events.values())

    def write(self, event: InspectionEvent, /) -> None:
        """Refuse, or keep ``event`` unless its ``event_id`` is known."""
        if self.failures_left > 0:
            self.failures_left -= 1
            raise SinkUnavailable(f"told to refuse; {self.failures_left} refusals left")
        self._events.setdefault(event.event_id, event)
