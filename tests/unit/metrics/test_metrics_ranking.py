"""AUROC and average precision: ties, single classes, and intervals that hold."""

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import Estimate, auroc, average_precision


def test_perfect_inverted_and_constant_scores():
    truth = [False, False, True, True]

    assert [auroc(truth, scores).value for scores in ([1, 2, 3, 4], [4, 3, 2, 1], [5, 5, 5, 5])] == [1.0, 0.0, 0.5]


def test_a_tie_between_the_classes_counts_half():
    assert auroc([False, True], [1.0, 1.0]).value == 0.5
    assert auroc([False, False, True], [1.0, 2.0, 2.0]).value == 0.75


@pytest.mark.parametrize("truth", [[], [True, True], [False, False]])
def test_auroc_needs_both_classes(truth):
    assert auroc(truth, np.zeros(len(truth))) == Estimate(None, len(truth), 0.0, 1.0)


def test_a_perfect_ranking_of_few_items_is_not_certain():
    few, many = (auroc([False] * n + [True] * n, range(2 * n)) for n in (10, 100))

    assert few.low < many.low < 1
    assert few.high == many.high == 1


def test_the_interval_is_the_same_from_either_side():
    truth, scores = [0, 1, 0, 1, 1], np.array([0.1, 0.3, 0.4, 0.8, 0.9])
    upward, downward = auroc(truth, scores), auroc(truth, -scores)

    assert (downward.value, downward.low, downward.high) == pytest.approx(
        (1 - upward.value, 1 - upward.high, 1 - upward.low)
    )


def test_the_interval_covers_the_truth_often_enough():
    rng = np.random.default_rng(5)
    truth = np.arange(30) < 10
    # The areas of two normal distributions 1.8124 apart: P(positive > negative) = 0.9.
    estimates = [auroc(truth, rng.normal(1.8124 * truth)) for _ in range(300)]

    assert np.mean([estimate.low <= 0.9 <= estimate.high for estimate in estimates]) >= 0.93


def test_average_precision_is_the_mean_over_the_positives():
    # Ranks of the positives: 1, 3 and 4, with precisions 1/1, 2/3 and 3/4.
    estimate = average_precision([1, 0, 1, 1, 0], [5, 4, 3, 2, 1])

    assert estimate.value == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    assert estimate.n == 3
    assert estimate.low < estimate.value < estimate.high


def test_items_of_one_score_share_one_threshold():
    assert average_precision([1, 0, 0, 0], [7, 7, 7, 7]).value == 0.25


def test_average_precision_needs_a_positive():
    assert average_precision([False], [1.0]) == Estimate(None, 0, 0.0, 1.0)


@pytest.mark.parametrize("figure", [auroc, average_precision])
@pytest.mark.parametrize("scores", [[1.0], [1.0, float("nan")], [1.0, float("inf")], [[1.0, 2.0]]])
def test_scores_that_do_not_fit_are_refused(figure, scores):
    with pytest.raises(InvalidInput, match="scores: expected 2 finite numbers"):
        figure([True, False], scores)


def test_a_level_outside_its_range_is_refused():
    with pytest.raises(InvalidInput, match="level"):
        auroc([True, False], [1, 2], level=2)
