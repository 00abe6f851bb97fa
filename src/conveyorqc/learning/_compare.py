"""Two models on the same objects: is the new one better, or is it luck?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray, Verdict, VerdictPolicy
from conveyorqc.errors import InvalidInput, NotEnoughData
from conveyorqc.metrics import (
    Statistic,
    as_labels,
    bootstrap_intervals,
    decision_statistics,
    object_numbers,
    ranking_statistics,
)
from conveyorqc.policy import MaxPolicy

__all__ = ["Comparison", "compare", "exact_mcnemar"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidate against current model, per object.

    Attributes:
        objects, anomalous: how many were compared, and how many of them are anomalous.
        misses: anomalous objects passed, by the current model and by the candidate.
        false_rejects: normal objects rejected, by the one and by the other.
        only_current, only_candidate: objects that one alone decided rightly.
        p_value: exact McNemar test of these two numbers: how often chance alone splits them so or worse.
        auroc, f1: of the current model and of the candidate; None where one does not exist.
        auroc_difference, f1_difference: 95 % intervals of candidate less current, by a paired bootstrap of objects.
    """

    objects: int
    anomalous: int
    misses: tuple[int, int]
    false_rejects: tuple[int, int]
    only_current: int
    only_candidate: int
    p_value: float
    auroc: tuple[float | None, float | None]
    f1: tuple[float | None, float | None]
    auroc_difference: tuple[float, float]
    f1_difference: tuple[float, float]

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)

    def objection(self, *, miss_margin: float = 0.0) -> str:
        """Why the candidate must not be promoted; empty when it may.

        It may when it misses no more than ``miss_margin`` of the anomalous objects more than the current model,
        decides at least as many objects rightly, and does not rank them worse beyond doubt.

        Args:
            miss_margin: fraction of the anomalous objects. More lets a model in that rejects fewer sound objects, at
                the price of defects.

        Raises:
            InvalidInput: if ``miss_margin`` is not in [0, 1].
        """
        if not 0 <= miss_margin <= 1:
            raise InvalidInput(f"miss_margin: expected 0 to 1, got {miss_margin}")
        before, after = self.misses
        if after - before > math.floor(miss_margin * self.anomalous + 1e-9):
            return f"misses {after} of {self.anomalous} anomalous objects, the current model {before}"
        if self.only_candidate < self.only_current:
            return f"decides {self.only_current} objects worse and {self.only_candidate} better"
        if self.auroc_difference[1] < 0:
            low, high = self.auroc_difference
            return f"ranks objects worse: AUROC changes by {low:.3f} to {high:.3f}"
        return ""


def compare(
    current: Sequence[Verdict],
    candidate: Sequence[Verdict],
    labels: ArrayLike,
    object_ids: Sequence[object],
    /,
    *,
    policy: VerdictPolicy | None = None,
    seed: int = 0,
    resamples: int = 2000,
) -> Comparison:
    """Compare the verdicts of two models on the same pictures, by object.

    Decisions by McNemar's exact test (1947, DOI 10.1007/BF02295996) on the objects that they decide differently,
    figures by a bootstrap that draws the same objects for both.

    Args:
        current: one verdict per picture, by the model that judges now.
        candidate: the same by the new one.
        labels: N times "normal" or "anomaly", or False and True. An object is anomalous when one of its pictures is.
        object_ids: whose picture each one is.
        policy: many views to one verdict, as the line does; `conveyorqc.policy.MaxPolicy` when None.
        seed: of the bootstrap.
        resamples: of the bootstrap; more steady the intervals and take longer.

    Raises:
        InvalidInput: if lengths differ or a label is unknown.
        NotEnoughData: unless there are both normal and anomalous objects.

    >>> good, bad = Verdict(is_anomalous=False, confidence=0.9), Verdict(is_anomalous=True, confidence=0.9)
    >>> done = compare([good, good, good], [good, bad, good], [False, True, False], ["a", "b", "c"])
    >>> done.misses, done.only_candidate, done.p_value, done.objection()
    ((1, 0), 1, 1.0, '')
    """
    anomalous = as_labels(labels, name="labels")
    if not len(current) == len(candidate) == len(anomalous) == len(object_ids):
        lengths = f"{len(current)}, {len(candidate)}, {len(anomalous)} and {len(object_ids)}"
        raise InvalidInput(f"current, candidate, labels, object_ids: expected one length, got {lengths}")
    objects = object_numbers(object_ids)
    truth = np.zeros(len(set(objects.tolist())), np.bool_)
    truth[objects[anomalous]] = True
    if not truth.any() or truth.all():
        raise NotEnoughData(f"expected normal and anomalous objects, got {truth.sum()} anomalous of {len(truth)}")
    rule = MaxPolicy() if policy is None else policy
    judged = [_per_object(verdicts, objects.tolist(), len(truth), rule) for verdicts in (current, candidate)]
    return _compared(truth, judged, seed=seed, resamples=resamples)


def exact_mcnemar(one: int, other: int, /) -> float:
    """Two-sided p value of ``one`` against ``other`` discordant pairs, where each is as likely.

    >>> exact_mcnemar(0, 0), exact_mcnemar(0, 6)
    (1.0, 0.03125)
    """
    total, fewer = one + other, min(one, other)
    tail: int = sum(math.comb(total, count) for count in range(fewer + 1))
    return min(1.0, 2 * tail / int(2**total))


def _per_object(
    verdicts: Sequence[Verdict], objects: list[int], count: int, policy: VerdictPolicy
) -> tuple[NDArray[np.bool_], FloatArray]:
    """Decisions, and probabilities of an anomaly or scores where all have one."""
    views: list[list[Verdict]] = [[] for _ in range(count)]
    for verdict, number in zip(verdicts, objects, strict=True):
        views[number].append(verdict)
    combined = [policy.decide(of_one) for of_one in views]
    scores = [verdict.score for verdict in combined if verdict.score is not None]
    if len(scores) < len(combined):
        scores = [v.confidence if v.is_anomalous else 1 - v.confidence for v in combined]
    return np.array([verdict.is_anomalous for verdict in combined], dtype=np.bool_), np.array(scores)


def _compared(
    truth: NDArray[np.bool_], judged: list[tuple[NDArray[np.bool_], FloatArray]], *, seed: int, resamples: int
) -> Comparison:
    (before, _), (after, _) = judged
    figures = [{**decision_statistics(truth, bad), **ranking_statistics(truth, scores)} for bad, scores in judged]
    once = np.ones((1, len(truth)))
    differences = {name: _difference(figures[1][name], figures[0][name]) for name in ("auroc", "f1")}
    rng = np.random.default_rng(seed)
    intervals = bootstrap_intervals(differences, np.arange(len(truth)), rng=rng, resamples=resamples)
    values = {name: [_finite(figure[name](once)[0]) for figure in figures] for name in ("auroc", "f1")}
    right, better = before == truth, after == truth
    only_current, only_candidate = int((right & ~better).sum()), int((better & ~right).sum())
    return Comparison(
        objects=len(truth),
        anomalous=int(truth.sum()),
        misses=(int((truth & ~before).sum()), int((truth & ~after).sum())),
        false_rejects=(int((~truth & before).sum()), int((~truth & after).sum())),
        only_current=only_current,
        only_candidate=only_candidate,
        p_value=exact_mcnemar(only_current, only_candidate),
        auroc=(values["auroc"][0], values["auroc"][1]),
        f1=(values["f1"][0], values["f1"][1]),
        auroc_difference=intervals["auroc"],
        f1_difference=intervals["f1"],
    )


def _difference(candidate: Statistic, current: Statistic) -> Statistic:
    """Of the two on the same objects."""
    return lambda weights: candidate(weights) - current(weights)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
