"""The test part: one event per object, and how right they are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conveyorqc.anomaly import LocalBackend
from conveyorqc.config import LineConfig
from conveyorqc.core import Disposition, InspectionEvent, LedgerCounts
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._parts import Progress, TrackedBoxes, label_of, truth_boxes, watched
from conveyorqc.metrics import (
    Estimate,
    ObjectScores,
    Scores,
    auroc,
    classification_scores,
    match_objects,
    object_scores,
)
from conveyorqc.record import AnnotatedVideo, run_name
from conveyorqc.sinks import MemorySink, SQLiteSink
from conveyorqc.video import FrameSource

__all__ = ["TestPart", "judge_clip"]


@dataclass(frozen=True, slots=True, eq=False)
class TestPart:
    """What the line made of the test part.

    Attributes:
        counts: the line's ledger at the end.
        events: one per object.
        tracking: tracks against true objects.
        judging: anomalous or not, of the objects that were decided and follow a true one.
        ranking: area under the ROC curve of the scores.
        wrong: ids of objects that were judged wrongly: True for a missed defect, False for a false alarm.
    """

    counts: LedgerCounts
    events: tuple[InspectionEvent, ...]
    tracking: ObjectScores
    judging: Scores
    ranking: Estimate
    wrong: dict[int, bool]


def judge_clip(
    source: FrameSource,
    line: LineConfig,
    model: LocalBackend,
    truth: GroundTruth,
    *,
    out: Path,
    progress: Progress,
) -> TestPart:
    """Run the line over ``source``; writes ``annotated.mp4`` and ``events.db`` into ``out``."""
    kept = MemorySink()
    tracked = TrackedBoxes()
    with SQLiteSink(out / "events.db") as stored, AnnotatedVideo(out / "annotated.mp4", source) as video:
        run_id = run_name(out / "test.mp4", line.model_dump_json(), model.fingerprint)
        inspection = line.build(backend=model, sinks=(kept, stored), run_id=run_id)
        for frame in watched(source, progress, "inspecting the test part", truth.frames_total):
            step = inspection.step(frame)
            tracked.add(frame.index, step.tracks)
            video.write(frame, step)
        inspection.finish()
    return _scored(truth, tracked, tuple(kept.events), inspection.counts)


def _scored(
    truth: GroundTruth, tracked: TrackedBoxes, events: tuple[InspectionEvent, ...], counts: LedgerCounts
) -> TestPart:
    actual, found = truth_boxes(truth), tracked.boxes()
    followed, anomalous = match_objects(actual, found), label_of(truth)
    decided = [e for e in events if e.object_id in followed and e.disposition is not Disposition.UNKNOWN]
    labels = np.array([anomalous[followed[e.object_id]] for e in decided], dtype=np.bool_)
    called = np.array([e.disposition is Disposition.REJECT for e in decided], dtype=np.bool_)
    scores = np.array([_probability(e) for e in decided], dtype=np.float64)
    return TestPart(
        counts=counts,
        events=events,
        tracking=object_scores(actual, found),
        judging=classification_scores(labels, called),
        ranking=auroc(labels, scores),
        wrong={
            e.object_id: bool(label) for e, label, call in zip(decided, labels, called, strict=True) if label != call
        },
    )


def _probability(event: InspectionEvent) -> float:
    """How probable a defect is, from the label and the confidence in it."""
    if event.verdict is None:
        return 0.5
    confidence = event.verdict.confidence
    return confidence if event.verdict.is_anomalous else 1.0 - confidence
