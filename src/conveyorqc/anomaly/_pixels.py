"""The pixel head: which class of defect each place shows, learned from masks."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray
from conveyorqc.imgproc import box_context

__all__ = ["PixelHead", "fit_pixel_head"]

_Cells = NDArray[np.float32]
_HIDDEN = 32
_MOST = 60_000
_FROM_NORMALS = 400
_ROUNDS = 12


@dataclass(frozen=True, slots=True, eq=False)
class PixelHead:
    """A small neural network on the features of a place and its surroundings.

    ``mean`` and ``spread`` (c,) standardise; ``inner`` (c + 1, 32) and ``outer`` (33, K) are weights, the last row
    of each the offset; K classes of defect, each against none.
    """

    mean: FloatArray
    spread: FloatArray
    inner: FloatArray
    outer: FloatArray

    def shares(self, cells: _Cells, /) -> NDArray[np.float32]:
        """(h, h, K) probability of each class of defect at each place of (h, h, d) features."""
        standard = (box_context(cells) - self.mean) / self.spread
        hidden = np.maximum(standard @ self.inner[:-1] + self.inner[-1], 0)
        odds = np.exp(np.clip(hidden @ self.outer[:-1] + self.outer[-1], -30, 30))
        return np.asarray(odds / (1 + odds.sum(axis=2, keepdims=True)), dtype=np.float32)


def fit_pixel_head(
    pictures: Sequence[_Cells], classes: Sequence[NDArray[np.int64]], /, *, count: int, rng: np.random.Generator
) -> PixelHead:
    """The head for (h, h, d) features each and the class (h, h) of each place, 0 where it is sound.

    Args:
        pictures: of normal objects and of anomalous ones with a mask.
        classes: of the same pictures.
        count: number of classes of defect, of which some may not occur.
        rng: thins the sound places, and starts the network.
    """
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415 (only training needs scikit-learn)
    from sklearn.neural_network import MLPClassifier  # noqa: PLC0415

    rows, labels = _examples(pictures, classes, rng)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + 1e-3
    network = MLPClassifier(
        (_HIDDEN,),
        alpha=0.01,
        batch_size=min(512, len(rows)),
        learning_rate_init=3e-3,
        max_iter=_ROUNDS,
        random_state=int(rng.integers(2**31)),
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the number of rounds is chosen
        network.fit((rows - mean) / spread, labels)
    inner, outer = (np.vstack(pair) for pair in zip(network.coefs_, network.intercepts_, strict=True))
    return PixelHead(mean, spread, inner, _against_none(outer, network.classes_.astype(np.int64), count))


def _examples(
    pictures: Sequence[_Cells], classes: Sequence[NDArray[np.int64]], rng: np.random.Generator
) -> tuple[FloatArray, NDArray[np.int64]]:
    rows, labels = [], []
    each = _MOST // len(pictures)
    for cells, where in zip(pictures, classes, strict=True):
        limit = each if where.any() else min(each, _FROM_NORMALS)
        chosen = rng.permutation(where.size)[:limit]
        rows.append(box_context(cells).reshape(where.size, -1)[chosen])
        labels.append(where.reshape(-1)[chosen])
    return np.concatenate(rows).astype(np.float64), np.concatenate(labels)


def _against_none(outer: FloatArray, seen: NDArray[np.int64], count: int) -> FloatArray:
    """(33, count) weights: scikit-learn has one column for two classes, else one for each that it saw, also none."""
    weights = np.zeros((len(outer), count))
    weights[-1] = -30.0  # what never occurred is never said
    if outer.shape[1] == 1:
        weights[:, seen[-1] - 1] = outer[:, 0]
    else:
        weights[:, seen[1:] - 1] = outer[:, 1:] - outer[:, :1]
    return weights
