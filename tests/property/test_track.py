"""Identities under random belts: stops, reverse creep, missed looks, jitter, and things that do not ride along."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import BeltShift, Detections, Direction, Frame, Tracks
from conveyorqc.geometry import box_iou, clip_boxes, visible_fraction
from conveyorqc.testing import ScriptedMotion
from conveyorqc.track import CentroidTracker, ConstantMotion, CrossingCounter, TrackLog

ALONG, ACROSS = 320, 160
SIDE = 30.0
LANES = (10.0, 60.0, 110.0)  # far enough apart for objects to pass each other


def no_pixels(region):
    raise AssertionError("a tracker that is carried by the belt needs no pixels")


def frames(count, direction):
    width, height = (ALONG, ACROSS) if direction.horizontal else (ACROSS, ALONG)
    return [Frame.deferred(width, height, index=i, time_s=i / 25, to_bgr=no_pixels) for i in range(count)]


def turned(boxes, direction):
    """Boxes of a belt that runs left to right, as a belt in ``direction`` shows them."""
    boxes = np.asarray(boxes, dtype=np.float64).reshape(-1, 4)
    if direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP):
        boxes = np.stack([ALONG - boxes[:, 2], boxes[:, 1], ALONG - boxes[:, 0], boxes[:, 3]], axis=1)
    return boxes if direction.horizontal else boxes[:, [1, 0, 3, 2]]


class Scene:
    """Boxes that ride on a belt, and what a detector says of them."""

    def __init__(self, *, direction, steps, starts, looks_every=1, jitter=0.0, missed=0.0, standing=(), seed=0):
        self.direction = direction
        self.travel = np.cumsum([0.0, *steps])
        self.boxes = [[-SIDE - start, LANES[lane], -start, LANES[lane] + SIDE] for start, lane in starts]
        self.frames = frames(len(self.travel), direction)
        unit = np.array(direction.unit)
        shifts = [BeltShift(*(unit * step).tolist(), 1.0) for step in (0.0, *steps)]
        self.motion = ScriptedMotion(dict(enumerate(shifts)))
        rng = np.random.default_rng(seed)
        self.looks = [
            None if i % looks_every else self._look(i, rng, jitter=jitter, missed=missed, standing=standing)
            for i in range(len(self.frames))
        ]

    def truth(self, index):
        moved = np.array(self.boxes).reshape(-1, 4) + np.array([1.0, 0, 1, 0]) * self.travel[index]
        return turned(moved, self.direction)

    def _look(self, index, rng, *, jitter, missed, standing):
        frame = self.frames[index]
        boxes = self.truth(index)
        boxes = boxes[visible_fraction(boxes, width=frame.width, height=frame.height) > 0.1]
        boxes = boxes[rng.random(len(boxes)) >= missed]
        boxes = np.concatenate([boxes, turned(standing, self.direction)])
        boxes = boxes + rng.uniform(-jitter, jitter, boxes.shape)
        return Detections(clip_boxes(boxes, width=frame.width, height=frame.height))

    def run(self, **options):
        tracker = CentroidTracker(self.motion, direction=self.direction, max_distance=SIDE / 2, **options)
        return [tracker.update(frame, look) for frame, look in zip(self.frames, self.looks, strict=True)]


directions = st.sampled_from(list(Direction))
steps = st.lists(
    st.tuples(st.sampled_from([8.0, 5.0, 2.5, 0.0, -1.5]), st.integers(4, 25)), min_size=2, max_size=8
).map(lambda runs: [step for step, times in runs for _ in range(times)])
apart = st.lists(st.tuples(st.integers(0, 6).map(lambda n: n * 3 * SIDE), st.integers(0, 2)), max_size=10, unique=True)
wild = st.builds(
    Scene,
    direction=directions,
    steps=steps,
    starts=apart,
    looks_every=st.integers(1, 5),
    jitter=st.floats(0, 6),
    missed=st.floats(0, 0.6),
    standing=st.lists(st.sampled_from([(150.0, 12.0, 190.0, 40.0), (40.0, 100.0, 60.0, 140.0)]), max_size=2),
    seed=st.integers(0, 99),
)


def check_books(scene, watched):
    """Ids are dense, ascending, entered once and ended once; everything lies within the frame."""
    latest, alive = 0, set()
    for frame, tracks in zip(scene.frames, watched, strict=True):
        assert isinstance(tracks, Tracks)
        assert tuple(range(latest + 1, latest + 1 + len(tracks.entered))) == tracks.entered
        latest += len(tracks.entered)
        alive |= set(tracks.entered)
        assert set(tracks.removed) <= set(tracks.ended) <= alive
        alive -= set(tracks.ended)
        assert set(tracks.ids.tolist()) <= alive
        assert sorted(tracks.ids.tolist()) == tracks.ids.tolist()
        check_places(frame, tracks)


def check_places(frame, tracks):
    limits = np.array([frame.width, frame.height, frame.width, frame.height])
    for boxes in (tracks.boxes, *(past.boxes for past in tracks.past)):
        assert ((boxes >= 0) & (boxes <= limits)).all()
    assert tracks.entered == tuple(past.object_id for past in tracks.past)
    for past in tracks.past:
        assert (past.frame_indices < frame.index).all()
        assert (np.diff(past.frame_indices) > 0).all()


@given(wild)
def test_the_books_hold_whatever_happens_on_the_belt(scene):
    check_books(scene, scene.run())


@given(wild, st.integers(1, 4), st.integers(1, 8), st.floats(0.2, 1.0))
def test_the_books_hold_with_any_tuning(scene, confirm_hits, lost_after, look_fraction):
    check_books(scene, scene.run(confirm_hits=confirm_hits, lost_after=lost_after, look_fraction=look_fraction))


@given(directions, apart, st.integers(1, 3), st.floats(0, 2), st.integers(0, 99))
def test_each_object_that_crosses_gets_one_identity_which_stays_on_it(direction, starts, every, jitter, seed):
    # 9 px a frame and a stop on the way, until the last object has left: 7 places of 3 sides, plus the frame
    run = [9.0] * 25 + [0.0] * 10 + [-1.0] * 8 + [9.0] * 90
    scene = Scene(direction=direction, steps=run, starts=starts, looks_every=every, jitter=jitter, seed=seed)
    watched = scene.run()
    check_books(scene, watched)
    assert len(starts) == sum(len(tracks.entered) for tracks in watched)
    assert len(starts) == sum(len(tracks.ended) for tracks in watched)
    owner = {}
    for index, tracks in enumerate(watched):
        frame = scene.frames[index]
        truth = clip_boxes(scene.truth(index), width=frame.width, height=frame.height)
        overlap = box_iou(tracks.boxes, truth)
        for object_id, row in zip(tracks.ids.tolist(), overlap, strict=True):
            if row.max(initial=0) > 0.4:
                assert owner.setdefault(object_id, int(row.argmax())) == row.argmax()
    assert len(set(owner.values())) == len(owner) == len(starts)


# Two looks 12 px of travel apart, each off by 2 px, still tell standing from riding; 3 px would not.
@given(directions, st.integers(1, 4), st.floats(0, 2), st.integers(0, 99))
def test_what_stands_still_on_a_running_belt_gets_no_identity(direction, every, jitter, seed):
    standing = [(140.0, 10.0, 180.0, 40.0), (60.0, 60.0, 90.0, 90.0), (200.0, 115.0, 240.0, 135.0)]
    scene = Scene(
        direction=direction, steps=[6.0] * 60, starts=[], looks_every=every, jitter=jitter, standing=standing, seed=seed
    )
    assert 0 == sum(len(tracks.entered) for tracks in scene.run())


@given(directions, apart)
def test_on_a_belt_that_never_runs_nothing_is_confirmed(direction, starts):
    scene = Scene(direction=direction, steps=[0.0] * 30, starts=[(-100.0 - start, lane) for start, lane in starts])
    assert 0 == sum(len(tracks.entered) for tracks in scene.run())


@given(wild)
def test_the_same_scene_gives_the_same_tracks(scene):
    for one, two in zip(scene.run(), scene.run(), strict=True):
        assert one.ids.tolist() == two.ids.tolist()
        assert one.boxes.tolist() == two.boxes.tolist()


@given(wild)
def test_frames_that_nobody_looked_at_lose_no_object(scene):
    """Without looks, boxes only ride along: an object can leave the frame, but not be given up for lost."""
    tracker = CentroidTracker(scene.motion, direction=scene.direction, max_distance=SIDE / 2, lost_after=1)
    half = len(scene.frames) // 2
    for frame, look in list(zip(scene.frames, scene.looks, strict=True))[:half]:
        before = tracker.update(frame, look)
    for frame in scene.frames[half:]:
        shift = scene.motion.measure(frame)
        tracks = tracker.update(frame, None)
        gone = [row for row, i in enumerate(before.ids.tolist()) if i in tracks.ended]
        moved = before.boxes[gone] + np.array([shift.dx, shift.dy] * 2)
        assert (visible_fraction(moved, width=frame.width, height=frame.height) < 0.05).all()
        before = tracks


@given(wild)
def test_an_object_crosses_at_most_once_and_the_log_agrees(scene):
    counter, log = CrossingCounter(direction=scene.direction), TrackLog(direction=scene.direction)
    crossed, entered = [], 0
    for frame, tracks in zip(scene.frames, scene.run(), strict=True):
        crossed += counter.update(frame, tracks)
        log.update(frame, tracks)
        entered += len(tracks.entered)
    assert len(set(crossed)) == len(crossed) == counter.count == log.crossed
    assert list(range(1, entered + 1)) == [found.object_id for found in log.objects]
    assert sorted(crossed) == [found.object_id for found in log.objects if found.crossed_frame is not None]
    assert all(found.first_frame <= found.last_frame for found in log.objects)


@given(st.lists(st.floats(0.001, 2), min_size=1, max_size=20), st.floats(-500, 500), st.floats(-500, 500))
def test_constant_motion_covers_the_way_whatever_the_time_between_frames(gaps, dx_per_s, dy_per_s):
    motion = ConstantMotion(dx_per_s=dx_per_s, dy_per_s=dy_per_s)
    times = np.cumsum([5.0, *gaps])
    shifts = [
        motion.measure(Frame.deferred(64, 48, index=i, time_s=time_s, to_bgr=no_pixels))
        for i, time_s in enumerate(times.tolist())
    ]
    way = sum(shift.dx for shift in shifts), sum(shift.dy for shift in shifts)
    assert (dx_per_s * sum(gaps), dy_per_s * sum(gaps)) == pytest.approx(way, abs=1e-6)


@given(wild, st.floats(0.05, 0.95))
def test_a_restart_anywhere_keeps_the_books_and_the_ids(scene, share):
    cut = int(share * len(scene.frames))
    looks = list(zip(scene.frames, scene.looks, strict=True))
    options = {"direction": scene.direction, "max_distance": SIDE / 2}
    before, after = CentroidTracker(scene.motion, **options), CentroidTracker(scene.motion, **options)
    watched = [before.update(frame, look) for frame, look in looks[:cut]]
    after.restore(json.loads(json.dumps(before.state())))
    watched += [after.update(frame, look) for frame, look in looks[cut:]]
    check_books(scene, watched)
    for frame, look in looks[cut:]:
        before.update(frame, look)
    assert before.state()["next_id"] == after.state()["next_id"]


@given(directions, apart, st.integers(1, 3), st.integers(0, 99), st.integers(10, 60))
def test_a_belt_that_runs_far_back_and_on_again_makes_no_object_twice(direction, starts, every, seed, back):
    run = [9.0] * 40 + [-6.0] * back + [0.0] * 5 + [9.0] * 120
    scene = Scene(direction=direction, steps=run, starts=starts, looks_every=every, jitter=1.5, seed=seed)
    watched = scene.run()
    check_books(scene, watched)
    assert len(starts) == sum(len(tracks.entered) for tracks in watched)
    assert 0 == sum(len(tracks.removed) for tracks in watched)
