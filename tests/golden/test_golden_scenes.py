"""Whole scenes: a line calibrated without labels counts what the simulator says there was, neither more nor less."""

from __future__ import annotations

import itertools

import pytest

from conveyorqc.calibrate import calibrate
from conveyorqc.config import LineConfig, StripSettings
from conveyorqc.core import Direction, Frame
from conveyorqc.simulate import BELT_COLORS, BeltProgram, BeltSimulator, Look
from conveyorqc.track import TrackLog

SCENE = {"width": 320, "height": 180, "fps": 15.0, "seconds": 5.0, "objects": 8, "speed_px_s": 150.0}
UPRIGHT = {"width": 180, "height": 320}


def counted(frames: list[Frame]) -> tuple[Direction, int, int]:
    """Direction, objects and crossings that a line finds which knows nothing but the clip."""
    return followed(calibrate(frames), frames)


def followed(line: LineConfig, frames: list[Frame]) -> tuple[Direction, int, int]:
    stages, log = line.build_stages(), TrackLog(direction=line.direction)
    for frame in frames:
        detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
        log.update(frame, stages.tracker.update(frame, detections))
    return line.direction, len(log.objects), log.crossed


def scene(**changes) -> BeltSimulator:
    return BeltSimulator(**{**SCENE, **changes})


def expect_the_truth(simulator: BeltSimulator) -> None:
    truth = simulator.truth
    expected = (truth.direction, truth.counts["objects"], truth.counts["crossed_centre"])
    assert expected == counted(list(simulator.frames()))


@pytest.mark.parametrize("direction", Direction)
def test_every_direction_of_travel(direction):
    size = {} if direction.horizontal else UPRIGHT
    expect_the_truth(scene(seed=1, direction=direction, **size))


@pytest.mark.parametrize("belt", BELT_COLORS)
def test_every_colour_of_belt(belt):
    expect_the_truth(scene(seed=3, look=Look(belt=belt)))


def test_a_belt_that_stops_and_goes_on():
    stop = BeltProgram(segments=((0.0, 1.0), (2.0, 0.0), (3.0, 1.0)))
    expect_the_truth(scene(seed=0, seconds=6.0, program=stop))


def test_a_belt_that_backs_up_and_goes_on():
    back = BeltProgram(segments=((0.0, 1.0), (3.0, -1.0), (3.4, 1.0)))
    simulator = scene(seed=2, seconds=6.0, program=back)
    ids = [{box.id for box in boxes} for boxes in simulator.truth.frames]
    comings = sum(len(now - before) for before, now in itertools.pairwise([set(), *ids]))
    assert simulator.truth.counts["objects"] == comings, "none may leave on the side it came from: it would be new"
    expect_the_truth(simulator)


def test_a_camera_that_shakes():
    expect_the_truth(scene(seed=4, look=Look(shake_px=1.5)))


def test_objects_that_touch_under_a_larger_frame():
    simulator = scene(seed=0, width=480, height=270, speed_px_s=220.0, touching_fraction=0.5)
    assert 2 == simulator.truth.counts["touching_pairs"]
    expect_the_truth(simulator)


def test_a_belt_without_objects_at_first_and_one_with_a_single_object():
    expect_the_truth(scene(seed=5, objects=1, stacked_fraction=0.0, broken_fraction=0.0))


@pytest.mark.parametrize("direction", Direction)
def test_a_line_that_looks_only_where_objects_come_in_keeps_them_until_they_leave(direction):
    size = {} if direction.horizontal else UPRIGHT
    simulator = scene(seed=1, direction=direction, **size)
    frames = list(simulator.frames())
    line = calibrate(frames)
    narrow = line.detector.model_copy(update={"strip": StripSettings(fraction=0.4)})
    expected = (direction, simulator.truth.counts["objects"], simulator.truth.counts["crossed_centre"])
    assert expected == followed(line.model_copy(update={"detector": narrow}), frames)
