"""Opinions of several experts to one probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray

__all__ = ["fit_non_negative_logistic", "probability"]


def probability(columns: FloatArray, coefficients: FloatArray, /) -> FloatArray:
    """(N,) of (N, K) columns and (K + 1,) coefficients, the last of which is the offset."""
    log_odds = columns @ coefficients[:-1] + coefficients[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def fit_non_negative_logistic(
    columns: FloatArray,
    is_anomalous: NDArray[np.bool_],
    weights: FloatArray,
    /,
    *,
    strength: float = 0.5,
    prior: float = 0.0,
) -> FloatArray:
    """(K + 1,) coefficients of a logistic regression on (N, K) columns, none of the K below zero.

    More surprise must never make an object more normal; without the bound a few pictures can teach just that.
    ``strength`` is the inverse of the L2 penalty: more trusts the training pictures more and claims higher confidence.
    ``prior`` is the weight of each column where the pictures say nothing.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 (slow to import, only training needs it)

    sign = np.where(is_anomalous, 1.0, -1.0)

    def loss(coefficients: FloatArray) -> tuple[float, FloatArray]:
        slopes = coefficients[:-1]
        margin = sign * (columns @ slopes + coefficients[-1])
        pull = -weights * sign * 0.5 * (1 - np.tanh(margin / 2))
        gradient = strength * np.append(columns.T @ pull, pull.sum()) + np.append(slopes - prior, 0.0)
        return float(
            strength * (weights * np.logaddexp(0, -margin)).sum() + 0.5 * ((slopes - prior) ** 2).sum()
        ), gradient

    count = columns.shape[1]
    bounds = [(0.0, None)] * count + [(None, None)]
    start = np.append(np.full(count, 0.1), 0.0)
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x, dtype=np.float64)
