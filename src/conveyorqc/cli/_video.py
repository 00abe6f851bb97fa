"""What commands that read a video share: its argument, its line, and the loop over its frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import watched
from conveyorqc.cli._stage_clock import StageClock

if TYPE_CHECKING:
    from conveyorqc.config import LineConfig, Stages
    from conveyorqc.core import Frame, Tracks
    from conveyorqc.video import FrameSource

__all__ = ["Config", "Video", "line_of", "tracked"]

Video = Annotated[Path, typer.Argument(metavar="VIDEO", help="Video file, or folder of pictures.", show_default=False)]
Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="C.yaml", help="The line as YAML; without it, it is found from the clip itself."),
]

_CALIBRATION_FRAMES = 3000  # two minutes at 25 fps: every lamp has flickered, every kind of object has come by


def line_of(config: Path | None, source: FrameSource) -> LineConfig:
    """The line in a file, or else the one that the clip itself shows."""
    from conveyorqc.config import load_config

    if config is not None:
        return load_config(config)
    from conveyorqc.calibrate import calibrate

    total = min(source.declared_frames or _CALIBRATION_FRAMES, _CALIBRATION_FRAMES)
    return calibrate(watched(source, "calibrating", total=total), most_frames=_CALIBRATION_FRAMES)


def tracked(frames: Iterable[Frame], stages: Stages, clock: StageClock) -> Iterator[tuple[Frame, Tracks]]:
    """Each frame with the objects in it; ``clock`` is charged by stage."""
    for frame in frames:
        with clock.stage("motion"):
            looks = stages.schedule.due(frame)
        with clock.stage("detect"):
            detections = stages.detector.detect(frame) if looks else None
        with clock.stage("track"):
            tracks = stages.tracker.update(frame, detections)
        yield frame, tracks
