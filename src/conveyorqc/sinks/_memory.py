"""Events in memory: for tests, dry runs and programs that store them themselves."""

from __future__ import annotations

from conveyorqc.core import InspectionEvent

__all__ = ["MemorySink"]


class MemorySink:
    """Keeps every event for as long as it lives, so its memory grows with the number of objects.

    >>> sink = MemorySink()
    >>> sink.events
    ()
    """

    def __init__(self) -> None:
        self._events: dict[str, InspectionEvent] = {}

    @property
    def events(self) -> tuple[InspectionEvent, ...]:
        """The events so far, in the order in which they were first written."""
        return tuple(self._events.values())

    def write(self, event: InspectionEvent, /) -> None:
        """Keep ``event`` unless its ``event_id`` is known."""
        self._events.setdefault(event.event_id, event)
