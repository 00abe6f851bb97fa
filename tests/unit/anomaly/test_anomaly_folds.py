from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.anomaly._folds import blocks_by_look, fold_of_blocks, object_indices, object_weights


def test_objects_are_numbered_in_the_order_in_which_they_appear() -> None:
    assert object_indices(["b", 7, "b", "a", 7]).tolist() == [0, 1, 0, 2, 1]


def test_every_object_and_every_label_weighs_alike() -> None:
    objects = np.array([0, 0, 0, 1, 2])
    is_anomalous = np.array([False, False, False, False, True])

    weights = object_weights(objects, is_anomalous)

    assert weights.mean() == pytest.approx(1)
    assert weights[:3].sum() == pytest.approx(weights[3])
    assert weights[~is_anomalous].sum() == pytest.approx(weights[is_anomalous].sum())


def test_weights_of_one_label_alone_are_those_of_the_objects() -> None:
    assert object_weights(np.array([0, 0, 1]), np.zeros(3, np.bool_)).tolist() == pytest.approx([0.75, 0.75, 1.5])


def split(rows, objects, is_anomalous, *, seed: int = 0, folds: int = 4, blocks: int = 12):
    """The fold of each row."""
    block = blocks_by_look(rows, objects, is_anomalous, blocks=blocks)
    fold = fold_of_blocks(block, folds=folds, rng=np.random.default_rng(seed))
    return np.array([fold[one] for one in block.tolist()])


def test_each_label_is_spread_evenly() -> None:
    rng = np.random.default_rng(1)
    is_anomalous = np.arange(40) >= 28

    fold = blocks_by_look(rng.normal(size=(40, 3)), np.arange(40), is_anomalous, blocks=4)

    assert np.bincount(fold[~is_anomalous]).tolist() == [7, 7, 7, 7]
    assert np.bincount(fold[is_anomalous]).tolist() == [3, 3, 3, 3]


def test_objects_that_look_alike_are_held_out_together() -> None:
    rng = np.random.default_rng(2)
    kind = np.repeat([0, 1, 2, 3], 6)
    order = rng.permutation(24)
    rows = (10.0 * np.eye(4)[kind] + rng.normal(0, 0.1, (24, 4)))[order]

    def together(seed: int) -> float:
        """Share of the pairs of one kind that are in one fold; a random split has 0.35."""
        fold = split(rows, np.arange(24), np.zeros(24, np.bool_), seed=seed)
        pairs = kind[order][:, None] == kind[order]
        return float((fold[:, None] == fold)[pairs].mean())

    assert min(together(seed) for seed in range(6)) >= 0.5


def test_another_call_cuts_elsewhere_and_the_same_rng_alike() -> None:
    rows, objects, labels = np.random.default_rng(3).normal(size=(30, 2)), np.arange(30), np.zeros(30, np.bool_)

    assert (split(rows, objects, labels, seed=1) == split(rows, objects, labels, seed=1)).all()
    assert len({tuple(split(rows, objects, labels, seed=seed)) for seed in range(8)}) > 1


def test_pictures_that_are_all_the_same_still_fill_every_fold() -> None:
    fold = split(np.ones((12, 5)), np.arange(12), np.zeros(12, np.bool_))

    assert np.bincount(fold).tolist() == [3, 3, 3, 3]


def test_fewer_objects_than_folds_leave_folds_empty() -> None:
    fold = split(np.eye(2), np.arange(2), np.zeros(2, np.bool_), folds=4)

    assert len(set(fold.tolist())) == 2


def test_folds_are_runs_of_neighbouring_blocks() -> None:
    fold = fold_of_blocks(np.repeat(np.arange(12), 2), folds=3, rng=np.random.default_rng(1))

    around = [fold[block] for block in range(12)]
    assert sum(one != other for one, other in zip(around, around[1:] + around[:1], strict=True)) == 3


def test_many_objects_are_ordered_along_the_main_axis_of_their_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conveyorqc.anomaly._folds._MOST_FOR_A_TREE", 10)
    axis = np.random.default_rng(4).permutation(20).astype(np.float64)

    fold = split(axis[:, None] * np.array([[1.0, -2.0]]), np.arange(20), np.zeros(20, np.bool_), folds=2)

    halves = [np.sort(axis[fold == one]) for one in range(2)]
    assert any((np.diff(half) == 1).all() for half in halves)
