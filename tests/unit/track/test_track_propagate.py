"""Boxes carried by the belt, or each by a tracker of its own."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Detections, Direction, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_iou
from conveyorqc.imgproc import MilTracker
from conveyorqc.testing import ScriptedMotion, belt_scene
from conveyorqc.track import (
    BeltFollower,
    BeltPropagator,
    CentroidTracker,
    ConstantMotion,
    EachObject,
    MilFollower,
)

PICTURE = np.zeros((120, 200, 3), np.uint8)
NO_IDS, NO_BOXES = np.empty(0, np.int64), np.empty((0, 4))
MOTION = ConstantMotion(dx_per_s=200.0)  # the belt of belt_scene


def frame(index):
    return Frame.from_bgr(PICTURE, index=index, time_s=index / 25)


class Recorded:
    """A `SingleObjectTracker` that moves 3 px to the right, and is lost on some frames; notes what it was told."""

    def __init__(self, diary, lost):
        self.diary = diary
        self.lost = lost

    def start(self, frame, box, /):
        self.box = box.copy()
        self.diary.append(("start", frame.index, box.tolist()))

    def follow(self, frame, /):
        self.box = self.box + np.array([3.0, 0, 3, 0])
        return None if frame.index in self.lost else self.box


@pytest.fixture
def diary():
    return []


@pytest.fixture
def each(diary):
    return EachObject(lambda: Recorded(diary, lost={12, 13}))


def test_the_belt_carries_all_boxes_alike():
    motion = ScriptedMotion({1: BeltShift(4.5, -1.0, 0.9)})
    boxes = np.array([[0.0, 0, 10, 10], [-20, 5, 30, 60]])
    carried = BeltPropagator(motion).carry(frame(1), np.array([7, 9]), boxes)
    assert [[4.5, -1, 14.5, 9], [-15.5, 4, 34.5, 59]] == carried.tolist()
    assert [[0.0, 0, 10, 10], [-20, 5, 30, 60]] == boxes.tolist()
    assert (0, 4) == BeltPropagator(motion).carry(frame(1), NO_IDS, NO_BOXES).shape


def test_a_belt_follower_rides_along_and_gives_its_box_away():
    follower = BeltFollower(ConstantMotion(dx_per_s=100.0))
    assert follower.follow(frame(0)) is None
    follower.start(frame(1), np.array([10.0, 10, 30, 30]))
    box = follower.follow(frame(2))
    assert [14.0, 10, 34, 30] == box.tolist()
    box += 100  # the caller's own
    assert [18.0, 10, 38, 30] == follower.follow(frame(3)).tolist()


def test_each_object_gets_a_tracker_that_starts_where_it_was_on_the_frame_before(each, diary):
    each.carry(frame(0), NO_IDS, NO_BOXES)
    first = each.carry(frame(1), np.array([4, 2]), np.array([[0.0, 0, 10, 10], [50, 0, 60, 10]]))
    assert [("start", 0, [0, 0, 10, 10]), ("start", 0, [50, 0, 60, 10])] == diary
    assert [[3, 0, 13, 10], [53, 0, 63, 10]] == first.tolist()
    assert [[6, 0, 16, 10], [56, 0, 66, 10]] == each.carry(frame(2), np.array([4, 2]), first).tolist()
    assert 2 == len(diary)


def test_the_very_first_frame_has_none_before(each, diary):
    each.carry(frame(5), np.array([1]), np.array([[0.0, 0, 10, 10]]))
    assert [("start", 5, [0, 0, 10, 10])] == diary


def test_a_box_that_was_corrected_starts_anew(each, diary):
    carried = each.carry(frame(1), np.array([1, 2]), np.array([[0.0, 0, 10, 10], [50, 0, 60, 10]]))
    carried[0] += 1  # as a tracker does that writes into what it was given
    carried = each.carry(frame(2), np.array([1, 2]), carried)
    assert ("start", 1, [4, 1, 14, 11]) == diary[-1]
    assert 3 == len(diary)
    assert [[7, 1, 17, 11], [56, 0, 66, 10]] == carried.tolist()


def test_an_object_that_is_lost_stays_where_it_was(each, diary):
    boxes = each.carry(frame(11), np.array([1]), np.array([[0.0, 0, 10, 10]]))
    for index in (12, 13):
        boxes = each.carry(frame(index), np.array([1]), boxes)
        assert [[3, 0, 13, 10]] == boxes.tolist()
    assert [[12, 0, 22, 10]] == each.carry(frame(14), np.array([1]), boxes).tolist()  # found again
    assert 1 == len(diary)  # nobody corrected it, so that there was nothing to start from


def test_an_object_that_left_is_forgotten(each, diary):
    boxes = each.carry(frame(1), np.array([1]), np.array([[0.0, 0, 10, 10]]))
    each.carry(frame(2), NO_IDS, NO_BOXES)
    each.carry(frame(3), np.array([1]), boxes)
    assert [("start", 1), ("start", 2)] == [entry[:2] for entry in diary]


def test_mil_follows_an_object_on_the_belt():
    scene = belt_scene()
    follower = MilFollower()
    follower.start(scene.frames[20], scene.tracks[20].boxes[0])
    for index in (21, 22, 23):
        box = follower.follow(scene.frames[index])
    assert box_iou(box[None], scene.tracks[23].boxes[:1]).item() > 0.4


@pytest.mark.parametrize(
    "box",
    [
        [0.0, 0, 3, 3],
        [50.0, 50, 54, 54],  # OpenCV would look for features in these 16 px for ever
        [-40.0, 20, 5, 60],
        [300.0, 20, 340, 60],
        [50.0, 50, 50, 90],
        [0.0, 0, 200, 120],
    ],
    ids=["corner", "tiny", "sliver", "outside", "empty", "whole frame"],
)
def test_what_mil_cannot_learn_is_lost_at_once(box):
    rng = np.random.default_rng(1)
    one = Frame.from_bgr(rng.integers(0, 256, (120, 200, 3), dtype=np.uint8), index=0, time_s=0.0)
    follower = MilFollower()
    assert follower.follow(one) is None
    follower.start(one, np.array(box))
    assert follower.follow(one) is None


@pytest.mark.parametrize("box", [[10.0, 10, 17, 40], [10.0, 10, 40, 17]])
def test_mil_says_how_large_a_box_must_be(box):
    with pytest.raises(InvalidInput, match="box: expected at least 8x8 px, got"):
        MilTracker(PICTURE, np.array(box))


def test_mil_loses_what_left_the_picture():
    scene = belt_scene()
    tracker = MilTracker(scene.frames[20].bgr, scene.tracks[20].boxes[0])
    assert tracker.update(np.zeros((4, 4, 3), np.uint8)) is None


def test_an_object_each_with_mil_keeps_its_identity_in_the_centroid_tracker():
    scene = belt_scene()
    tracker = CentroidTracker(
        MOTION, direction=Direction.LEFT_TO_RIGHT, max_distance=18.0, propagator=EachObject(MilFollower)
    )
    entered = []
    for index in range(8, 25):  # the second object comes in while the first is followed
        found = scene.detections[index] if index % 4 == 0 else None
        tracks = tracker.update(scene.frames[index], found)
        entered += tracks.entered
    assert 1 == entered[0]
    assert len(entered) <= 2
    row = tracks.ids.tolist().index(1)
    assert box_iou(tracks.boxes[[row]], scene.tracks[24].boxes[:1]).item() > 0.5


def test_a_propagator_that_gives_other_boxes_than_asked_for_is_told():
    class Forgetful:
        def carry(self, frame, ids, boxes, /):
            return boxes[1:]

    tracker = CentroidTracker(MOTION, direction=Direction.LEFT_TO_RIGHT, max_distance=10.0, propagator=Forgetful())
    tracker.update(frame(0), Detections([]))
    tracker.update(frame(1), Detections([[50, 50, 70, 70]]))
    with pytest.raises(InvalidInput, match="boxes of the propagator: expected 1, one per object, got 0"):
        tracker.update(frame(2), None)
