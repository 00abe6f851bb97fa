"""Events on their way to the sinks: in order, each until every sink has taken it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from conveyorqc.core import InspectionEvent, Ledger, Sink

__all__ = ["Outbox"]


class Outbox:
    """Settles an object in the ledger when its event is with every sink, and not before."""

    def __init__(self, sinks: Iterable[Sink], ledger: Ledger, /) -> None:
        self._sinks = tuple(sinks)
        self._ledger = ledger
        self._pending: deque[InspectionEvent] = deque()
        self._delivered: list[InspectionEvent] = []

    def __len__(self) -> int:
        return len(self._pending)

    def put(self, event: InspectionEvent, /) -> None:
        """Queue ``event``."""
        self._pending.append(event)

    def deliver(self) -> tuple[InspectionEvent, ...]:
        """Hand over what is pending; return what every sink has taken since this returned last.

        Raises:
            SinkError: if a sink refuses; its event and those after it stay pending, and sinks that took it already
                are offered it again.
        """
        while self._pending:
            event = self._pending[0]
            for sink in self._sinks:
                sink.write(event)
            self._pending.popleft()
            self._ledger.settle(event.object_id, event.disposition)
            self._delivered.append(event)
        delivered, self._delivered = tuple(self._delivered), []
        return delivered
