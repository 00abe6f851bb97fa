"""``conveyorqc calibrate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import print_line, print_table, watched
from conveyorqc.cli._files import STDOUT, JsonFile, all_or_nothing, check_files, write_json
from conveyorqc.cli._video import Video

if TYPE_CHECKING:
    from conveyorqc.calibrate import Calibration

__all__ = ["calibrate"]


def calibrate(
    video: Video,
    out: Annotated[Path, typer.Option("--out", "-o", metavar="LINE.yaml", help="The line, as YAML.")] = Path(
        "line.yaml"
    ),
    picture: Annotated[
        Path | None,
        typer.Option(
            "--picture", metavar="P.png", help="What was found, as a picture; by default LINE.png.", show_default=False
        ),
    ] = None,
    frames: Annotated[int, typer.Option(help="Look at no more than so many frames.")] = 3000,
    json_out: JsonFile = None,
) -> None:
    """Find out how a line works from a clip of it, without labels.

    The clip shows some dozen objects on a belt that runs; it may be empty or stand for a while. Look at the picture:
    each box should hold one object, and the arrow should go the way of the belt.
    """
    from conveyorqc.calibrate import as_data, calibration_picture, examine
    from conveyorqc.config import save_config
    from conveyorqc.imgproc import write_png
    from conveyorqc.video import open_video

    shown = out.with_suffix(".png") if picture is None else picture
    belt = out.with_name(f"{out.stem}.belt.png")
    check_files(out, shown, belt, json_out, sources=[video])
    source = open_video(video)
    total = min(source.declared_frames or frames, frames)
    found = examine(watched(source, "calibrating", total=total), most_frames=frames)
    with all_or_nothing(out, shown, belt):
        save_config(found.line, out)
        write_png(shown, calibration_picture(found))
    write_json(as_data(found), json_out)
    if json_out != STDOUT:
        _print(found)
        print_line(f"{out}: the line, and {shown}: what was found; look at it")
        print_line(f"next: conveyorqc track {_quoted(video)} --config {_quoted(out)}")


def _print(found: Calibration) -> None:
    from conveyorqc.calibrate import figures_of

    rows = [[title, value, doubt or "sure"] for title, value, doubt in figures_of(found)]
    print_table("Calibrated", ["what", "found", "how sure"], rows)


def _quoted(path: Path) -> str:
    """As a shell takes it."""
    import shlex

    return shlex.quote(str(path))
