"""One identity per object: entering, leaving, touching, hidden, lost, dropped on the belt."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Detections, Direction, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.testing import ScriptedMotion
from conveyorqc.track import CentroidTracker, ConstantMotion

WIDTH, HEIGHT = 300, 200
STEP = 6.0
PICTURE = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


def frame(index):
    return Frame.from_bgr(PICTURE, index=index, time_s=index / 25)


def running(**options):
    """A tracker on a belt that runs 6 px a frame to the right."""
    options = {"direction": Direction.LEFT_TO_RIGHT, "max_distance": 20.0, **options}
    return CentroidTracker(ConstantMotion(dx_per_s=STEP * 25), **options)


def disc(x, y=100.0, size=40.0):
    """The visible part of a box around (x, y), or nothing."""
    box = np.clip([x - size / 2, y - size / 2, x + size / 2, y + size / 2], 0, [WIDTH, HEIGHT, WIDTH, HEIGHT])
    return [box.tolist()] if box[0] < box[2] else []


def follow(tracker, looks, *, first=0):
    """Tracks of each frame; ``looks`` gives the boxes found on it, or None where nobody looks."""
    return [
        tracker.update(frame(index), None if boxes is None else Detections(boxes))
        for index, boxes in enumerate(looks, start=first)
    ]


def test_an_object_that_crosses_the_frame_enters_once_and_ends_once():
    watched = follow(running(), [disc(-30 + STEP * i) for i in range(62)])
    entered = [i for i, tracks in enumerate(watched) if tracks.entered]
    ended = [i for i, tracks in enumerate(watched) if tracks.ended]
    assert ([4], [59]) == (entered, ended)  # visible from frame 2; gone when its rear is out, at 320 px
    assert {(), (1,)} == {tuple(tracks.ids.tolist()) for tracks in watched}


@pytest.mark.parametrize("direction", list(Direction))
def test_boxes_grow_while_an_object_enters_and_shrink_while_it_leaves(direction):
    unit = np.array(direction.unit)
    horizontal = direction.horizontal
    length = WIDTH if horizontal else HEIGHT
    start = np.array([WIDTH / 2, HEIGHT / 2]) - unit * (length / 2 + 30)
    motion = ConstantMotion(dx_per_s=STEP * 25 * unit[0], dy_per_s=STEP * 25 * unit[1])
    tracker = CentroidTracker(motion, direction=direction, max_distance=20.0)
    limits = np.array([WIDTH, HEIGHT, WIDTH, HEIGHT])
    seen = []
    for index in range(int((length + 60) / STEP)):
        x, y = start + unit * STEP * index
        box = np.clip([x - 20, y - 20, x + 20, y + 20], 0, limits)
        visible = box[0] < box[2] and box[1] < box[3]
        tracks = tracker.update(frame(index), Detections([box] if visible else []) if index % 3 == 0 else None)
        if len(tracks):
            seen.append(np.abs(tracks.boxes[0] - box).max())
    assert len(seen) > length / STEP * 0.8
    assert max(seen) < 1e-6


def test_the_past_of_an_object_that_entered_begins_when_it_showed():
    watched = follow(running(confirm_hits=3), [disc(-30 + STEP * i) if i % 4 == 0 else None for i in range(20)])
    [past] = [past for tracks in watched for past in tracks.past]
    confirmed = next(i for i, tracks in enumerate(watched) if tracks.entered)
    assert list(range(2, confirmed)) == past.frame_indices.tolist()
    expected = np.array([disc(-30 + STEP * i)[0] for i in range(2, confirmed)])
    assert np.abs(expected - past.boxes).max() < 1e-6


def test_the_past_of_an_object_that_was_put_down_begins_when_it_was_found():
    looks = [[]] * 10 + [disc(120 + STEP * i) for i in range(5)]
    watched = follow(running(min_travel=10.0), looks)
    [past] = [past for tracks in watched for past in tracks.past]
    assert [10, 11] == past.frame_indices.tolist()


def test_the_past_leaves_out_an_earlier_stretch_on_a_belt_that_went_back_and_forth():
    """Between the stretches the place of the object was outside the frame: what was there before was something else."""
    steps = [0.0] + [10.0] * 8 + [-10.0] * 8 + [10.0] * 12
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate(steps)})
    come = np.cumsum(steps)
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    looks = [[]] * 17 + [disc(come[i] - 30) for i in range(17, 29)]
    [past] = [past for tracks in follow(tracker, looks) for past in tracks.past]
    assert 16 < past.frame_indices[0]


def test_frames_without_a_look_carry_the_box_on():
    tracker = running()
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    watched = follow(tracker, [None] * 6, first=5)
    assert [disc(50 + STEP * i)[0] for i in range(5, 11)] == [tracks.boxes[0].tolist() for tracks in watched]


def test_looks_that_find_nothing_lose_the_object_after_a_while():
    tracker = running(lost_after=4)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    watched = follow(tracker, [[], None, [], None, None, [], []], first=5)
    assert [(), (), (), (), (), (), (1,)] == [tracks.ended for tracks in watched]
    assert [1, 1, 1, 1, 1, 1, 0] == [len(tracks) for tracks in watched]


def test_an_object_found_in_time_is_not_lost():
    tracker = running(lost_after=3)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    gaps = [disc(50 + STEP * i) if i % 3 == 0 else [] for i in range(5, 30)]
    assert [1] * 25 == [len(tracks) for tracks in follow(tracker, gaps, first=5)]


def test_what_was_lost_and_comes_again_is_new():
    tracker = running(lost_after=1)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    watched = follow(tracker, [[], *(disc(50 + STEP * i) for i in range(6, 12))], first=5)
    assert [(1,), (), (), (), (), (), ()] == [tracks.ended for tracks in watched]
    assert [(2,)] == [tracks.entered for tracks in watched if tracks.entered]


def test_two_that_touch_in_one_box_keep_their_identities():
    def apart(i):
        return disc(40 + STEP * i, y=70) + disc(46 + STEP * i, y=115)

    def together(i):
        (left, top, *_), (*_, right, bottom) = apart(i)
        return [[left, top, right, bottom]]

    looks = [apart(i) for i in range(6)] + [together(i) for i in range(6, 16)] + [apart(i) for i in range(16, 22)]
    watched = follow(running(), looks)
    assert (1, 2) == sum((tracks.entered for tracks in watched), ())
    assert () == sum((tracks.ended for tracks in watched), ())
    assert [1, 2] == watched[-1].ids.tolist()
    assert watched[-1].boxes[0][1] < watched[-1].boxes[1][1]


def test_two_that_come_in_as_one_box_and_part_become_two():
    together = [[[20 + STEP * i, 50, 65 + STEP * i, 135]] for i in range(5)]
    apart = [[[20 + STEP * i, 50, 60 + STEP * i, 90], [25 + STEP * i, 95, 65 + STEP * i, 135]] for i in range(5, 12)]
    watched = follow(running(), together + apart)
    assert (1, 2) == sum((tracks.entered for tracks in watched), ())
    assert () == sum((tracks.ended for tracks in watched), ())
    heights = watched[-1].boxes[:, 3] - watched[-1].boxes[:, 1]
    assert (heights < 60).all()


def test_an_unproven_box_that_falls_apart_has_to_prove_itself_anew():
    """Seen once as one box, then as a piece inside it at other places: nothing of it rode with the belt."""
    looks = [[[100, 50, 180, 130]], [[104, 54, 134, 84]], [[104, 54, 134, 84]], [[104, 54, 134, 84]]]
    assert [(), (), (), ()] == [tracks.entered for tracks in follow(running(min_travel=0.0), looks)]


def test_an_object_that_one_look_tears_stays_one():
    def torn(i):
        return [[42 + STEP * i, 82, 60 + STEP * i, 118], [62 + STEP * i, 82, 78 + STEP * i, 118]]

    looks = [torn(i) if i in (6, 14) else disc(60 + STEP * i) for i in range(20)]
    watched = follow(running(), looks)
    assert (1,) == sum((tracks.entered for tracks in watched), ())


def test_the_box_of_an_object_that_leaves_keeps_its_front_outside():
    tracker = running()
    follow(tracker, [disc(200 + STEP * i) for i in range(15)])  # the front is beyond 300 px at the end
    [last] = follow(tracker, [None], first=15)
    assert [disc(200 + STEP * 15)[0]] == last.boxes.tolist()


def test_an_object_that_creeps_back_out_of_the_entry_and_in_again_is_the_same():
    steps = [0.0] + [6.0] * 8 + [-6.0] * 8 + [6.0] * 12
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate(steps)})
    come = np.cumsum(steps)
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    watched = follow(tracker, [disc(x - 20) for x in come])
    assert [1] == [i for tracks in watched for i in tracks.entered]
    assert () == sum((tracks.ended for tracks in watched), ())
    assert [1] == watched[-1].ids.tolist()


def test_an_object_that_backs_far_out_of_the_entry_ends():
    steps = [0.0] + [6.0] * 8 + [-6.0] * 25
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate(steps)})
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    watched = follow(tracker, [disc(x - 20) for x in np.cumsum(steps)])
    assert [1] == [i for tracks in watched for i in tracks.ended]


def test_an_object_beyond_the_part_that_is_looked_at_is_not_missed():
    entry_only = [disc(-20 + STEP * i) if -20 + STEP * i + 20 < 100 else [] for i in range(50)]
    watched = follow(running(lost_after=2, look_fraction=100 / WIDTH), entry_only)
    assert [1] == watched[-1].ids.tolist()
    lost = follow(running(lost_after=2), entry_only)
    assert 0 == len(lost[-1])


def test_an_object_within_the_part_that_is_looked_at_is_missed():
    vanished = [disc(-20 + STEP * i) if i < 8 else [] for i in range(12)]
    for direction in (Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT):
        motion = ConstantMotion(dx_per_s=STEP * 25 * direction.unit[0])
        tracker = CentroidTracker(motion, direction=direction, max_distance=20.0, lost_after=2, look_fraction=0.5)
        looks = vanished
        if direction is Direction.RIGHT_TO_LEFT:
            looks = [[[WIDTH - x1, y0, WIDTH - x0, y1] for x0, y0, x1, y1 in boxes] for boxes in vanished]
        assert [(1,)] == [tracks.ended for tracks in follow(tracker, looks) if tracks.ended]


def test_an_object_can_be_confirmed_on_the_frame_on_which_it_leaves():
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate([0.0, 12.0, 40.0])})
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=60.0, min_travel=30.0)
    watched = follow(tracker, [[[240, 80, 280, 120]], None, [[292, 80, 300, 120]]])
    assert (1,) == watched[-1].entered
    assert [0, 1] == watched[-1].past[0].frame_indices.tolist()


def test_a_hand_that_moves_across_is_no_object():
    hand = [[[140, 10 + 9.0 * i, 190, 60 + 9.0 * i]] for i in range(16)]
    assert () == sum((tracks.entered for tracks in follow(running(), hand)), ())


def test_the_tracker_leaves_detections_as_they_are():
    detections = Detections([[50.0, 80, 90, 120]])
    running().update(frame(0), detections)
    assert [[50.0, 80, 90, 120]] == detections.boxes.tolist()


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"max_distance": 0.0}, "max_distance: expected px above 0, got 0.0"),
        ({"max_distance": float("nan")}, "max_distance: expected px above 0, got nan"),
        ({"min_travel": -1.0}, "min_travel: expected px of 0 or more, or None, got -1.0"),
        ({"min_travel": float("inf")}, "min_travel: expected px of 0 or more, or None, got inf"),
        ({"look_fraction": 0.0}, "look_fraction: expected a number above 0 and at most 1, got 0.0"),
        ({"confirm_hits": 0}, "confirm_hits, lost_after: expected 1 or more, got 0 and 6"),
        ({"lost_after": 0}, "confirm_hits, lost_after: expected 1 or more, got 2 and 0"),
    ],
)
def test_tuning_outside_its_range_is_refused(options, text):
    with pytest.raises(InvalidInput) as caught:
        running(**options)
    assert text == str(caught.value)
