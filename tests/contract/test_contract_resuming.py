"""Everything that can go on in another process keeps the promise; the suite notices what does not."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.detect import ByTravel, EveryFrames
from conveyorqc.drift import DriftMonitor
from conveyorqc.errors import InvalidInput
from conveyorqc.testing import belt_scene, check_resumable
from conveyorqc.track import CentroidTracker, ConstantMotion, CrossingCounter, PhaseMotion, TrackLog

SCENE = belt_scene()
RIGHT = Direction.LEFT_TO_RIGHT


def follow(tracker):
    for frame, detections in zip(SCENE.frames, SCENE.detections, strict=True):
        tracker.update(frame, detections)


def note(log):
    for frame, tracks in zip(SCENE.frames, SCENE.tracks, strict=True):
        log.update(frame, tracks)


def look(schedule):
    for frame in SCENE.frames:
        schedule.due(frame)


def measure(motion):
    for frame in SCENE.frames:
        motion.measure(frame)


def watch(monitor):
    for level in range(40, 60):
        monitor.observe(np.full((16, 16, 3), level, np.uint8))


@pytest.mark.parametrize(
    ("new_part", "use"),
    [
        (lambda: CentroidTracker(ConstantMotion(dx_per_s=200.0), direction=RIGHT, max_distance=20), follow),
        (lambda: CrossingCounter(direction=RIGHT), note),
        (lambda: TrackLog(direction=RIGHT), note),
        (lambda: EveryFrames(3), look),
        (lambda: ByTravel(ConstantMotion(dx_per_s=200.0), distance=9), look),
        (PhaseMotion, measure),
        (lambda: DriftMonitor(learn=100), watch),
    ],
    ids=["tracker", "counter", "log", "every frames", "by travel", "motion", "drift"],
)
def test_it_goes_on_where_it_was(new_part, use):
    check_resumable(new_part, use=use)


class Forgetful:
    """Counts, but restores nothing."""

    def __init__(self):
        self._count = 0

    def use(self):
        self._count += 1

    def state(self):
        return {"version": 1, "count": self._count}

    def restore(self, state, /):
        if state.get("version") != 1:
            raise InvalidInput(f"expected version 1, got {state}")


class Trusting(Forgetful):
    """Takes whatever it is given."""

    def restore(self, state, /):
        self._count = state.get("count", 0)


@pytest.mark.parametrize(
    ("part", "promise"), [(Forgetful, "has the same state"), (Trusting, "refuses with InvalidInput")]
)
def test_what_does_not_is_noticed(part, promise):
    with pytest.raises(AssertionError, match=promise):
        check_resumable(part, use=lambda some: some.use())
