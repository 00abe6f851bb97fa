"""When the detector looks: by the count of frames, or by the travel of the belt."""

from __future__ import annotations

import numpy as np
import pytest
from belts_with_discs import frame_of

from conveyorqc.core import BeltShift
from conveyorqc.detect import ByTravel, EveryFrames
from conveyorqc.errors import InvalidInput
from conveyorqc.testing import ScriptedMotion

PIXELS = np.zeros((4, 4, 3), np.uint8)


def looks(schedule, indices):
    return [index for index in indices if schedule.due(frame_of(PIXELS, index))]


def moving(dx, dy=0.0):
    return ScriptedMotion({index: BeltShift(dx, dy, 1.0) for index in range(200)})


def test_every_twentieth_frame_as_in_the_article():
    assert looks(EveryFrames(), range(60)) == [0, 20, 40]


def test_a_frame_that_was_dropped_is_made_up_for_at_once():
    assert looks(EveryFrames(5), [0, 1, 2, 3, 4, 7, 8, 11, 12, 13]) == [0, 7, 12]


def test_every_frame_counts_from_the_first_it_is_shown():
    assert looks(EveryFrames(10), range(3, 30)) == [3, 13, 23]


@pytest.mark.parametrize("count", [0, -1])
def test_a_count_below_one_is_refused(count):
    with pytest.raises(InvalidInput, match=f"count: expected 1 or more, got {count}"):
        EveryFrames(count)


@pytest.mark.parametrize("motion", [moving(4.0), moving(0.0, -4.0), moving(2.4, 3.2)])
def test_it_looks_when_the_belt_has_come_far_enough(motion):
    assert looks(ByTravel(motion, distance=12.0), range(10)) == [0, 3, 6, 9]


def test_a_fast_belt_is_looked_at_in_each_frame():
    assert looks(ByTravel(moving(30.0), distance=12.0), range(4)) == [0, 1, 2, 3]


def test_a_belt_that_seems_to_stand_is_looked_at_after_a_while():
    assert looks(ByTravel(moving(0.0), distance=12.0, at_most_s=0.4), range(25)) == [0, 10, 20]


def test_a_belt_that_creeps_back_and_forth_has_not_travelled():
    shifts = {index: BeltShift(5.0 if index % 2 else -5.0, 0.0, 1.0) for index in range(20)}

    assert looks(ByTravel(ScriptedMotion(shifts), distance=12.0), range(20)) == [0]


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["distance", "at_most_s"])
def test_a_number_outside_its_range_is_refused(name, value):
    with pytest.raises(InvalidInput, match=f"{name}: expected a number above 0"):
        ByTravel(moving(1.0), **{"distance": 5.0, name: value})
