"""``conveyorqc track``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import print_table, watched
from conveyorqc.cli._files import STDOUT, JsonFile, check_files, write_json
from conveyorqc.cli._stage_clock import StageClock
from conveyorqc.cli._state import Position, frames_after, resumable, until_told_to_stop
from conveyorqc.cli._video import Config, Video, line_of, tracked
from conveyorqc.errors import VideoError

if TYPE_CHECKING:
    from conveyorqc.config import LineConfig
    from conveyorqc.core import Frame, Tracks
    from conveyorqc.track import TrackedObject

__all__ = ["track"]


def track(
    video: Video,
    config: Config = None,
    mot: Annotated[
        Path | None, typer.Option("--mot", metavar="OUT.csv", help="Write MOTChallenge rows to this file.")
    ] = None,
    coco: Annotated[
        Path | None, typer.Option("--coco", metavar="OUT.json", help="Write COCO boxes with track ids to this file.")
    ] = None,
    json_out: JsonFile = None,
    state: Annotated[
        Path | None,
        typer.Option(
            "--state",
            metavar="S.json",
            help="Go on after the last frame that this file knows, if it is there, with the same ids and counts; "
            "write it at the end, and when stopped or cut short.",
        ),
    ] = None,
) -> None:
    """Find, follow and count the objects of a video.

    Frames count from 1 in MOTChallenge rows, as the format has it, and from 0 in JSON. A video that is damaged
    or ends too soon is an error: nothing is written then but the state, from which the longer video goes on.
    A state belongs to one video (or one that has grown since) and one configuration: give it with --config.
    Rows and boxes are those of this run, counts and objects those of all.
    """
    from conveyorqc.dataset import MotRow, mot_rows, write_coco, write_mot
    from conveyorqc.video import open_video

    check_files(mot, coco, json_out, state, sources=[video] if config is None else [video, config])
    source = open_video(video)
    line = line_of(config, source)
    run = _Run(line, state)
    rows: list[MotRow] = []
    with run.saved():
        for frame, tracks in run.over(watched(source, "tracking", total=source.declared_frames)):
            rows += mot_rows(frame.index, tracks)
    result = run.result()
    if mot is not None:
        write_mot(rows, mot)
    if coco is not None:
        write_coco(rows, coco, width=source.width, height=source.height, frames=range(run.position.last + 1))
    write_json(result, json_out)
    if json_out != STDOUT:
        _print(result)


class _Run:
    """The stages of a line over the frames of a video, from where ``state`` says."""

    def __init__(self, line: LineConfig, state: Path | None) -> None:
        from conveyorqc.track import TrackLog, load_state

        self._stages, self._state = line.build_stages(), state
        self._direction = line.direction.value
        self._log, self.position = TrackLog(direction=line.direction), Position()
        stages = {name: getattr(self._stages, name) for name in ("motion", "schedule", "tracker")}
        self._parts = resumable({**stages, "log": self._log, "position": self.position})
        if state is not None and state.exists():
            load_state(state, self._parts)
        self._clock = StageClock()
        self._frames = 0

    def over(self, frames: Iterable[Frame]) -> Iterator[tuple[Frame, Tracks]]:
        """Each new frame with the objects in it."""
        with until_told_to_stop(self._state) as told:
            new = frames_after(frames, self.position, self._stages.motion)
            for frame, tracks in tracked(new, self._stages, self._clock):
                self._log.update(frame, tracks)
                self.position.last = frame.index
                self.position.frames += 1
                self._frames += 1
                yield frame, tracks
                if told():
                    raise KeyboardInterrupt

    @contextmanager
    def saved(self) -> Iterator[None]:
        """Write the state in the end, also when the run was stopped or the video ends too soon."""
        from conveyorqc.track import save_state

        try:
            yield
        except (KeyboardInterrupt, VideoError):
            if self._state is not None and self._frames:
                save_state(self._state, self._parts)
            raise
        if self._state is not None:
            save_state(self._state, self._parts)

    def result(self) -> dict[str, Any]:
        """What was found, as JSON."""
        log = self._log
        return {
            "frames": self.position.frames,
            "count": len(log.objects),
            "crossed": log.crossed,
            "removed": log.removed,
            "direction": self._direction,
            "objects": [_object(found) for found in log.objects],
            "cpu_ms_per_frame": self._clock.per_frame(self._frames),
        }


def _object(found: TrackedObject) -> dict[str, int | str | None]:
    return {
        "id": found.object_id,
        "first_frame": found.first_frame,
        "last_frame": found.last_frame,
        "crossed_frame": found.crossed_frame,
        "end": found.end,
    }


def _print(result: dict[str, Any]) -> None:
    spent = result["cpu_ms_per_frame"]
    rows = [
        ["frames", str(result["frames"])],
        ["direction", result["direction"].replace("_", " ")],
        ["objects that entered", str(result["count"])],
        ["objects that crossed the middle", str(result["crossed"])],
        ["objects that were taken away", str(result["removed"])],
        *([f"CPU ms per frame: {stage}", f"{ms:.2f}"] for stage, ms in spent.items()),
    ]
    print_table("Tracked", ["figure", "value"], rows)
