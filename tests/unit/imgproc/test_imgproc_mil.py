"""OpenCV's MIL tracker: follows what moves, refuses what it would hang on, and says when it lost the object."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_iou
from conveyorqc.imgproc import MilTracker, _mil
from conveyorqc.testing import belt_scene

PICTURE = np.random.default_rng(2).integers(0, 256, (120, 160, 3), dtype=np.uint8)


def tracker(box=(30, 40, 62, 72)):
    return MilTracker(PICTURE, np.array(box, float))


def test_it_follows_the_object():
    """OpenCV draws its features by the clock: on this scene the overlap was above 0.75 in each of 200 runs."""
    scene = belt_scene()
    follower = MilTracker(scene.frames[20].bgr, scene.tracks[20].boxes[0])

    boxes = [follower.update(scene.frames[index].bgr) for index in (21, 22, 23)]

    assert box_iou(boxes[-1][None], scene.tracks[23].boxes[:1]).item() > 0.4
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

    assert follower.update(PICTURE) is None
