"""Blocks for cross-validation: views of one object stay together, and so do objects that look alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._gaussian import NOTICEABLE
from conveyorqc.core import FloatArray, IntArray

__all__ = ["blocks_by_look", "fold_of_blocks", "object_indices", "object_weights"]

_MOST_FOR_A_TREE = 3000
"""Objects above which a tree, whose memory grows with their square, gives way to the main axis of their looks."""


def object_indices(object_ids: Sequence[int | str], /) -> IntArray:
    """(N,) int64: 0, 1, 2, … for the objects in the order in which they first appear."""
    first: dict[int | str, int] = {}
    return np.array([first.setdefault(object_id, len(first)) for object_id in object_ids], dtype=np.int64)


def object_weights(objects: IntArray, is_anomalous: NDArray[np.bool_], /) -> FloatArray:
    """(N,) weights, mean 1: every object counts alike, however many views it has, and both labels count alike."""
    weights = 1.0 / np.bincount(objects)[objects]
    for chosen in (is_anomalous, ~is_anomalous):
        weights[chosen] /= max(weights[chosen].sum(), 1e-12)
    return np.asarray(weights / weights.mean())


def blocks_by_look(rows: FloatArray, objects: IntArray, is_anomalous: NDArray[np.bool_], /, *, blocks: int) -> IntArray:
    """The block, 0 … ``blocks`` - 1, of each row; blocks that are neighbours look alike.

    Training pictures are seldom as different as what comes later: the same batch, even the same piece twice. A
    threshold set on random folds is then too tight. Here objects that look alike are held out together, so that
    what is held out stands for something new. Each label is spread over the blocks by itself.

    Args:
        rows: (N, D) numbers of each picture.
        objects: (N,) index of the object in each picture.
        is_anomalous: (N,) labels; an object has one label.
        blocks: 1 or more.
    """
    looks = _looks(rows, objects)
    label = np.zeros(len(looks), np.bool_)
    label[objects] = is_anomalous
    block = np.zeros(len(looks), np.int64)
    for kind in (False, True):
        members = np.flatnonzero(label == kind)
        alike = members[_alike_side_by_side(looks[members])]
        block[alike] = np.arange(len(alike)) * blocks // max(len(alike), 1)  # few lie apart, not all in the first ones
    return block[objects]


def fold_of_blocks(present: IntArray, /, *, folds: int, rng: np.random.Generator) -> dict[int, int]:
    """The fold, 0 … ``folds`` - 1, of each block that is ``present``: runs of neighbours, cut where ``rng`` says."""
    around = np.roll(np.unique(present), int(rng.integers(len(present) + 1)))
    return {
        int(block): number
        for number, run in enumerate(np.array_split(around, min(folds, len(around))))
        for block in run
    }


def _looks(rows: FloatArray, objects: IntArray) -> FloatArray:
    """(objects, D) the mean look of each object, standardised."""
    counts = np.bincount(objects)
    means = np.zeros((len(counts), rows.shape[1]))
    np.add.at(means, objects, rows)
    means /= counts[:, None]
    return np.asarray(np.clip((means - means.mean(axis=0)) / np.hypot(means.std(axis=0), NOTICEABLE), -5, 5))


def _alike_side_by_side(looks: FloatArray) -> IntArray:
    """(M,) an order of the looks in which similar ones are neighbours: the leaves of a tree of clusters.

    J. Ward (1963), DOI 10.1080/01621459.1963.10500845.
    """
    if len(looks) <= 2:
        return np.arange(len(looks), dtype=np.int64)
    if len(looks) > _MOST_FOR_A_TREE:
        _, axes = np.linalg.eigh(looks.T @ looks)
        return np.argsort(looks @ axes[:, -1], kind="stable")
    from scipy.cluster.hierarchy import leaves_list, linkage  # noqa: PLC0415 (slow to import, only training needs it)

    return np.asarray(leaves_list(linkage(looks, method="ward")), dtype=np.int64)
