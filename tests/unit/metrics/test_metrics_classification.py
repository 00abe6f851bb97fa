"""Precision, recall, F1 and accuracy from counts and from labels."""

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import classification_scores, clopper_pearson, precision_recall_f1


def test_the_articles_detection_figures_follow_from_its_counts():
    scores = precision_recall_f1(94, 0, 2)

    assert scores.precision == clopper_pearson(94, 94)
    assert scores.recall == clopper_pearson(94, 96)
    assert scores.f1.value == pytest.approx(2 * 94 / (2 * 94 + 0 + 2))
    assert scores.f1.low < 0.989 < scores.f1.high
    assert (scores.tn, scores.accuracy) == (None, None)


def test_labels_are_counted_into_the_four_kinds():
    truth = [1, 1, 1, 0, 0, 0, 0]
    predicted = [1, 1, 0, 1, 0, 0, 0]

    scores = classification_scores(truth, predicted)

    assert (scores.tp, scores.fp, scores.fn, scores.tn) == (2, 1, 1, 3)
    assert scores.accuracy == clopper_pearson(5, 7)


def test_what_nobody_called_positive_has_no_precision():
    scores = classification_scores([True, False], [False, False])

    assert (scores.precision.value, scores.recall.value, scores.f1.value) == (None, 0, 0)


def test_no_data_has_no_figures():
    scores = classification_scores([], [])

    assert [figure.value for figure in (scores.precision, scores.recall, scores.f1, scores.accuracy)] == [None] * 4


@pytest.mark.parametrize(
    ("truth", "predicted", "complaint"),
    [
        ([1, 2], [0, 1], "truth: expected a flat array of False and True"),
        ([0, 1], [0.5, 1], "predicted: expected a flat array"),
        ([[0, 1]], [0, 1], "truth"),
        ([0, 1], [0], "predicted: expected 2 labels, one per truth, got 1"),
    ],
)
def test_what_are_no_labels_is_refused(truth, predicted, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        classification_scores(truth, predicted)


@pytest.mark.parametrize("counts", [(-1, 0, 0), (0, -1, 0), (0, 0, -1)])
def test_a_negative_count_is_refused(counts):
    with pytest.raises(InvalidInput, match="expected 0 or more, got -1"):
        precision_recall_f1(*counts)


def test_the_interval_of_f1_covers_the_truth_often_enough():
    rng = np.random.default_rng(3)
    truth_f1, covered = 2 * 0.8 / (2 * 0.8 + 0.1 + 0.1), 0
    for tp, fp, fn in rng.multinomial(60, [0.8, 0.1, 0.1], size=300):
        f1 = precision_recall_f1(int(tp), int(fp), int(fn)).f1
        covered += f1.low <= truth_f1 <= f1.high

    assert covered >= 0.95 * 300
