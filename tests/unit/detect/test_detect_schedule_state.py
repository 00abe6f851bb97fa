"""Schedules go on after a restart as if nothing had happened."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Frame
from conveyorqc.detect import ByTravel, EveryFrames
from conveyorqc.errors import InvalidInput
from conveyorqc.testing import ScriptedMotion

FRAMES = [Frame.from_bgr(np.zeros((4, 4, 3), np.uint8), index=i, time_s=i / 25) for i in range(20)]
MOTION = ScriptedMotion({i: BeltShift(2.0, 0.5, 1.0) for i in range(20)})


@pytest.mark.parametrize("new", [lambda: EveryFrames(4), lambda: ByTravel(MOTION, distance=7.0, at_most_s=0.2)])
@pytest.mark.parametrize("cut", [0, 1, 4, 9, 15])
def test_the_same_frames_are_due_after_a_restart(new, cut):
    whole, before, after = new(), new(), new()
    expected = [whole.due(frame) for frame in FRAMES]
    told = [before.due(frame) for frame in FRAMES[:cut]]
    after.restore(json.loads(json.dumps(before.state())))
    assert expected == told + [after.due(frame) for frame in FRAMES[cut:]]


@pytest.mark.parametrize(
    ("schedule", "state"),
    [
        (EveryFrames(3), {"version": 2, "next": 3}),
        (EveryFrames(3), {"version": 1, "next": -3}),
        (ByTravel(MOTION, distance=7.0), {"version": 1, "x": 0, "y": None, "last_s": 0}),
    ],
)
def test_a_state_that_cannot_be_is_refused(schedule, state):
    before = schedule.state()
    with pytest.raises(InvalidInput, match="state of"):
        schedule.restore(state)
    assert before == schedule.state()
