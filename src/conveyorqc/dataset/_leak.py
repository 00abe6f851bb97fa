"""How well a picture tells its label without its object: a data set that leaks trains models that look away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray, IntArray
from conveyorqc.dataset._split import grouped_folds
from conveyorqc.errors import InvalidInput, NotEnoughData

__all__ = ["LEAK_AUROC", "background_scores"]

LEAK_AUROC = 0.7
"""Area under the ROC curve of the background alone above which a result may rest on the background."""

_FOLDS = 5
_ROUNDS = 4


def background_scores(
    features: ArrayLike, anomalous: ArrayLike, object_ids: Sequence[object], /, *, rng: np.random.Generator
) -> tuple[NDArray[np.bool_], FloatArray]:
    """What a small classifier says of each object that has seen the surroundings of *other* objects only.

    A linear discriminant with a shrunken covariance (Friedman 1989, DOI 10.1080/01621459.1989.10478752),
    cross-validated in up to five folds split by object, four times over. Its area under the ROC curve, by
    `conveyorqc.metrics.auroc`, is about 0.5 when the background tells nothing; above 0.7 results may rest on it.

    Args:
        features: (N, D) finite, of each picture without its object: `conveyorqc.imgproc.background_features`.
        anomalous: (N,) bool.
        object_ids: N names; pictures of one object are never on both sides of a fold.
        rng: draws the folds.

    Returns:
        anomalous (M,) bool and scores (M,), higher is worse, of the M objects in the order in which they first occur.

    Raises:
        InvalidInput: if the arrays are not of one length, or not finite.
        NotEnoughData: if a label has fewer than two objects.
    """
    values, labels = np.asarray(features, dtype=np.float64), np.asarray(anomalous, dtype=np.bool_)
    if values.ndim != 2 or labels.shape != values.shape[:1] or len(object_ids) != len(values):
        lengths = f"{values.shape}, {labels.shape} and {len(object_ids)}"
        raise InvalidInput(f"features, anomalous, object_ids: expected (N, D), (N,) and N, got {lengths}")
    if not np.isfinite(values).all():
        raise InvalidInput("features: expected finite numbers, got NaN or infinity")
    groups, is_anomalous = _by_object(labels, object_ids)
    smaller = int(min(is_anomalous.sum(), (~is_anomalous).sum()))
    if smaller < 2:
        raise NotEnoughData(f"expected two objects or more of each label, got {smaller} of one")
    rows = is_anomalous[groups]
    scores = np.zeros(len(values))
    for _ in range(_ROUNDS):
        fold_of = grouped_folds(groups.tolist(), rows, folds=min(_FOLDS, smaller), rng=rng)
        for fold in range(int(fold_of.max()) + 1):
            tested = fold_of == fold
            scores[tested] += _judged(values[~tested], rows[~tested], values[tested])
    return is_anomalous, np.bincount(groups, scores) / np.bincount(groups)


def _by_object(labels: NDArray[np.bool_], object_ids: Sequence[object]) -> tuple[IntArray, NDArray[np.bool_]]:
    """The number of the object of each row, and which objects have an anomalous picture."""
    numbers = {name: number for number, name in enumerate(dict.fromkeys(object_ids))}
    groups = np.array([numbers[name] for name in object_ids], dtype=np.int64)
    is_anomalous = np.zeros(len(numbers), np.bool_)
    is_anomalous[groups[labels]] = True
    return groups, is_anomalous


def _judged(known: FloatArray, labels: NDArray[np.bool_], unknown: FloatArray) -> FloatArray:
    """Scores of ``unknown``, in standard deviations of those that ``known`` get."""
    spread = known.std(axis=0)
    spread[spread < 1e-9] = np.inf  # what never changes tells nothing
    middle = known.mean(axis=0)
    known, unknown = (known - middle) / spread, (unknown - middle) / spread
    centres = np.stack([known[~labels].mean(axis=0), known[labels].mean(axis=0)])
    within = known - centres[labels.astype(np.int64)]
    rows, columns = known.shape
    share = columns / (rows + columns)
    covariance = (1 - share) * within.T @ within / rows + (share + 1e-6) * np.eye(columns)
    weights = np.linalg.solve(covariance, centres[1] - centres[0])
    scores = known @ weights
    return np.asarray((unknown @ weights - scores.mean()) / max(float(scores.std()), 1e-9))
