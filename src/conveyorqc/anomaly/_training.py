"""From labelled numbers to a model: experts on all of them, thresholds on what the experts had not seen."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._folds import folds_by_look, object_indices, object_weights
from conveyorqc.anomaly._fusion import fit_non_negative_logistic, one_class_logistic, probability
from conveyorqc.anomaly._gaussian import Gaussian, fit_gaussian
from conveyorqc.anomaly._kernel import KernelMachine, fit_kernel_machine, no_kernel_machine
from conveyorqc.anomaly._model import Head, Model, distances, opinions
from conveyorqc.anomaly._recipe import group_slices
from conveyorqc.core import FloatArray, IntArray, read_only
from conveyorqc.errors import InvalidInput, NotEnoughData

__all__ = ["FewPicturesWarning", "TrainingReport", "check_enough", "train"]

_log = logging.getLogger(__name__)

_NORMALS = 20
_NORMALS_AT_LEAST = 10
_NORMAL_OBJECTS_AT_LEAST = 3
_ANOMALOUS_OBJECTS = 5
_FOLDS: Mapping[Head, int] = MappingProxyType({"one-class": 5, "fused": 3})
"""Fewer, larger folds hold out what is newer. A threshold set on normal pictures alone cannot afford that: it would let
defects through; where anomalies are known they keep it in its place."""

_REPEATS = 3


class FewPicturesWarning(UserWarning):
    """Training works, but with fewer normal pictures than the threshold can be trusted with."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingReport:
    """How well a model did in training on objects that it had not seen.

    Attributes:
        scores: (N,) probability of an anomaly for each training picture, given by models that were trained without
            its object and without the objects most like it.
        is_anomalous: (N,) the labels.
        object_ids: (N,) the object in each picture.
    """

    scores: FloatArray
    is_anomalous: NDArray[np.bool_]
    object_ids: tuple[int | str, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", read_only(self.scores))
        object.__setattr__(self, "is_anomalous", read_only(self.is_anomalous))


def check_enough(is_anomalous: NDArray[np.bool_], object_ids: Sequence[int | str], /) -> None:
    """Whether there is enough to train on.

    Warns:
        FewPicturesWarning: below 20 normal pictures.

    Raises:
        InvalidInput: if one object has both labels.
        NotEnoughData: below 10 normal pictures, or below 3 normal objects; the text says how many are missing.
    """
    normal = {object_id for object_id, bad in zip(object_ids, is_anomalous, strict=True) if not bad}
    both = normal & {object_id for object_id, bad in zip(object_ids, is_anomalous, strict=True) if bad}
    if both:
        raise InvalidInput(f"labels: expected one label per object, got both for object {min(both, key=str)!r}")
    count = int((~is_anomalous).sum())
    if count < _NORMALS_AT_LEAST:
        raise NotEnoughData(
            f"expected {_NORMALS} normal pictures (at the very least {_NORMALS_AT_LEAST}), got {count}: "
            f"{_NORMALS_AT_LEAST - count} are missing"
        )
    if len(normal) < _NORMAL_OBJECTS_AT_LEAST:
        raise NotEnoughData(
            f"expected pictures of {_NORMAL_OBJECTS_AT_LEAST} different normal objects or more, got {len(normal)}: "
            f"{_NORMAL_OBJECTS_AT_LEAST - len(normal)} are missing"
        )
    if count < _NORMALS:
        text = f"trained on {count} normal pictures: expected {_NORMALS} or more for a threshold that can be trusted"
        warnings.warn(text, FewPicturesWarning, stacklevel=3)


@dataclass(frozen=True, slots=True, eq=False)
class _Lesson:
    """What is learned from: (N, D) rows, (N,) labels, (N,) index of the object, (N,) how much each row counts."""

    head: Head
    rows: FloatArray
    is_anomalous: NDArray[np.bool_]
    objects: IntArray
    weights: FloatArray

    def without(self, held: NDArray[np.bool_]) -> _Lesson:
        kept = ~held
        return _Lesson(self.head, self.rows[kept], self.is_anomalous[kept], self.objects[kept], self.weights[kept])


def train(
    rows: FloatArray, is_anomalous: NDArray[np.bool_], object_ids: Sequence[int | str], /, *, rng: np.random.Generator
) -> tuple[Model, TrainingReport]:
    """The model for (N, D) rows of the recipe, and how it did on what it had not seen.

    With fewer than 5 anomalous objects the anomalies are left out: they could not be spread over the folds.
    """
    objects = object_indices(object_ids)
    known = len(np.unique(objects[is_anomalous]))
    head: Head = "fused" if known >= _ANOMALOUS_OBJECTS else "one-class"
    _log.info("training a %s model: %d pictures, %d anomalous objects", head, len(rows), known)
    left_out = is_anomalous if head == "one-class" else np.zeros(len(rows), np.bool_)
    lesson = _Lesson(head, rows, is_anomalous, objects, object_weights(objects, is_anomalous)).without(left_out)
    model, unseen = _learn(lesson, rng)
    scores = model.probability(rows)
    scores[~left_out] = unseen
    return model, TrainingReport(scores, is_anomalous, tuple(object_ids))


def _learn(lesson: _Lesson, rng: np.random.Generator) -> tuple[Model, FloatArray]:
    """The model, and (N,) probabilities for the lesson by models that had not seen it."""
    experts, machine = _experts(lesson), _machine(lesson)
    splits = _splits(lesson, rng)
    apart, decisions = _unseen(lesson, splits)
    # The experts know no anomaly, so anomalies are unseen to those that were trained on all normal pictures.
    apart[lesson.is_anomalous] = distances(experts, lesson.rows[lesson.is_anomalous])
    usual, scatter = _usual(apart[~lesson.is_anomalous])
    columns = opinions(lesson.head, (apart - usual) / scatter, decisions)
    model = Model(lesson.head, experts, usual, scatter, machine, _coefficients(lesson, columns))
    return model, _unseen_scores(lesson, columns, splits[0])


def _experts(lesson: _Lesson) -> dict[str, Gaussian]:
    normal = lesson.rows[~lesson.is_anomalous]
    return {name: fit_gaussian(normal[:, part]) for name, part in group_slices().items()}


def _machine(lesson: _Lesson) -> KernelMachine:
    if lesson.head == "one-class":
        return no_kernel_machine(lesson.rows.shape[1])
    return fit_kernel_machine(lesson.rows, lesson.is_anomalous, lesson.weights)


def _splits(lesson: _Lesson, rng: np.random.Generator) -> list[IntArray]:
    """(N,) fold of each row, several times. Each fold holds a normal object, and leaves others to learn from."""
    folds = min(_FOLDS[lesson.head], len(np.unique(lesson.objects[~lesson.is_anomalous])))
    return [
        folds_by_look(lesson.rows, lesson.objects, lesson.is_anomalous, folds=folds, rng=rng) for _ in range(_REPEATS)
    ]


def _unseen(lesson: _Lesson, splits: Sequence[IntArray]) -> tuple[FloatArray, FloatArray]:
    """(N, G) distances and (N,) decisions by experts trained without the fold of each row, mean over the splits."""
    apart = np.zeros((len(lesson.rows), len(group_slices())))
    decisions = np.zeros(len(lesson.rows))
    for split in splits:
        for fold in np.unique(split):
            held = split == fold
            rest = lesson.without(held)
            apart[held] += distances(_experts(rest), lesson.rows[held]) / len(splits)
            decisions[held] += _machine(rest).decide(lesson.rows[held]) / len(splits)
    return apart, decisions


def _usual(apart: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(G,) robust centre and spread of the distances of normal pictures."""
    center = np.median(apart, axis=0)
    robust = 1.4826 * np.median(np.abs(apart - center), axis=0)
    return center, np.asarray(robust + 0.25 * apart.std(axis=0) + 0.05)


def _coefficients(lesson: _Lesson, columns: FloatArray) -> FloatArray:
    if lesson.head == "one-class":
        return one_class_logistic(columns[:, 0])
    return fit_non_negative_logistic(columns, lesson.is_anomalous, lesson.weights)


def _unseen_scores(lesson: _Lesson, columns: FloatArray, split: IntArray) -> FloatArray:
    """(N,) probabilities by fusions that were fitted without the fold of each row."""
    scores = np.zeros(len(columns))
    for fold in np.unique(split):
        held = split == fold
        scores[held] = probability(columns[held], _coefficients(lesson.without(held), columns[~held]))
    return scores
