"""``conveyorqc track`` and ``conveyorqc crops``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import StageClock, console, line_of, print_table, watched, write_json

if TYPE_CHECKING:
    from conveyorqc.config import LineConfig, Stages
    from conveyorqc.core import Frame, Tracks
    from conveyorqc.track import TrackLog
    from conveyorqc.video import FrameSource

__all__ = ["crops", "track"]

Video = Annotated[Path, typer.Argument(help="Video file, or folder of pictures.", show_default=False)]
Config = Annotated[
    Path | None, typer.Option("--config", help="The line as YAML; without it, it is found from the clip itself.")
]


def track(
    video: Video,
    config: Config = None,
    mot: Annotated[Path | None, typer.Option("--mot", help="Write MOTChallenge rows to this file.")] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write the result as JSON to this file; - prints it.")
    ] = None,
) -> None:
    """Find, follow and count the objects of a video."""
    from conveyorqc.dataset import MotRow, mot_rows, write_mot
    from conveyorqc.track import TrackLog
    from conveyorqc.video import open_video

    source = open_video(video)
    line = line_of(config, source, total=source.declared_frames)
    stages = line.build_stages()
    clock = StageClock()
    log = TrackLog(direction=line.direction)
    rows: list[MotRow] = []
    frames = 0
    for frame, tracks in _tracked(source, stages, clock):
        log.update(frame, tracks)
        frames = frame.index + 1
        if mot is not None:
            rows += mot_rows(frame.index, tracks)
    if mot is not None:
        write_mot(rows, mot)
    result = _summary(line, log, frames=frames, cpu_ms=clock.per_frame(frames))
    if json_out is not None:
        write_json(result, json_out)
    _print_summary(result)


def crops(
    video: Video,
    out: Annotated[Path, typer.Option("--out", help="Folder for images/ and crops.jsonl.", show_default=False)],
    config: Config = None,
) -> None:
    """Cut the best square views of every object out of a video, ready to be labelled."""
    from conveyorqc.record import CropRecorder
    from conveyorqc.video import open_video

    source = open_video(video)
    stages = line_of(config, source, total=source.declared_frames).build_stages()
    with CropRecorder(out, cropper=stages.cropper, views=stages.views) as recorder:
        for frame, tracks in _tracked(source, stages, StageClock()):
            recorder.add(frame, tracks)
    console().print(f"{recorder.stored} views of {recorder.objects} objects in {out}")


def _tracked(source: FrameSource, stages: Stages, clock: StageClock) -> Iterator[tuple[Frame, Tracks]]:
    for frame in watched(source, "tracking", total=source.declared_frames):
        with clock.stage("motion"):
            looks = stages.schedule.due(frame)
        with clock.stage("detect"):
            detections = stages.detector.detect(frame) if looks else None
        with clock.stage("track"):
            tracks = stages.tracker.update(frame, detections)
        yield frame, tracks


def _summary(line: LineConfig, log: TrackLog, *, frames: int, cpu_ms: dict[str, float]) -> dict[str, Any]:
    return {
        "frames": frames,
        "count": len(log.objects),
        "crossed": log.crossed,
        "direction": line.direction.value,
        "objects": [
            {
                "id": found.object_id,
                "first_frame": found.first_frame,
                "last_frame": found.last_frame,
                "crossed_frame": found.crossed_frame,
            }
            for found in log.objects
        ],
        "cpu_ms_per_frame": cpu_ms,
    }


def _print_summary(result: dict[str, Any]) -> None:
    spent = "  ".join(f"{stage} {ms:.2f}" for stage, ms in result["cpu_ms_per_frame"].items())
    rows = [
        ["frames", str(result["frames"])],
        ["direction", result["direction"].replace("_", " ")],
        ["objects that entered", str(result["count"])],
        ["objects that crossed the middle", str(result["crossed"])],
        ["CPU ms per frame", spent],
    ]
    print_table("Tracked", ["figure", "value"], rows)
