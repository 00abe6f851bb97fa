"""Grid search over two thresholds of the detector, against true boxes, as the article tunes its constants."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from conveyorqc.config import BackgroundSettings, LineConfig
from conveyorqc.core import Frame
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._parts import Progress, watched
from conveyorqc.errors import ConfigError
from conveyorqc.geometry import clip_boxes
from conveyorqc.metrics import match_boxes

__all__ = ["Trial", "tune"]

_SENSITIVITIES = (3.0, 4.0, 5.0)
_NECKS = (0.54, 0.62, 0.7)
_EVERY = 15


@dataclass(frozen=True, slots=True)
class Trial:
    """One point of the grid and the F1 of its boxes at IoU 0.5."""

    sensitivity: float
    neck: float
    f1: float


def tune(
    line: LineConfig, frames: Iterable[Frame], truth: GroundTruth, progress: Progress
) -> tuple[LineConfig, tuple[Trial, ...]]:
    """The line with the best thresholds, and all that were tried; on a tie the line's own values stay.

    Raises:
        ConfigError: if the line does not detect by the look of the belt.
    """
    settings = line.detector
    if not isinstance(settings, BackgroundSettings):
        raise ConfigError(f"detector.kind: expected background, got {settings.kind}")
    candidates = [
        settings.model_copy(update={"sensitivity": s, "blobs": settings.blobs.model_copy(update={"neck": n})})
        for s, n in itertools.product(_SENSITIVITIES, _NECKS)
    ]
    detectors = [candidate.build(line.direction) for candidate in candidates]
    right, found, true = [0] * len(detectors), [0] * len(detectors), 0
    for frame in watched(frames, progress, "tuning thresholds", truth.frames_total):
        if frame.index % _EVERY:
            continue
        _, boxes, visible = truth.boxes_at(frame.index)
        actual = clip_boxes(boxes[visible >= 0.5], width=truth.width, height=truth.height)
        true += len(actual)
        for position, detector in enumerate(detectors):
            detected = detector.detect(frame).boxes
            right[position] += len(match_boxes(actual, detected)[0])
            found[position] += len(detected)
    trials = tuple(
        Trial(candidate.sensitivity, candidate.blobs.neck, 2 * r / max(f + true, 1))
        for candidate, r, f in zip(candidates, right, found, strict=True)
    )
    own = (settings.sensitivity, settings.blobs.neck)
    best = max(range(len(trials)), key=lambda i: (trials[i].f1, (trials[i].sensitivity, trials[i].neck) == own))
    return line.model_copy(update={"detector": candidates[best]}), trials
