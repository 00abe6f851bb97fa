"""The test part: one event per object, and how right they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conveyorqc.annotate import FrameAnnotator
from conveyorqc.anomaly import LocalBackend
from conveyorqc.config import LineConfig
from conveyorqc.core import (
    Answer,
    Crop,
    Disposition,
    FloatArray,
    Frame,
    ImageU8,
    InspectionEvent,
    Inspector,
    LedgerCounts,
)
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._parts import TrackedBoxes, truth_boxes
from conveyorqc.demo._thumbnail import still, thumbnail
from conveyorqc.line import Inline, Step
from conveyorqc.metrics import ObjectScores, match_objects, object_scores
from conveyorqc.record import AnnotatedVideo, run_name
from conveyorqc.sinks import MemorySink, SQLiteSink
from conveyorqc.video import FrameSource

__all__ = ["Judged", "TestPart", "judge_clip"]


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """Decided objects that follow a true one, one row each.

    Attributes:
        object_ids: (N,) their ids.
        is_anomalous: (N,) bool, the truth.
        rejected: (N,) bool, what the line did.
        scores: (N,) probability of a defect, 0-1.
    """

    object_ids: tuple[int, ...]
    is_anomalous: NDArray[np.bool_]
    rejected: NDArray[np.bool_]
    scores: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TestPart:
    """What the line made of the test part.

    Attributes:
        counts: the line's ledger at the end.
        events: one per object.
        views: a small picture of each object that was judged, (S, S, 3) uint8 BGR, by id.
        stills: the annotated frame in the middle of the clip, (H, W, 3) uint8 BGR.
        tracking: tracks against true objects.
        judged: the objects that can be compared with the truth.
    """

    counts: LedgerCounts
    events: tuple[InspectionEvent, ...]
    views: dict[int, ImageU8]
    stills: tuple[ImageU8, ...]
    tracking: ObjectScores
    judged: Judged


def judge_clip(
    frames: Iterable[Frame],
    line: LineConfig,
    model: LocalBackend,
    truth: GroundTruth,
    *,
    source: FrameSource,
    out: Path,
) -> TestPart:
    """Run the line over ``frames`` of ``source``; writes ``annotated.mp4`` and ``events.db`` into ``out``."""
    kept, tracked, shown = MemorySink(), TrackedBoxes(), _Shown(Inline(model))
    stills: list[ImageU8] = []
    with SQLiteSink(out / "events.db") as stored, AnnotatedVideo(out / "annotated.mp4", source) as video:
        run_id = run_name(out / "test.mp4", line.model_dump_json(), model.fingerprint)
        inspection = line.build(backend=shown, sinks=(kept, stored), run_id=run_id)
        for frame in frames:
            step = inspection.step(frame)
            tracked.add(frame.index, step.tracks)
            video.write(frame, step)
            if frame.index == truth.frames_total // 2:
                stills.append(still(_annotated(frame, step, kept.events)))
        inspection.finish()
    actual, found = truth_boxes(truth), tracked.boxes()
    return TestPart(
        counts=inspection.counts,
        events=tuple(kept.events),
        views=shown.pictures,
        stills=tuple(stills),
        tracking=object_scores(actual, found),
        judged=_judged(kept.events, match_objects(actual, found), truth),
    )


class _Shown:
    """An `Inspector` that keeps a small picture of each object that it passes on to another one."""

    def __init__(self, inspector: Inspector, /) -> None:
        self._inspector = inspector
        self.pictures: dict[int, ImageU8] = {}

    def submit(self, object_id: int, crops: Sequence[Crop], /) -> None:
        """Keep the best view, and pass all of them on."""
        self.pictures[object_id] = thumbnail(crops[0].image)
        self._inspector.submit(object_id, crops)

    def collect(self) -> Sequence[Answer]:
        """The answers of the other one."""
        return self._inspector.collect()

    def drain(self) -> Sequence[Answer]:
        """All of its answers."""
        return self._inspector.drain()


def _annotated(frame: Frame, step: Step, events: Iterable[InspectionEvent]) -> ImageU8:
    known = {e.object_id: (e.disposition, None if e.verdict is None else e.verdict.confidence) for e in events}
    return FrameAnnotator().draw(frame, step.tracks, dispositions=known, counts=step.counts)


def _judged(events: Iterable[InspectionEvent], followed: dict[int, int], truth: GroundTruth) -> Judged:
    anomalous = {entry.id: entry.anomaly for entry in truth.objects}
    decided = [(e, e.verdict) for e in events if e.object_id in followed and e.verdict is not None]
    return Judged(
        object_ids=tuple(e.object_id for e, _ in decided),
        is_anomalous=np.array([anomalous[followed[e.object_id]] for e, _ in decided], dtype=np.bool_),
        rejected=np.array([e.disposition is Disposition.REJECT for e, _ in decided], dtype=np.bool_),
        scores=np.array([v.confidence if v.is_anomalous else 1 - v.confidence for _, v in decided], dtype=np.float64),
    )
