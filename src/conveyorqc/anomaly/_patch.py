"""The patch expert: is there any place that looks like no place of any normal object?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._gaussian import whitening_of
from conveyorqc.core import IntArray, Mask
from conveyorqc.imgproc import blur, box_context

__all__ = ["Cells", "PatchBank", "fit_patch_bank", "peak"]

Cells = NDArray[np.float32]
"""(h, w, d) features of a view."""

_VECTORS = 600
"""Places remembered. More knows rarer looks and takes longer."""

_CANDIDATES = 9000
_SHRINK = 0.05
_TOP = 0.01
_FLOOR = 0.02
"""Distance below which less makes no difference, of the order of 1 for usual places."""


@dataclass(frozen=True, slots=True, eq=False)
class PatchBank:
    """Places on normal objects, whitened.

    Attributes:
        mean: (c,) of the cells with their context.
        whitening: (c, c).
        vectors: (K, c) float32, remembered places.
        blocks: (K,) int64, the block of objects from which each comes.
    """

    mean: NDArray[np.float32]
    whitening: NDArray[np.float32]
    vectors: NDArray[np.float32]
    blocks: IntArray

    def distances(self, cells: Cells, inside: Mask, /, *, count: int = 1) -> NDArray[np.float32]:
        """(n, ``count``) squared distance of each cell that is ``inside`` to the nearest place of each block.

        Args:
            cells: (h, w, d) features.
            inside: (h, w) bool.
            count: of blocks; 1 takes all places for one block.
        """
        rows = (box_context(cells)[inside] - self.mean) @ self.whitening
        own = (rows * rows).sum(axis=1)
        # One product gives squared length less twice the overlap: |v|² - 2 v·r.
        extended = np.column_stack([-2 * rows, np.ones(len(rows), np.float32)])
        targets = np.column_stack([self.vectors, (self.vectors * self.vectors).sum(axis=1)])
        squared = np.full((len(rows), count), np.inf, np.float32)
        for block in range(count):
            vectors = targets if count == 1 else targets[self.blocks == block]
            if len(vectors):
                squared[:, block] = np.maximum(own + (extended @ vectors.T).min(axis=1), 0) / rows.shape[1]
        return squared


def peak(squared: NDArray[np.float32], inside: Mask, /) -> tuple[float, NDArray[np.float32]]:
    """How odd the oddest place is (log), and the (h, w) map, 0 outside, of (n,) squared distances ``inside``."""
    grid = np.zeros(inside.shape, np.float32)
    grid[inside] = np.sqrt(squared)
    smooth = blur(grid, sigma=1.0)
    values = smooth[inside]
    top = max(1, round(_TOP * values.size))
    return float(np.log(np.partition(values, -top)[-top:].mean() + _FLOOR)), smooth


def fit_patch_bank(
    pictures: Sequence[Cells], insides: Sequence[Mask], blocks: IntArray, /, *, rng: np.random.Generator
) -> PatchBank:
    """The places of normal pictures that represent all others.

    After K. Roth et al. (2022), "Towards total recall in industrial anomaly detection", DOI
    10.1109/CVPR52688.2022.01392: a greedy choice of centres, here within each block of objects, so that what the
    bank would be without some of the blocks is known without another choice.

    Args:
        pictures: (h, w, d) features each.
        insides: (h, w) bool each, where the object is.
        blocks: (N,) block of each picture.
        rng: thins the candidates.
    """
    each = max(20, _CANDIDATES // len(pictures))
    rows, owners = [], []
    for cells, inside, block in zip(pictures, insides, blocks, strict=True):
        found = box_context(cells)[inside]
        kept = found[rng.permutation(len(found))[:each]]
        rows.append(kept)
        owners.append(np.full(len(kept), block))
    places, owner = np.concatenate(rows).astype(np.float64), np.concatenate(owners)
    mean = places.mean(axis=0)
    whitening = whitening_of(places - mean, shrink=_SHRINK)
    white = ((places - mean) @ whitening).astype(np.float32)
    present = np.unique(owner)
    share = max(1, _VECTORS // len(present))
    chosen = np.concatenate([np.flatnonzero(owner == b)[_centers(white[owner == b], share, rng)] for b in present])
    return PatchBank(mean.astype(np.float32), whitening.astype(np.float32), white[chosen], owner[chosen])


def _centers(rows: NDArray[np.float32], count: int, rng: np.random.Generator) -> IntArray:
    """Indices of ``count`` rows, each the farthest from those before it, by a random projection."""
    if len(rows) <= count:
        return np.arange(len(rows))
    flat = rows @ rng.normal(size=(rows.shape[1], 24)).astype(np.float32)
    chosen = [int(rng.integers(len(rows)))]
    nearest = ((flat - flat[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((flat - flat[chosen[-1]]) ** 2).sum(axis=1))
    return np.array(chosen)
