"""What is not sure about a calibration, in words that say what would help."""

from __future__ import annotations

from collections.abc import Iterator

from conveyorqc.calibrate._calibration import Calibration

__all__ = ["doubts_about"]

_FEW_MOVING = 12
_CLEAR_WAY = 0.8
_FAST = 0.3
_FEW_OBJECTS = 5
_FEW_SIGHTINGS = 12
_VARIED = 1.7
_CLEAR_CONTRAST = 8.0
_SHAKE = 0.02


def doubts_about(found: Calibration, /) -> dict[str, str]:
    """By the name of the figure: what makes it doubtful, and what to do about it."""
    return dict(_doubts(found))


def _doubts(found: Calibration) -> Iterator[tuple[str, str]]:
    yield from _about_motion(found)
    yield from _about_objects(found)
    if found.shake_px > _SHAKE * min(found.size):
        yield "shake_px", "the camera shakes much: fix it, or objects beside rails are found less exactly"


def _about_motion(found: Calibration) -> Iterator[tuple[str, str]]:
    if found.speed.n < _FEW_MOVING:
        yield "speed", f"only {found.speed.n} frames show motion: calibrate from a longer clip"
    if found.step > _FAST:
        yield "speed", "the belt moves far between frames: more frames per second would make this sure"
    if found.agreement < _CLEAR_WAY:
        yield "direction", "much moves the other way too: make sure that it is the belt that runs this way"


def _about_objects(found: Calibration) -> Iterator[tuple[str, str]]:
    if found.objects < _FEW_OBJECTS or found.sightings < _FEW_SIGHTINGS:
        yield "diameter", f"few objects came by (about {found.objects}): calibrate from a longer clip"
    elif found.other_diameter is not None:
        yield "diameter", "two products came by: made for the smaller one; look whether the larger one is cut"
    elif found.diameter.high > _VARIED * found.diameter.low:
        yield "diameter", "sizes vary much: look whether boxes hold one object each"
    if found.contrast < _CLEAR_CONTRAST:
        yield "contrast", "objects look much like the belt: more light, or a lower detector.sensitivity"
