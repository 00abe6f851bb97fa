"""Opinions of several experts to one probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray

__all__ = ["fit_non_negative_logistic", "one_class_logistic", "probability", "surprise"]

_STRENGTH = 0.5
"""Inverse of the L2 penalty. More trusts the training pictures more and claims higher confidence."""

_NORMAL_QUANTILE = 0.95
"""Share of unseen normal pictures that a model without anomalies is to pass."""


def probability(columns: FloatArray, coefficients: FloatArray, /) -> FloatArray:
    """(N,) of (N, K) columns and (K + 1,) coefficients, the last of which is the offset."""
    log_odds = columns @ coefficients[:-1] + coefficients[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def surprise(standard: FloatArray, /) -> FloatArray:
    """(N,) one number for (N, E) standardised distances: their root mean square, what is below the usual left out."""
    return np.asarray(np.sqrt((np.maximum(standard, 0) ** 2).mean(axis=1)))


def fit_non_negative_logistic(
    columns: FloatArray, is_anomalous: NDArray[np.bool_], weights: FloatArray, /
) -> FloatArray:
    """(K + 1,) coefficients of a logistic regression on (N, K) columns, none of the K below zero.

    More surprise must never make an object more normal; without the bound a few pictures can teach just that.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 (slow to import, only training needs it)

    sign = np.where(is_anomalous, 1.0, -1.0)

    def loss(coefficients: FloatArray) -> tuple[float, FloatArray]:
        slopes = coefficients[:-1]
        margin = sign * (columns @ slopes + coefficients[-1])
        pull = -weights * sign * 0.5 * (1 - np.tanh(margin / 2))
        gradient = _STRENGTH * np.append(columns.T @ pull, pull.sum()) + np.append(slopes, 0.0)
        return float(_STRENGTH * (weights * np.logaddexp(0, -margin)).sum() + 0.5 * (slopes**2).sum()), gradient

    count = columns.shape[1]
    bounds = [(0.0, None)] * count + [(None, None)]
    start = np.append(np.full(count, 0.1), 0.0)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x, dtype=np.float64)


def one_class_logistic(surprises: FloatArray, /) -> FloatArray:
    """(2,) coefficients from the surprise (N,) of normal pictures alone, each seen by experts that did not know it.

    The probability is one half where 95 % of them pass, and 5 % for the most usual one.
    """
    usual, limit = np.quantile(surprises, (0.5, _NORMAL_QUANTILE))
    limit = max(limit, usual + 0.1)
    slope = np.log(1 / (1 - _NORMAL_QUANTILE) - 1) / (limit - usual)
    return np.array([slope, -slope * limit])
