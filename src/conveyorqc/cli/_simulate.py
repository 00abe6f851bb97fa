"""``conveyorqc simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from conveyorqc.cli._console import counted, print_line
from conveyorqc.cli._files import all_or_nothing, check_files
from conveyorqc.core import Direction
from conveyorqc.errors import InvalidInput

if TYPE_CHECKING:
    from conveyorqc.simulate import BeltColor, BeltProgram

__all__ = ["simulate"]


def simulate(
    out: Annotated[
        Path, typer.Argument(metavar="OUT.mp4", help="Video to write; the ground truth goes to OUT.gt.json.")
    ],
    seconds: Annotated[float, typer.Option(help="Length of the clip.")] = 12.0,
    objects: Annotated[int, typer.Option(help="How many enter.")] = 30,
    seed: Annotated[int, typer.Option(help="Decides everything that is random.")] = 0,
    direction: Annotated[Direction, typer.Option(help="Travel of the belt.")] = Direction.LEFT_TO_RIGHT,
    speed: Annotated[float, typer.Option(help="Of the belt, px per second.")] = 200.0,
    program: Annotated[
        str, typer.Option(help="Speed over time as SECONDS:FACTOR,… ; 0:1,3:0,5:1 stops from 3 s to 5 s.")
    ] = "0:1",
    width: Annotated[int, typer.Option(help="Of the frames, px.")] = 1280,
    height: Annotated[int, typer.Option(help="Of the frames, px.")] = 720,
    fps: Annotated[float, typer.Option(help="Frames per second.")] = 25.0,
    diameter: Annotated[
        float | None, typer.Option(help="Of a usual object, px; by default 0.153 of the shorter side of the frame.")
    ] = None,
    broken: Annotated[float, typer.Option(help="Share of the objects that are broken.")] = 0.17,
    stacked: Annotated[float, typer.Option(help="Share of the objects that are stacks.")] = 0.13,
    touching: Annotated[float, typer.Option(help="Share of the objects that touch another one.")] = 0.1,
    belt: Annotated[str, typer.Option(help="Colour of the belt: blue, green, dark, light or grey.")] = "blue",
    noise: Annotated[float, typer.Option(help="Of the sensor, grey levels.")] = 2.5,
    shake: Annotated[float, typer.Option(help="Of the camera, px.")] = 0.0,
) -> None:
    """Write a simulated clip of a cookie line, with exact ground truth."""
    from conveyorqc.simulate import BeltSimulator, Look, simulate_clip

    check_files(out, sources=[])
    beside = out.with_suffix(".gt.json")
    check_files(beside, sources=[out])
    with counted("placing the objects", total=None):
        simulator = BeltSimulator(
            width=width,
            height=height,
            fps=fps,
            seconds=seconds,
            objects=objects,
            seed=seed,
            direction=direction,
            speed_px_s=speed,
            program=_program(program),
            object_diameter_px=diameter,
            broken_fraction=broken,
            stacked_fraction=stacked,
            touching_fraction=touching,
            look=Look(belt=cast("BeltColor", belt), noise=noise, shake_px=shake),
        )
    with all_or_nothing(out, beside), counted("simulating", total=simulator.truth.frames_total) as advance:
        truth = simulate_clip(simulator, out, on_frame=lambda _frame: advance())
    print_line(f"{out}: {objects} objects in {seconds:g} s, ground truth in {truth}")


def _program(text: str) -> BeltProgram:
    from conveyorqc.simulate import BeltProgram

    try:
        pairs = [part.split(":") for part in text.split(",")]
        segments = tuple((float(start), float(factor)) for start, factor in pairs)
    except ValueError as error:
        raise InvalidInput(f"program: expected SECONDS:FACTOR,SECONDS:FACTOR,…, got {text!r}") from error
    return BeltProgram(segments=segments, drift=0.0 if len(segments) > 1 else 0.02)
