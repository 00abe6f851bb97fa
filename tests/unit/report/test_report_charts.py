from __future__ import annotations

import math
import re
from xml.etree.ElementTree import fromstring, tostring

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.report import Bar, Group, Interval, Mark, Series, bar_chart, histogram, interval_chart, xy_chart
from conveyorqc.report._axes import scale_of, tick_labels, ticks

NAMES = {"title": "T", "x_label": "X", "y_label": "Y"}
ROWS = {"title": "T", "x_label": "X"}


def xml(chart):
    """The chart, read again from its text: it is well-formed."""
    return fromstring(tostring(chart, encoding="unicode"))


def texts(chart):
    return [node.text for node in xml(chart).iter("text")]


def of_class(chart, name):
    return [node for node in xml(chart).iter() if name in node.get("class", "").split()]


def numbers(chart):
    return [float(found) for node in xml(chart).iter() for found in re.findall(r"-?\d+\.\d+", node.get("d", ""))]


def test_a_chart_says_its_title_to_screen_readers():
    chart = xml(xy_chart([Series("a", [0, 1], [0, 1])], **NAMES))
    assert ("img", "T") == (chart.get("role"), chart.get("aria-label"))


def test_axes_carry_names_and_round_ticks():
    chart = xy_chart([Series("a", [0.0, 30.0], [0.0, 96.0])], **NAMES)
    assert {"X", "Y", "0", "5", "30", "100"} <= set(texts(chart))


def test_larger_values_are_drawn_higher_and_farther_right():
    (curve,) = of_class(xy_chart([Series("a", [0.0, 1.0], [0.0, 1.0])], **NAMES), "curve")
    x0, y0, x1, y1 = map(float, re.findall(r"-?\d+\.\d", curve.get("d")))
    assert x0 < x1
    assert y0 > y1


def test_a_nan_lifts_the_pen():
    (curve,) = of_class(xy_chart([Series("a", [0, 1, 2, 3, 4], [0, 1, math.nan, 1, 0])], **NAMES), "curve")
    assert "MLML" == re.sub(r"[^A-Z]", "", curve.get("d"))


def test_a_step_goes_along_before_it_goes_up():
    (curve,) = of_class(xy_chart([Series("a", [0, 1], [0, 1], "step")], **NAMES), "curve")
    assert "MHL" == re.sub(r"[^A-Z]", "", curve.get("d"))


def test_points_are_dots_and_what_is_not_finite_is_none():
    chart = xy_chart([Series("a", [0, 1, math.inf], [0, math.nan, 1], "points")], **NAMES)
    assert 1 == len(list(xml(chart).iter("circle")))


def test_several_series_have_a_key_and_one_has_none():
    one, two = Series("first", [0, 1], [0, 1]), Series("second", [0, 1], [1, 0])
    assert "first" not in texts(xy_chart([one], **NAMES))
    assert {"first", "second"} <= set(texts(xy_chart([one, two], **NAMES)))


def test_a_long_key_breaks_into_rows():
    series = [Series(f"a rather long name {number}", [0, 1], [0, 1]) for number in range(7)]
    rows = {node.get("y") for node in of_class(xy_chart(series, **NAMES, width=470), "key")}
    assert 4 == len(rows)


def test_a_mark_stands_within_the_axes_or_not_at_all():
    series = [Series("a", [0, 1], [0, 1])]
    chart = xy_chart(series, **NAMES, marks=[Mark(0.2, "low"), Mark(0.9, "high"), Mark(7, "out")], x_limits=(0, 1))
    assert 2 == len(of_class(chart, "mark"))
    assert "out" not in texts(chart)


@pytest.mark.parametrize("series", [[], [Series("a", [], [])], [Series("a", [math.nan], [1.0])]])
def test_a_chart_without_data_says_so(series):
    assert "no data" in texts(xy_chart(series, **NAMES))


def test_series_hold_their_own_values():
    x = np.array([1.0, 2.0])
    series = Series("a", x, [0, 1])
    x[:] = 9
    assert [1.0, 2.0] == series.x.tolist()
    assert not series.x.flags.writeable


def test_a_histogram_counts_every_value_once():
    chart = histogram([Group("a", [0.0, 0.1, 1.0, math.nan]), Group("b", [1.0])], **ROWS, bins=10)
    assert 4 == len(of_class(chart, "column"))
    assert "count" in texts(chart)


def test_a_histogram_shows_its_threshold_beyond_the_data():
    assert "limit" in texts(histogram([Group("a", [0.0, 1.0])], **ROWS, marks=[Mark(5.0, "limit")]))


def test_a_histogram_without_values_says_so():
    assert "no data" in texts(histogram([Group("a", [])], **ROWS))


def test_bars_are_as_long_as_their_values():
    chart = bar_chart([Bar("a", 2.0), Bar("b", 4.0, "4 ms"), Bar("c", math.nan)], **ROWS)
    short, long = [float(node.get("width")) for node in of_class(chart, "fill")]
    assert 2.0 == pytest.approx(long / short, rel=1e-2)
    assert {"a", "2", "4 ms", "–"} <= set(texts(chart))


def test_a_negative_bar_ends_at_zero():
    plus, minus = of_class(bar_chart([Bar("a", 2.0), Bar("b", -1.0)], **ROWS), "fill")
    assert float(plus.get("x")) == pytest.approx(float(minus.get("x")) + float(minus.get("width")), abs=0.2)


def test_a_bar_beyond_the_axis_is_cut_at_its_end():
    full, cut = of_class(bar_chart([Bar("a", 1.0), Bar("b", 9.0)], **ROWS, x_limits=(0, 1)), "fill")
    assert full.get("width") == cut.get("width")


def test_long_labels_are_shortened():
    assert any(text.endswith("…") for text in texts(bar_chart([Bar("x" * 200, 1.0)], **ROWS)))


def test_an_interval_has_a_whisker_a_dot_and_a_diamond():
    rows = [Interval("recall", 0.98, 0.93, 1.0, "0.98 (n = 96)", 0.98), Interval("F1", 0.9, math.nan, math.nan)]
    chart = interval_chart(rows, **ROWS, reference="the article")
    assert 3 == len(of_class(chart, "whisker") + of_class(chart, "reference")) - 1  # one of each stands in the key
    assert {"recall", "0.98 (n = 96)", "the article", "0.9"} <= set(texts(chart))


def test_an_interval_that_is_nan_is_not_drawn():
    chart = interval_chart([Interval("recall", math.nan, math.nan, math.nan)], **ROWS)
    assert [] == of_class(chart, "fill") + of_class(chart, "whisker")
    assert "–" in texts(chart)


def test_row_charts_without_rows_say_so():
    assert "no data" in texts(bar_chart([], **ROWS))
    assert "no data" in texts(interval_chart([], **ROWS))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Series("a", [1, 2], [1]), "as many x as y, got 2 and 1"),
        (lambda: Series("a", [[1]], [1]), "expected a flat sequence of numbers"),
        (lambda: histogram([], **ROWS, bins=0), "expected 1 or more, got 0"),
        (lambda: xy_chart([], **NAMES, x_limits=(1, 1)), "expected low < high"),
        (lambda: xy_chart([], **NAMES, y_limits=(0, math.nan)), "expected low < high"),
        (lambda: xy_chart([], **NAMES, width=10), "expected 160x40 px or more, got 10x340"),
        (lambda: bar_chart([], **ROWS, width=100), "300 px or more, got 100"),
    ],
)
def test_what_cannot_be_drawn_is_refused(make, message):
    with pytest.raises(InvalidInput, match=re.escape(message)):
        make()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 1.0, 2.0], ["0", "1", "2"]),
        ([0.25, 0.5], ["0.25", "0.50"]),
        ([0.0, 20000.0], ["0", "20,000"]),
        ([0.0, 2e7], ["0", "2e+07"]),
        ([0.0, 2e-5], ["0", "2e-05"]),
        ([], []),
    ],
)
def test_tick_labels_have_the_decimals_that_tell_them_apart(values, expected):
    assert expected == tick_labels(values)


def test_equal_values_still_span_an_axis():
    scale = scale_of(np.array([5.0, 5.0]), None, start=0, end=300)
    assert scale.low < 5.0 < scale.high
    assert 2 <= len(ticks(scale))
