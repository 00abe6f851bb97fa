"""Right and wrong decisions: precision, recall, F1, accuracy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics._estimate import Estimate, clopper_pearson

__all__ = ["Scores", "as_labels", "classification_scores", "precision_recall_f1"]


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts of right and wrong decisions and the figures that follow from them.

    Attributes:
        tp, fp, fn: true positives, false positives, false negatives.
        tn: true negatives, or None where there is no such thing (boxes, tracks).
        precision: of what was called positive, the share that is.
        recall: of what is positive, the share that was called so.
        f1: their harmonic mean.
        accuracy: share of right decisions, or None without ``tn``.
    """

    tp: int
    fp: int
    fn: int
    tn: int | None
    precision: Estimate
    recall: Estimate
    f1: Estimate
    accuracy: Estimate | None


def precision_recall_f1(tp: int, fp: int, fn: int, /, *, level: float = 0.95) -> Scores:
    """Figures from counts, for tasks without true negatives.

    Precision and recall have Clopper–Pearson intervals. So has ``j = tp / (tp + fp + fn)``, a plain proportion;
    F1 is ``2 j / (1 + j)``, which rises with ``j``, so the interval of F1 is that of ``j`` through the same map.

    Raises:
        InvalidInput: if a count is negative or ``level`` is not between 0 and 1.

    >>> print(precision_recall_f1(94, 0, 2).f1)
    0.989 [0.962, 0.999] (n=96)
    """
    return _scores(tp, fp, fn, None, level)


def classification_scores(truth: ArrayLike, predicted: ArrayLike, /, *, level: float = 0.95) -> Scores:
    """Figures from labels; positive means anomalous.

    Args:
        truth: (N,) bool, or 0 and 1.
        predicted: (N,) likewise.
        level: of confidence of the intervals.

    Raises:
        InvalidInput: if the two are not flat, of one length and made of yes and no.

    >>> scores = classification_scores([True, True, False, False], [True, False, False, True])
    >>> scores.tp, scores.fp, scores.fn, scores.tn
    (1, 1, 1, 1)
    """
    actual, called = as_labels(truth, name="truth"), as_labels(predicted, name="predicted")
    if actual.shape != called.shape:
        raise InvalidInput(f"predicted: expected {len(actual)} labels, one per truth, got {len(called)}")
    tp, fp = int(np.sum(actual & called)), int(np.sum(~actual & called))
    fn, tn = int(np.sum(actual & ~called)), int(np.sum(~actual & ~called))
    return _scores(tp, fp, fn, tn, level)


def as_labels(values: ArrayLike, /, *, name: str) -> NDArray[np.bool_]:
    """(N,) bool, True for anomalous: from yes and no in any form, or from "normal" and "anomaly".

    Raises:
        InvalidInput: if it is anything else.

    >>> as_labels(["normal", "anomaly"], name="labels").tolist()
    [False, True]
    """
    labels = np.asarray(values)
    if labels.ndim == 1 and labels.dtype.kind == "U" and np.isin(labels, ("normal", "anomaly")).all():
        return np.asarray(labels == "anomaly")
    if labels.ndim != 1 or not np.isin(labels, (0, 1)).all():
        raise InvalidInput(f"{name}: expected a flat array of False and True, got {labels.dtype} {labels.shape}")
    return labels.astype(np.bool_)


def _scores(tp: int, fp: int, fn: int, tn: int | None, level: float) -> Scores:
    for name, count in (("tp", tp), ("fp", fp), ("fn", fn)):
        if count < 0:
            raise InvalidInput(f"{name}: expected 0 or more, got {count}")
    jaccard = clopper_pearson(tp, tp + fp + fn, level=level)
    value = None if jaccard.value is None else _f1_of(jaccard.value)
    return Scores(
        tp=tp,
        fp=fp,
        fn=fn,
        tn=tn,
        precision=clopper_pearson(tp, tp + fp, level=level),
        recall=clopper_pearson(tp, tp + fn, level=level),
        f1=Estimate(value, jaccard.n, _f1_of(jaccard.low), _f1_of(jaccard.high)),
        accuracy=None if tn is None else clopper_pearson(tp + tn, tp + fp + fn + tn, level=level),
    )


def _f1_of(jaccard: float) -> float:
    return 2 * jaccard / (1 + jaccard)
