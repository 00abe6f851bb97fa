"""`retrain`: a new model takes over only when it is not worse."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from conveyorqc.anomaly import LocalBackend
from conveyorqc.core import AnomalyBackend, Verdict
from conveyorqc.dataset import LabelledDataset
from conveyorqc.errors import DatasetError, ModelConflict
from conveyorqc.learning._compare import Comparison, compare
from conveyorqc.learning._frozen import FrozenSet
from conveyorqc.learning._store import ModelStore
from conveyorqc.learning._versioned import Model

__all__ = ["Fit", "Retraining", "fit_local", "retrain"]

Fit: TypeAlias = Callable[[LabelledDataset], Model]
"""Trains a model on labelled pictures."""


@dataclass(frozen=True, slots=True)
class Retraining:
    """What came of it.

    Attributes:
        version: of the candidate, which is kept either way.
        promoted: whether it judges now.
        reason: why, or why not.
        comparison: with the model that was current; None when there was none.
        frozen: fingerprint of the frozen set.
    """

    version: int
    promoted: bool
    reason: str
    comparison: Comparison | None
    frozen: str

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "version": self.version,
            "promoted": self.promoted,
            "reason": self.reason,
            "comparison": None if self.comparison is None else self.comparison.to_dict(),
            "frozen": self.frozen,
        }


def retrain(
    store: ModelStore,
    training: Sequence[LabelledDataset],
    frozen: LabelledDataset,
    /,
    *,
    fit: Fit | None = None,
    miss_margin: float = 0.0,
    renewed: Literal["refuse", "accept"] = "refuse",
    seed: int = 0,
) -> Retraining:
    """Train a candidate on old and newly labelled data, compare it with the current model, and promote it or not.

    The rule is that of `Comparison.objection`. The candidate is kept in the store either way, with the comparison as
    its record. The first model of a store has nothing to be compared with and is promoted.

    Args:
        store: with the current model, or empty.
        training: data sets to train on, the old ones and the new; object ids hold within each.
        frozen: data to compare on, always the same; best as the line sees it, and never labelled because the current
            model was unsure of it, which would make it look worse than it is.
        fit: trains; `conveyorqc.anomaly.LocalBackend.fit` on all pictures when None.
        miss_margin: of the anomalous objects, that the candidate may miss more than the current model.
        renewed: what to do where the current model was compared on another frozen set: refuse, or accept the new one
            for this and later comparisons.
        seed: of the bootstrap, and of the training where ``fit`` is None.

    Raises:
        DatasetError: if the frozen set shares an object or a picture with the training data, or is not the one that
            the current model was compared on.
        NotEnoughData: if the frozen set lacks normal or anomalous objects, or there is too little to train on.
        ModelError: if the store cannot be read or written.
        ImageError: if a picture cannot be read.
    """
    held = FrozenSet.of(frozen)
    current = None if store.current_version is None else store.current()
    if current is not None:
        _check_same(store.record(current.version).get("frozen"), held.fingerprint, renewed)
    for part in training:
        held.check_apart(part)
    candidate = (fit_local(seed) if fit is None else fit)(_joined(training))
    after = _judged(candidate, frozen)
    before = after if current is None else _judged(current, frozen)
    result = compare(before, after, frozen.anomalous, frozen.object_ids, seed=seed)
    objection = "" if current is None else result.objection(miss_margin=miss_margin)
    comparison = None if current is None else result
    record = {
        "frozen": held.fingerprint,
        "compared_with": None if current is None else current.version,
        "comparison": None if comparison is None else comparison.to_dict(),
        "objection": objection,
        "training": [str(part.source) for part in training],
        "pictures": sum(len(part) for part in training),
    }
    version = store.add(candidate, record)
    if objection:
        return Retraining(version, False, objection, comparison, held.fingerprint)
    return _promoted(store, version, None if current is None else current.version, comparison, held.fingerprint)


def fit_local(seed: int, /) -> Fit:
    """`LocalBackend.fit` on a data set, reading its pictures into memory."""

    def fit(data: LabelledDataset) -> LocalBackend:
        loaded = list(data.load_images())
        return LocalBackend.fit(
            [one.image for one in loaded],
            [entry.label for entry in data],
            masks=[one.defect_mask for one in loaded],
            object_masks=[one.object_mask for one in loaded],
            object_ids=data.object_ids,
            rng=np.random.default_rng(seed),
        )

    return fit


def _promoted(
    store: ModelStore, version: int, before: int | None, comparison: Comparison | None, frozen: str
) -> Retraining:
    reason = "the first model" if comparison is None else _in_words(comparison, before)
    try:
        store.promote(version, reason=reason, expected=before)
    except ModelConflict as error:
        return Retraining(version, False, f"not promoted: {error}", comparison, frozen)
    return Retraining(version, True, reason, comparison, frozen)


def _in_words(found: Comparison, before: int | None) -> str:
    return (
        f"against version {before}: {found.only_candidate} objects better and {found.only_current} worse of "
        f"{found.objects}, misses {found.misses[1]} after {found.misses[0]} (McNemar p {found.p_value:.3f})"
    )


def _joined(parts: Iterable[LabelledDataset]) -> LabelledDataset:
    """One data set, in which an object of one part is never taken for one of another."""
    renamed = [part.renamed(f"{number}:{{}}".format) for number, part in enumerate(parts)]
    if not renamed:
        raise DatasetError("training: expected a data set or more, got none")
    joined = renamed[0]
    for part in renamed[1:]:
        joined = joined.joined(part)
    return joined


def _judged(backend: AnomalyBackend, data: LabelledDataset) -> list[Verdict]:
    return [verdict for one in data.load_images() for verdict in backend.inspect([one.image], masks=[one.object_mask])]


def _check_same(known: object, found: str, renewed: Literal["refuse", "accept"]) -> None:
    if renewed == "refuse" and known is not None and known != found:
        raise DatasetError(
            f"expected the frozen set {known!s:.8} that the current model was compared on, got {found:.8}: "
            "a model may look better on another set without being so"
        )
