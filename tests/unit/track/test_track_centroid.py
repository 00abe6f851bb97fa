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
    assert ([3], [59]) == (entered, ended)  # visible from frame 2; gone when its rear is out, at 320 px
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
    tracker = running(lost_after=4, lost_travel=0.0)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    watched = follow(tracker, [[], None, [], None, None, [], []], first=5)
    assert [(), (), (), (), (), (), (1,)] == [tracks.ended for tracks in watched]
    assert [1, 1, 1, 1, 1, 1, 0] == [len(tracks) for tracks in watched]
    assert [(), (), (), (), (), (), (1,)] == [tracks.removed for tracks in watched]


def test_an_object_is_not_given_up_before_the_belt_has_moved_on():
    tracker = running(lost_after=1, lost_travel=5 * STEP)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    assert [(), (), (), (), (1,)] == [tracks.removed for tracks in follow(tracker, [[]] * 5, first=5)]


def test_an_object_that_is_taken_from_a_standing_belt_is_removed_after_some_seconds():
    steps = [0.0] + [6.0] * 6 + [0.0] * 30
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate(steps)})
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0, lost_after=3, lost_s=0.4)
    come = np.cumsum(steps)
    watched = follow(tracker, [disc(50 + come[i]) if i < 10 else [] for i in range(30)])
    assert [(19, (1,))] == [(i, tracks.removed) for i, tracks in enumerate(watched) if tracks.ended]


def test_an_object_that_leaves_is_not_removed():
    watched = follow(running(), [disc(-30 + STEP * i) for i in range(62)])
    assert ((1,), ()) == next((tracks.ended, tracks.removed) for tracks in watched if tracks.ended)


def test_an_object_found_in_time_is_not_lost():
    tracker = running(lost_after=3)
    follow(tracker, [disc(50 + STEP * i) for i in range(5)])
    gaps = [disc(50 + STEP * i) if i % 3 == 0 else [] for i in range(5, 30)]
    assert [1] * 25 == [len(tracks) for tracks in follow(tracker, gaps, first=5)]


def test_what_was_lost_and_comes_again_is_new():
    tracker = running(lost_after=1, lost_travel=0.0)
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


def on_a_belt(steps, start, **options):
    """Tracks of an object that begins at ``start`` on a belt that moves by ``steps``, found on every frame."""
    motion = ScriptedMotion({i: BeltShift(step, 0.0, 1.0) for i, step in enumerate(steps)})
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0, **options)
    return follow(tracker, [disc(start + come) for come in np.cumsum(steps)])


def told(watched, name):
    return [i for tracks in watched for i in getattr(tracks, name)]


def test_an_object_that_backs_far_out_of_the_entry_comes_in_again_as_the_same():
    watched = on_a_belt([0.0] + [6.0] * 8 + [-6.0] * 60 + [6.0] * 70, start=-20)
    assert ([1], []) == (told(watched, "entered"), told(watched, "ended"))
    assert [1] == watched[-1].ids.tolist()
    assert 0 == len(watched[60])


def test_an_object_that_is_two_frames_behind_the_entry_ends():
    watched = on_a_belt([0.0] + [6.0] * 8 + [-30.0] * 25, start=-20)
    assert ([1], []) == (told(watched, "ended"), told(watched, "removed"))


def test_what_a_belt_brings_back_over_the_exit_is_known_and_stays_ended():
    watched = on_a_belt([0.0] + [6.0] * 20 + [-6.0] * 40 + [6.0] * 60, start=220)
    assert ([1], [1], []) == tuple(told(watched, name) for name in ("entered", "ended", "removed"))
    ended = next(i for i, tracks in enumerate(watched) if tracks.ended)
    assert [0] * (len(watched) - ended) == [len(tracks) for tracks in watched[ended:]]


def test_what_comes_back_over_the_exit_from_farther_than_a_frame_is_new():
    watched = on_a_belt([0.0] + [6.0] * 20 + [60.0] * 10 + [-60.0] * 10 + [-6.0] * 20, start=220)
    other = on_a_belt([0.0] + [6.0] * 20 + [20.0] * 10 + [-20.0] * 10 + [-6.0] * 20, start=220)
    assert ([1], [1]) == (told(watched, "ended"), told(other, "entered"))


def test_departed_objects_are_forgotten_when_the_belt_has_gone_on_by_a_frame():
    tracker = running()
    follow(tracker, [disc(200 + STEP * i) for i in range(30)])
    assert 1 == len(tracker.state()["departed"])
    follow(tracker, [disc(-2000 + 200 + STEP * i) for i in range(30, 450)], first=30)
    assert [2] == [row[0] for row in tracker.state()["departed"]]


def test_at_more_than_an_object_a_frame_neighbours_are_not_confused():
    step, pitch = 45.2, 42.0  # 1.13 diameters a frame, hardly a gap between objects
    motion = ConstantMotion(dx_per_s=step * 25)
    tracker = CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    places = [[-20 - pitch * k + step * i for k in range(40)] for i in range(40)]
    watched = follow(tracker, [[box for x in row for box in disc(x)] for row in places])
    owner = {}
    for tracks, row in zip(watched, places, strict=True):
        for object_id, box in zip(tracks.ids.tolist(), tracks.boxes, strict=True):
            mine = [k for k, x in enumerate(row) if disc(x) and abs(disc(x)[0][0] - box[0]) < 2]
            assert [owner.setdefault(object_id, mine[0])] == mine
    assert len(owner) > 30


def test_a_box_gets_better_with_each_look():
    rng = np.random.default_rng(5)
    watched = follow(running(), [(np.array(disc(40 + STEP * i)) + rng.normal(0, 1.5, 4)).tolist() for i in range(32)])
    errors = [np.abs(tracks.boxes[0] - disc(40 + STEP * i)[0]).mean() for i, tracks in enumerate(watched) if i > 8]
    assert np.mean(errors) < 0.6 * 1.5 * np.sqrt(2 / np.pi)


def test_a_look_that_adds_a_neighbour_to_the_box_does_not_change_it():
    looks = [disc(60 + STEP * i) for i in range(10)]
    left, top, right, bottom = disc(60 + STEP * 9)[0]
    looks[9] = [[left, top, right + 18, bottom]]
    assert [disc(60 + STEP * 9)[0]] == follow(running(), looks)[-1].boxes.tolist()


def test_a_box_that_stays_different_is_believed_in_the_end():
    looks = [disc(60 + STEP * i, size=40.0 if i < 8 else 56.0) for i in range(16)]
    assert disc(60 + STEP * 15, size=56.0) == follow(running(), looks)[-1].boxes.tolist()


def test_objects_follow_a_belt_that_was_measured_wrong():
    """The measurement says 6 px, the belt moves 8: with three objects in view, boxes nobody found move along."""
    lanes = (30.0, 80.0, 130.0, 180.0)
    looks = [[box for y in lanes for box in disc(60 + 8.0 * i, y=y)] for i in range(20)]
    for i in range(12, 20):
        looks[i] = looks[i][1:]
    last = follow(running(lost_travel=500.0), looks)[-1]
    assert 4 == len(last)
    assert np.ptp(last.boxes[:, 0]) < 2.0


def test_a_box_around_two_known_objects_is_no_third():
    def apart(i):
        return disc(60 + STEP * i, y=60) + disc(85 + STEP * i, y=120)

    looks = [apart(i) for i in range(8)]
    looks += [[[*apart(i)[0][:2], *apart(i)[1][2:]]] for i in range(8, 16)]
    watched = follow(running(), looks)
    assert [1, 2] == told(watched, "entered")


def test_an_object_that_several_looks_tear_stays_one():
    def torn(i):
        return [[42 + STEP * i, 82, 60 + STEP * i, 118], [62 + STEP * i, 82, 78 + STEP * i, 118]]

    watched = follow(running(), [torn(i) if i in range(8, 12) else disc(60 + STEP * i) for i in range(20)])
    assert [1] == told(watched, "entered")
    assert pytest.approx(np.array(disc(60 + STEP * 19)), abs=0.5) == watched[-1].boxes


def test_a_piece_that_passed_for_an_object_ends_when_it_lies_in_one_and_is_not_removed():
    def halves(i):
        return [[40 + STEP * i, 80, 80 + STEP * i, 99], [40 + STEP * i, 101, 80 + STEP * i, 120]]

    looks = [halves(i) if i < 3 else disc(60 + STEP * i) for i in range(24)]
    watched = follow(running(), looks)
    assert ([1, 2], 1, []) == (told(watched, "entered"), len(told(watched, "ended")), told(watched, "removed"))
    assert disc(60 + STEP * 23) == watched[-1].boxes.tolist()


def test_an_object_grows_to_the_length_of_others_while_nobody_looks():
    tracker = running()
    follow(tracker, [disc(100 + STEP * i) for i in range(4)])
    entering = [[0.0, 80.0, 10.0, 120.0]]  # 10 px of an object of 40 px like the one before
    follow(tracker, [[*disc(124), *entering], [*disc(130), [0.0, 80.0, 16.0, 120.0]]], first=4)
    watched = follow(tracker, [None] * 6, first=6)
    widths = [np.ptp(tracks.boxes[1, ::2]) for tracks in watched]
    assert pytest.approx([22.0, 28.0, 34.0, 40.0, 40.0, 40.0]) == widths


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
        tracker = CentroidTracker(
            motion, direction=direction, max_distance=20.0, lost_after=2, lost_travel=0.0, look_fraction=0.5
        )
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
        ({"lost_travel": -1.0}, "lost_travel: expected px of 0 or more, or None, got -1.0"),
        ({"lost_s": 0.0}, "lost_s: expected seconds above 0, got 0.0"),
        ({"look_fraction": 0.0}, "look_fraction: expected a number above 0 and at most 1, got 0.0"),
        ({"confirm_hits": 0}, "confirm_hits, lost_after: expected 1 or more, got 0 and 6"),
        ({"lost_after": 0}, "confirm_hits, lost_after: expected 1 or more, got 2 and 0"),
    ],
)
def test_tuning_outside_its_range_is_refused(options, text):
    with pytest.raises(InvalidInput) as caught:
        running(**options)
    assert text == str(caught.value)
