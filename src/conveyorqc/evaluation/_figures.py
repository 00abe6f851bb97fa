"""The seven figures of a judge, each with its n and an interval that does not flatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import IntArray, Verdict
from conveyorqc.evaluation._scores import probabilities_of, scores_of
from conveyorqc.metrics import (
    Estimate,
    auroc,
    average_precision,
    bootstrap_intervals,
    brier,
    calibration_statistic,
    classification_scores,
    decision_statistics,
    expected_calibration_error,
    ranking_statistics,
    squared_error_statistic,
    widened,
)

__all__ = ["FIGURES", "Figures", "measure"]


@dataclass(frozen=True, slots=True)
class Figures:
    """What decisions and probabilities are worth.

    Precision and recall have Clopper–Pearson intervals. F1, AUROC and average precision have the wider one, at
    each end, of an analytic interval that does not shrink to a point when all is right and a bootstrap that draws whole
    objects. Brier score and calibration error have the bootstrap's. Where several pictures show one object, its
    bootstrap widens precision and recall too, for such pictures are no independent trials.

    Attributes:
        precision: of what was called anomalous, the share that is.
        recall: of what is anomalous, the share that was called so.
        f1: their harmonic mean.
        auroc: how often an anomalous one scores higher than a normal one.
        average_precision: mean precision over the anomalous ones, each at the threshold of its own score.
        brier: mean squared error of the probability; 0 is best.
        ece: expected calibration error, stated probability against observed frequency; 0 is best.
        tp, fp, fn, tn: counts; positive means anomalous.
    """

    precision: Estimate
    recall: Estimate
    f1: Estimate
    auroc: Estimate
    average_precision: Estimate
    brier: Estimate
    ece: Estimate
    tp: int
    fp: int
    fn: int
    tn: int

    def estimates(self) -> dict[str, Estimate]:
        """The seven figures by name."""
        return {name: getattr(self, name) for name in FIGURES}


FIGURES = ("precision", "recall", "f1", "auroc", "average_precision", "brier", "ece")
"""Names of the figures, in the order in which they are shown."""


def measure(
    verdicts: Sequence[Verdict], truth: NDArray[np.bool_], objects: IntArray, *, seed: int, resamples: int
) -> Figures:
    """Figures of ``verdicts`` on items of which ``objects`` says, by number, which object each shows."""
    decided = np.array([verdict.is_anomalous for verdict in verdicts], dtype=np.bool_)
    scores, stated = scores_of(verdicts), probabilities_of(verdicts)
    right = classification_scores(truth, decided)
    plain = {
        "precision": right.precision,
        "recall": right.recall,
        "f1": right.f1,
        "auroc": auroc(truth, scores),
        "average_precision": average_precision(truth, scores),
        "brier": _point(brier(truth, stated)),
        "ece": _point(expected_calibration_error(truth, stated, rng=np.random.default_rng(seed), resamples=1)),
    }
    statistics = {
        **decision_statistics(truth, decided),
        **ranking_statistics(truth, scores),
        "brier": squared_error_statistic(truth, stated),
        "ece": calibration_statistic(truth, stated),
    }
    if objects.max(initial=-1) + 1 == len(objects):  # one each: Clopper and Pearson's interval is exact
        del statistics["precision"], statistics["recall"]
    intervals = bootstrap_intervals(statistics, objects, rng=np.random.default_rng(seed), resamples=resamples)
    figures = {name: widened(one, *intervals[name]) if name in intervals else one for name, one in plain.items()}
    return Figures(**figures, tp=right.tp, fp=right.fp, fn=right.fn, tn=len(truth) - right.tp - right.fp - right.fn)


def _point(estimate: Estimate) -> Estimate:
    """The value with no interval but itself."""
    if estimate.value is None:
        return estimate
    return Estimate(estimate.value, estimate.n, estimate.value, estimate.value)
