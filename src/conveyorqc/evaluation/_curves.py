"""The curves of an evaluation, each of half the width of a page but the last."""

from __future__ import annotations

import math
from xml.etree.ElementTree import Element

import numpy as np

from conveyorqc.evaluation._evaluate import Evaluation
from conveyorqc.metrics import CalibratedThreshold, expected_costs, operating_points, reliability
from conveyorqc.report import Group, Mark, Series, histogram, xy_chart

__all__ = ["cost_chart", "precision_recall_chart", "reliability_chart", "roc_chart", "score_chart"]

_HALF = 470  # px: two charts side by side
_UNIT = (-0.02, 1.02)


def precision_recall_chart(evaluation: Evaluation, /) -> Element:
    """Share of the rejects that are defects against share of the defects that is found, at every threshold."""
    points = operating_points(evaluation.is_anomalous, evaluation.scores)
    common = float(evaluation.is_anomalous.mean()) if len(evaluation.is_anomalous) else math.nan
    figures = evaluation.objects
    return xy_chart(
        [
            Series("model", points.recall, points.precision),
            Series("chance", [0, 1], [common, common], "dashed"),
            Series("its threshold", [_value(figures.recall.value)], [_value(figures.precision.value)], "points"),
        ],
        title="Precision and recall",
        x_label="recall: defects rejected",
        y_label="precision: rejects that are defects",
        x_limits=_UNIT,
        y_limits=_UNIT,
        width=_HALF,
    )


def roc_chart(evaluation: Evaluation, /) -> Element:
    """Share of the defects that is found against share of the normal objects that is lost, at every threshold."""
    points, figures = operating_points(evaluation.is_anomalous, evaluation.scores), evaluation.objects
    normal = figures.fp + figures.tn
    lost = figures.fp / normal if normal else math.nan
    return xy_chart(
        [
            Series("model", points.false_reject_rate, points.recall),
            Series("chance", [0, 1], [0, 1], "dashed"),
            Series("its threshold", [lost], [_value(figures.recall.value)], "points"),
        ],
        title="ROC curve",
        x_label="normal objects rejected",
        y_label="defects rejected",
        x_limits=_UNIT,
        y_limits=_UNIT,
        width=_HALF,
    )


def score_chart(evaluation: Evaluation, threshold: float, /) -> Element:
    """How often each score comes, normal and anomalous objects apart."""
    bad = evaluation.is_anomalous
    return histogram(
        [Group("normal", evaluation.scores[~bad]), Group("anomalous", evaluation.scores[bad])],
        title="Scores of normal and anomalous objects",
        x_label="score, higher is worse",
        bins=24,
        marks=[Mark(threshold, "threshold")],
        width=_HALF,
        height=340,
    )


def reliability_chart(evaluation: Evaluation, /) -> Element:
    """Stated probability of a defect against how often there was one."""
    bins = reliability(evaluation.is_anomalous, evaluation.probabilities)
    stated = [one.stated for one in bins]
    ends = [(one.stated, end) for one in bins for end in (one.observed.low, one.observed.high, math.nan)]
    return xy_chart(
        [
            Series("observed", stated, [_value(one.observed.value) for one in bins], "points"),
            Series("as stated", [0, 1], [0, 1], "dashed"),
            Series("95 % interval", [x for x, _ in ends], [y for _, y in ends]),
        ],
        title="Reliability diagram",
        x_label="stated probability of a defect",
        y_label="observed share of defects",
        x_limits=_UNIT,
        y_limits=_UNIT,
        width=_HALF,
    )


def cost_chart(
    evaluation: Evaluation,
    threshold: float,
    chosen: CalibratedThreshold,
    /,
    *,
    cost_false_reject: float,
    cost_false_pass: float,
) -> Element:
    """Expected cost per object at every threshold."""
    points = operating_points(evaluation.is_anomalous, evaluation.scores)
    costs = expected_costs(
        points,
        cost_false_reject=cost_false_reject,
        cost_false_pass=cost_false_pass,
        prevalence=min(max(chosen.prevalence, 1e-9), 1 - 1e-9),
    )
    # A threshold up to a score rejects from it on, so the cost changes just above each score.
    rising = np.unique(evaluation.scores)
    margin = 0.05 * (float(np.ptp(rising)) or 1.0)
    edges = np.concatenate([rising[:1] - margin, rising, rising[-1:] + margin])
    marks = [Mark(threshold, "the model's threshold")]
    if chosen.threshold is not None:
        marks.append(Mark(chosen.threshold, "the cheapest"))
    # Marks that stand close together would be written over each other.
    near = len(marks) > 1 and abs(marks[0].x - marks[1].x) < 0.2 * float(np.ptp(edges))
    if near:
        marks = [Mark(marks[0].x, "the model's and the cheapest threshold"), Mark(marks[1].x, "")]
    series = [Series("cost", edges, np.append(costs[::-1], costs[0]), "step")]
    return xy_chart(
        series,
        title="Expected cost per object",
        x_label="threshold",
        y_label="expected cost per object",
        marks=marks,
        height=280,
    )


def _value(value: float | None) -> float:
    return math.nan if value is None else value
