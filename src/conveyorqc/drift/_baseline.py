"""What is usual, and how large a sum of deviations from it chance alone hardly ever makes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import FloatArray

__all__ = ["Baseline", "Ranks", "baseline_of"]

_BATCH = 10
_SPREADS = 4.0
"""Deviations count up to so many spreads: a broken object among sound ones is no drift."""

_LEAST = 8.0
"""Threshold in tolerances at the least, so that a few odd objects in a row are no drift either."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """How a cumulative sum (Page 1954, DOI 10.1093/biomet/41.1-2.100) of one feature is run.

    Attributes:
        center: what is usual.
        clip: the largest deviation that counts.
        allowance: what is taken off each deviation before it is added up.
        threshold: of the sum, for an alarm.
    """

    center: float
    clip: float
    allowance: float
    threshold: float

    def deviation(self, value: float, /) -> float:
        """From what is usual, at most ``clip``."""
        return min(max(value - self.center, -self.clip), self.clip)


def baseline_of(values: FloatArray, /, *, tolerance: float, false_alarm_every: float) -> Baseline:
    """The baseline of a reference.

    The allowance is half the tolerance and twice the standard error of the centre. By the bound of Lundberg and Wald
    the sum of numbers of variance v and mean -a reaches h by chance with probability exp(-2 a h / v): h is such that
    it keeps to ``false_alarm_every`` even where the true mean is off by half the allowance. The variance is that of
    batch means where neighbours are alike (light that swings), and its upper limit rather than its estimate.

    Args:
        values: (N,) of the feature, in order.
        tolerance: the smallest change worth an alarm.
        false_alarm_every: objects. More makes alarms rarer and later.
    """
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    clip = max(_SPREADS * float(high - low) / 2.563, 2 * tolerance)  # 2.563 sd from the 10th to the 90th percentile
    clipped = np.clip(values - middle, -clip, clip)
    variance = _long_run_variance(clipped)
    allowance = tolerance / 2 + 2 * math.sqrt(variance / len(values))
    upper = variance * (1 + 2 * math.sqrt(2 / len(values)))
    threshold = max(upper * math.log(false_alarm_every) / allowance, _LEAST * tolerance)
    return Baseline(float(middle + clipped.mean()), clip, allowance, threshold)


def _long_run_variance(values: FloatArray) -> float:
    """The variance that sums over many neighbours see: of single values, or of batches where that is clearly more."""
    single = float(values.var())
    batches = values[: len(values) // _BATCH * _BATCH].reshape(-1, _BATCH).mean(axis=1)
    together = float(batches.var(ddof=1)) * _BATCH
    chance = 1 + 2 * math.sqrt(2 / (len(batches) - 1))
    return together if together > chance * single else single


@dataclass(frozen=True, slots=True)
class Ranks:
    """Places of values among those of a reference: of any distribution, a uniform one.

    Attributes:
        sorted: the reference, ascending.
        tie: values that differ by less are partly the same.
    """

    sorted: tuple[float, ...]
    tie: float

    @classmethod
    def of(cls, values: Sequence[float], /) -> Ranks:
        """The ranks among ``values``; a hundredth of the largest of them is no difference."""
        return cls(tuple(sorted(values)), 0.01 * (max(map(abs, values)) or 1.0))

    def place(self, value: float, /) -> float:
        """From 0, below all, to 1, above all."""
        return float(np.clip((value - np.array(self.sorted)) / self.tie, -1.0, 1.0).mean() + 1) / 2
