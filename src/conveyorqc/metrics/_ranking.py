"""How well a score ranks anomalous above normal, whatever the threshold."""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._classification import as_labels
from conveyorqc.metrics._estimate import Estimate, check_level, share

__all__ = ["auroc", "average_precision"]

_BISECTIONS = 60


def auroc(truth: ArrayLike, scores: ArrayLike, /, *, level: float = 0.95) -> Estimate:
    """Area under the ROC curve: how often an anomalous item scores higher than a normal one; ties count half.

    The interval is method 5 of Newcombe (2006), DOI 10.1002/sim.2324: the values that the variance of Hanley and
    McNeil does not rule out. Unlike DeLong's or the bootstrap's it does not shrink to a point when all pairs are
    ranked right. It takes the items as independent: give one score per object.

    Args:
        truth: (N,) bool, True for anomalous.
        scores: (N,) finite, higher is worse.
        level: of confidence.

    Returns:
        The estimate, ``n`` = N; ``value`` is None when one of the classes is missing.

    Raises:
        InvalidInput: if the arrays are not flat, of one length and finite.

    >>> print(auroc([False, False, True, True], [0.1, 0.4, 0.35, 0.8]))
    0.750 [0.227, 0.967] (n=4)
    """
    labels, values = _checked(truth, scores, level)
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not (positives and negatives):
        return Estimate(None, len(labels), 0.0, 1.0)
    ranked_below = _midranks(values)[labels].sum() - positives * (positives + 1) / 2
    area = float(ranked_below) / (positives * negatives)
    low, high = (_bound(area, edge, lambda a: _auroc_variance(a, positives, negatives), level) for edge in (0.0, 1.0))
    return Estimate(area, len(labels), low, high)


def average_precision(truth: ArrayLike, scores: ArrayLike, /, *, level: float = 0.95) -> Estimate:
    """Mean of the precision over the positives, each at the threshold of its own score (step-wise PR area).

    The interval treats it as a proportion of the positives (Boyd, Eng and Page 2013,
    DOI 10.1007/978-3-642-40994-3_29), with beta quantiles, which do not shrink to a point at 1.

    Args:
        truth: (N,) bool, True for anomalous.
        scores: (N,) finite, higher is worse.
        level: of confidence.

    Returns:
        The estimate, ``n`` = number of positives; ``value`` is None when there is none.

    Raises:
        InvalidInput: if the arrays are not flat, of one length and finite.

    >>> average_precision([False, True, True], [0.2, 0.9, 0.1]).value
    0.8333333333333333
    """
    labels, values = _checked(truth, scores, level)
    order = np.argsort(-values, kind="stable")
    hits = np.cumsum(labels[order])
    # Items of equal score share the precision at the end of their run.
    ordered = values[order]
    ends = np.searchsorted(-ordered, -ordered, side="right") - 1
    precision = hits[ends] / (ends + 1)
    return share(float(precision[labels[order]].sum()), int(labels.sum()), level=level)


def _checked(truth: ArrayLike, scores: ArrayLike, level: float) -> tuple[NDArray[np.bool_], FloatArray]:
    check_level(level)
    labels, values = as_labels(truth, name="truth"), np.asarray(scores, dtype=np.float64)
    if values.shape != labels.shape or not np.isfinite(values).all():
        raise InvalidInput(f"scores: expected {len(labels)} finite numbers, got {values.shape}, NaN or infinity")
    return labels, values


def _midranks(values: FloatArray) -> FloatArray:
    """1-based ranks; equal values share the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse])


def _auroc_variance(area: float, positives: int, negatives: int) -> float:
    balance = (positives + negatives) / 2 - 1
    spread = 1 + balance * ((1 - area) / (2 - area) + area / (1 + area))
    return area * (1 - area) * spread / (positives * negatives)


def _bound(value: float, edge: float, variance: Callable[[float], float], level: float) -> float:
    """The candidate nearest to ``edge`` from which ``value`` is no more than z standard errors away, by bisection."""
    z = NormalDist().inv_cdf((1 + level) / 2)
    outside, inside = edge, value
    for _ in range(_BISECTIONS):
        middle = (outside + inside) / 2
        if (value - middle) ** 2 > z**2 * variance(middle):
            outside = middle
        else:
            inside = middle
    return inside
