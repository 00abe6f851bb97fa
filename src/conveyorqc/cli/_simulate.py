"""``conveyorqc simulate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args

import typer

from conveyorqc.cli._console import console, counted
from conveyorqc.core import Direction
from conveyorqc.errors import InvalidInput
from conveyorqc.simulate import BeltColor, BeltProgram, BeltSimulator, Look, simulate_clip

__all__ = ["simulate"]


def simulate(
    out: Annotated[Path, typer.Argument(help="Video to write; the ground truth goes to OUT.gt.json.")],
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
    diameter: Annotated[float | None, typer.Option(help="Of a usual object, px.")] = None,
    broken: Annotated[float, typer.Option(help="Share of the objects that are broken.")] = 0.17,
    stacked: Annotated[float, typer.Option(help="Share of the objects that are stacks.")] = 0.13,
    touching: Annotated[float, typer.Option(help="Share of the objects that touch another one.")] = 0.1,
    belt: Annotated[str, typer.Option(help=f"Colour of the belt: {', '.join(get_args(BeltColor))}.")] = "blue",
    noise: Annotated[float, typer.Option(help="Of the sensor, grey levels.")] = 2.5,
    shake: Annotated[float, typer.Option(help="Of the camera, px.")] = 0.0,
) -> None:
    """Write a simulated clip of a cookie line, with exact ground truth."""
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
        look=Look(belt=_belt(belt), noise=noise, shake_px=shake),
    )
    with counted("simulating", total=simulator.truth.frames_total) as advance:
        truth = simulate_clip(simulator, out, on_frame=lambda _frame: advance())
    console().print(f"{out}: {objects} objects in {seconds:g} s, ground truth in {truth}")


def _belt(name: str) -> BeltColor:
    for known in get_args(BeltColor):
        if name == known:
            color: BeltColor = known
            return color
    raise InvalidInput(f"belt: expected one of {', '.join(get_args(BeltColor))}, got {name!r}")


def _program(text: str) -> BeltProgram:
    try:
        pairs = [part.split(":") for part in text.split(",")]
        segments = tuple((float(start), float(factor)) for start, factor in pairs)
    except ValueError as error:
        raise InvalidInput(f"program: expected SECONDS:FACTOR,SECONDS:FACTOR,…, got {text!r}") from error
    return BeltProgram(segments=segments, drift=0.0 if len(segments) > 1 else 0.02)
