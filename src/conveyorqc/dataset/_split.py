"""Train and test parts that share no object.

Views of one object are nearly alike. With one on either side a model is tested on what it has memorised; the
article calls this the data leak.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import IntArray
from conveyorqc.dataset._labelled import LabelledDataset
from conveyorqc.errors import InvalidInput, NotEnoughData

__all__ = ["grouped_folds", "grouped_split", "split_by_object"]


def split_by_object(
    dataset: LabelledDataset, /, *, test_fraction: float, rng: np.random.Generator
) -> tuple[LabelledDataset, LabelledDataset]:
    """The train and the test part of ``dataset``: all pictures of an object are in one of them.

    See `grouped_split`.

    Raises:
        InvalidInput: if ``test_fraction`` is not between 0 and 1.
        NotEnoughData: if no label has two objects.
    """
    train, test = grouped_split(dataset.object_ids, dataset.anomalous, test_fraction=test_fraction, rng=rng)
    return dataset.rows(train.tolist()), dataset.rows(test.tolist())


def grouped_split(
    groups: Sequence[object], anomalous: ArrayLike, /, *, test_fraction: float, rng: np.random.Generator
) -> tuple[IntArray, IntArray]:
    """Rows of the train and of the test part, ascending; a group is never in both.

    Both labels are drawn in the same proportion, and both are on both sides if they have two groups or more. The only
    group of a label goes to the train part.

    Args:
        groups: N names; rows of the same name belong together. A group is anomalous if any of its rows is.
        anomalous: (N,) bool.
        test_fraction: share of the groups of each label that goes to the test part, between 0 and 1. More tests
            better and trains worse.
        rng: draws the groups.

    Raises:
        InvalidInput: if ``test_fraction`` is not between 0 and 1, or the lengths differ.
        NotEnoughData: if no label has two groups.

    >>> train, test = grouped_split("aabbcc", [False] * 6, test_fraction=0.3, rng=np.random.default_rng(1))
    >>> train.tolist(), test.tolist()
    ([2, 3, 4, 5], [0, 1])
    """
    if not 0 < test_fraction < 1:
        raise InvalidInput(f"test_fraction: expected a number between 0 and 1, got {test_fraction}")
    group_of, strata = _shuffled_strata(groups, anomalous, rng)
    chosen = [stratum[: _test_size(len(stratum), test_fraction)] for stratum in strata]
    in_test = np.isin(group_of, np.concatenate(chosen))
    if not in_test.any():
        sizes = [len(stratum) for stratum in strata]
        raise NotEnoughData(f"expected two objects or more of a label, got {sizes[0]} normal and {sizes[1]} anomalous")
    return np.flatnonzero(~in_test), np.flatnonzero(in_test)


def grouped_folds(
    groups: Sequence[object], anomalous: ArrayLike, /, *, folds: int, rng: np.random.Generator
) -> IntArray:
    """(N,) the fold, 0 to ``folds - 1``, in which each row is tested; a group is in one fold only.

    The groups of each label are dealt out one by one, so that folds differ by at most one group of each label.

    Args:
        groups: N names; rows of the same name belong together. A group is anomalous if any of its rows is.
        anomalous: (N,) bool.
        folds: 2 or more. More train on more and take longer.
        rng: draws the groups.

    Raises:
        InvalidInput: if ``folds`` is below 2, or the lengths differ.
        NotEnoughData: if there are fewer groups than folds.
    """
    if folds < 2:
        raise InvalidInput(f"folds: expected 2 or more, got {folds}")
    group_of, strata = _shuffled_strata(groups, anomalous, rng)
    dealt = np.concatenate(strata)
    if len(dealt) < folds:
        raise NotEnoughData(f"expected {folds} objects or more for {folds} folds, got {len(dealt)}")
    fold_of = np.empty(len(dealt), np.int64)
    fold_of[dealt] = np.arange(len(dealt)) % folds
    return fold_of[group_of]


def _shuffled_strata(
    groups: Sequence[object], anomalous: ArrayLike, rng: np.random.Generator
) -> tuple[IntArray, tuple[IntArray, IntArray]]:
    """The group number of each row, and the normal and the anomalous group numbers in random order."""
    labels = np.asarray(anomalous, dtype=np.bool_)
    if labels.shape != (len(groups),):
        raise InvalidInput(f"anomalous: expected {len(groups)}, one per group name, got shape {labels.shape}")
    numbers = {name: number for number, name in enumerate(dict.fromkeys(groups))}
    group_of = np.array([numbers[name] for name in groups], dtype=np.int64)
    is_anomalous = np.zeros(len(numbers), np.bool_)
    is_anomalous[group_of[labels]] = True
    return group_of, (rng.permutation(np.flatnonzero(~is_anomalous)), rng.permutation(np.flatnonzero(is_anomalous)))


def _test_size(groups: int, test_fraction: float) -> int:
    return 0 if groups < 2 else min(max(round(groups * test_fraction), 1), groups - 1)
