"""The supervised expert: a support vector machine that was shown anomalies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._gaussian import NOTICEABLE
from conveyorqc.core import FloatArray

__all__ = ["KernelMachine", "fit_kernel_machine", "no_kernel_machine"]

_FAR = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class KernelMachine:
    """A radial-basis support vector machine on D numbers with S support vectors.

    ``mean`` and ``spread`` (D,) standardise; ``vectors`` (S, D) are standardised; ``weights`` (S,); ``offset`` (1,).
    """

    mean: FloatArray
    spread: FloatArray
    vectors: FloatArray
    weights: FloatArray
    offset: FloatArray

    def decide(self, rows: FloatArray, /) -> FloatArray:
        """(N,) for (N, D) rows: above 0 looks like the anomalies, below like the normal ones; ±1 is the margin."""
        standard = _standardised(rows, self.mean, self.spread)
        squared = (standard**2).sum(axis=1)[:, None] + (self.vectors**2).sum(axis=1) - 2 * standard @ self.vectors.T
        kernel = np.exp(-_gamma(rows.shape[1]) * np.maximum(squared, 0.0))
        return np.asarray(kernel @ self.weights + self.offset[0])


def no_kernel_machine(width: int, /) -> KernelMachine:
    """The machine of a model that was shown no anomalies: it has no opinion (0) on rows of ``width`` numbers."""
    return KernelMachine(np.zeros(width), np.ones(width), np.zeros((0, width)), np.zeros(0), np.zeros(1))


def fit_kernel_machine(rows: FloatArray, is_anomalous: NDArray[np.bool_], weights: FloatArray, /) -> KernelMachine:
    """The machine for (N, D) rows, labels (N,) of both kinds, and how much each row counts (N,).

    C. Cortes and V. Vapnik (1995), DOI 10.1007/BF00994018.
    """
    from sklearn.svm import SVC  # noqa: PLC0415 (only training needs scikit-learn)

    mean, spread = rows.mean(axis=0), np.hypot(rows.std(axis=0), NOTICEABLE)
    standard = _standardised(rows, mean, spread)
    machine = SVC(C=3.0, gamma=_gamma(rows.shape[1])).fit(standard, is_anomalous, sample_weight=weights)
    return KernelMachine(mean, spread, machine.support_vectors_, machine.dual_coef_[0], machine.intercept_)


def _standardised(rows: FloatArray, mean: FloatArray, spread: FloatArray) -> FloatArray:
    return np.asarray(np.clip((rows - mean) / spread, -_FAR, _FAR))


def _gamma(width: int) -> float:
    """Rows at the usual distance of each other, 2 ``width`` squared, still see each other a little."""
    return 0.5 / width
