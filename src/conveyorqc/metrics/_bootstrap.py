"""How far figures could be off, by drawing the objects again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray, IntArray
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._classification import as_labels
from conveyorqc.metrics._estimate import Estimate, check_level

__all__ = [
    "Statistic",
    "bootstrap_intervals",
    "calibration_statistic",
    "decision_statistics",
    "object_numbers",
    "ranking_statistics",
    "squared_error_statistic",
    "widened",
]

Statistic: TypeAlias = Callable[[FloatArray], FloatArray]
"""From weights (B, N), how often each item counts in each of B resamples, to the figure of each: (B,), NaN for none."""

_AT_A_TIME = 2_000_000  # weights in memory


def bootstrap_intervals(
    statistics: Mapping[str, Statistic],
    objects: IntArray,
    /,
    *,
    rng: np.random.Generator,
    resamples: int = 1000,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Percentile intervals of all ``statistics``, over the same resamples of whole objects.

    Efron (1979), DOI 10.1214/aos/1176344552, by cluster: all views of an object are drawn together, for they are no
    independent evidence. Resamples in which a figure does not exist (no anomaly was drawn) are left out.

    Args:
        statistics: by name.
        objects: (N,) number of the object of each item, 0 to M - 1, each of them there.
        rng: draws the objects.
        resamples: more steady the ends of the interval and take longer.
        level: of confidence.

    Returns:
        Low and high by name; 0 and 1 where a figure existed in no resample.

    Raises:
        InvalidInput: if ``resamples`` is below 1 or ``level`` not between 0 and 1.
    """
    check_level(level)
    if resamples < 1:
        raise InvalidInput(f"resamples: expected 1 or more, got {resamples}")
    drawn: dict[str, list[FloatArray]] = {name: [] for name in statistics}
    for weights in _resamples(objects, rng=rng, count=resamples):
        for name, statistic in statistics.items():
            drawn[name].append(statistic(weights))
    return {name: _middle(np.concatenate([np.empty(0), *values]), level) for name, values in drawn.items()}


def widened(estimate: Estimate, low: float, high: float, /) -> Estimate:
    """``estimate`` with an interval that also holds ``low`` to ``high``; one without a value stays as it is."""
    if estimate.value is None:
        return estimate
    return Estimate(estimate.value, estimate.n, min(estimate.low, low), max(estimate.high, high))


def object_numbers(object_ids: Sequence[object], /) -> IntArray:
    """(N,) int64: which object each item is of, numbered in the order in which they first occur.

    >>> object_numbers(["b", "a", "b"]).tolist()
    [0, 1, 0]
    """
    numbers = {name: number for number, name in enumerate(dict.fromkeys(object_ids))}
    return np.array([numbers[name] for name in object_ids], dtype=np.int64)


def decision_statistics(truth: ArrayLike, decided: ArrayLike, /) -> dict[str, Statistic]:
    """``precision``, ``recall`` and ``f1`` of decisions, (N,) bool each."""
    actual, called = as_labels(truth, name="truth"), as_labels(decided, name="decided")
    kinds = np.stack([actual & called, actual, called], axis=1).astype(np.float64)

    def shares(weights: FloatArray, over: Sequence[float], factor: float) -> FloatArray:
        sums = weights @ kinds
        return _ratio(factor * sums[:, 0], sums @ np.asarray(over))

    return {
        "precision": lambda weights: shares(weights, (0, 0, 1), 1),
        "recall": lambda weights: shares(weights, (0, 1, 0), 1),
        "f1": lambda weights: shares(weights, (0, 1, 1), 2),  # 2 tp / (positive + called positive)
    }


def ranking_statistics(truth: ArrayLike, scores: ArrayLike, /) -> dict[str, Statistic]:
    """``auroc`` and ``average_precision`` of scores (N,), higher is worse; ties as in the functions so named."""
    labels, values = as_labels(truth, name="truth"), np.asarray(scores, dtype=np.float64)
    order = np.argsort(-values, kind="stable")
    falling, bad = values[order], labels[order]
    ends = np.flatnonzero(np.append(falling[1:] != falling[:-1], True)) if len(falling) else np.empty(0, np.int64)

    def running(weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Positives and negatives that reach each distinct score, from the highest down, after a column of 0."""
        ordered = weights[:, order]
        columns = (np.cumsum(ordered * kind, axis=1)[:, ends] for kind in (bad, ~bad))
        hits, alarms = (np.pad(column, ((0, 0), (1, 0))) for column in columns)
        return hits, alarms

    def area(weights: FloatArray) -> FloatArray:
        hits, alarms = running(weights)
        trapezia = np.diff(alarms, axis=1) * (hits[:, 1:] + hits[:, :-1]) / 2
        return _ratio(trapezia.sum(axis=1), hits[:, -1] * alarms[:, -1])

    def precision(weights: FloatArray) -> FloatArray:
        hits, alarms = running(weights)
        at = np.diff(hits, axis=1) * hits[:, 1:] / np.maximum(hits[:, 1:] + alarms[:, 1:], 1)
        return _ratio(at.sum(axis=1), hits[:, -1])

    return {"auroc": area, "average_precision": precision}


def squared_error_statistic(truth: ArrayLike, probabilities: ArrayLike, /) -> Statistic:
    """The Brier score of probabilities (N,) of an anomaly."""
    errors = (np.asarray(probabilities, dtype=np.float64) - as_labels(truth, name="truth")) ** 2
    return lambda weights: _ratio(weights @ errors, weights.sum(axis=1))


def calibration_statistic(truth: ArrayLike, probabilities: ArrayLike, /, *, bins: int = 10) -> Statistic:
    """The expected calibration error of probabilities (N,) of an anomaly, over ``bins`` of equal width."""
    stated = np.asarray(probabilities, dtype=np.float64)
    excess = stated - as_labels(truth, name="truth")
    places = np.minimum((stated * bins).astype(np.int64), bins - 1)
    spread = np.zeros((len(stated), bins))
    spread[np.arange(len(stated)), places] = excess
    return lambda weights: _ratio(np.abs(weights @ spread).sum(axis=1), weights.sum(axis=1))


def _resamples(objects: IntArray, *, rng: np.random.Generator, count: int) -> Iterator[FloatArray]:
    """How often each item is drawn, (B, N) at a time."""
    total = int(objects.max()) + 1 if len(objects) else 0
    at_a_time = max(1, _AT_A_TIME // max(len(objects), 1))
    for start in range(0, count if total else 0, at_a_time):
        draws = rng.multinomial(total, np.full(total, 1 / total), size=min(at_a_time, count - start))
        yield draws[:, objects].astype(np.float64)


def _middle(values: FloatArray, level: float) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    result: NDArray[np.float64] = np.full(np.shape(whole), np.nan)
    return np.divide(part, whole, out=result, where=whole > 0)
