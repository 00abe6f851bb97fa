"""A calibration in words, for a table, and as plain data, for JSON."""

from __future__ import annotations

from typing import Any

from conveyorqc.calibrate._calibration import Calibration
from conveyorqc.calibrate._measured import Measured
from conveyorqc.imgproc import Bgr

__all__ = ["as_data", "figures_of"]


def figures_of(found: Calibration, /) -> list[tuple[str, str, str]]:
    """Rows for people: what was found, its value, and what is doubtful about it or nothing.

    Values carry the range that eight in ten measurements lie in.
    """
    strip = f"{found.entry_strip:.2f} of the frame would do" if found.entry_strip < 1 else "the whole frame"
    rows = [
        ("direction", "direction", found.line.direction.value.replace("_", " ")),
        ("speed", "speed", f"{_range(found.speed)} px/s"),
        ("diameter", "object size", _sizes(found)),
        ("objects", "objects", f"about {found.objects}, {found.sightings} views measured"),
        ("contrast", "contrast", f"{found.contrast:.0f} x the belt's noise"),
        ("shake_px", "camera shake", f"{found.shake_px:.1f} px"),
        ("entry_strip", "entry strip", strip),
    ]
    return [(title, value, found.doubts.get(name, "")) for name, title, value in rows]


def as_data(found: Calibration, /) -> dict[str, Any]:
    """The same figures as JSON takes them: numbers in px, px per second and shares; colours as ``#rrggbb``."""
    return {
        "direction": found.line.direction.value,
        "frames": found.frames,
        "size": list(found.size),
        "moving": found.moving,
        "agreement": found.agreement,
        "speed_px_s": _plain(found.speed),
        "step": found.step,
        "diameter_px": _plain(found.diameter),
        "other_diameter_px": found.other_diameter,
        "sightings": found.sightings,
        "objects": found.objects,
        "shake_px": found.shake_px,
        "belt_color": _hex(found.belt_color),
        "object_colors": [{"color": _hex(kind.bgr), "share": kind.share} for kind in found.object_colors],
        "contrast": found.contrast,
        "entry_strip": found.entry_strip,
        "doubts": dict(found.doubts),
    }


def _range(figure: Measured) -> str:
    return f"{figure.value:.0f} ({figure.low:.0f} to {figure.high:.0f})"


def _sizes(found: Calibration) -> str:
    also = "" if found.other_diameter is None else f", and {found.other_diameter:.0f}"
    return f"{_range(found.diameter)}{also} px"


def _plain(figure: Measured) -> dict[str, float | int]:
    return {"value": figure.value, "low": figure.low, "high": figure.high, "n": figure.n}


def _hex(color: Bgr) -> str:
    blue, green, red = color
    return f"#{red:02x}{green:02x}{blue:02x}"
