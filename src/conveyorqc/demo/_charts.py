"""Charts of the demo's page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.etree.ElementTree import Element

import numpy as np

from conveyorqc.core import Disposition, FloatArray, InspectionEvent
from conveyorqc.demo._judge import Judged
from conveyorqc.demo._result import Figure
from conveyorqc.report import Group, Interval, Mark, Series, histogram, interval_chart, xy_chart

__all__ = ["decisions_chart", "figures_chart", "precision_recall_chart", "roc_chart", "scores_chart"]

_HALF = 470  # px: two charts side by side


def figures_chart(figures: Sequence[Figure], /) -> Element:
    """The figures with their intervals, the article's as marks."""
    rows = [
        Interval(
            figure.name,
            math.nan if figure.estimate.value is None else figure.estimate.value,
            figure.estimate.low,
            figure.estimate.high,
            reference=math.nan if figure.article is None else figure.article,
        )
        for figure in figures
    ]
    title = "Figures of this run beside the article's"
    return interval_chart(rows, title=title, x_label="share", reference="the article", x_limits=(0.5, 1.0))


def roc_chart(judged: Judged, /) -> Element:
    """Share of the defects that is found against share of the good objects that is lost, at every threshold."""
    hits, alarms = _running(judged)
    curve = Series("model", _share(alarms), _share(hits))
    chance = Series("chance", [0.0, 1.0], [0.0, 1.0], "dashed")
    return xy_chart(
        [curve, chance, _chosen(_rate(judged, of=False), _rate(judged, of=True))],
        title="ROC curve",
        x_label="normal objects rejected",
        y_label="defects rejected",
        x_limits=(-0.02, 1.02),
        y_limits=(-0.02, 1.02),
        width=_HALF,
    )


def precision_recall_chart(judged: Judged, /) -> Element:
    """Share of the rejects that are defects against share of the defects that is found, at every threshold."""
    hits, alarms = _running(judged)
    precision = hits[1:] / (hits[1:] + alarms[1:])
    curve = Series("model", _share(hits)[1:], precision)
    common = float(judged.is_anomalous.mean()) if len(judged.is_anomalous) else math.nan
    chance = Series("chance", [0.0, 1.0], [common, common], "dashed")
    rejected = int(judged.rejected.sum())
    right = int((judged.rejected & judged.is_anomalous).sum())
    return xy_chart(
        [curve, chance, _chosen(_rate(judged, of=True), right / rejected if rejected else math.nan)],
        title="Precision and recall",
        x_label="recall: defects rejected",
        y_label="precision: rejects that are defects",
        x_limits=(-0.02, 1.02),
        y_limits=(-0.02, 1.02),
        width=_HALF,
    )


def decisions_chart(events: Sequence[InspectionEvent], /) -> Element:
    """How many objects were passed, rejected and left undecided by what time."""
    ordered = sorted(events, key=lambda event: event.captured_at)
    times = np.array([(event.captured_at - ordered[0].captured_at).total_seconds() for event in ordered])
    series = [
        Series(kind.value, times, np.cumsum([event.disposition is kind for event in ordered]), "step")
        for kind in Disposition
    ]
    return xy_chart(series, title="Decisions over time", x_label="time (s)", y_label="objects", width=_HALF)


def scores_chart(judged: Judged, /, *, threshold: float) -> Element:
    """How probable a defect is to the model, for objects without and with one."""
    groups = [
        Group("normal objects", judged.scores[~judged.is_anomalous]),
        Group("anomalous objects", judged.scores[judged.is_anomalous]),
    ]
    return histogram(
        groups,
        title="Scores of the model",
        x_label="probability of a defect",
        marks=[Mark(threshold, "threshold")],
        x_limits=(0.0, 1.0),
        bins=25,
        width=_HALF,
    )


def _running(judged: Judged) -> tuple[FloatArray, FloatArray]:
    """Defects and normal objects among those that score highest: none, those of the highest score, … all.

    Objects of one score come together, as no threshold can part them.
    """
    order = np.argsort(-judged.scores, kind="stable")
    scores, labels = judged.scores[order], judged.is_anomalous[order]
    last = np.append(np.flatnonzero(np.diff(scores)), len(scores) - 1) if len(scores) else np.empty(0, np.int64)
    hits, alarms = (np.concatenate([[0.0], np.cumsum(marked)[last]]) for marked in (labels, ~labels))
    return hits, alarms


def _share(running: FloatArray) -> FloatArray:
    return running / running[-1] if running[-1] else np.full(len(running), math.nan)


def _rate(judged: Judged, *, of: bool) -> float:
    """Share of the anomalous (or of the normal) objects that the line rejected."""
    asked = judged.rejected[judged.is_anomalous == of]
    return float(asked.mean()) if len(asked) else math.nan


def _chosen(x: float, y: float) -> Series:
    return Series("the threshold in use", [x], [y], "points")
