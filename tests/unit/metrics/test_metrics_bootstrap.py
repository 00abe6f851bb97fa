"""Intervals from drawing the objects again."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import (
    Estimate,
    bootstrap_intervals,
    calibration_statistic,
    decision_statistics,
    object_numbers,
    ranking_statistics,
    squared_error_statistic,
    widened,
)


def intervals(statistics, objects, **given):
    return bootstrap_intervals(statistics, objects, rng=np.random.default_rng(0), **given)


def test_the_mean_of_many_has_the_interval_of_theory():
    truth = np.arange(400) % 2 == 0
    low, high = intervals({"brier": squared_error_statistic(truth, np.zeros(400))}, np.arange(400))["brier"]
    assert (pytest.approx(0.451, abs=0.01), pytest.approx(0.549, abs=0.01)) == (low, high)


def test_views_of_one_object_are_no_more_evidence_than_one():
    truth = np.repeat(np.arange(20) % 2 == 0, 10)
    statistic = {"recall": decision_statistics(truth, np.repeat(np.arange(20) % 4 == 0, 10))["recall"]}
    by_object, by_view = (intervals(statistic, objects)["recall"] for objects in (np.arange(200) // 10, np.arange(200)))
    assert by_view[1] - by_view[0] < (by_object[1] - by_object[0]) / 2


def test_resamples_without_an_anomaly_are_left_out():
    ranking = ranking_statistics([1, 0], [0.9, 0.1])
    assert {"auroc": (1.0, 1.0), "average_precision": (1.0, 1.0)} == intervals(ranking, np.arange(2))


def test_a_figure_that_never_exists_has_the_whole_interval():
    assert (0.0, 1.0) == intervals(decision_statistics([0, 0], [0, 0]), np.arange(2))["f1"]
    assert (0.0, 1.0) == intervals(ranking_statistics([], []), np.empty(0, np.int64))["auroc"]


def test_large_sets_are_drawn_in_parts(monkeypatch):
    from conveyorqc.metrics import _bootstrap

    statistic = {"ece": calibration_statistic([0, 1, 0, 1, 1], [0.1, 0.8, 0.3, 0.9, 0.4])}
    at_once = intervals(statistic, np.arange(5), resamples=50)
    monkeypatch.setattr(_bootstrap, "_AT_A_TIME", 35)
    assert at_once == intervals(statistic, np.arange(5), resamples=50)


def test_widening_holds_both_and_leaves_nothing_alone():
    assert Estimate(0.5, 9, 0.2, 0.8) == widened(Estimate(0.5, 9, 0.3, 0.8), 0.2, 0.7)
    assert Estimate(None, 9, 0.0, 1.0) == widened(Estimate(None, 9, 0.0, 1.0), 0.4, 0.5)


def test_objects_are_numbered_as_they_come():
    assert [0, 1, 0, 2] == object_numbers([7, "7", 7, None]).tolist()
    assert 0 == len(object_numbers([]))


@pytest.mark.parametrize(("given", "expected"), [({"resamples": 0}, "resamples"), ({"level": 2}, "level")])
def test_wrong_arguments_are_refused(given, expected):
    with pytest.raises(InvalidInput, match=expected):
        intervals({}, np.arange(2), **given)
