"""What a motion remembers over a restart: its last speed and the time, and nothing that makes no sense."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conveyorqc.core import Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import blur
from conveyorqc.track import ConstantMotion, PhaseMotion

TEXTURE = np.clip(
    128 + 300 * blur(np.random.default_rng(2).normal(0, 1, (120, 900)).astype(np.float32), sigma=1.5), 0, 255
)


def frame(index, *, step=6):
    x = 600 - step * index
    image = np.repeat(TEXTURE[:, x : x + 200, None].astype(np.uint8), 3, axis=2)
    return Frame.from_bgr(image, index=index, time_s=index / 25)


def run_until(motion, count):
    for index in range(count):
        motion.measure(frame(index))
    return motion


def through_json(state):
    return json.loads(json.dumps(state, allow_nan=False))


def test_after_a_restart_the_belt_goes_on_at_its_last_speed():
    before = run_until(PhaseMotion(), 8)
    after = PhaseMotion()
    after.restore(through_json(before.state()))
    assumed, seen = after.measure(frame(12)), after.measure(frame(13))

    assert 0.0 == assumed.confidence
    assert (30.0, 0.0) == pytest.approx((assumed.dx, assumed.dy), abs=0.3)  # five frames were missed
    assert seen.confidence > 0.5
    assert 6.0 == pytest.approx(seen.dx, abs=0.1)


def test_the_state_is_small_and_holds_no_picture():
    state = run_until(PhaseMotion(), 8).state()
    assert {"kind", "version", "px_per_s", "time_s"} == set(state)
    assert len(json.dumps(state)) < 120


def test_a_state_from_before_the_first_frame_knows_nothing():
    motion = PhaseMotion()
    motion.restore(through_json(PhaseMotion().state()))
    shift = motion.measure(frame(0))
    assert (0.0, 0.0, 0.0) == (shift.dx, shift.dy, shift.confidence)


def test_a_state_from_after_the_first_frame_knows_only_the_time():
    motion = PhaseMotion()
    motion.restore(through_json(run_until(PhaseMotion(), 1).state()))
    shift = motion.measure(frame(5))
    assert (0.0, 0.0, 0.0) == (shift.dx, shift.dy, shift.confidence)


def test_restoring_forgets_what_was_there():
    motion = run_until(PhaseMotion(), 8)
    motion.restore(PhaseMotion().state())
    assert 0.0 == motion.measure(frame(8)).dx


def test_a_clock_that_starts_anew_moves_nothing():
    motion = PhaseMotion()
    motion.restore(run_until(PhaseMotion(), 8).state())
    shift = motion.measure(frame(0))
    assert (0.0, 0.0) == (shift.dx, shift.dy)


def test_saving_changes_nothing():
    one, two = run_until(PhaseMotion(), 5), run_until(PhaseMotion(), 5)
    one.state()
    assert two.measure(frame(5)) == one.measure(frame(5))


def test_a_constant_motion_goes_on_by_the_clock():
    before = ConstantMotion(dx_per_s=100.0)
    run_until(before, 8)
    after = ConstantMotion(dx_per_s=100.0)
    after.restore(through_json(before.state()))
    shift = after.measure(frame(12))

    assert (20.0, 0.0, 1.0) == pytest.approx((shift.dx, shift.dy, shift.confidence))


def test_a_constant_motion_keeps_the_speed_it_was_made_with():
    motion = ConstantMotion(dx_per_s=50.0)
    motion.restore({**run_until(ConstantMotion(dx_per_s=100.0), 8).state()})
    assert 10.0 == pytest.approx(motion.measure(frame(12)).dx)


GOOD = {"kind": "phase", "version": 1, "px_per_s": [100.0, 0.0], "time_s": 2.0}


@pytest.mark.parametrize(
    ("state", "text"),
    [
        ({**GOOD, "version": 2}, "expected {'kind': 'phase', 'version': 1}, got {'kind': 'phase', 'version': 2}"),
        ({**GOOD, "kind": "constant"}, "got {'kind': 'constant', 'version': 1}"),
        ({}, "got {'kind': None, 'version': None}"),
        ([1, 2], "expected a mapping, got list"),
        ({**GOOD, "px_per_s": "fast"}, "px_per_s: expected two finite numbers or null, got 'fast'"),
        ({**GOOD, "px_per_s": [1.0]}, "px_per_s: expected two finite numbers or null, got [1.0]"),
        ({**GOOD, "px_per_s": [1.0, float("nan")]}, "px_per_s: expected two finite numbers or null, got [1.0, nan]"),
        ({**GOOD, "px_per_s": [1.0, True]}, "px_per_s: expected two finite numbers or null, got [1.0, True]"),
        ({**GOOD, "time_s": float("inf")}, "time_s: expected a finite time or null, got inf"),
        ({**GOOD, "time_s": "now"}, "time_s: expected a finite time or null, got 'now'"),
    ],
)
def test_a_state_that_makes_no_sense_is_refused_and_changes_nothing(state, text):
    motion = run_until(PhaseMotion(), 8)
    saved = motion.state()
    with pytest.raises(InvalidInput) as caught:
        motion.restore(state)

    assert text in str(caught.value)
    assert saved == motion.state()


def test_a_constant_motion_refuses_the_state_of_another_class():
    with pytest.raises(InvalidInput, match="'kind': 'phase'"):
        ConstantMotion().restore(GOOD)
