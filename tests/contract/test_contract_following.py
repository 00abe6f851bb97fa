"""Trackers and propagators keep the promises of their Protocols; the suites notice who does not."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction, PastBoxes, Tracks
from conveyorqc.testing import (
    belt_scene,
    check_propagator,
    check_single_object_tracker,
    check_tracker,
)
from conveyorqc.track import (
    BeltFollower,
    BeltPropagator,
    CentroidTracker,
    ConstantMotion,
    EachObject,
    MilFollower,
    PhaseMotion,
)

SCENE = belt_scene()
SPEED = {"dx_per_s": 200.0}


@pytest.mark.parametrize("direction", Direction)
def test_the_centroid_tracker_in_every_direction(direction):
    check_tracker(
        lambda: CentroidTracker(PhaseMotion(), direction=direction, max_distance=20), scene=belt_scene(direction)
    )


def test_the_centroid_tracker_with_a_tracker_for_each_object():
    def new_tracker():
        motion = ConstantMotion(**SPEED)
        propagator = EachObject(lambda: BeltFollower(motion))
        return CentroidTracker(motion, direction=Direction.LEFT_TO_RIGHT, max_distance=20, propagator=propagator)

    check_tracker(new_tracker)


@pytest.mark.parametrize(
    "new_propagator",
    [
        lambda: BeltPropagator(PhaseMotion()),
        lambda: BeltPropagator(ConstantMotion(**SPEED)),
        lambda: EachObject(lambda: BeltFollower(ConstantMotion(**SPEED))),
        lambda: EachObject(MilFollower),
    ],
)
def test_propagators(new_propagator):
    check_propagator(new_propagator)


@pytest.mark.parametrize(
    "new_tracker", [MilFollower, lambda: BeltFollower(PhaseMotion()), lambda: BeltFollower(ConstantMotion(**SPEED))]
)
def test_trackers_of_single_objects(new_tracker):
    check_single_object_tracker(new_tracker)


class _Tracks:
    """Says what ``spoil`` makes of the truth, looked or not."""

    def __init__(self, spoil):
        self._spoil = spoil

    def update(self, frame, found, /):
        return self._spoil(frame, SCENE.tracks[frame.index])


def _with(tracks, **changes):
    fields = {name: getattr(tracks, name) for name in ("ids", "boxes", "entered", "ended", "past")}
    return Tracks(**{**fields, **changes})


def _sloppy(frame, tracks):
    return _with(tracks, boxes=tracks.boxes + 30.0)


def _from_seven(frame, tracks):
    return _with(tracks, ids=tracks.ids + 6, entered=tuple(i + 6 for i in tracks.entered), ended=())


def _past(object_id, frame_indices):
    return lambda frame, tracks: _with(
        tracks, past=[PastBoxes(object_id, frame_indices, np.zeros((len(frame_indices), 4)))] if tracks.entered else ()
    )


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (lambda frame, tracks: tracks, "invents no object"),
        (lambda frame, tracks: tracks.ids, "gives Tracks, got ndarray"),
        (lambda frame, tracks: Tracks([], []), "three objects"),
        (_from_seven, "from 1 without gaps"),
        (lambda frame, tracks: _with(tracks, entered=()), "on the belt from entered to ended"),
        (lambda frame, tracks: _with(tracks, ended=(99,)), "an id ends once"),
        (_sloppy, "clipped to the 240x120 frame"),
        (_past(99, [0]), "the past of objects that enter"),
        (_past(1, [5]), "before this frame"),
        (lambda frame, tracks: 1 / 0, "ZeroDivisionError"),
        (lambda frame, tracks: frame.bgr.fill(0), "read-only"),
    ],
)
def test_a_tracker_that_breaks_a_promise_is_told_which(spoil, promise):
    with pytest.raises(AssertionError, match=promise):
        check_tracker(lambda: _Tracks(spoil), scene=SCENE)


def _good_tracker():
    return CentroidTracker(ConstantMotion(**SPEED), direction=Direction.LEFT_TO_RIGHT, max_distance=20)


def test_a_tracker_that_takes_none_for_empty_is_told():
    class Forgetful:
        def __init__(self):
            self._good = _good_tracker()

        def update(self, frame, found, /):
            tracks = self._good.update(frame, found)
            return tracks if found is not None else _with(tracks, ids=[], boxes=[])

    with pytest.raises(AssertionError, match="None means that nobody looked"):
        check_tracker(Forgetful)


def test_trackers_that_share_their_state_are_told():
    class Entangled:
        newest = None

        def __init__(self):
            type(self).newest = _good_tracker()

        def update(self, frame, found, /):
            return self.newest.update(frame, found)

    with pytest.raises(AssertionError, match="shares no state"):
        check_tracker(Entangled)


def test_a_tracker_that_writes_into_the_frame_is_told():
    class Vandal:
        def __init__(self):
            self._good = _good_tracker()

        def update(self, frame, found, /):
            frame.bgr.base[:] = 0
            return self._good.update(frame, found)

    with pytest.raises(AssertionError, match="only reads"):
        check_tracker(Vandal, scene=belt_scene())


@pytest.mark.parametrize(
    ("state", "promise"),
    [
        (lambda good: {**good.state(), "rows": []}, "still follows|goes on with the same ids after a restart"),
        (lambda good: {**good.state(), "next_id": 90}, "goes on with the same ids after a restart"),
        (lambda good: {**good.state(), "extra": {1, 2}}, "gives its state as JSON"),
        (lambda good: {}, "restores it, but it raised InvalidInput"),
    ],
)
def test_a_tracker_that_cannot_go_on_is_told(state, promise):
    class Resumed:
        def __init__(self):
            self._good = _good_tracker()
            self.update, self.restore = self._good.update, self._good.restore

        def state(self):
            return state(self._good)

    with pytest.raises(AssertionError, match=promise):
        check_tracker(Resumed)


class _Carries:
    def __init__(self, answer):
        self._answer = answer

    def carry(self, frame, ids, boxes, /):
        return self._answer(frame, ids, boxes)


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda frame, ids, boxes: None, "a finite box for each"),
        (lambda frame, ids, boxes: boxes[:1], "a finite box for each of 2"),
        (lambda frame, ids, boxes: boxes * np.nan, "a finite box for each"),
        (lambda frame, ids, boxes: boxes[np.argsort(ids)], "row i"),
        (lambda frame, ids, boxes: boxes + np.max(boxes), "carries 0 boxes"),
        (lambda frame, ids, boxes: np.add(boxes, 8.0, out=boxes), "only reads them"),
        (lambda frame, ids, boxes: (frame.bgr.base.fill(0), boxes)[1], "only reads the frames"),
    ],
)
def test_a_propagator_that_breaks_a_promise_is_told_which(answer, promise):
    with pytest.raises(AssertionError, match=promise):
        check_propagator(lambda: _Carries(answer), scene=belt_scene())


class _Follows:
    def __init__(self, answer):
        self._answer = answer

    def start(self, frame, box, /):
        self.box = box

    def follow(self, frame, /):
        return self._answer(self.box, frame)


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda box, frame: box, "stays with its object"),
        (lambda box, frame: box[None], "one finite"),
        (lambda box, frame: box * np.inf, "one finite"),
        (lambda box, frame: np.add(box, 8.0, out=box), "read-only"),
        (lambda box, frame: frame.bgr.base.fill(0), "only reads the frames"),
    ],
)
def test_a_tracker_of_single_objects_that_breaks_a_promise_is_told_which(answer, promise):
    with pytest.raises(AssertionError, match=promise):
        check_single_object_tracker(lambda: _Follows(answer), scene=belt_scene())


def test_a_tracker_may_say_that_its_object_is_lost():
    check_single_object_tracker(lambda: _Follows(lambda box, frame: None))
