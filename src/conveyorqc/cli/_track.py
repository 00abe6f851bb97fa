"""``conveyorqc track``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import print_table, watched
from conveyorqc.cli._files import STDOUT, JsonFile, check_files, write_json
from conveyorqc.cli._stage_clock import StageClock
from conveyorqc.cli._video import Config, Video, line_of, tracked

if TYPE_CHECKING:
    from conveyorqc.track import TrackedObject, TrackLog

__all__ = ["track"]


def track(
    video: Video,
    config: Config = None,
    mot: Annotated[
        Path | None, typer.Option("--mot", metavar="OUT.csv", help="Write MOTChallenge rows to this file.")
    ] = None,
    json_out: JsonFile = None,
) -> None:
    """Find, follow and count the objects of a video.

    Frames count from 1 in MOTChallenge rows, as the format has it, and from 0 in the JSON. A video that is damaged
    or ends too soon is an error: nothing is written then.
    """
    import numpy as np

    from conveyorqc.dataset import MotRow, mot_rows, write_mot
    from conveyorqc.geometry import assign
    from conveyorqc.track import TrackLog
    from conveyorqc.video import open_video

    check_files(mot, json_out, sources=[video] if config is None else [video, config])
    source = open_video(video)
    line = line_of(config, source)
    stages, log = line.build_stages(), TrackLog(direction=line.direction)
    assign(np.zeros((1, 1)), max_cost=1.0)  # loads SciPy now, which is no cost of a frame
    clock = StageClock()
    rows: list[MotRow] = []
    frames = 0
    for frame, tracks in tracked(watched(source, "tracking", total=source.declared_frames), stages, clock):
        log.update(frame, tracks)
        rows += mot_rows(frame.index, tracks)
        frames += 1
    result = _result(log, frames=frames, direction=line.direction.value, cpu_ms=clock.per_frame(frames))
    if mot is not None:
        write_mot(rows, mot)
    write_json(result, json_out)
    if json_out != STDOUT:
        _print(result)


def _result(log: TrackLog, *, frames: int, direction: str, cpu_ms: dict[str, float]) -> dict[str, Any]:
    return {
        "frames": frames,
        "count": len(log.objects),
        "crossed": log.crossed,
        "direction": direction,
        "objects": [_object(found) for found in log.objects],
        "cpu_ms_per_frame": cpu_ms,
    }


def _object(found: TrackedObject) -> dict[str, int | None]:
    return {
        "id": found.object_id,
        "first_frame": found.first_frame,
        "last_frame": found.last_frame,
        "crossed_frame": found.crossed_frame,
    }


def _print(result: dict[str, Any]) -> None:
    spent = result["cpu_ms_per_frame"]
    rows = [
        ["frames", str(result["frames"])],
        ["direction", result["direction"].replace("_", " ")],
        ["objects that entered", str(result["count"])],
        ["objects that crossed the middle", str(result["crossed"])],
        *([f"CPU ms per frame: {stage}", f"{ms:.2f}"] for stage, ms in spent.items()),
    ]
    print_table("Tracked", ["figure", "value"], rows)
