"""Boxes against labels: hits, false alarms, merges, splits, and what is nobody's fault."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Detections, Frame
from conveyorqc.dataset import LabelledBoxes
from conveyorqc.tune import score_detector

FRAME = Frame.from_bgr(np.zeros((60, 100, 3), np.uint8), index=4, time_s=0.0)


class Finds:
    """A detector that finds the same boxes in each frame."""

    def __init__(self, *boxes):
        self.boxes = np.array(boxes, dtype=np.float64).reshape(-1, 4)

    def detect(self, _frame, /):
        return Detections(self.boxes)


def truth(*boxes, visible=None, tolerance_px=0.0) -> LabelledBoxes:
    return LabelledBoxes([4] * len(boxes), range(len(boxes)), boxes, visible, frames=[4], tolerance_px=tolerance_px)


def figures(detector, labels):
    score = score_detector(detector, [FRAME], labels)
    return score.precision.value, score.recall.value, score.merges, score.splits


def test_each_object_under_its_own_box_is_right():
    assert (1.0, 1.0, 0, 0) == figures(Finds([0, 0, 20, 20], [40, 0, 60, 20]), truth([1, 0, 21, 20], [40, 1, 60, 21]))


def test_one_box_over_two_is_a_merge():
    assert (0.0, 0.0, 1, 0) == figures(Finds([0, 0, 40, 20]), truth([0, 0, 19, 20], [21, 0, 40, 20]))


def test_two_boxes_in_one_are_a_split():
    precision, recall, merges, splits = figures(Finds([0, 0, 14, 20], [15, 0, 20, 20]), truth([0, 0, 20, 20]))
    assert (0.5, 1.0, 0, 1) == (precision, recall, merges, splits)


def test_an_object_that_hardly_shows_need_not_be_found_and_may_be():
    labels = truth([0, 0, 8, 20], [40, 0, 60, 20], visible=[0.3, 1.0])
    assert (1.0, 1.0, 0, 0) == figures(Finds([40, 0, 60, 20]), labels)
    assert (1.0, 1.0, 0, 0) == figures(Finds([40, 0, 60, 20], [0, 1, 9, 19]), labels)
    assert (0.5, 1.0, 0, 0) == figures(Finds([40, 0, 60, 20], [70, 1, 79, 19]), labels)


def test_boxes_that_reach_out_of_the_frame_are_cut_off_there():
    assert (1.0, 1.0, 0, 0) == figures(Finds([90, 0, 100, 20]), truth([90, 0, 130, 20]))


@pytest.mark.parametrize(("tolerance", "expected"), [(0.0, 0.0), (4.0, 1.0)])
def test_rough_labels_are_forgiven_within_their_tolerance(tolerance, expected):
    assert expected == figures(Finds([5, 5, 15, 15]), truth([0, 0, 16, 16], tolerance_px=tolerance))[1]


def test_where_nothing_is_there_is_no_figure():
    score = score_detector(Finds(), [FRAME], truth())
    assert (None, 0) == (score.f1.value, score.f1.n)
