"""Scales, ticks and the frame that charts are drawn in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.report._markup import element

__all__ = [
    "SERIES_COLORS",
    "Box",
    "Scale",
    "drawable",
    "figure",
    "grid",
    "inside",
    "legend",
    "px",
    "scale_of",
    "stroke",
    "tick_labels",
    "ticks",
    "together",
    "words",
    "x_axis",
]

SERIES_COLORS = 6
_Value = TypeVar("_Value", float, FloatArray)
_LARGEST = 1e100  # beyond it differences overflow; no figure of a belt comes near
_CHARACTER = 6.8  # width of an average character of the charts' type, px
_ROW = 20.0
_ROOM_ALONG, _ROOM_UP = 70.0, 44.0  # px from one tick to the next, about


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the drawing, px; y points down."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Scale:
    """From values ``low .. high`` to px ``start .. end``, with a tick at each multiple of ``step``."""

    low: float
    high: float
    start: float
    end: float
    step: float

    def __call__(self, value: _Value) -> _Value:
        """Where ``value`` is drawn, px; what is outside ``low .. high`` lies outside the frame."""
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)

    def inside(self, value: float) -> float:
        """Where ``value`` is drawn when what is outside ``low .. high`` is held at its end, px."""
        return self(min(max(value, self.low), self.high))


def drawable(values: ArrayLike, /, *, name: str) -> FloatArray:
    """``values`` as (N,) float64 in which what cannot be drawn (infinity, beyond 1e100) is NaN.

    Raises:
        InvalidInput: if they are not a flat sequence of numbers.
    """
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1:
        raise InvalidInput(f"{name}: expected a flat sequence of numbers, got shape {array.shape}")
    array[~(np.abs(array) <= _LARGEST)] = np.nan
    return array


def together(columns: Sequence[FloatArray], /) -> FloatArray:
    """All values in one column; none at all is fine."""
    return np.concatenate([np.empty(0), *columns])


def scale_of(values: FloatArray, limits: tuple[float, float] | None, /, *, start: float, end: float) -> Scale:
    """A scale that holds ``values`` and ends on ticks, or exactly ``limits`` when they are given.

    Raises:
        InvalidInput: if ``limits`` are not finite and ascending.
    """
    if limits is not None:
        if not -10 * _LARGEST <= limits[0] < limits[1] <= 10 * _LARGEST:
            raise InvalidInput(f"limits: expected low < high, both finite, got {limits}")
        return Scale(*limits, start, end, _step(*limits, length=end - start))
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        margin = 0.5 * max(abs(low), abs(high)) or 0.5
        low, high = low - margin, high + margin
    step = _step(low, high, length=end - start)
    return Scale(min(low, math.floor(low / step) * step), max(high, math.ceil(high / step) * step), start, end, step)


def _step(low: float, high: float, *, length: float) -> float:
    """A round distance between ticks that leaves room for their labels; y runs upwards, so its length is negative."""
    rough = (high - low) / max(2.0, length / _ROOM_ALONG, -length / _ROOM_UP)
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10, 20) if factor * power >= rough * (1 - 1e-9))


def ticks(scale: Scale, /) -> list[float]:
    """The round values of a scale.

    >>> ticks(Scale(0.0, 1.0, start=0, end=350, step=0.2))
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    """
    first, last = math.ceil(scale.low / scale.step - 1e-6), math.floor(scale.high / scale.step + 1e-6)
    return [float(f"{number * scale.step:.9g}") for number in range(first, last + 1)]


def tick_labels(values: list[float], /) -> list[str]:
    """One text per tick, all with the decimals that tell them apart.

    >>> tick_labels([0.0, 2500.0]), tick_labels([0.0, 0.25, 0.5])
    (['0', '2,500'], ['0.00', '0.25', '0.50'])
    """
    largest = max((abs(value) for value in values), default=0.0)
    if largest >= 1e7 or 0 < largest < 1e-3:
        return [f"{value:.3g}" for value in values]
    decimals = next((d for d in range(8) if all(math.isclose(round(v, d), v, abs_tol=1e-9) for v in values)), 8)
    return [f"{value:,.{decimals}f}" for value in values]


def px(value: float) -> str:
    """A coordinate, to a tenth of a pixel."""
    return f"{value:.1f}"


def words(x: float, y: float, text: str, /, *, kind: str, anchor: str = "start") -> Element:
    """A line of text that stands on ``(x, y)``."""
    return element("text", {"x": px(x), "y": px(y), "text-anchor": anchor, "class": kind}, text=text)


def stroke(x0: float, y0: float, x1: float, y1: float, /, *, kind: str) -> Element:
    """A straight line."""
    return element("line", {"x1": px(x0), "y1": px(y0), "x2": px(x1), "y2": px(y1), "class": kind})


def figure(title: str, width: int, height: float, /, *parts: Element) -> Element:
    """The ``svg`` element; screen readers say ``title``."""
    size = {"width": width, "height": round(height), "viewBox": f"0 0 {width} {round(height)}"}
    return element("svg", {**size, "class": "chart", "role": "img", "aria-label": title}, *parts)


def grid(box: Box, x: Scale, y: Scale, /, *, x_label: str) -> list[Element]:
    """Rules and ticks of both axes, and the name of the x axis."""
    parts = []
    up = ticks(y)
    for value, text in zip(up, tick_labels(up), strict=True):
        parts.append(stroke(box.left, y(value), box.right, y(value), kind="rule"))
        parts.append(words(box.left - 8, y(value) + 4, text, kind="tick", anchor="end"))
    return parts + x_axis(box, x, x_label=x_label)


def x_axis(box: Box, x: Scale, /, *, x_label: str) -> list[Element]:
    """The floor of the frame with its ticks, their upright rules and its name."""
    parts = [stroke(box.left, box.bottom, box.right, box.bottom, kind="axis")]
    along = ticks(x)
    for value, text in zip(along, tick_labels(along), strict=True):
        parts.append(stroke(x(value), box.top, x(value), box.bottom + 5, kind="rule"))
        parts.append(words(x(value), box.bottom + 19, text, kind="tick", anchor="middle"))
    return [*parts, words((box.left + box.right) / 2, box.bottom + 40, x_label, kind="name", anchor="middle")]


def inside(box: Box, parts: list[Element], /) -> Element:
    """``parts`` cut off at the frame, with room for a marker that sits on it."""
    left, top, width, height = box.left - 5, box.top - 5, box.right - box.left + 10, box.bottom - box.top + 10
    view = " ".join(px(value) for value in (left, top, width, height))
    place = {"x": px(left), "y": px(top), "width": px(width), "height": px(height), "viewBox": view}
    return element("svg", place, *parts)


def legend(names: list[str], /, *, width: float) -> tuple[list[Element], float]:
    """A key of colour swatches, in as many rows as ``width`` asks for, and the height it takes."""
    if len(names) < 2:
        return [], 0.0
    parts, x, y = [], 0.0, 13.0
    for number, name in enumerate(names):
        needed = 18 + _CHARACTER * len(name) + 18
        if x and x + needed > width:
            x, y = 0.0, y + _ROW
        swatch = {"x": px(x), "y": px(y - 10), "width": 12, "height": 12, "rx": 3}
        parts.append(element("rect", {**swatch, "class": f"fill s{number % SERIES_COLORS}"}))
        parts.append(words(x + 18, y, name, kind="key"))
        x += needed
    return parts, y + 12
