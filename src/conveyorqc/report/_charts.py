"""Charts over two axes: lines, steps and points; histograms."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import FloatArray, read_only
from conveyorqc.errors import InvalidInput
from conveyorqc.report._axes import (
    SERIES_COLORS,
    Box,
    Scale,
    drawable,
    figure,
    grid,
    inside,
    legend,
    px,
    scale_of,
    stroke,
    together,
    words,
)
from conveyorqc.report._markup import element

__all__ = ["Group", "Mark", "Series", "histogram", "xy_chart"]

_Parts: TypeAlias = list[Element]
Style: TypeAlias = Literal["line", "dashed", "step", "points"]


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """One curve or cloud of an `xy_chart`; a NaN breaks the curve there.

    ``style``: ``line`` joins the points; ``dashed`` does so for a reference; ``step`` holds each value until the
    next (counts, empirical curves); ``points`` joins nothing.
    """

    name: str
    x: FloatArray
    y: FloatArray
    style: Style = "line"

    def __init__(self, name: str, x: ArrayLike, y: ArrayLike, style: Style = "line") -> None:
        columns = drawable(x, name="x"), drawable(y, name="y")
        if len(columns[0]) != len(columns[1]):
            raise InvalidInput(f"{name}: expected as many x as y, got {len(columns[0])} and {len(columns[1])}")
        for field, value in zip(("name", "x", "y", "style"), (name, *map(read_only, columns), style), strict=True):
            object.__setattr__(self, field, value)


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """The values that one colour of a `histogram` counts; NaN is left out."""

    name: str
    values: FloatArray

    def __init__(self, name: str, values: ArrayLike) -> None:
        column = drawable(values, name=name)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", read_only(column[np.isfinite(column)]))


@dataclass(frozen=True, slots=True)
class Mark:
    """An upright line at ``x`` with a label: a threshold, the end of training."""

    x: float
    label: str


def xy_chart(
    series: Sequence[Series],
    /,
    *,
    title: str,
    x_label: str,
    y_label: str,
    marks: Sequence[Mark] = (),
    x_limits: tuple[float, float] | None = None,
    y_limits: tuple[float, float] | None = None,
    width: int = 960,
    height: int = 340,
) -> Element:
    """A chart of ``series`` over two linear axes: curves over time, ROC and precision–recall curves, scatter plots.

    Args:
        series: drawn in order; up to six are told apart by colour.
        title: what a screen reader says.
        x_label: name of the x axis, with its unit.
        y_label: name of the y axis, with its unit.
        marks: upright lines.
        x_limits: ends of the x axis; None fits them to the data. What lies outside is cut off.
        y_limits: the same for y.
        width: px; 960 fills the page, two charts of 470 stand side by side.
        height: px of the frame that holds the data.

    Raises:
        InvalidInput: if limits are not ascending or the chart is too small to draw.

    >>> roc = Series("model", [0.0, 0.0, 1.0], [0.0, 1.0, 1.0])
    >>> chart = xy_chart([roc], title="ROC", x_label="false alarms", y_label="hits", x_limits=(0, 1))
    >>> chart.tag, chart.get("aria-label")
    ('svg', 'ROC')
    """
    xs = together([*(one.x for one in series), drawable([mark.x for mark in marks], name="marks")])
    ys = together([one.y for one in series])

    def draw(x: Scale, y: Scale) -> _Parts:
        return [part for number, one in enumerate(series) for part in _curve(one, x, y, number % SERIES_COLORS)]

    frame = _Frame(title, x_label, y_label, width, height, x_limits, y_limits, marks)
    return frame.drawn([one.name for one in series], xs, ys, draw)


def histogram(
    groups: Sequence[Group],
    /,
    *,
    title: str,
    x_label: str,
    bins: int = 30,
    marks: Sequence[Mark] = (),
    x_limits: tuple[float, float] | None = None,
    width: int = 960,
    height: int = 260,
) -> Element:
    """How often each value comes, one colour per group, all groups over the same bins.

    Args:
        groups: drawn over one another, half transparent.
        title: what a screen reader says.
        x_label: what the values are, with their unit.
        bins: more show finer structure and more chance.
        marks: upright lines, such as a threshold.
        x_limits: ends of the x axis; None fits them to the data. What lies outside is not counted.
        width: px; 960 fills the page, two charts of 470 stand side by side.
        height: px of the frame that holds the data.

    Raises:
        InvalidInput: if ``bins`` is below 1, limits are not ascending, or the chart is too small to draw.
    """
    if bins < 1:
        raise InvalidInput(f"bins: expected 1 or more, got {bins}")
    xs = together([*(group.values for group in groups), drawable([mark.x for mark in marks], name="marks")])
    span = scale_of(xs, x_limits, start=0, end=1)
    edges = np.linspace(span.low, span.high, bins + 1)
    counts = [np.histogram(group.values, edges)[0].astype(np.float64) for group in groups]

    def draw(x: Scale, y: Scale) -> _Parts:
        return [
            part
            for number, column in enumerate(counts)
            for part in _columns(edges, column, x, y, number % SERIES_COLORS)
        ]

    frame = _Frame(title, x_label, "count", width, height, (span.low, span.high), marks=marks)
    return frame.drawn([group.name for group in groups], xs, together([np.zeros(1), *counts]), draw)


@dataclass(frozen=True, slots=True)
class _Frame:
    """What every chart over two axes has in common."""

    title: str
    x_label: str
    y_label: str
    width: int
    height: int
    x_limits: tuple[float, float] | None
    y_limits: tuple[float, float] | None = None
    marks: Sequence[Mark] = ()

    def __post_init__(self) -> None:
        if self.width < 160 or self.height < 40:
            raise InvalidInput(f"chart: expected 160x40 px or more, got {self.width}x{self.height}")

    def drawn(
        self, names: list[str], xs: FloatArray, ys: FloatArray, draw: Callable[[Scale, Scale], _Parts]
    ) -> Element:
        key, name_y = legend(names, width=self.width)
        top = name_y + (44 if self.marks else 26)
        box = Box(56, top, self.width - 24, top + self.height)
        x = scale_of(xs, self.x_limits, start=box.left, end=box.right)
        y = scale_of(ys, self.y_limits, start=box.bottom, end=box.top)
        parts = [*key, words(0, name_y + 13, self.y_label, kind="name"), *grid(box, x, y, x_label=self.x_label)]
        parts += [inside(box, draw(x, y)), *(part for mark in self.marks for part in _upright(mark, x, box))]
        if not (np.isfinite(xs).any() and np.isfinite(ys).any()):
            parts.append(
                words((box.left + box.right) / 2, top + self.height / 2, "no data", kind="name", anchor="middle")
            )
        return figure(self.title, self.width, box.bottom + 46, *parts)


def _upright(mark: Mark, x: Scale, box: Box) -> _Parts:
    if not x.low <= mark.x <= x.high:
        return []
    at = x(mark.x)
    anchor = "start" if at < (box.left + box.right) / 2 else "end"
    return [
        stroke(at, box.top - 4, at, box.bottom, kind="mark"),
        words(at, box.top - 9, mark.label, kind="key", anchor=anchor),
    ]


def _curve(series: Series, x: Scale, y: Scale, color: int) -> _Parts:
    points = np.column_stack([x(series.x), y(series.y)])
    if series.style == "points":
        return [_dot(float(a), float(b), color) for a, b in points[np.isfinite(points).all(axis=1)]]
    path = _path(points.tolist(), corners=series.style == "step")
    return [element("path", {"d": path, "class": f"curve {series.style} c{color}"})] if path else []


def _dot(x: float, y: float, color: int) -> Element:
    return element("circle", {"cx": px(x), "cy": px(y), "r": 3.5, "class": f"fill s{color}"})


def _path(points: list[list[float]], *, corners: bool) -> str:
    """SVG path data; a point that is not finite lifts the pen."""
    commands, drawing = [], False
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y)):
            drawing = False
            continue
        if drawing and corners:
            commands.append(f"H{px(x)}")
        commands.append(f"{'L' if drawing else 'M'}{px(x)} {px(y)}")
        drawing = True
    return "".join(commands)


def _columns(edges: FloatArray, counts: FloatArray, x: Scale, y: Scale, color: int) -> _Parts:
    floor = y(0.0)
    return [
        element(
            "rect",
            {
                "x": px(x(float(left)) + 0.5),
                "y": px(y(float(count))),
                "width": px(max(x(float(right)) - x(float(left)) - 1, 0.5)),
                "height": px(floor - y(float(count))),
                "class": f"column s{color}",
            },
        )
        for left, right, count in zip(edges[:-1], edges[1:], counts, strict=True)
        if count
    ]
