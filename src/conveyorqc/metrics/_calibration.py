"""Whether a stated probability means what it says."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._classification import as_labels
from conveyorqc.metrics._estimate import Estimate, bounded_mean, check_level

__all__ = ["brier", "expected_calibration_error"]


def brier(truth: ArrayLike, probabilities: ArrayLike, /, *, level: float = 0.95) -> Estimate:
    """Mean squared distance between the probability of an anomaly and what it was; 0 is best, 0.25 is a coin.

    Brier (1950). See `bounded_mean` for the interval.

    Args:
        truth: (N,) bool, True for anomalous.
        probabilities: (N,) in [0, 1], of being anomalous (for a normal verdict that is ``1 - confidence``).
        level: of confidence of the interval.

    Raises:
        InvalidInput: if the arrays are not flat and of one length, or a probability is outside [0, 1].

    >>> round(brier([True, False], [0.9, 0.2]).value, 3)
    0.025
    """
    labels, stated = _checked(truth, probabilities)
    return bounded_mean((stated - labels) ** 2, level=level)


def expected_calibration_error(
    truth: ArrayLike,
    probabilities: ArrayLike,
    /,
    *,
    rng: np.random.Generator,
    bins: int = 10,
    resamples: int = 1000,
    level: float = 0.95,
) -> Estimate:
    """Mean distance between stated probability and observed frequency, over bins of equal width; 0 is best.

    Naeini et al. (2015), DOI 10.1609/aaai.v29i1.9602. Chance alone keeps it above 0 for few items. The interval holds
    the middle of bootstrap resamples, widened where needed to include the value itself.

    Args:
        truth: (N,) bool, True for anomalous.
        probabilities: (N,) in [0, 1], of being anomalous.
        rng: draws the resamples.
        bins: of [0, 1]; more see finer and are noisier.
        resamples: for the interval; more steady it and take longer.
        level: of confidence of the interval.

    Raises:
        InvalidInput: if the arrays are not flat and of one length, a probability is outside [0, 1], or ``bins`` or
            ``resamples`` is below 1.
    """
    check_level(level)
    if bins < 1 or resamples < 1:
        raise InvalidInput(f"bins, resamples: expected 1 or more, got {bins} and {resamples}")
    labels, stated = _checked(truth, probabilities)
    if not len(labels):
        return Estimate(None, 0, 0.0, 1.0)
    places = np.minimum((stated * bins).astype(np.int64), bins - 1)
    excess = stated - labels
    value = _binned_error(places, excess, bins)
    drawn = rng.integers(len(labels), size=(resamples, len(labels)))
    errors = [_binned_error(places[rows], excess[rows], bins) for rows in drawn]
    low, high = np.quantile(errors, [(1 - level) / 2, (1 + level) / 2])
    return Estimate(value, len(labels), min(float(low), value), max(float(high), value))


def _binned_error(places: NDArray[np.int64], excess: FloatArray, bins: int) -> float:
    # |mean stated - mean observed| times the share of the bin is |sum of the differences| / N.
    return float(np.abs(np.bincount(places, weights=excess, minlength=bins)).sum() / len(places))


def _checked(truth: ArrayLike, probabilities: ArrayLike) -> tuple[NDArray[np.bool_], FloatArray]:
    labels, stated = as_labels(truth, name="truth"), np.asarray(probabilities, dtype=np.float64)
    if stated.shape != labels.shape or not ((stated >= 0) & (stated <= 1)).all():
        raise InvalidInput(f"probabilities: expected {len(labels)} numbers in [0, 1], got shape {stated.shape}")
    return labels, stated
