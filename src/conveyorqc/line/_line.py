"""`InspectionLine`: the stages in order, and the book that proves one event per object."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from conveyorqc.core import (
    AnomalyBackend,
    Answer,
    BeltMotion,
    Clock,
    Crop,
    Cropper,
    Detector,
    Disposition,
    Frame,
    InspectionEvent,
    Inspector,
    Ledger,
    LedgerCounts,
    RandomRunIds,
    RunIds,
    Schedule,
    Sink,
    SystemClock,
    Tracker,
    Tracks,
    VerdictPolicy,
    ViewSelector,
    event_id,
)
from conveyorqc.errors import LedgerError, VideoError
from conveyorqc.line._inspectors import Inline
from conveyorqc.line._judgement import DispositionRule, Judgement, judge
from conveyorqc.line._outbox import Outbox
from conveyorqc.line._sightings import Shown, Sightings

__all__ = ["InspectionLine", "Step"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame brought.

    Attributes:
        tracks: the objects in it.
        events: those that every sink has taken since the step before.
        counts: the book of the line after it.
    """

    tracks: Tracks
    events: tuple[InspectionEvent, ...]
    counts: LedgerCounts


class InspectionLine:
    """One camera over one belt: every object that enters gets exactly one event.

    An object is put to the backend when enough of it has been seen, or when it has left. No view, no answer, a wrong
    answer: it becomes unknown with a reason, never a pass. Events go to every sink in order at the end of a step;
    while a sink refuses, they are kept in memory and offered again at the next step or `finish`.
    The line closes nothing that it was given.

    Args:
        detector: finds objects on the frames that ``schedule`` picks.
        tracker: gives them identities.
        cropper: cuts views.
        backend: judges views; an `Inspector` (such as `Background`) does so in its own time.
        sinks: store events; an object is settled when all of them have its event.
        policy: many verdicts to one; `conveyorqc.policy.MaxPolicy` when None.
        views: which views of an object to judge; `conveyorqc.crop.BestViews` when None.
        dispositions: verdict to disposition and reason; `conveyorqc.policy.DispositionPolicy` when None.
        schedule: on which frames to look (all when None). Fewer cost less; an object may pass between two looks.
        motion: measures the belt for `InspectionEvent.belt_px`, the distance from where it was at the first frame;
            the schedule and the tracker may share it.
        line_id, camera_id: where this is, without slashes.
        run_id: the name of this run, never used before on this line; a new one from ``run_ids`` when None.
        clock, run_ids: where times and names come from; those of this machine when None.

    Raises:
        InvalidInput: if a name is empty or holds a slash.

    >>> from conveyorqc.anomaly import StubBackend
    >>> from conveyorqc.core import Verdict
    >>> from conveyorqc.crop import SquarePadCropper
    >>> from conveyorqc.sinks import MemorySink
    >>> from conveyorqc.testing import ScriptedDetector, ScriptedTracker, belt_scene
    >>> scene = belt_scene()
    >>> line = InspectionLine(
    ...     detector=ScriptedDetector(dict(enumerate(scene.detections))),
    ...     tracker=ScriptedTracker(dict(enumerate(scene.tracks))),
    ...     cropper=SquarePadCropper(size=48),
    ...     backend=StubBackend([Verdict(is_anomalous=True, confidence=0.9)]),
    ...     sinks=[MemorySink()],
    ... )
    >>> [(event.object_id, event.disposition.value) for event in line.run(scene.frames)]
    [(1, 'reject'), (2, 'pass'), (3, 'pass')]
    >>> line.counts
    LedgerCounts(entered=3, passed=2, rejected=1, unknown=0, in_flight=0)
    """

    def __init__(
        self,
        *,
        detector: Detector,
        tracker: Tracker,
        cropper: Cropper,
        backend: AnomalyBackend | Inspector,
        sinks: Sequence[Sink],
        policy: VerdictPolicy | None = None,
        views: ViewSelector | None = None,
        dispositions: DispositionRule | None = None,
        schedule: Schedule | None = None,
        motion: BeltMotion | None = None,
        line_id: str = "line-1",
        camera_id: str = "camera-1",
        run_id: str | None = None,
        clock: Clock | None = None,
        run_ids: RunIds | None = None,
    ) -> None:
        self._detector = detector
        self._tracker = tracker
        self._cropper = cropper
        self._inspector = backend if isinstance(backend, Inspector) else Inline(backend)
        self._policy = _default_policy() if policy is None else policy
        self._views = _default_views() if views is None else views
        self._dispositions = _default_dispositions() if dispositions is None else dispositions
        self._schedule = schedule
        self._motion = motion
        self._clock = SystemClock() if clock is None else clock
        run_ids = RandomRunIds() if run_ids is None else run_ids
        self._place = (line_id, camera_id, run_ids.new_id() if run_id is None else run_id)
        event_id(*self._place, 0)  # refuses a bad name now, not at the first object
        self._started_at: datetime | None = None
        self._belt: tuple[float, float] | None = None
        self._ledger = Ledger()
        self._waiting: dict[int, Sightings] = {}
        self._asked: dict[int, Shown] = {}
        self._outbox = Outbox(sinks, self._ledger)

    @property
    def counts(self) -> LedgerCounts:
        """The book of the line now; an object is in flight until its event is with every sink."""
        return self._ledger.counts

    def step(self, frame: Frame, /) -> Step:
        """Take one frame through the line; frames come in order, each once.

        Raises:
            SinkError: if a sink refuses an event. The frame itself is done with: go on with the next one.
            LedgerError: if the tracker reuses an id or follows one that never entered.
        """
        taken_at = self._arrive(frame)
        looks = self._schedule is None or self._schedule.due(frame)
        tracks = self._tracker.update(frame, self._detector.detect(frame) if looks else None)
        self._enter(tracks, frame.index, taken_at)
        for crop in self._cropper.crop(frame, tracks.only(self._waiting)):  # what is decided needs no views
            if crop.object_id in self._waiting:
                self._waiting[crop.object_id].add(frame.index, taken_at)
                self._views.offer(crop)
        for object_id in (*self._views.ready(), *tracks.ended):
            if object_id in self._waiting:
                self._ask(object_id, tuple(self._views.take(object_id)), otherwise="no view")
        self._decide(self._inspector.collect())
        events = self._deliver()
        return Step(tracks, events, self.counts)

    def run(
        self, frames: Iterable[Frame], /, *, on_step: Callable[[Frame, Step], object] | None = None
    ) -> Iterator[InspectionEvent]:
        """Step through ``frames`` and finish; yields each event when all sinks have it.

        Args:
            frames: in order.
            on_step: called after each frame with what it brought, to draw it, say.

        Raises:
            VideoError: what the source raises, after the objects in flight have their events.
            SinkError, LedgerError: as `step`; nothing is lost, the line can go on.
        """
        try:
            for frame in frames:
                step = self.step(frame)
                if on_step is not None:
                    on_step(frame, step)
                yield from step.events
        except VideoError:
            yield from self.finish()
            raise
        yield from self.finish()

    def finish(self) -> tuple[InspectionEvent, ...]:
        """Decide what is in flight, wait for the inspector, deliver; calling it again only retries the delivery.

        Raises:
            SinkError: if a sink refuses an event; call again.
        """
        for object_id in tuple(self._waiting):
            crops = tuple(self._views.take(object_id))
            whole = crops if any(crop.complete for crop in crops) else ()
            self._ask(object_id, whole, otherwise="run ended before a complete view")
        self._decide(self._inspector.drain())
        unanswered, self._asked = self._asked, {}
        for object_id, shown in unanswered.items():
            self._record(object_id, Judgement(Disposition.UNKNOWN, "the inspector never answered"), shown)
        return self._deliver()

    def _arrive(self, frame: Frame) -> datetime:
        """When ``frame`` was taken; the belt is measured on the way."""
        if self._motion is not None:
            shift = self._motion.measure(frame)
            x, y = self._belt or (0.0, 0.0)
            self._belt = (x + shift.dx, y + shift.dy)
        since_start = timedelta(seconds=frame.time_s)
        if self._started_at is None:
            self._started_at = self._clock.now() - since_start
        return self._started_at + since_start

    def _enter(self, tracks: Tracks, frame_index: int, entered_at: datetime) -> None:
        for object_id in tracks.entered:
            self._ledger.enter([object_id])
            self._waiting[object_id] = Sightings(frame_index, entered_at)
        self._ledger.require_entered([*tracks.ids.tolist(), *tracks.ended])

    def _ask(self, object_id: int, crops: tuple[Crop, ...], *, otherwise: str) -> None:
        """Put an object to the inspector; with nothing to show it is unknown."""
        shown = self._waiting.pop(object_id).shown(crops)
        if crops:
            self._asked[object_id] = shown
            self._inspector.submit(object_id, crops)
        else:
            self._record(object_id, Judgement(Disposition.UNKNOWN, otherwise), shown)

    def _decide(self, answers: Iterable[Answer]) -> None:
        for answer in answers:
            shown = self._asked.pop(answer.object_id, None)
            if shown is None:
                _log.warning("ignored an answer on object %d: it was not asked for, or came before", answer.object_id)
                continue
            judgement = judge(answer, views=shown.views, policy=self._policy, dispositions=self._dispositions)
            self._record(answer.object_id, judgement, shown)

    def _record(self, object_id: int, judgement: Judgement, shown: Shown) -> None:
        line_id, camera_id, run_id = self._place
        self._outbox.put(
            InspectionEvent(
                event_id=event_id(line_id, camera_id, run_id, object_id),
                line_id=line_id,
                camera_id=camera_id,
                run_id=run_id,
                object_id=object_id,
                captured_at=shown.captured_at,
                decided_at=self._clock.now(),
                disposition=judgement.disposition,
                reason=judgement.reason,
                verdict=judgement.verdict,
                views=shown.views,
                belt_px=None if self._belt is None else math.hypot(*self._belt),
                best_view=shown.best_view,
            )
        )

    def _deliver(self) -> tuple[InspectionEvent, ...]:
        events = self._outbox.deliver()
        held = len(self._waiting) + len(self._asked) + len(self._outbox)
        if self.counts.in_flight != held:
            raise LedgerError(f"expected {held} objects in flight, as many as the line holds, got {self.counts}")
        return events


# What a line needs and most users leave alone; imported when used, so that the composition knows no stage.


def _default_policy() -> VerdictPolicy:
    from conveyorqc.policy import MaxPolicy  # noqa: PLC0415 (see above)

    return MaxPolicy()


def _default_views() -> ViewSelector:
    from conveyorqc.crop import BestViews  # noqa: PLC0415 (see above)

    return BestViews()


def _default_dispositions() -> DispositionRule:
    from conveyorqc.policy import DispositionPolicy  # noqa: PLC0415 (see above)

    return DispositionPolicy()
