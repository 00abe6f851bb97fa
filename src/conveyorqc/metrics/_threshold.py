"""The threshold that costs least, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray, IntArray
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._classification import as_labels
from conveyorqc.metrics._curves import OperatingPoints, operating_points
from conveyorqc.metrics._estimate import Estimate, check_level, clopper_pearson

__all__ = ["CalibratedThreshold", "calibrate_threshold", "expected_costs"]

_AT_A_TIME = 1_000_000  # costs in memory


@dataclass(frozen=True, slots=True)
class CalibratedThreshold:
    """A threshold by cost, and what to expect of it.

    Attributes:
        threshold: a score that reaches it is rejected; None where no threshold keeps the limit on false rejects and
            rejects anything at all that is anomalous.
        low, high: bootstrap interval of ``threshold``; None without one.
        expected_cost: per object of the line, in the unit of the costs. Its interval adds up the ends of the
            intervals of the two rates below, so it errs on the wide side.
        false_rejects: share of the normal objects that is rejected, with its Clopper–Pearson interval.
        false_passes: share of the anomalous objects that is passed, likewise.
        prevalence: share of anomalous objects that the cost was weighted with.
        note: what to know before using it, in plain words; empty when there is nothing.
    """

    threshold: float | None
    low: float | None
    high: float | None
    expected_cost: Estimate
    false_rejects: Estimate
    false_passes: Estimate
    prevalence: float
    note: str


@dataclass(frozen=True, slots=True)
class _Costs:
    """What mistakes cost, how common anomalies are, and how many normal objects may be rejected."""

    false_reject: float
    false_pass: float
    prevalence: float
    most_false_rejects: float

    def per_object(self, false_rejects: FloatArray, false_passes: FloatArray) -> FloatArray:
        normal, anomalous = (1 - self.prevalence) * self.false_reject, self.prevalence * self.false_pass
        return normal * false_rejects + anomalous * false_passes

    def cheapest(self, false_rejects: FloatArray, false_passes: FloatArray) -> IntArray:
        """(B,) column of (B, K) rates that costs least within the limit; of equals the one that passes least."""
        cost = self.per_object(false_rejects, false_passes)
        cost[false_rejects > self.most_false_rejects + 1e-12] = np.inf
        least = cost.min(axis=1, keepdims=True)
        tied = cost <= least + 1e-12 * (self.false_reject + self.false_pass)
        return np.asarray(cost.shape[1] - 1 - np.argmax(tied[:, ::-1], axis=1))


def calibrate_threshold(
    scores: ArrayLike,
    labels: ArrayLike,
    cost_false_reject: float,
    cost_false_pass: float,
    *,
    max_false_reject: float | None = None,
    prevalence: float | None = None,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> CalibratedThreshold:
    """The threshold with the least expected cost per object.

    Of thresholds that cost the same it takes the lowest, which passes fewest defects. The figures rest on the objects
    that chose the threshold and flatter it a little; measure on others before you rely on them.

    Args:
        scores: (N,) finite, higher is worse, one per object (views of an object combined): best of objects that the
            model had not seen.
        labels: (N,) "normal" or "anomaly", or False and True.
        cost_false_reject: of a normal object that is rejected, in any unit; above 0.
        cost_false_pass: of an anomalous object that is passed, in the same unit; above 0. Only the ratio of the two
            moves the threshold: a higher one lowers it.
        max_false_reject: share of normal objects that may be rejected at the most, as measured on these; None for no
            limit. A lower one raises the threshold.
        prevalence: share of anomalous objects on the line. None takes that of ``labels``, which is seldom the line's:
            defects are collected. A lower one raises the threshold.
        seed: of the bootstrap.
        resamples: of the bootstrap; more steady the interval of the threshold and take longer.
        level: of confidence of all intervals.

    Raises:
        InvalidInput: if the arrays do not match, one kind is missing, or a number is outside its range.

    >>> chosen = calibrate_threshold([0.1, 0.2, 0.6, 0.4, 0.9], [0, 0, 0, 1, 1], 1.0, 10.0)
    >>> round(chosen.threshold, 2), round(chosen.expected_cost.value, 2)
    (0.3, 0.2)
    """
    check_level(level)
    anomalous = as_labels(labels, name="labels")
    points = operating_points(anomalous, scores)
    if not (points.normal and points.anomalous):
        raise InvalidInput(f"labels: expected both kinds, got {points.normal} normal, {points.anomalous} anomalous")
    if resamples < 1:
        raise InvalidInput(f"resamples: expected 1 or more, got {resamples}")
    costs = _checked_costs(points, cost_false_reject, cost_false_pass, max_false_reject, prevalence)
    chosen = int(costs.cheapest(points.false_reject_rate[None], 1 - points.recall[None])[0])
    if max_false_reject is not None and not points.hits[chosen] and _limit_binds(points, costs):
        return _none_keeps(points, costs)
    drawn = _drawn_thresholds(points, anomalous, scores, costs, (seed, resamples))
    return _described(points, costs, chosen, drawn, level)


def expected_costs(
    points: OperatingPoints, /, *, cost_false_reject: float, cost_false_pass: float, prevalence: float | None = None
) -> FloatArray:
    """(K,) expected cost per object at each threshold of ``points``: the cost curve.

    Args:
        points: with both kinds.
        cost_false_reject: see `calibrate_threshold`.
        cost_false_pass: likewise.
        prevalence: likewise.

    Raises:
        InvalidInput: if a cost is not above 0 or ``prevalence`` not between 0 and 1.
    """
    costs = _checked_costs(points, cost_false_reject, cost_false_pass, None, prevalence)
    return costs.per_object(points.false_reject_rate, 1 - points.recall)


def _checked_costs(
    points: OperatingPoints, false_reject: float, false_pass: float, limit: float | None, prevalence: float | None
) -> _Costs:
    for name, cost in (("cost_false_reject", false_reject), ("cost_false_pass", false_pass)):
        if not 0 < cost < np.inf:
            raise InvalidInput(f"{name}: expected a finite number above 0, got {cost}")
    if limit is not None and not 0 <= limit <= 1:
        raise InvalidInput(f"max_false_reject: expected a number in [0, 1], got {limit}")
    if prevalence is None:
        prevalence = points.anomalous / max(points.anomalous + points.normal, 1)
    elif not 0 < prevalence < 1:
        raise InvalidInput(f"prevalence: expected a number between 0 and 1, got {prevalence}")
    return _Costs(false_reject, false_pass, prevalence, 1.0 if limit is None else limit)


def _limit_binds(points: OperatingPoints, costs: _Costs) -> bool:
    """Whether nothing that rejects an anomalous object keeps the limit."""
    return bool(points.false_reject_rate[points.hits > 0].min() > costs.most_false_rejects + 1e-12)


def _none_keeps(points: OperatingPoints, costs: _Costs) -> CalibratedThreshold:
    first = int(points.alarms[points.hits > 0].min())
    note = (
        f"no threshold keeps false rejects at or below {costs.most_false_rejects:.1%} and rejects a defect: "
        f"the highest-scoring defect is reached only with {first} of {points.normal} normal objects rejected "
        f"({first / points.normal:.1%})"
    )
    rejects, passes = (Estimate(None, n, 0.0, 1.0) for n in (points.normal, points.anomalous))
    total = Estimate(None, points.normal + points.anomalous, 0.0, max(costs.false_reject, costs.false_pass))
    return CalibratedThreshold(None, None, None, total, rejects, passes, costs.prevalence, note)


def _drawn_thresholds(
    points: OperatingPoints, labels: NDArray[np.bool_], scores: ArrayLike, costs: _Costs, draw: tuple[int, int]
) -> FloatArray:
    """The threshold of each resample; normal and anomalous objects are drawn apart, for their mix is given."""
    rng, resamples = np.random.default_rng(draw[0]), draw[1]
    # Distinct scores from the highest down; column k of the rates rejects the first k of them.
    _, places = np.unique(-np.asarray(scores, dtype=np.float64), return_inverse=True)
    counts = [np.bincount(places[kind], minlength=len(points.thresholds) - 1) for kind in (~labels, labels)]
    thresholds, at_a_time = [], max(1, _AT_A_TIME // len(points.thresholds))
    for start in range(0, resamples, at_a_time):
        size = min(at_a_time, resamples - start)
        rates = [
            np.pad(np.cumsum(rng.multinomial(count.sum(), count / count.sum(), size), axis=1), ((0, 0), (1, 0)))
            / count.sum()
            for count in counts
        ]
        thresholds.append(points.thresholds[costs.cheapest(rates[0], 1 - rates[1])])
    return np.concatenate(thresholds)


def _described(
    points: OperatingPoints, costs: _Costs, chosen: int, drawn: FloatArray, level: float
) -> CalibratedThreshold:
    threshold = float(points.thresholds[chosen])
    low, high = (float(end) for end in np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2]))
    rejects = clopper_pearson(int(points.alarms[chosen]), points.normal, level=level)
    passes = clopper_pearson(points.anomalous - int(points.hits[chosen]), points.anomalous, level=level)
    rates = [
        np.array([measured, rate.low, rate.high])
        for measured, rate in ((points.false_reject_rate[chosen], rejects), (1 - points.recall[chosen], passes))
    ]
    value, least, most = costs.per_object(*rates).tolist()
    return CalibratedThreshold(
        threshold=threshold,
        low=min(low, threshold),
        high=max(high, threshold),
        expected_cost=Estimate(value, points.normal + points.anomalous, least, most),
        false_rejects=rejects,
        false_passes=passes,
        prevalence=costs.prevalence,
        note=_note(points, costs, chosen, rejects),
    )


def _note(points: OperatingPoints, costs: _Costs, chosen: int, rejects: Estimate) -> str:
    notes = []
    if not points.hits[chosen]:
        notes.append("at these costs it is cheapest to reject nothing")
    elif points.hits[chosen] == points.anomalous and points.alarms[chosen] == points.normal:
        notes.append("at these costs it is cheapest to reject everything")
    if rejects.high > costs.most_false_rejects:
        limit = f"{costs.most_false_rejects:.1%}"
        notes.append(
            f"false rejects were at or below {limit} on these {points.normal} normal objects; "
            f"up to {rejects.high:.1%} cannot be ruled out"
        )
    return "; ".join(notes)
