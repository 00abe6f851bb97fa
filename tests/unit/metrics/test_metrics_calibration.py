"""Brier score and calibration error of probabilities."""

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import Estimate, brier, expected_calibration_error


def ece(truth, probabilities, **options):
    return expected_calibration_error(truth, probabilities, rng=np.random.default_rng(1), **options)


def test_brier_is_the_mean_squared_distance():
    assert brier([True, False, True], [1.0, 0.5, 0.7]).value == pytest.approx((0 + 0.25 + 0.09) / 3)


def test_certain_and_right_is_perfect_certain_and_wrong_is_not():
    assert (brier([1, 0], [1.0, 0.0]).value, brier([1, 0], [0.0, 1.0]).value) == (0, 1)


def test_calibrated_probabilities_have_a_small_error_and_boasts_a_large_one():
    truth = [True] * 8 + [False] * 2

    assert ece(truth, [0.8] * 10).value == pytest.approx(0)
    assert ece(truth, [1.0] * 10).value == pytest.approx(0.2)


def test_the_error_is_taken_bin_by_bin():
    # Too low in one bin and too high in the other: over all they would cancel out.
    truth, probabilities = [True] * 10 + [False] * 10, [0.9] * 10 + [0.1] * 10

    assert ece(truth, probabilities, bins=2).value == pytest.approx(0.1)
    assert ece(truth, probabilities, bins=1).value == pytest.approx(0)


def test_the_interval_holds_the_value_and_repeats_with_the_generator():
    rng = np.random.default_rng(2)
    probabilities = rng.uniform(size=80)
    truth = rng.uniform(size=80) < probabilities

    estimate = ece(truth, probabilities)

    assert estimate.low <= estimate.value <= estimate.high < 0.4
    assert estimate == ece(truth, probabilities)


def test_no_data_has_no_error():
    assert ece([], []) == brier([], []) == Estimate(None, 0, 0.0, 1.0)


@pytest.mark.parametrize("probabilities", [[0.5], [0.5, 1.2], [0.5, float("nan")]])
def test_numbers_that_are_no_probabilities_are_refused(probabilities):
    with pytest.raises(InvalidInput, match="probabilities: expected 2 numbers in"):
        brier([True, False], probabilities)


@pytest.mark.parametrize("options", [{"bins": 0}, {"resamples": 0}])
def test_nothing_to_average_over_is_refused(options):
    with pytest.raises(InvalidInput, match="bins, resamples: expected 1 or more"):
        ece([True], [1.0], **options)
