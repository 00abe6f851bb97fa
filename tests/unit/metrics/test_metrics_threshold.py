"""The threshold that costs least, on sets small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import Estimate, calibrate_threshold, clopper_pearson, expected_costs, operating_points

SCORES = [0.1, 0.2, 0.3, 0.6, 0.4, 0.7, 0.9]
LABELS = ["normal"] * 4 + ["anomaly"] * 3
EVEN = np.linspace(0.0, 0.4, 20).tolist(), np.linspace(0.6, 1.0, 10).tolist()


def test_a_clean_gap_is_split_in_the_middle():
    chosen = calibrate_threshold([*EVEN[0], *EVEN[1]], [0] * 20 + [1] * 10, 1, 10)
    assert (pytest.approx(0.5), 0.0, "") == (chosen.threshold, chosen.expected_cost.value, chosen.note)
    assert clopper_pearson(0, 20) == chosen.false_rejects
    assert clopper_pearson(0, 10) == chosen.false_passes
    assert pytest.approx(1 / 3) == chosen.prevalence
    assert chosen.low <= chosen.threshold <= chosen.high


@pytest.mark.parametrize(
    ("costs", "threshold", "cost"),
    [
        ((1, 10), 0.35, 1 / 7),  # one normal object of 7 lost
        ((10, 1), 0.65, 1 / 7),  # one defect of 7 passed
        ((1, 1), 0.35, 1 / 7),  # as dear either way: the lower one passes less
    ],
)
def test_the_dearer_mistake_is_avoided(costs, threshold, cost):
    chosen = calibrate_threshold(SCORES, LABELS, *costs)
    assert (pytest.approx(threshold), pytest.approx(cost)) == (chosen.threshold, chosen.expected_cost.value)


def test_the_cost_is_bounded_by_the_bounds_of_both_rates():
    chosen = calibrate_threshold(SCORES, LABELS, 2.0, 5.0, prevalence=0.1)
    for end in ("low", "high"):
        rejects, passes = getattr(chosen.false_rejects, end), getattr(chosen.false_passes, end)
        assert pytest.approx(0.9 * 2 * rejects + 0.1 * 5 * passes) == getattr(chosen.expected_cost, end)


def test_rare_defects_raise_the_threshold():
    common = calibrate_threshold(SCORES, LABELS, 1, 10, prevalence=0.5)
    rare = calibrate_threshold(SCORES, LABELS, 1, 10, prevalence=0.02)
    assert (0.5, 0.02) == (common.prevalence, rare.prevalence)
    assert common.threshold < rare.threshold


def test_a_limit_on_false_rejects_is_kept_and_its_doubt_said():
    chosen = calibrate_threshold(SCORES, LABELS, 1, 10, max_false_reject=0.1)
    assert (pytest.approx(0.65), 0.0) == (chosen.threshold, chosen.false_rejects.value)
    assert "at or below 10.0% on these 4 normal objects; up to 60.2% cannot be ruled out" in chosen.note


def test_a_limit_that_nothing_keeps_gives_no_threshold_and_says_why():
    chosen = calibrate_threshold([0.9, 0.1, 0.5], [0, 0, 1], 1, 10, max_false_reject=0.2)
    assert (None, None, None) == (chosen.threshold, chosen.low, chosen.high)
    assert (None, Estimate(None, 2, 0.0, 1.0)) == (chosen.expected_cost.value, chosen.false_rejects)
    assert Estimate(None, 1, 0.0, 1.0) == chosen.false_passes
    assert (
        "no threshold keeps false rejects at or below 20.0% and rejects a defect: the highest-scoring defect is "
        "reached only with 1 of 2 normal objects rejected (50.0%)"
    ) == chosen.note


@pytest.mark.parametrize(
    ("costs", "words", "rejected"), [((1000, 1), "reject nothing", 0.0), ((1, 1000), "reject everything", 1.0)]
)
def test_an_extreme_that_is_cheapest_is_said(costs, words, rejected):
    chosen = calibrate_threshold([0.9, 0.1, 0.05, 0.5], [0, 0, 1, 1], *costs, max_false_reject=1.0)
    assert words in chosen.note
    assert rejected == chosen.false_rejects.value
    assert np.isfinite(chosen.threshold)


def test_the_seed_decides_the_interval_and_more_data_narrows_it():
    rng = np.random.default_rng(0)
    sizes = {n: (np.r_[rng.normal(0, 1, n), rng.normal(2, 1, n)], [0] * n + [1] * n) for n in (15, 600)}
    few, many = (calibrate_threshold(*sizes[n], 1, 1) for n in (15, 600))
    assert few == calibrate_threshold(*sizes[15], 1, 1)
    assert many.high - many.low < few.high - few.low


def test_the_cost_curve_is_lowest_at_the_chosen_threshold():
    points = operating_points(LABELS, SCORES)
    curve = expected_costs(points, cost_false_reject=1, cost_false_pass=10)
    chosen = calibrate_threshold(SCORES, LABELS, 1, 10)
    assert chosen.threshold == points.thresholds[np.argmin(curve)]
    assert chosen.expected_cost.value == pytest.approx(curve.min())


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"labels": [0, 0]}, "expected both kinds, got 2 normal, 0 anomalous"),
        ({"labels": ["good", "bad"]}, "labels: expected a flat array"),
        ({"scores": [0.1, np.nan]}, "expected 2 finite numbers"),
        ({"cost_false_reject": 0}, "cost_false_reject: expected a finite number above 0, got 0"),
        ({"cost_false_pass": np.inf}, "cost_false_pass: expected a finite number above 0, got inf"),
        ({"max_false_reject": 1.5}, r"max_false_reject: expected a number in \[0, 1\], got 1.5"),
        ({"prevalence": 0.0}, "prevalence: expected a number between 0 and 1, got 0.0"),
        ({"resamples": 0}, "resamples: expected 1 or more, got 0"),
        ({"level": 1.0}, "level: expected a number between 0 and 1"),
    ],
)
def test_wrong_arguments_are_refused(given, expected):
    arguments = {"scores": [0.1, 0.9], "labels": [0, 1], "cost_false_reject": 1, "cost_false_pass": 1, **given}
    with pytest.raises(InvalidInput, match=expected):
        calibrate_threshold(**arguments)
