"""``conveyorqc crops``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conveyorqc.cli._console import print_line, watched
from conveyorqc.cli._files import check_folder
from conveyorqc.cli._stage_clock import StageClock
from conveyorqc.cli._video import Config, Video, line_of, tracked

__all__ = ["crops"]


def crops(
    video: Video,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for images/ and crops.jsonl.", show_default=False)
    ],
    config: Config = None,
) -> None:
    """Cut the best square views of every object out of a video, ready to be labelled.

    Write a labels.csv into the folder (object_id,label; normal or anomaly), then train on it. Where a video turns out
    to be damaged, the views before the damage stay, and the command ends with an error.
    """
    from conveyorqc.record import CropRecorder
    from conveyorqc.video import open_video

    check_folder(out)
    source = open_video(video)
    stages = line_of(config, source).build_stages()
    with CropRecorder(out, cropper=stages.cropper, views=stages.views) as recorder:
        for frame, tracks in tracked(watched(source, "cropping", total=source.declared_frames), stages, StageClock()):
            recorder.add(frame, tracks)
    print_line(f"{recorder.stored} views of {recorder.objects} objects in {out}")
