"""What a score does at every threshold, and what a probability means in every range: the points of curves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import FloatArray, IntArray, read_only
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._classification import as_labels
from conveyorqc.metrics._estimate import Estimate, clopper_pearson

__all__ = ["OperatingPoints", "ReliabilityBin", "operating_points", "reliability"]


@dataclass(frozen=True, slots=True, eq=False)
class OperatingPoints:
    """What is decided at each threshold that makes a difference, from the highest down; a score that reaches it is bad.

    Attributes:
        thresholds: (K,) falling. The first lies above all scores and rejects nothing, the others lie half-way between
            neighbouring scores, the last is the lowest score and rejects everything.
        hits: (K,) anomalous items that reach it.
        alarms: (K,) normal items that reach it.
        anomalous: number of anomalous items.
        normal: number of normal items.
    """

    thresholds: FloatArray
    hits: IntArray
    alarms: IntArray
    anomalous: int
    normal: int

    def __post_init__(self) -> None:
        for name in ("thresholds", "hits", "alarms"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def recall(self) -> FloatArray:
        """(K,) share of the anomalous items that is found; NaN when there are none."""
        return self.hits / (self.anomalous or np.nan)

    @property
    def false_reject_rate(self) -> FloatArray:
        """(K,) share of the normal items that is rejected; NaN when there are none."""
        return self.alarms / (self.normal or np.nan)

    @property
    def precision(self) -> FloatArray:
        """(K,) share of the rejected that is anomalous; NaN where nothing is rejected."""
        rejected = (self.hits + self.alarms).astype(np.float64)
        rejected[rejected == 0] = np.nan
        return np.asarray(self.hits / rejected)


def operating_points(truth: ArrayLike, scores: ArrayLike, /) -> OperatingPoints:
    """What is decided at every threshold: the points of ROC, precision–recall and cost curves.

    Args:
        truth: (N,) True for anomalous.
        scores: (N,) finite, higher is worse.

    Raises:
        InvalidInput: if the arrays are not flat, of one length and finite.

    >>> points = operating_points([False, True, True], [0.25, 0.25, 0.75])
    >>> points.thresholds[1:].tolist(), points.hits.tolist(), points.alarms.tolist()
    ([0.5, 0.25], [0, 1, 2], [0, 0, 1])
    """
    labels, values = as_labels(truth, name="truth"), np.asarray(scores, dtype=np.float64)
    if values.shape != labels.shape or not np.isfinite(values).all():
        raise InvalidInput(f"scores: expected {len(labels)} finite numbers, got {values.shape}, NaN or infinity")
    distinct, places = np.unique(-values, return_inverse=True)
    falling = -distinct
    between = falling[:-1] / 2 + falling[1:] / 2
    # Half-way between neighbours of the last bit is the lower one again, which the upper one also reaches.
    above = np.nextafter(falling[:1] if len(falling) else np.zeros(1), np.inf)
    thresholds = np.concatenate([above, np.where(between > falling[1:], between, falling[:-1]), falling[-1:]])
    hits, alarms = (
        np.cumsum(np.bincount(places[kind], minlength=len(falling)), dtype=np.int64) for kind in (labels, ~labels)
    )
    positives = int(labels.sum())
    return OperatingPoints(thresholds, np.append(0, hits), np.append(0, alarms), positives, len(labels) - positives)


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Items whose stated probability lies in ``low`` to ``high``.

    Attributes:
        low, high: of the bin.
        stated: mean of the probabilities.
        observed: share that is anomalous, with its Clopper–Pearson interval.
    """

    low: float
    high: float
    stated: float
    observed: Estimate


def reliability(
    truth: ArrayLike, probabilities: ArrayLike, /, *, bins: int = 10, level: float = 0.95
) -> tuple[ReliabilityBin, ...]:
    """Stated probability against observed frequency: the points of a reliability diagram; empty bins are left out.

    Args:
        truth: (N,) True for anomalous.
        probabilities: (N,) in [0, 1], of being anomalous.
        bins: of equal width; more see finer and are noisier.
        level: of confidence of the intervals.

    Raises:
        InvalidInput: if the arrays are not flat and of one length, a probability is outside [0, 1], or ``bins`` is
            below 1.

    >>> [(one.stated, one.observed.value) for one in reliability([0, 1, 1], [0.25, 0.75, 0.75], bins=2)]
    [(0.25, 0.0), (0.75, 1.0)]
    """
    labels, stated = as_labels(truth, name="truth"), np.asarray(probabilities, dtype=np.float64)
    if stated.shape != labels.shape or not ((stated >= 0) & (stated <= 1)).all():
        raise InvalidInput(f"probabilities: expected {len(labels)} numbers in [0, 1], got shape {stated.shape}")
    if bins < 1:
        raise InvalidInput(f"bins: expected 1 or more, got {bins}")
    places = np.minimum((stated * bins).astype(np.int64), bins - 1)
    return tuple(
        ReliabilityBin(
            place / bins,
            (place + 1) / bins,
            float(stated[here].mean()),
            clopper_pearson(int(labels[here].sum()), int(here.sum()), level=level),
        )
        for place in np.unique(places).tolist()
        if (here := places == place).any()
    )
