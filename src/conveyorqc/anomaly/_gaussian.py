"""The one-class expert: how far a picture is from the cloud of the normal ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conveyorqc.core import FloatArray

__all__ = ["NOTICEABLE", "Gaussian", "fit_gaussian", "whitening_of"]

NOTICEABLE = 0.01
"""A small difference in any number of the recipe. It is added to every spread, so that a number which happened to
be constant in training does not make a hair's breadth an anomaly."""

_FAR = 12.0
"""Standard deviations beyond which more makes no difference: one wild number must not hide the others."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaussian:
    """A normal distribution of D numbers, standardised: ``mean`` (D,), ``spread`` (D,), ``precision`` (D, D)."""

    mean: FloatArray
    spread: FloatArray
    precision: FloatArray

    def distance(self, rows: FloatArray, /) -> FloatArray:
        """(N,) log of the mean squared Mahalanobis distance of (N, D) rows; about 0 for what is usual."""
        standard = np.clip((rows - self.mean) / self.spread, -_FAR, _FAR)
        squared = np.einsum("ni,ij,nj->n", standard, self.precision, standard)
        return np.asarray(np.log(np.maximum(squared, 0.0) / rows.shape[1] + 1e-3))


def fit_gaussian(rows: FloatArray, /) -> Gaussian:
    """The distribution of (N, D) rows, N >= 1, with the covariance shrunk so that it can be inverted also where
    D > N. O. Ledoit and M. Wolf (2004), DOI 10.1016/S0047-259X(03)00096-4.
    """  # noqa: D205 (the thought needs its second half)
    from sklearn.covariance import ledoit_wolf  # noqa: PLC0415 (only training needs scikit-learn)

    mean, spread = rows.mean(axis=0), np.hypot(rows.std(axis=0), NOTICEABLE)
    covariance, _ = ledoit_wolf((rows - mean) / spread)
    # What never varied leaves zeros on the diagonal when nothing at all varies: a little noise is always assumed.
    return Gaussian(mean, spread, np.linalg.inv(covariance + 1e-3 * np.eye(rows.shape[1])))


def whitening_of(rows: FloatArray, /, *, shrink: float) -> FloatArray:
    """(c, c) symmetric matrix that gives centred (N, c) rows unit covariance, shrunk towards its diagonal.

    Differences that are not `NOTICEABLE` stay small.
    """
    covariance = rows.T @ rows / max(len(rows), 1)
    diagonal = np.diag(np.diag(covariance)) + NOTICEABLE**2 * np.eye(len(covariance))
    values, axes = np.linalg.eigh((1 - shrink) * covariance + shrink * diagonal)
    return np.asarray(axes / np.sqrt(np.maximum(values, 1e-8)) @ axes.T)
