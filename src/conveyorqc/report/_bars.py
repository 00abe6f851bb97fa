"""Charts of named figures, one row each: bars, and values with their confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from xml.etree.ElementTree import Element

from conveyorqc.errors import InvalidInput
from conveyorqc.report._axes import Box, Scale, drawable, figure, px, scale_of, stroke, words, x_axis
from conveyorqc.report._markup import element

__all__ = ["Bar", "Interval", "bar_chart", "interval_chart"]

_ROW_HEIGHT = 34.0
_CHARACTER = 7.2
_Parts: TypeAlias = list[Element]


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of a `bar_chart`; ``note`` is written at its end instead of the plain value."""

    label: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Interval:
    """One row of an `interval_chart`: ``value`` within ``low .. high``, beside a ``reference`` if there is one."""

    label: str
    value: float
    low: float
    high: float
    note: str = ""
    reference: float = math.nan


def bar_chart(
    bars: Sequence[Bar], /, *, title: str, x_label: str, x_limits: tuple[float, float] | None = None, width: int = 960
) -> Element:
    """Lying bars from 0, in the given order; a NaN has no bar.

    Args:
        bars: one row each.
        title: what a screen reader says.
        x_label: what the bars measure, with its unit.
        x_limits: ends of the axis; None fits them to the data.
        width: px; 960 fills the page, two charts of 470 stand side by side.

    Raises:
        InvalidInput: if the limits are not ascending or the chart is too narrow to draw.

    >>> bar_chart([Bar("decode", 6.1), Bar("detect", 2.0)], title="CPU time", x_label="ms per frame").tag
    'svg'
    """
    rows = [_Row(bar.label, bar.note or _written(bar.value), partial(_bar, bar.value)) for bar in bars]
    return _chart(rows, [0.0, *(bar.value for bar in bars)], title=title, x_label=x_label, limits=x_limits, width=width)


def interval_chart(
    intervals: Sequence[Interval],
    /,
    *,
    title: str,
    x_label: str,
    reference: str = "",
    x_limits: tuple[float, float] | None = None,
    width: int = 960,
) -> Element:
    """Values as dots on their confidence intervals, beside what others found (hollow diamonds).

    Args:
        intervals: one row each; a NaN is not drawn.
        title: what a screen reader says.
        x_label: what is measured, with its unit.
        reference: whose figures the diamonds are, such as ``the article``; empty for none.
        x_limits: ends of the axis; None fits them to the data.
        width: px; 960 fills the page, two charts of 470 stand side by side.

    Raises:
        InvalidInput: if the limits are not ascending or the chart is too narrow to draw.
    """
    rows = [_Row(row.label, row.note or _written(row.value), partial(_interval, row)) for row in intervals]
    values = [number for row in intervals for number in (row.value, row.low, row.high, row.reference)]
    key = _key(reference) if reference else []
    return _chart(rows, values, title=title, x_label=x_label, limits=x_limits, width=width, key=key)


@dataclass(frozen=True, slots=True)
class _Row:
    label: str
    note: str
    draw: Callable[[Scale, float], _Parts]


def _chart(
    rows: Sequence[_Row],
    values: Sequence[float],
    /,
    *,
    title: str,
    x_label: str,
    limits: tuple[float, float] | None,
    width: int,
    key: Sequence[Element] = (),
) -> Element:
    if width < 300:
        raise InvalidInput(f"chart: expected a width of 300 px or more, got {width}")
    top = 34.0 if key else 6.0
    room = [min(0.35 * width, _widest(texts)) for texts in ([row.label for row in rows], [row.note for row in rows])]
    box = Box(room[0] + 14, top, width - room[1] - 14, top + _ROW_HEIGHT * max(len(rows), 1))
    x = scale_of(drawable(values, name="values"), limits, start=box.left, end=box.right)
    parts = [*key, *x_axis(box, x, x_label=x_label)]
    for number, row in enumerate(rows):
        middle = top + _ROW_HEIGHT * (number + 0.5)
        parts.append(words(box.left - 14, middle + 5, _short(row.label, room[0]), kind="key", anchor="end"))
        parts.append(words(box.right + 14, middle + 5, _short(row.note, room[1]), kind="note"))
        parts += row.draw(x, middle)
    if not rows:
        parts.append(words((box.left + box.right) / 2, box.bottom - 12, "no data", kind="name", anchor="middle"))
    return figure(title, width, box.bottom + 46, *parts)


def _bar(value: float, x: Scale, middle: float) -> _Parts:
    if not math.isfinite(value):
        return []
    start, end = sorted((x.inside(0.0), x.inside(value)))
    shape = {"x": px(start), "y": px(middle - 9), "width": px(max(end - start, 1)), "height": 18, "rx": 3}
    return [element("rect", {**shape, "class": "fill s0"})]


def _interval(row: Interval, x: Scale, middle: float) -> _Parts:
    parts = []
    if math.isfinite(row.low) and math.isfinite(row.high):
        parts.append(stroke(x.inside(row.low), middle, x.inside(row.high), middle, kind="whisker"))
    if math.isfinite(row.reference):
        parts.append(_diamond(x.inside(row.reference), middle))
    if math.isfinite(row.value):
        parts.append(_dot(x.inside(row.value), middle))
    return parts


def _dot(x: float, y: float) -> Element:
    return element("circle", {"cx": px(x), "cy": px(y), "r": 5, "class": "fill s0"})


def _diamond(x: float, y: float) -> Element:
    return element("path", {"d": f"M{px(x - 9)} {px(y)}l9 -9l9 9l-9 9z", "class": "reference"})


def _key(reference: str) -> _Parts:
    here = [stroke(4, 12, 40, 12, kind="whisker"), _dot(22, 12), words(50, 17, "here, with 95 % interval", kind="key")]
    return [*here, _diamond(240, 12), words(256, 17, reference, kind="key")]


def _widest(texts: Sequence[str]) -> float:
    return 8 + _CHARACTER * max(map(len, texts), default=0)


def _short(text: str, room: float) -> str:
    fits = int(room / _CHARACTER + 0.5)
    return text if len(text) <= fits else text[: fits - 1] + "…"


def _written(value: float) -> str:
    return f"{value:,.4g}" if math.isfinite(value) else "–"
