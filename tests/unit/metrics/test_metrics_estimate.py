"""Intervals: exact where they can be, honest at the ends, and never without their n."""

import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import Estimate, bounded_mean, clopper_pearson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.3085),  # 1 - 0.025 ** (1 / 10)
        (10, 10, 0.6915, 1.0),
        (5, 10, 0.1871, 0.8129),
        (81, 263, 0.2527, 0.3676),  # Newcombe (1998), table I
        (15, 148, 0.0578, 0.1617),
        (1, 29, 0.0009, 0.1776),
    ],
)
def test_the_interval_is_that_of_the_tables(successes, n, low, high):
    estimate = clopper_pearson(successes, n)

    assert estimate.value == successes / n
    assert estimate.n == n
    assert (estimate.low, estimate.high) == pytest.approx((low, high), abs=6e-5)


def test_a_higher_level_gives_a_wider_interval():
    narrow, wide = clopper_pearson(9, 12, level=0.8), clopper_pearson(9, 12, level=0.99)

    assert wide.low < narrow.low < 0.75 < narrow.high < wide.high


def test_nothing_tried_tells_nothing():
    assert clopper_pearson(0, 0) == Estimate(None, 0, 0.0, 1.0)


def test_an_estimate_prints_with_interval_and_n():
    assert [str(clopper_pearson(1, 2)), str(clopper_pearson(0, 0))] == [
        "0.500 [0.013, 0.987] (n=2)",
        "n/a [0.000, 1.000] (n=0)",
    ]


def test_a_mean_of_noughts_and_ones_is_a_proportion():
    assert bounded_mean([0, 1, 1, 0, 1]) == clopper_pearson(3, 5)


def test_the_interval_of_a_mean_does_not_shrink_to_a_point():
    estimate = bounded_mean([0.25] * 20)

    assert estimate.low < 0.15 < estimate.value < 0.4 < estimate.high


def test_rounding_errors_at_the_ends_do_no_harm():
    assert bounded_mean([0.1] * 10 + [1.0] * 90).high < 1
    assert bounded_mean([1 - 1e-17] * 3).high == 1


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (0, -1)])
def test_more_successes_than_trials_are_refused(successes, n):
    with pytest.raises(InvalidInput, match=f"successes: expected 0 to {n}, got {successes}"):
        clopper_pearson(successes, n)


@pytest.mark.parametrize("level", [0, 1, 95, float("nan")])
def test_a_level_outside_its_range_is_refused(level):
    with pytest.raises(InvalidInput, match="level: expected a number between 0 and 1"):
        clopper_pearson(1, 2, level=level)


@pytest.mark.parametrize("values", [[1.5], [-0.1], [float("nan")], [[0.5]]])
def test_a_mean_of_other_numbers_is_refused(values):
    with pytest.raises(InvalidInput, match="values: expected a flat array of numbers in"):
        bounded_mean(values)
