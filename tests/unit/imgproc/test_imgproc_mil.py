"""OpenCV's MIL tracker: follows what moves, refuses what it would hang on, and says when it lost the object."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_iou
from conveyorqc.imgproc import MilTracker, _mil

START = (30, 40, 62, 72)


def belt_with_object(shift=0):
    """A dark grainy belt and a bright chequered object, ``shift`` px further to the right."""
    picture = np.random.default_rng(2).integers(50, 70, (120, 160, 3), dtype=np.uint8)
    y, x = np.mgrid[:32, :32]
    picture[40:72, 30 + shift : 62 + shift] = np.where(((x // 8 + y // 8) % 2)[..., None] > 0, 230, 150)
    return picture


def tracker(box=START):
    return MilTracker(belt_with_object(), np.array(box, float))


def test_it_follows_the_object():
    follower = tracker()

    boxes = [follower.update(belt_with_object(shift)) for shift in (2, 4, 6)]

    assert box_iou(boxes[-1][None], np.array(START, float)[None] + [6, 0, 6, 0])[0, 0] > 0.6
    assert boxes[-1].dtype == np.float64


@pytest.mark.parametrize("box", [(30, 40, 37, 72), (30, 40, 62, 47), (30, 40, 30, 40)])
def test_a_box_that_is_too_small_is_refused(box):
    with pytest.raises(InvalidInput, match="box: expected at least 8x8 px, got"):
        tracker(box)


def test_a_box_without_background_is_refused():
    with pytest.raises(InvalidInput, match="box: expected one with background around it"):
        tracker((0, 0, 160, 120))


class Lost:
    def update(self, _image):
        return False, (0, 0, 0, 0)


class Outside:
    def update(self, _image):
        raise _mil.cv2.error("the window left the picture")


@pytest.mark.parametrize("state", [Lost(), Outside()])
def test_a_lost_object_has_no_box(state):
    follower = tracker()
    follower._tracker = state

    assert follower.update(belt_with_object()) is None
