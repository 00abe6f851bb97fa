"""Charts and galleries of the page, also of runs in which something is missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.demo import Figure, _charts
from conveyorqc.demo._judge import Judged
from conveyorqc.demo._report import _gallery
from conveyorqc.demo._thumbnail import still, thumbnail
from conveyorqc.metrics import Estimate


def judged(labels, rejected, scores):
    return Judged(
        tuple(range(1, len(labels) + 1)), np.array(labels, bool), np.array(rejected, bool), np.array(scores, float)
    )


MIXED = judged([1, 0, 1, 0], [1, 0, 0, 1], [0.9, 0.1, 0.6, 0.6])


def test_objects_of_one_score_come_together():
    hits, alarms = _charts._running(MIXED)
    assert [0, 1, 2, 2] == hits.tolist()
    assert [0, 0, 1, 2] == alarms.tolist()


def test_the_rate_is_that_of_one_label():
    assert (0.5, 0.5) == (_charts._rate(MIXED, of=True), _charts._rate(MIXED, of=False))


@pytest.mark.parametrize(
    "some",
    [MIXED, judged([], [], []), judged([0, 0], [0, 0], [0.1, 0.2]), judged([1, 1], [1, 0], [0.5, 0.5])],
    ids=["mixed", "none", "normal", "anomalous"],
)
@pytest.mark.parametrize("chart", [_charts.roc_chart, _charts.precision_recall_chart])
def test_curves_are_drawn_whatever_is_missing(chart, some):
    assert "svg" == chart(some).tag


def test_scores_and_decisions_are_drawn_of_nothing():
    assert "svg" == _charts.scores_chart(judged([], [], []), threshold=0.5).tag
    assert "svg" == _charts.decisions_chart([]).tag


def test_a_figure_without_value_is_drawn():
    assert "svg" == _charts.figures_chart([Figure("none", None, Estimate(None, 0, 0.0, 1.0))]).tag


def test_small_frames_are_not_enlarged():
    small, large = np.zeros((270, 480, 3), np.uint8), np.zeros((1080, 1920, 3), np.uint8)
    assert ((270, 480, 3), (540, 960, 3)) == (still(small).shape, still(large).shape)
    assert (192, 192, 3) == thumbnail(np.zeros((384, 384, 3), np.uint8)).shape


def test_wrong_verdicts_are_shown_apart(small_demo):
    result = small_demo.result
    first, second = result.test.judged.object_ids[:2]
    wrong = Judged((first, second), np.array([True, False]), np.array([False, True]), np.array([0.2, 0.9]))
    pictures = _gallery(replace(result, test=replace(result.test, judged=wrong)))[-1].pictures
    assert ["a missed defect", "a false alarm"] == [picture.caption.split(", ")[1] for picture in pictures]
