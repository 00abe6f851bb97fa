"""Points of curves, worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import clopper_pearson, operating_points, reliability


def test_every_threshold_that_makes_a_difference_is_there():
    points = operating_points(["normal", "anomaly", "normal", "anomaly"], [0.2, 0.8, 0.6, 0.6])
    assert [0.7, 0.4, 0.2] == pytest.approx(points.thresholds[1:].tolist())
    assert 0.8 < points.thresholds[0] < 0.8 + 1e-9
    assert ([0, 1, 2, 2], [0, 0, 1, 2]) == (points.hits.tolist(), points.alarms.tolist())
    assert [0, 0.5, 1, 1] == points.recall.tolist()
    assert [0, 0, 0.5, 1] == points.false_reject_rate.tolist()
    assert [1, 2 / 3, 0.5] == points.precision[1:].tolist()
    assert np.isnan(points.precision[0])
    assert not points.hits.flags.writeable


def test_neighbours_of_the_last_bit_are_told_apart():
    low, high = 1.0, np.nextafter(1.0, 2.0)
    points = operating_points([0, 1], [low, high])
    assert [1, 2] == [int(np.sum(np.array([low, high]) >= t)) for t in points.thresholds[1:]]


def test_no_items_and_one_kind_have_curves_without_rates():
    none, one = operating_points([], []), operating_points([0, 0], [0.1, 0.2])
    assert (0, 0) == (none.anomalous, none.normal)
    assert np.isnan(one.recall).all()
    assert [0, 0.5, 1] == one.false_reject_rate.tolist()


def test_scores_that_do_not_match_are_refused():
    with pytest.raises(InvalidInput, match="expected 2 finite numbers"):
        operating_points([0, 1], [0.5])


def test_reliability_compares_stated_with_observed():
    low, high = reliability([0, 0, 1, 1], [0.1, 0.3, 0.3, 1.0], bins=2)
    assert (0.0, 0.5, pytest.approx(0.7 / 3)) == (low.low, low.high, low.stated)
    assert clopper_pearson(1, 3) == low.observed
    assert (1.0, clopper_pearson(1, 1)) == (high.stated, high.observed)
    assert () == reliability([], [])


@pytest.mark.parametrize(
    ("arguments", "bins", "expected"),
    [(([0, 1], [0.5]), 10, "expected 2 numbers"), (([0], [1.5]), 10, "expected 1 numbers"), (([0], [1.0]), 0, "bins")],
)
def test_probabilities_out_of_range_are_refused(arguments, bins, expected):
    with pytest.raises(InvalidInput, match=expected):
        reliability(*arguments, bins=bins)
