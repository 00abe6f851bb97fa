"""Who is trained on what and tested on what, and the figures that come of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from conveyorqc.metrics import auroc, expected_calibration_error

from .cases import Case

Rows = NDArray[np.int64]
FEW_NORMAL, FEW_ANOMALOUS, FOLDS = 20, 10, 4
TRAINED_SOURCES = 0.6


class Split(NamedTuple):
    train: Rows
    test: Rows


def few(case: Case, rng: np.random.Generator, *, anomalies: int = FEW_ANOMALOUS) -> Iterator[Split]:
    """20 normal objects and some anomalous ones to learn from; all others that share no source with them to test."""
    objects = _Objects(case)
    order = rng.permutation(sorted(set().union(*objects.sources.values())))
    for count in range(round(TRAINED_SOURCES * len(order)), len(order) + 1):
        pool = [one for one in objects.ids if objects.sources[one] <= set(order[:count].tolist())]
        good, bad = ([one for one in rng.permutation(pool).tolist() if objects.bad[one] == kind] for kind in (0, 1))
        if len(good) >= FEW_NORMAL and len(bad) >= anomalies:
            break
    # Where there are few normal objects some are kept to test on.
    normals = min(FEW_NORMAL, max(len(good) - 6, 15)) if not case.sources else FEW_NORMAL
    train = good[:normals] + bad[:anomalies]
    yield objects.split(train, [one for one in objects.ids if one not in train])


def all_labelled(case: Case, rng: np.random.Generator) -> Iterator[Split]:
    """Each object is tested once, by a model that was trained on all that share no source with it or its fold."""
    objects = _Objects(case)
    first = {one: min(objects.sources[one]) for one in objects.ids}
    fold = {source: place % FOLDS for place, source in enumerate(rng.permutation(sorted(set(first.values()))).tolist())}
    for number in range(FOLDS):
        held = [one for one in objects.ids if fold[first[one]] == number]
        known = set().union(*(objects.sources[one] for one in held))
        yield objects.split([one for one in objects.ids if not objects.sources[one] & known], held)


class _Objects:
    def __init__(self, case: Case) -> None:
        self._case = case
        self.ids: list[int] = np.unique(case.objects).tolist()
        self.sources = {one: case.sources.get(one, {f"{one:05}"}) for one in self.ids}
        self.bad = {one: bool(case.is_anomalous[case.objects == one][0]) for one in self.ids}

    def split(self, train: list[int], test: list[int]) -> Split:
        known = set().union(*(self.sources[one] for one in train))
        apart = [one for one in test if not self.sources[one] & known]
        rows = [np.flatnonzero(np.isin(self._case.objects, some)) for some in (train, apart)]
        return Split(*rows)


@dataclass
class Tally:
    """Scores of test objects, one entry for each object and seed; each is judged by the mean over its views."""

    objects: list[int] = field(default_factory=list)
    seeds: list[int] = field(default_factory=list)
    truth: list[bool] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)

    def add(self, case: Case, rows: Rows, scores: NDArray[np.float64], *, seed: int) -> None:
        for one in np.unique(case.objects[rows]).tolist():
            own = case.objects[rows] == one
            self.objects.append(one)
            self.seeds.append(seed)
            self.truth.append(bool(case.is_anomalous[rows][own][0]))
            self.scores.append(float(scores[own].mean()))

    def figures(self, *, threshold: float = 0.5) -> dict[str, float]:
        """Means over the seeds; the 95 % interval of F1 is that of resampled objects, whose seeds stay together."""
        truth, scores, seeds = np.array(self.truth), np.array(self.scores), np.array(self.seeds)
        called = scores >= threshold
        per_seed = [prf(truth[seeds == s], called[seeds == s]) for s in np.unique(seeds)]
        ranks = [auroc(truth[seeds == s], scores[seeds == s]).value or 0.5 for s in np.unique(seeds)]
        low, high = self._interval(truth, called)
        probability = bool(((scores >= 0) & (scores <= 1)).all())
        rng = np.random.default_rng(0)
        ece = expected_calibration_error(truth, scores, rng=rng, resamples=1).value if probability else np.nan
        precision, recall, f1 = np.mean(per_seed, axis=0)
        return {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "sd": float(np.std([one[2] for one in per_seed])),
            "low": low,
            "high": high,
            "auroc": float(np.mean(ranks)),
            "ece": float(ece),
            "n": len(truth),
            "objects": len(set(self.objects)),
            "seeds": len(per_seed),
        }

    def _interval(self, truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> tuple[float, float]:
        _, own = np.unique(self.objects, return_inverse=True)
        counts = np.stack([np.bincount(own, hit) for hit in (truth & called, truth ^ called)])
        draws = np.random.default_rng(0).multinomial(
            counts.shape[1], np.full(counts.shape[1], 1 / counts.shape[1]), 2000
        )
        right, wrong = counts @ draws.T
        low, high = np.quantile(2 * right / np.maximum(2 * right + wrong, 1), (0.025, 0.975))
        return float(low), float(high)


def prf(truth: NDArray[np.bool_], called: NDArray[np.bool_]) -> tuple[float, float, float]:
    hits = int((truth & called).sum())
    precision, recall = hits / max(int(called.sum()), 1), hits / max(int(truth.sum()), 1)
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


Splitter = Callable[[Case, np.random.Generator], Iterator[Split]]
