"""From looks to a model: experts on all of them, weights and threshold on what the experts had not seen."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._evidence import Evidence, Experts
from conveyorqc.anomaly._folds import fold_of_blocks, object_weights
from conveyorqc.anomaly._fusion import fit_non_negative_logistic, probability
from conveyorqc.anomaly._model import EXPERTS, Head, Model, opinions
from conveyorqc.core import FloatArray, IntArray

__all__ = ["learn", "nested_scores"]

_log = logging.getLogger(__name__)

_INNER = 6
"""Folds on which weights and threshold are set. Fewer and larger ones hold out what is newer, and set it wider."""

_INNER_NORMALS = 12
"""The same where no anomalies hold the threshold in its place: smaller ones, or it would let defects through."""

_REPEATS = 2
_OUTER = 4
_STRENGTHS = (0.5, 2.0)
_MADE_UP_STRENGTH, _EQUAL_SAY = 0.15, 0.7
"""Made-up defects only shift the say of the experts: what they do not spoil may be just what real ones do."""

_TAIL = 1.645 / 1.282
"""How much farther out than 90 % of normal pictures 95 % reach. The tail of 20 is told from the 90 %, for the last one
alone may be an accident."""

_LEAST_MARGIN = 0.5
"""Log odds between the most usual picture and the threshold, also where training pictures hardly differ."""

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Unseen:
    """What experts say that had not seen the rows: (n, 6) standardised, (n,) decisions; and (n,) fold of each row."""

    rows: IntArray
    standard: FloatArray
    decisions: FloatArray
    folds: IntArray
    usual: FloatArray
    scatter: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Fusion:
    head: Head
    strength: float
    coefficients: FloatArray
    loss: float


def learn(evidence: Evidence, kept: _Flags, /, *, supervised: bool, rng: np.random.Generator) -> Model:
    """The model of the rows that are ``kept``.

    Args:
        evidence: of all pictures.
        kept: (N,) bool.
        supervised: whether enough anomalies are real for an expert that is shown them, and for a threshold between the
            two kinds. Without, made-up defects teach the weights, and normal objects the threshold.
        rng: says where the folds are cut.
    """
    unseen = _unseen(evidence, kept, supervised=supervised, rng=rng)
    fusion = _best_fusion(evidence, unseen, supervised=supervised)
    if not supervised:
        fusion = _passing_most(evidence, unseen, fusion)
    _log.debug("head %s, strength %s, loss %.3f", fusion.head, fusion.strength, fusion.loss)
    experts = evidence.experts(kept, supervised=fusion.head == "full")
    return Model(
        fusion.head,
        experts.gaussians,
        evidence.bank,
        evidence.alignment,
        experts.positions,
        unseen.usual,
        unseen.scatter,
        experts.machine,
        fusion.coefficients,
    )


def nested_scores(evidence: Evidence, /, *, supervised: bool, rng: np.random.Generator) -> FloatArray:
    """(N,) probabilities by models that were trained, head and threshold included, without the part of each row."""
    everything = np.ones(len(evidence.blocks), np.bool_)
    scores = np.zeros(len(evidence.blocks))
    for held, without in _parts(evidence, everything, _OUTER, rng):
        model = learn(evidence, ~held, supervised=supervised, rng=rng)
        experts = Experts(dict(model.gaussians), model.positions, model.machine)
        apart = evidence.distances(experts, held, without)
        decisions = model.machine.decide(evidence.numbers[held]) if model.head == "full" else None
        scores[held] = probability(opinions((apart - model.usual) / model.scatter, decisions), model.coefficients)
    return scores


def _parts(evidence: Evidence, kept: _Flags, folds: int, rng: np.random.Generator) -> Iterator[tuple[_Flags, IntArray]]:
    """Rows of ``kept`` to hold out, and the blocks that are then not known: theirs, and those not kept."""
    normal = np.unique(evidence.blocks[kept & evidence.is_real & ~evidence.is_anomalous])
    fold = fold_of_blocks(normal, folds=folds, rng=rng)
    of_row = np.array([fold.get(int(block), -1) for block in evidence.blocks])
    gone = np.setdiff1d(evidence.normal_blocks, normal)
    for number in range(max(fold.values()) + 1):
        held = kept & (of_row == number)
        yield held, np.union1d(gone, np.unique(evidence.blocks[held]))


def _unseen(evidence: Evidence, kept: _Flags, *, supervised: bool, rng: np.random.Generator) -> _Unseen:
    size = len(evidence.blocks)
    apart, decisions, folds = np.zeros((size, len(EXPERTS))), np.zeros(size), np.zeros(size, np.int64)
    parts, repeats = (_INNER, _REPEATS) if supervised else (_INNER_NORMALS, 1)
    for _ in range(repeats):
        for number, (held, without) in enumerate(_parts(evidence, kept, parts, rng)):
            experts = evidence.experts(kept & ~held, supervised=supervised)
            apart[held] += evidence.distances(experts, held, without) / repeats
            decisions[held] += experts.machine.decide(evidence.numbers[held]) / repeats
            folds[held] = number
    rows = np.flatnonzero(kept)
    usual, scatter = _usual(apart[kept & ~evidence.is_anomalous])
    return _Unseen(rows, (apart[rows] - usual) / scatter, decisions[rows], folds[rows], usual, scatter)


def _usual(apart: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(6,) robust centre and spread of the distances of normal pictures."""
    center = np.median(apart, axis=0)
    robust = 1.4826 * np.median(np.abs(apart - center), axis=0)
    return center, np.asarray(robust + 0.25 * apart.std(axis=0) + 0.05)


def _best_fusion(evidence: Evidence, unseen: _Unseen, *, supervised: bool) -> _Fusion:
    """The head, and how far to trust it, that predicts best what its logistic had not seen."""
    if not supervised:
        return _fusion(evidence, unseen, "experts", _MADE_UP_STRENGTH, prior=_EQUAL_SAY)
    heads: tuple[Head, ...] = ("experts", "full")
    found = [_fusion(evidence, unseen, head, strength) for head in heads for strength in _STRENGTHS]
    return min(found, key=lambda fusion: fusion.loss)


def _passing_most(evidence: Evidence, unseen: _Unseen, fusion: _Fusion) -> _Fusion:
    """The same weights with the threshold where 95 % of the unseen normal objects pass.

    Made-up defects say what to look at; how strong real ones will be they cannot say.
    """
    normal = ~evidence.is_anomalous[unseen.rows]
    odds = opinions(unseen.standard[normal], None) @ fusion.coefficients[:-1]
    usual, high = np.quantile(odds, (0.5, 0.9))
    limit = usual + max(_TAIL * (high - usual), _LEAST_MARGIN)
    return replace(fusion, coefficients=np.append(fusion.coefficients[:-1], -limit))


def _fusion(evidence: Evidence, unseen: _Unseen, head: Head, strength: float, *, prior: float = 0.0) -> _Fusion:
    columns = opinions(unseen.standard, unseen.decisions if head == "full" else None)
    labels, objects = evidence.is_anomalous[unseen.rows], evidence.objects[unseen.rows]
    weights = object_weights(np.unique(2 * objects + labels, return_inverse=True)[1], labels)
    stated = np.zeros(len(columns))
    for fold in np.unique(unseen.folds):
        held = unseen.folds == fold
        rest = fit_non_negative_logistic(columns[~held], labels[~held], weights[~held], strength=strength, prior=prior)
        stated[held] = probability(columns[held], rest)
    chosen = np.clip(np.where(labels, stated, 1 - stated), 1e-4, 1)
    loss = float(-(weights * np.log(chosen)).sum() / weights.sum())
    whole = fit_non_negative_logistic(columns, labels, weights, strength=strength, prior=prior)
    return _Fusion(head, strength, whole, loss)
