"""Grid search over two thresholds of the detector, against true boxes, as the article tunes its constants."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from conveyorqc.config import BackgroundSettings, LineConfig
from conveyorqc.core import Frame
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._parts import Progress, watched
from conveyorqc.errors import ConfigError
from conveyorqc.geometry import clip_boxes
from conveyorqc.metrics import Estimate, match_boxes, precision_recall_f1

__all__ = ["Trial", "keeping", "tune"]

_SENSITIVITIES = (3.0, 4.0, 5.0)
_NECKS = (0.54, 0.62, 0.7)
_EVERY = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """One point of the grid, the F1 of its boxes at IoU 0.5, and whether it was taken."""

    sensitivity: float
    neck: float
    f1: Estimate
    taken: bool


def keeping(frames: Iterable[Frame], kept: list[Frame]) -> Iterator[Frame]:
    """``frames`` as they are; every thirtieth is kept for `tune`, which saves decoding the clip again."""
    for frame in frames:
        if frame.index % _EVERY == 0:
            kept.append(frame)
        yield frame


def tune(
    line: LineConfig, frames: Sequence[Frame], truth: GroundTruth, progress: Progress
) -> tuple[LineConfig, tuple[Trial, ...]]:
    """The line with the best thresholds, and all that were tried.

    What the line has already stays unless something is better by more than chance: its F1 lies above the interval of
    the line's own. The best of nine equals would be a matter of luck.

    Raises:
        ConfigError: if the line does not detect by the look of the belt.
    """
    settings = line.detector
    if not isinstance(settings, BackgroundSettings):
        raise ConfigError(f"detector.kind: expected background, got {settings.kind}")
    grid = [(settings.sensitivity, settings.blobs.neck)]
    grid += [point for point in itertools.product(_SENSITIVITIES, _NECKS) if point != grid[0]]
    candidates = [_changed(settings, *point) for point in grid]
    scores = [
        _f1(line.model_copy(update={"detector": candidate}), frames, truth)
        for candidate in watched(candidates, progress, "tuning thresholds", len(candidates))
    ]
    best = max(range(len(grid)), key=lambda index: scores[index].value or 0.0)
    taken = best if (scores[best].value or 0.0) > scores[0].high else 0
    trials = [
        Trial(*point, f1, taken=index == taken) for index, (point, f1) in enumerate(zip(grid, scores, strict=True))
    ]
    trials.sort(key=lambda trial: (trial.sensitivity, trial.neck))
    return line.model_copy(update={"detector": candidates[taken]}), tuple(trials)


def _changed(settings: BackgroundSettings, sensitivity: float, neck: float) -> BackgroundSettings:
    blobs = settings.blobs.model_copy(update={"neck": neck})
    return settings.model_copy(update={"sensitivity": sensitivity, "blobs": blobs})


def _f1(line: LineConfig, frames: Sequence[Frame], truth: GroundTruth) -> Estimate:
    detector = line.build_stages().detector
    right = found = true = 0
    for frame in frames:
        _, boxes, visible = truth.boxes_at(frame.index)
        actual = clip_boxes(boxes[visible >= 0.5], width=truth.width, height=truth.height)
        detected = detector.detect(frame).boxes
        right += len(match_boxes(actual, detected)[0])
        found += len(detected)
        true += len(actual)
    return precision_recall_f1(right, found - right, true - right).f1
