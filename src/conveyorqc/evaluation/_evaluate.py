"""What a model's verdicts are worth: per object and per picture, with what the figures may rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray, IntArray, Verdict, VerdictPolicy, read_only
from conveyorqc.dataset import LEAK_AUROC
from conveyorqc.errors import InvalidInput
from conveyorqc.evaluation._figures import Figures, measure
from conveyorqc.evaluation._scores import probabilities_of, scores_of
from conveyorqc.metrics import Estimate, as_labels, auroc, object_numbers
from conveyorqc.policy import MaxPolicy

__all__ = ["VISIBLE_AUROC", "Evaluation", "evaluate", "own_auroc", "verdicts_from"]

VISIBLE_AUROC = 0.8
"""Area under the ROC curve in a model's own nested cross-validation below which it does not see the defect."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Verdicts on labelled objects, and what they are worth.

    Attributes:
        objects: figures per object, its views combined as the line does.
        pictures: figures per picture; None where every object has one picture, for then they are the same.
        object_ids: (M,) names of the objects, in the order in which they first occur.
        is_anomalous: (M,) the labels.
        decided: (M,) whether the object was called anomalous.
        scores: (M,) higher is worse.
        probabilities: (M,) of an anomaly, 0–1.
        shown: (M,) the row of the picture of each object that looks worst.
        background: see `background_auroc`; None where it was not measured.
        own: area under the ROC curve in the model's own nested cross-validation; None where that is not known.
        warnings: what to know before believing the figures, in plain words.
    """

    objects: Figures
    pictures: Figures | None
    object_ids: tuple[object, ...]
    is_anomalous: NDArray[np.bool_]
    decided: NDArray[np.bool_]
    scores: FloatArray
    probabilities: FloatArray
    shown: IntArray
    background: Estimate | None
    own: Estimate | None
    warnings: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("is_anomalous", "decided", "scores", "probabilities", "shown"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    def false_passes(self) -> IntArray:
        """Anomalous objects that were passed, the surest of them first."""
        rows = np.flatnonzero(self.is_anomalous & ~self.decided)
        return np.asarray(rows[np.argsort(self.scores[rows], kind="stable")])

    def false_rejects(self) -> IntArray:
        """Normal objects that were rejected, the surest of them first."""
        rows = np.flatnonzero(~self.is_anomalous & self.decided)
        return np.asarray(rows[np.argsort(-self.scores[rows], kind="stable")])


def evaluate(
    verdicts: Sequence[Verdict],
    labels: ArrayLike,
    object_ids: Sequence[object],
    *,
    policy: VerdictPolicy | None = None,
    background: Estimate | None = None,
    own: Estimate | None = None,
    seed: int = 0,
    resamples: int = 1000,
) -> Evaluation:
    """Measure verdicts on labelled pictures.

    Args:
        verdicts: one per picture, by any backend. They are ranked by score where all have one, else by probability.
        labels: N times "normal" or "anomaly", or False and True. An object is anomalous when one of its pictures is.
        object_ids: whose picture each one is.
        policy: many views to one verdict, as the line does; `conveyorqc.policy.MaxPolicy`, the line's own, when None.
        background: of these pictures, from `background_auroc`; warns above 0.7.
        own: of the model, from `own_auroc`; warns below 0.8.
        seed: of the bootstrap.
        resamples: of the bootstrap; more steady the intervals and take longer.

    Raises:
        InvalidInput: if lengths differ or a label is unknown.

    >>> seen = verdicts_from([0.1, 0.3, 0.8, 0.2], threshold=0.5)
    >>> done = evaluate(seen, ["normal", "normal", "anomaly", "anomaly"], ["a", "b", "c", "c"])
    >>> done.object_ids, done.decided.tolist(), done.objects.recall.value, done.pictures.recall.value
    (('a', 'b', 'c'), [False, False, True], 1.0, 0.5)
    """
    anomalous = as_labels(labels, name="labels")
    if not len(verdicts) == len(anomalous) == len(object_ids):
        lengths = f"{len(verdicts)}, {len(anomalous)} and {len(object_ids)}"
        raise InvalidInput(f"verdicts, labels, object_ids: expected one length, got {lengths}")
    objects = object_numbers(object_ids)
    names = tuple(dict.fromkeys(object_ids))
    combined = _combined(verdicts, objects, len(names), MaxPolicy() if policy is None else policy)
    truth = np.zeros(len(names), np.bool_)
    truth[objects[anomalous]] = True
    per_object = measure(combined, truth, np.arange(len(names)), seed=seed, resamples=resamples)
    several = len(names) < len(objects)
    return Evaluation(
        objects=per_object,
        pictures=measure(verdicts, anomalous, objects, seed=seed, resamples=resamples) if several else None,
        object_ids=names,
        is_anomalous=truth,
        decided=np.array([verdict.is_anomalous for verdict in combined], dtype=np.bool_),
        scores=scores_of(combined),
        probabilities=probabilities_of(combined),
        shown=_worst_views(scores_of(verdicts), objects, len(names)),
        background=background,
        own=own,
        warnings=_warnings(background, own),
    )


def verdicts_from(probabilities: ArrayLike, /, *, threshold: float) -> list[Verdict]:
    """Verdicts as a backend with this threshold would give them, from (N,) probabilities of an anomaly.

    Raises:
        InvalidInput: if a probability is outside [0, 1].
    """
    return [
        Verdict(is_anomalous=p >= threshold, confidence=p if p >= threshold else 1 - p, score=p)
        for p in np.asarray(probabilities, dtype=np.float64).tolist()
    ]


def own_auroc(scores: ArrayLike, labels: ArrayLike, object_ids: Sequence[object]) -> Estimate:
    """Area under the ROC curve of a model's own out-of-fold scores, per object by its worst view.

    Args:
        scores: (N,) of each training picture by models that had not seen its object, higher is worse.
        labels: N times "normal" or "anomaly", or False and True.
        object_ids: whose picture each one is.

    Raises:
        InvalidInput: if lengths differ, a label is unknown or a score is not finite.
    """
    values, anomalous = np.asarray(scores, dtype=np.float64), as_labels(labels, name="labels")
    if not values.shape == anomalous.shape == (len(object_ids),):
        lengths = f"{values.shape}, {anomalous.shape} and {len(object_ids)}"
        raise InvalidInput(f"scores, labels, object_ids: expected one length, got {lengths}")
    objects = object_numbers(object_ids)
    total = len(set(objects.tolist()))
    worst, truth = np.full(total, -np.inf), np.zeros(total, np.bool_)
    np.maximum.at(worst, objects, values)
    truth[objects[anomalous]] = True
    return auroc(truth, worst)


def _combined(verdicts: Sequence[Verdict], objects: IntArray, count: int, policy: VerdictPolicy) -> list[Verdict]:
    views: list[list[Verdict]] = [[] for _ in range(count)]
    for verdict, number in zip(verdicts, objects.tolist(), strict=True):
        views[number].append(verdict)
    return [policy.decide(of_one) for of_one in views]


def _worst_views(scores: FloatArray, objects: IntArray, count: int) -> IntArray:
    shown = np.zeros(count, np.int64)
    rising = np.argsort(scores, kind="stable")
    shown[objects[rising]] = rising  # the last, highest one stays
    return shown


def _warnings(background: Estimate | None, own: Estimate | None) -> tuple[str, ...]:
    found = []
    if background is not None and background.value is not None and background.value > LEAK_AUROC:
        found.append(
            f"the background alone tells the label (AUROC {background.value:.2f}, above {LEAK_AUROC}): normal and "
            "anomalous objects were photographed differently, and the figures may rest on that"
        )
    if own is not None and own.value is not None and own.value < VISIBLE_AUROC:
        found.append(
            f"this defect is not visible to this model (AUROC {own.value:.2f} in its own nested cross-validation, "
            f"below {VISIBLE_AUROC})"
        )
    return tuple(found)
