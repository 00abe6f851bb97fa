"""The contract suite for sinks, and an event to feed them with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from conveyorqc.core import Anomaly, BestView, Disposition, InspectionEvent, Sink, Verdict, event_id
from conveyorqc.testing._promises import promise, promised

__all__ = ["check_sink", "example_event"]


def example_event(
    object_id: int = 1, /, *, disposition: Disposition = Disposition.PASS, line_id: str = "line-1", reason: str = ""
) -> InspectionEvent:
    """A sound event about ``object_id``; an unknown one without a verdict.

    >>> example_event(7).event_id
    'line-1/camera-1/run-1/7'
    """
    unknown, rejected = disposition is Disposition.UNKNOWN, disposition is Disposition.REJECT
    defects = (Anomaly("crack", 0.125, "#FF0000"),) if rejected else ()
    verdict = Verdict(is_anomalous=rejected, confidence=0.75, score=3.5, anomalies=defects, model="example-1")
    captured_at = datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(seconds=object_id)
    return InspectionEvent(
        event_id=event_id(line_id, "camera-1", "run-1", object_id),
        line_id=line_id,
        camera_id="camera-1",
        run_id="run-1",
        object_id=object_id,
        captured_at=captured_at,
        decided_at=captured_at + timedelta(milliseconds=250),
        disposition=disposition,
        reason=reason or ("no view" if unknown else ""),
        verdict=None if unknown else verdict,
        views=0 if unknown else 3,
        belt_px=12.5 * object_id,
        best_view=None if unknown else BestView(40 + object_id, np.array([10.0, 20.0, 50.5, 61.0]), "crops/1.png"),
    )


def check_sink(
    new_sink: Callable[[], Sink], /, *, read: Callable[[Sink], Iterable[InspectionEvent]] | None = None
) -> None:
    """Check a `Sink`: takes every sound event; the same one again changes nothing.

    Args:
        new_sink: makes a sink with nothing in it; it is closed at the end if it has a ``close``.
        read: gives the events of a sink in the order of writing; without it only the writing is checked.

    Raises:
        AssertionError: naming the broken promise.

    >>> from conveyorqc.sinks import MemorySink
    >>> check_sink(MemorySink, read=lambda sink: sink.events)
    """
    events = [
        example_event(1),
        example_event(2, disposition=Disposition.REJECT),
        example_event(3, disposition=Disposition.UNKNOWN, reason="Kamera ausgefallen – 断電 \n\t\"'\\ \u2028 \udcff"),
        example_event(1, line_id="linie-ä"),
    ]
    again = example_event(1, disposition=Disposition.REJECT)
    sink = new_sink()
    try:
        for event in (*events, *events, again):
            with promised(f"a Sink takes every sound event (here {event.event_id}), again and again"):
                answer: object = sink.write(event)  # type: ignore[func-returns-value]  # that it has none is checked
            promise(answer is None, f"a Sink returns nothing, an event that is not stored raises; got {answer!r}")
        if read is not None:
            _check_stored(events, tuple(read(sink)))
    finally:
        getattr(sink, "close", lambda: None)()


def _check_stored(expected: Sequence[InspectionEvent], stored: Sequence[InspectionEvent]) -> None:
    ids, expected_ids = [event.event_id for event in stored], [event.event_id for event in expected]
    promise(ids == expected_ids, f"a Sink keeps each event_id once, in order: expected {expected_ids}, got {ids}")
    for event, original in zip(stored, expected, strict=True):
        promise(
            event.to_dict() == original.to_dict(),
            f"a Sink keeps an event as it was first written: expected {original.to_dict()}, got {event.to_dict()}",
        )
