"""A figure never comes alone: its value, what it rests on, and how far it could be off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.errors import InvalidInput

__all__ = ["Estimate", "bounded_mean", "check_level", "clopper_pearson", "share"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, mostly in [0, 1], with its interval.

    Attributes:
        value: the point estimate; None where the data cannot say (``n`` is 0, or one class is missing).
        n: how many things it rests on.
        low, high: the interval, 95 % unless another level was asked for; 0 and 1 where ``value`` is None.

    >>> print(clopper_pearson(93, 96))
    0.969 [0.911, 0.994] (n=96)
    """

    value: float | None
    n: int
    low: float
    high: float

    def __str__(self) -> str:
        shown = "n/a" if self.value is None else f"{self.value:.3f}"
        return f"{shown} [{self.low:.3f}, {self.high:.3f}] (n={self.n})"


def clopper_pearson(successes: int, n: int, /, *, level: float = 0.95) -> Estimate:
    """``successes / n`` with its exact interval: it covers the truth at least as often as ``level`` says.

    Clopper and Pearson (1934), DOI 10.1093/biomet/26.4.404. The trials must be independent: count objects, not views
    of the same object.

    Args:
        successes: 0 to ``n``.
        n: trials; 0 gives no value and the interval [0, 1].
        level: of confidence, between 0 and 1.

    Raises:
        InvalidInput: if ``successes`` is not in 0 to ``n`` or ``level`` not between 0 and 1.

    >>> estimate = clopper_pearson(22, 22)
    >>> round(estimate.low, 3), estimate.high
    (0.846, 1.0)
    """
    if not 0 <= successes <= n:
        raise InvalidInput(f"successes: expected 0 to {n}, got {successes}")
    return share(successes, n, level=level)


def bounded_mean(values: ArrayLike, /, *, level: float = 0.95) -> Estimate:
    """The mean of numbers in [0, 1], with the interval of a coin of the same mean.

    Of all distributions on [0, 1] with a given mean a coin varies most (Hoeffding 1963,
    DOI 10.1080/01621459.1963.10500830), so the interval errs on the wide side, and never shrinks to a point.

    Raises:
        InvalidInput: if the numbers are not in [0, 1].
    """
    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not ((numbers >= 0) & (numbers <= 1)).all():
        raise InvalidInput(f"values: expected a flat array of numbers in [0, 1], got shape {numbers.shape}")
    return share(float(numbers.sum()), len(numbers), level=level)


def share(successes: float, n: int, /, *, level: float) -> Estimate:
    """``successes / n`` with the Clopper–Pearson interval in its beta form, which also takes broken successes."""
    check_level(level)
    if n == 0:
        return Estimate(None, 0, 0.0, 1.0)
    # scipy.special takes longer to import than this package: load it when the first figure is made.
    from scipy.special import betaincinv  # noqa: PLC0415

    tail = (1 - level) / 2
    # Sums of fractions may miss 0 and n by a rounding error, where the beta form is not defined.
    hits = min(max(successes, 0.0), float(n))
    low = 0.0 if hits <= 0 else float(betaincinv(hits, n - hits + 1, tail))
    high = 1.0 if hits >= n else float(betaincinv(hits + 1, n - hits, 1 - tail))
    return Estimate(hits / n, n, low, high)


def check_level(level: float, /) -> None:
    """Raise InvalidInput unless ``level`` lies between 0 and 1."""
    if not 0 < level < 1:
        raise InvalidInput(f"level: expected a number between 0 and 1, got {level}")
