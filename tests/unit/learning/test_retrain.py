"""A candidate is compared on what nobody was trained on, and takes over only when it is not worse."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.core import Verdict
from conveyorqc.dataset import LabelledDataset
from conveyorqc.errors import DatasetError, InvalidInput, NotEnoughData
from conveyorqc.learning import FrozenSet, compare, retrain
from conveyorqc.learning._compare import exact_mcnemar
from conveyorqc.policy import MeanPolicy

FROZEN = [40, 50, 60, 70, 80, 90, 120, 130, 150, 180]


def verdicts(bad):
    return [Verdict(is_anomalous=bool(one), confidence=0.9) for one in bad]


def fitted(model):
    return lambda data: model


@pytest.fixture
def old(pictures):
    return pictures("old", [45, 55, 140])


@pytest.fixture
def frozen(pictures):
    return pictures("frozen set", FROZEN)


def test_the_first_model_is_promoted(store, make, old, frozen):
    done = retrain(store, [old], frozen, fit=fitted(make(100)))
    assert (1, True, "the first model", None) == (done.version, done.promoted, done.reason, done.comparison)
    assert FrozenSet.of(frozen).fingerprint == store.record(1)["frozen"] == done.frozen
    assert 1 == store.current_version


def test_a_better_candidate_is_promoted_and_a_worse_one_kept(store, make, old, frozen, pictures):
    retrain(store, [old], frozen, fit=fitted(make(140)))
    better = retrain(store, [old, pictures("new", [60, 135])], frozen, fit=fitted(make(100)))
    assert (2, True, (2, 0)) == (better.version, better.promoted, better.comparison.misses)
    assert "against version 1: 2 objects better and 0 worse of 10, misses 0 after 2 (McNemar p 0.500)" == better.reason
    worse = retrain(store, [old], frozen, fit=fitted(make(145)))
    assert (3, False) == (worse.version, worse.promoted)
    assert "misses 2 of 4 anomalous objects, the current model 0" == worse.reason == store.record(3)["objection"]
    assert (2, (1, 2, 3)) == (store.current_version, store.versions)
    assert worse.to_dict()["comparison"] == store.record(3)["comparison"] | {"misses": (0, 2)} | {
        name: tuple(store.record(3)["comparison"][name])
        for name in ("false_rejects", "auroc", "f1", "auroc_difference", "f1_difference")
    }


def test_more_false_rejects_are_no_progress(store, make, old, frozen):
    retrain(store, [old], frozen, fit=fitted(make(100)))
    done = retrain(store, [old], frozen, fit=fitted(make(65)))
    assert "decides 3 objects worse and 0 better" == done.reason


def test_the_margin_forgives_misses_that_pay(store, make, old, frozen):
    retrain(store, [old], frozen, fit=fitted(make(55)))
    done = retrain(store, [old], frozen, fit=fitted(make(125)), miss_margin=0.25)
    assert done.promoted
    assert (0, 1) == done.comparison.misses


def test_the_frozen_set_stays_the_same(store, make, old, frozen, pictures):
    retrain(store, [old], frozen, fit=fitted(make(100)))
    other = pictures("another", [30, 160])
    with pytest.raises(DatasetError, match="expected the frozen set"):
        retrain(store, [old], other, fit=fitted(make(100)))
    assert retrain(store, [old], other, fit=fitted(make(100)), renewed="accept").promoted


def test_the_fingerprint_does_not_depend_on_order_but_on_labels(frozen, pictures):
    backwards = frozen.rows(range(len(frozen) - 1, -1, -1))
    assert FrozenSet.of(frozen).fingerprint == FrozenSet.of(backwards).fingerprint
    assert FrozenSet.of(frozen).fingerprint != FrozenSet.of(frozen.rows(range(5))).fingerprint


def test_objects_of_the_frozen_set_are_never_trained_on(store, make, frozen):
    with pytest.raises(DatasetError, match="object 3 is in the frozen set"):
        retrain(store, [frozen.rows([3])], frozen, fit=fitted(make(100)))
    moved = LabelledDataset(frozen.rows([4]).images, frozen.source / "elsewhere")
    with pytest.raises(DatasetError, match="object 4 is in the frozen set"):
        retrain(store, [moved], frozen, fit=fitted(make(100)))
    assert () == store.versions


def test_pictures_of_the_frozen_set_are_never_trained_on(store, make, frozen, pictures):
    copied = pictures("frozen two", FROZEN)
    with pytest.raises(DatasetError, match="the frozen set has the same picture"):
        retrain(store, [copied.renamed("copy {}".format)], frozen, fit=fitted(make(100)))


def test_there_is_something_to_train_on(store, frozen):
    with pytest.raises(DatasetError, match="expected a data set or more"):
        retrain(store, [], frozen)


def test_the_frozen_set_has_both_kinds(store, make, old, pictures):
    with pytest.raises(NotEnoughData, match="got 0 anomalous of 2"):
        retrain(store, [old], pictures("all good", [30, 40]), fit=fitted(make(100)))


def test_someone_else_promoting_meanwhile_wins(store, make, old, frozen):
    retrain(store, [old], frozen, fit=fitted(make(140)))

    def slow(data):
        store.promote(store.add(make(141)))
        return make(100)

    done = retrain(store, [old], frozen, fit=slow)
    assert not done.promoted
    assert "expected version 1 to be current, got 2" in done.reason
    assert (1, 2, 3) == store.versions


def test_a_local_model_is_trained_on_all_parts(store, make, frozen, pictures, monkeypatch):
    asked = []

    def fit(images, labels, /, masks, object_ids, *, object_masks, rng):
        asked.append((len(images), labels, masks, object_ids, object_masks, rng.integers(1000)))
        return make(100)

    monkeypatch.setattr(LocalBackend, "fit", fit)
    parts = [pictures("old", [45, 55, 140]), pictures("new", [60, 135])]
    assert retrain(store, parts, frozen, seed=3).promoted
    labels = ["normal", "normal", "anomaly", "normal", "anomaly"]
    ids = ("0:0", "0:1", "0:2", "1:0", "1:1")
    none = [None] * 5
    assert [(5, labels, none, ids, none, np.random.default_rng(3).integers(1000))] == asked


@pytest.mark.parametrize(("one", "other"), list(itertools.product(range(7), repeat=2)))
def test_mcnemar_counts_all_ways_that_are_as_unlikely(one, other):
    total = one + other
    ways = [math.comb(total, k) for k in range(total + 1)]
    expected = sum(way for way in ways if way <= ways[one]) / 2**total
    assert pytest.approx(min(1.0, expected)) == exact_mcnemar(one, other)


def test_the_same_verdicts_differ_in_nothing():
    truth = np.arange(20) % 3 == 0
    done = compare(verdicts(truth), verdicts(truth), truth, range(20))
    assert (0, 0, 1.0) == (done.only_current, done.only_candidate, done.p_value)
    assert (0.0, 0.0) == done.auroc_difference == done.f1_difference
    assert (1.0, 1.0) == done.f1 == done.auroc
    assert "" == done.objection()


def test_a_ranking_that_is_worse_beyond_doubt_is_an_objection():
    truth = np.repeat([False, True], 30)
    scores = np.random.default_rng(0).uniform(0, 0.4, 60)
    current = [
        Verdict(is_anomalous=False, confidence=0.6, score=s + 0.4 * t) for s, t in zip(scores, truth, strict=True)
    ]
    candidate = [Verdict(is_anomalous=False, confidence=0.6, score=float(s)) for s in scores]
    done = compare(current, candidate, truth, range(60))
    assert done.objection().startswith("ranks objects worse: AUROC changes by -")


def test_the_worst_view_decides_unless_the_policy_says_otherwise():
    current, candidate = verdicts([0, 0, 0, 1]), verdicts([1, 0, 0, 1])
    ids, truth = ["a", "a", "a", "b"], [False, False, False, True]
    assert (0, 1) == compare(current, candidate, truth, ids).false_rejects
    assert (0, 0) == compare(current, candidate, truth, ids, policy=MeanPolicy()).false_rejects


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(InvalidInput, match="expected one length, got 1, 2, 2 and 2"):
        compare(verdicts([0]), verdicts([0, 1]), [False, True], [1, 2])
    done = compare(verdicts([0, 1]), verdicts([0, 1]), [False, True], [1, 2])
    with pytest.raises(InvalidInput, match="miss_margin"):
        done.objection(miss_margin=2.0)
