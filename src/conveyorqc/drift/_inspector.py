"""A `DriftMonitor` at an `InspectionLine`: around the inspector, where crops go in and verdicts come out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from conveyorqc.core import Answer, Crop, Inspector
from conveyorqc.drift._appearance import Appearance, appearance_of
from conveyorqc.drift._event import DriftEvent
from conveyorqc.drift._monitor import DriftMonitor

__all__ = ["WatchedInspector"]


class WatchedInspector:
    """An `Inspector` that passes everything on, and lets a monitor see it: the best view, and the worst score.

    Objects are observed when they are answered, in the order of the answers. Those without an answer count without a
    score, those that the frame cuts without a size.

    Args:
        inspector: does the work: `conveyorqc.line.Inline` or `conveyorqc.line.Background` around a backend.
        monitor: sees each object once; one for each line and camera.
        on_drift: called with each event, from `collect` and `drain`: `DriftLog.write`, say. What it raises stops the
            line.
    """

    def __init__(
        self, inspector: Inspector, /, *, monitor: DriftMonitor, on_drift: Callable[[DriftEvent], object]
    ) -> None:
        self._inspector = inspector
        self._monitor = monitor
        self._on_drift = on_drift
        self._seen: dict[int, Appearance] = {}

    def submit(self, object_id: int, crops: Sequence[Crop], /) -> None:
        """Measure the best view and pass all of them on."""
        if crops:
            best = crops[0]
            seen = appearance_of(best.image, best.mask, box=best.box)
            self._seen[object_id] = seen if best.complete else replace(seen, size=None)
        self._inspector.submit(object_id, crops)

    def collect(self) -> Sequence[Answer]:
        """The answers that have arrived."""
        return self._watched(self._inspector.collect())

    def drain(self) -> Sequence[Answer]:
        """All answers still outstanding."""
        return self._watched(self._inspector.drain())

    def _watched(self, answers: Sequence[Answer]) -> Sequence[Answer]:
        for answer in answers:
            seen = self._seen.pop(answer.object_id, None)
            if seen is None:
                continue
            scores = [verdict.score for verdict in answer.verdicts if verdict.score is not None]
            event = self._monitor.follow(replace(seen, score=max(scores, default=None)))
            if event is not None:
                self._on_drift(event)
        return answers
