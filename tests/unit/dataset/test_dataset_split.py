"""Splits by object: sizes, strata and what is too little."""

from pathlib import Path

import numpy as np
import pytest

from conveyorqc.dataset import LabelledDataset, LabelledImage, grouped_folds, grouped_split, split_by_object
from conveyorqc.errors import InvalidInput, NotEnoughData


def rng(seed=3):
    return np.random.default_rng(seed)


def dataset(normal=10, anomaly=6, views=3):
    objects = [(f"n{i}", "normal") for i in range(normal)] + [(f"a{i}", "anomaly") for i in range(anomaly)]
    images = [LabelledImage(Path(f"{name}_{v}.png"), name, label) for v in range(views) for name, label in objects]
    return LabelledDataset(tuple(images), Path("folder"))


def test_both_labels_are_drawn_in_the_same_proportion():
    train, test = split_by_object(dataset(), test_fraction=0.3, rng=rng())

    assert (len(set(test.object_ids)), int(test.anomalous.sum())) == (3 + 2, 2 * 3)
    assert (len(set(train.object_ids)), int(train.anomalous.sum())) == (7 + 4, 4 * 3)


def test_the_split_repeats_with_the_generator_and_varies_without():
    splits = [split_by_object(dataset(), test_fraction=0.3, rng=rng(seed))[1].object_ids for seed in (3, 3, 4)]

    assert splits[0] == splits[1] != splits[2]


def test_two_objects_of_a_label_are_enough_for_both_sides():
    train, test = split_by_object(dataset(normal=2, anomaly=2), test_fraction=0.01, rng=rng())

    assert [len(set(part.object_ids)) for part in (train, test)] == [2, 2]
    assert [sorted(set(part.anomalous.tolist())) for part in (train, test)] == [[False, True]] * 2


def test_the_only_object_of_a_label_is_for_training():
    train, test = split_by_object(dataset(normal=4, anomaly=1), test_fraction=0.9, rng=rng())

    assert train.anomalous.any()
    assert not test.anomalous.any()


def test_an_object_with_one_anomalous_view_counts_as_anomalous():
    train, test = grouped_split(["a", "a", "b", "b"], [True, False, False, True], test_fraction=0.5, rng=rng())

    assert sorted(map(len, (train, test))) == [2, 2]


@pytest.mark.parametrize(("normal", "anomaly"), [(0, 0), (1, 0), (1, 1)])
def test_too_few_objects_are_refused(normal, anomaly):
    with pytest.raises(NotEnoughData, match=f"got {normal} normal and {anomaly} anomalous"):
        split_by_object(dataset(normal=normal, anomaly=anomaly), test_fraction=0.5, rng=rng())


@pytest.mark.parametrize("test_fraction", [0, 1, 30, float("nan")])
def test_a_fraction_outside_its_range_is_refused(test_fraction):
    with pytest.raises(InvalidInput, match="test_fraction: expected a number between 0 and 1"):
        split_by_object(dataset(), test_fraction=test_fraction, rng=rng())


def test_folds_share_out_the_objects_of_each_label():
    data = dataset(normal=10, anomaly=5)
    folds = grouped_folds(data.object_ids, data.anomalous, folds=5, rng=rng())

    objects = {(name, int(fold)) for name, fold in zip(data.object_ids, folds, strict=True)}
    assert sorted(fold for name, fold in objects if name[0] == "n") == sorted([*range(5), *range(5)])
    assert sorted(fold for name, fold in objects if name[0] == "a") == [*range(5)]


@pytest.mark.parametrize(
    ("groups", "folds", "error", "complaint"),
    [
        ("abc", 1, InvalidInput, "folds: expected 2 or more, got 1"),
        ("aab", 3, NotEnoughData, "expected 3 objects or more for 3 folds, got 2"),
        ("ab", 2, InvalidInput, "anomalous: expected 2, one per group name"),
    ],
)
def test_folds_that_cannot_be_are_refused(groups, folds, error, complaint):
    with pytest.raises(error, match=complaint):
        grouped_folds(groups, [False] * 3, folds=folds, rng=rng())
