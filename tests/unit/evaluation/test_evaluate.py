"""What verdicts are worth: figures, intervals and warnings."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Verdict
from conveyorqc.errors import InvalidInput
from conveyorqc.evaluation import FIGURES, evaluate, own_auroc, verdicts_from
from conveyorqc.metrics import Estimate, auroc, classification_scores, clopper_pearson
from conveyorqc.policy import KOfN, MeanPolicy

PROBABILITIES = [0.1, 0.2, 0.7, 0.4, 0.9, 0.8, 0.3, 0.6]
LABELS = ["normal"] * 4 + ["anomaly"] * 4


def evaluated(probabilities=PROBABILITIES, labels=LABELS, ids=None, **given):
    ids = range(len(labels)) if ids is None else ids
    return evaluate(verdicts_from(probabilities, threshold=0.5), labels, ids, resamples=200, **given)


def test_one_picture_each_gives_the_plain_figures():
    done = evaluated()
    plain = classification_scores(np.array(LABELS) == "anomaly", np.array(PROBABILITIES) >= 0.5)
    assert (plain.precision, plain.recall) == (done.objects.precision, done.objects.recall)
    assert (3, 1, 1, 3) == (done.objects.tp, done.objects.fp, done.objects.fn, done.objects.tn)
    assert list(FIGURES) == list(done.objects.estimates())
    assert done.pictures is None
    assert () == done.warnings


def test_no_interval_is_narrower_than_the_analytic_one_or_shrinks_to_a_point():
    done = evaluated([0.1] * 10 + [0.9] * 10, [0] * 10 + [1] * 10).objects
    analytic = auroc([0] * 10 + [1] * 10, [0.1] * 10 + [0.9] * 10)
    assert 1.0 == done.auroc.value == done.f1.value == done.average_precision.value
    assert analytic.low == done.auroc.low < 0.9
    assert done.f1.low < 0.95
    assert clopper_pearson(10, 10) == done.recall


def test_every_interval_holds_its_value():
    for figures in (evaluated().objects, evaluated(ids=[0, 0, 1, 1, 2, 2, 3, 3]).pictures):
        assert all(one.low <= one.value <= one.high for one in figures.estimates().values())


def test_views_of_an_object_are_combined_as_the_line_does():
    ids = ["a", "a", "b", "c", "d", "d", "e", "e"]
    worst = evaluated(ids=ids)
    assert ("a", "b", "c", "d", "e") == worst.object_ids
    assert [False, True, False, True, True] == worst.decided.tolist()
    assert [1, 2, 3, 4, 7] == worst.shown.tolist()
    assert [0.2, 0.7, 0.4, 0.9, 0.6] == worst.scores.tolist()
    assert 0.75 == worst.pictures.recall.value
    assert [False, True, False, True, False] == evaluated(ids=ids, policy=KOfN(2)).decided.tolist()
    assert [False, True, False, True, False] == evaluated(ids=ids, policy=MeanPolicy()).decided.tolist()


def test_views_of_one_object_widen_the_figures_per_picture():
    probabilities, labels = np.tile(PROBABILITIES, 5), np.tile(LABELS, 5)
    views = evaluated(probabilities, labels, ids=np.tile(range(8), 5).tolist())
    assert views.pictures.recall.low < clopper_pearson(15, 20).low
    assert 4 == views.objects.recall.n


def test_mistakes_are_listed_with_the_surest_first():
    done = evaluated([0.6, 0.9, 0.1, 0.2, 0.4], [0, 0, 1, 1, 1], "vwxyz")
    assert ["w", "v"] == [done.object_ids[row] for row in done.false_rejects()]
    assert ["x", "y", "z"] == [done.object_ids[row] for row in done.false_passes()]


def test_order_means_nothing():
    order = np.random.default_rng(0).permutation(8)
    shuffled = evaluated(np.array(PROBABILITIES)[order], np.array(LABELS)[order]).objects
    for name, one in evaluated().objects.estimates().items():
        assert pytest.approx(one.value) == getattr(shuffled, name).value


def test_a_backend_without_scores_is_ranked_by_its_confidence():
    verdicts = [Verdict(is_anomalous=bad, confidence=sure) for bad, sure in ((False, 0.9), (True, 0.6), (True, 0.8))]
    done = evaluate(verdicts, [0, 0, 1], "abc", resamples=10)
    assert [0.1, 0.6, 0.8] == pytest.approx(done.scores.tolist())
    assert 1.0 == done.objects.auroc.value


def test_one_kind_alone_and_nothing_at_all_have_figures_without_values():
    good = evaluated([0.1, 0.2], ["normal"] * 2).objects
    assert (None, None, 2) == (good.recall.value, good.auroc.value, good.tn)
    nothing = evaluated([], []).objects
    assert {None} == {one.value for one in nothing.estimates().values()}


@pytest.mark.parametrize(
    ("background", "own", "expected"),
    [
        (0.70, 0.80, []),
        (0.71, 0.95, ["the background alone tells the label (AUROC 0.71, above 0.7)"]),
        (None, 0.79, ["this defect is not visible to this model (AUROC 0.79"]),
        (0.9, 0.5, ["the background alone", "this defect is not visible"]),
    ],
)
def test_what_the_figures_may_rest_on_is_said(background, own, expected):
    given = [Estimate(value, 30, 0.0, 1.0) for value in (background, own)]
    warnings = evaluated(background=given[0], own=given[1]).warnings
    assert len(expected) == len(warnings)
    assert all(said.startswith(start) for said, start in zip(warnings, expected, strict=True))


def test_the_models_own_figure_takes_the_worst_view():
    assert 1.0 == own_auroc([0.1, 0.2, 0.9, 0.0], ["normal", "normal", "anomaly", "anomaly"], [1, 2, 3, 3]).value
    assert 3 == own_auroc([0.1, 0.2, 0.9, 0.0], [0, 0, 1, 1], [1, 2, 3, 3]).n


def test_lengths_that_differ_are_refused():
    with pytest.raises(InvalidInput, match="expected one length, got 1, 2 and 2"):
        evaluate(verdicts_from([0.5], threshold=0.5), [0, 1], "ab")
    with pytest.raises(InvalidInput, match="expected one length"):
        own_auroc([0.5], [0, 1], "ab")
