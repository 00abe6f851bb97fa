"""Whatever the numbers, charts are well-formed and stay on their paper."""

from __future__ import annotations

import re
from xml.etree.ElementTree import fromstring, tostring

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.report import (
    Bar,
    Group,
    Interval,
    Mark,
    Series,
    Text,
    bar_chart,
    histogram,
    interval_chart,
    page,
    xy_chart,
)
from conveyorqc.report._axes import scale_of, tick_labels, ticks

ANY = st.floats(allow_nan=True, allow_infinity=True)
SANE = st.floats(-1e100, 1e100)


def check_on_paper(chart):
    """Every coordinate of dots and bars is a finite number within the drawing."""
    root = fromstring(tostring(chart, encoding="unicode"))
    width, height = float(root.get("width")), float(root.get("height"))
    for node in root.iter():
        for name, end in (("cx", width), ("cy", height), ("x1", width), ("x2", width), ("y1", height), ("y2", height)):
            assert -0.1 <= float(node.get(name, "0")) <= end + 0.1
        assert None is re.search("nan|inf", node.get("d", ""))


@given(st.lists(st.tuples(ANY, ANY), max_size=20), st.sampled_from(["line", "dashed", "step", "points"]), ANY)
def test_xy_charts(pairs, style, mark):
    series = Series("a", [x for x, _ in pairs], [y for _, y in pairs], style)
    check_on_paper(xy_chart([series], title="T", x_label="X", y_label="Y", marks=[Mark(mark, "here")]))


@given(st.lists(ANY, max_size=20), st.integers(1, 50))
def test_histograms_count_every_value_that_can_be_drawn(values, bins):
    chart = histogram([Group("a", values)], title="T", x_label="X", bins=bins)
    check_on_paper(chart)
    columns = [node for node in chart.iter("rect") if "column" in node.get("class", "")]
    assert bool(columns) == any(np.isfinite(v) and abs(v) <= 1e100 for v in values)


@given(st.lists(st.tuples(ANY, ANY, ANY, ANY), max_size=6))
def test_row_charts(rows):
    check_on_paper(bar_chart([Bar("a", value) for value, *_ in rows], title="T", x_label="X"))
    intervals = [Interval("a", value, low, high, reference=other) for value, low, high, other in rows]
    check_on_paper(interval_chart(intervals, title="T", x_label="X", reference="others"))


@given(st.lists(SANE, min_size=1, max_size=10), st.sampled_from([(0, 900), (300, 0)]))
def test_scales_hold_their_values_and_end_on_distinct_ticks(values, ends):
    scale = scale_of(np.array(values), None, start=ends[0], end=ends[1])
    marks = ticks(scale)
    assert scale.low <= min(values) <= max(values) <= scale.high
    assert 2 <= len(marks) <= 20
    assert len(set(marks)) == len(marks)
    assert len(tick_labels(marks)) == len(marks)


@given(st.text())
def test_any_text_makes_a_page_that_can_be_written(text):
    html = page(text, [Text(text, text)])
    assert html.encode("utf-8").endswith(b"</html>\n")
