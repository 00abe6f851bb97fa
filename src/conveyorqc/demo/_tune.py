"""Two thresholds of the detector against true boxes, as the article tunes its constants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from conveyorqc.config import LineConfig
from conveyorqc.core import Frame
from conveyorqc.dataset import LabelledBoxes
from conveyorqc.demo._parts import Progress
from conveyorqc.tune import GridSearch, TuningResult, tune

__all__ = ["keeping", "tuned"]

_GRID = {"detector.sensitivity": (3.0, 4.0, 5.0), "detector.blobs.neck": (0.54, 0.62, 0.7)}
_EVERY = 30


def keeping(frames: Iterable[Frame], kept: list[Frame]) -> Iterator[Frame]:
    """``frames`` as they are; every thirtieth is kept for `tuned`, which saves decoding the clip again."""
    for frame in frames:
        if frame.index % _EVERY == 0:
            kept.append(frame)
        yield frame


def tuned(line: LineConfig, frames: Sequence[Frame], truth: LabelledBoxes, progress: Progress) -> TuningResult:
    """The line with the best thresholds, and all that were tried."""
    with progress("tuning thresholds", total=GridSearch().trials(_GRID) + 1) as advance:
        return tune(line, frames, truth, parameters=_GRID, on_trial=lambda _trial: advance())
