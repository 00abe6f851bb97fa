"""Counting at a line, and the log of a whole clip."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction, Frame, PastBoxes, Tracks
from conveyorqc.errors import InvalidInput
from conveyorqc.track import CrossingCounter, TrackedObject, TrackLog

PICTURE = np.zeros((100, 200, 3), np.uint8)


def frame(index):
    return Frame.from_bgr(PICTURE, index=index, time_s=index / 25)


def box(x, y=50.0):
    return [x - 10, y - 10, x + 10, y + 10]


def crossings(centers, *, direction=Direction.LEFT_TO_RIGHT, position=0.5, past=()):
    """What a counter says frame by frame of one object whose centre goes through ``centers``."""
    counter = CrossingCounter(direction=direction, position=position)
    said = []
    for index, (x, y) in enumerate(centers, start=10):
        new = index == 10
        known = (PastBoxes(1, np.arange(len(past)), [box(*center) for center in past]),) if new and past else ()
        tracks = Tracks([1], [box(x, y)], entered=(1,) if new else (), past=known)
        said.append(counter.update(frame(index), tracks))
    assert sum(len(ids) for ids in said) == counter.count
    return said


@pytest.mark.parametrize(
    ("direction", "way"),
    [
        (Direction.LEFT_TO_RIGHT, [(80, 50), (99, 50), (101, 50), (150, 50)]),
        (Direction.RIGHT_TO_LEFT, [(120, 50), (101, 50), (99, 50), (50, 50)]),
        (Direction.TOP_TO_BOTTOM, [(80, 30), (80, 49), (80, 51), (80, 80)]),
        (Direction.BOTTOM_TO_TOP, [(80, 70), (80, 51), (80, 49), (80, 20)]),
    ],
)
def test_an_object_counts_on_the_frame_on_which_its_centre_is_beyond_the_line(direction, way):
    assert [(), (), (1,), ()] == crossings(way, direction=direction)
    assert [(), (), (), ()] == crossings(way[::-1], direction=direction)  # against the travel


def test_the_line_itself_is_beyond():
    assert [(), (1,)] == crossings([(99.9, 50), (100, 50)])


def test_jitter_on_the_line_counts_once():
    jitter = [(100 + step, 50) for step in (-3, 1, -1, 2, -2, 1, -1, 3)]
    assert [(), (1,), (), (), (), (), (), ()] == crossings(jitter)


def test_an_object_that_is_carried_back_and_forth_counts_once():
    assert 1 == sum(map(len, crossings([(x, 50) for x in (60, 140, 60, 140, 20, 180)])))


@pytest.mark.parametrize("position", [0.25, 0.75])
@pytest.mark.parametrize("direction", [Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT])
def test_the_position_counts_from_where_objects_come_in(position, direction):
    line = 200 * position if direction is Direction.LEFT_TO_RIGHT else 200 * (1 - position)
    ahead = direction.unit[0]
    way = [(line - 5 * ahead, 50), (line + 5 * ahead, 50)]
    assert [(), (1,)] == crossings(way, direction=direction, position=position)


def test_an_object_born_beyond_the_line_does_not_count():
    assert [(), (), ()] == crossings([(120, 50), (90, 50), (150, 50)])


def test_an_object_that_crossed_before_it_was_confirmed_counts_when_it_is():
    assert [(1,), ()] == crossings([(110, 50), (130, 50)], past=[(70, 50), (90, 50)])
    assert [(), ()] == crossings([(130, 50), (150, 50)], past=[(105, 50), (120, 50)])


def test_ids_that_ended_are_forgotten():
    counter = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    counter.update(frame(0), Tracks([1], [box(50)], entered=(1,)))
    counter.update(frame(1), Tracks([], [], ended=(1,)))
    assert () == counter.update(frame(2), Tracks([2], [box(150)], entered=(2,)))
    assert 0 == counter.count


@pytest.mark.parametrize("position", [-0.1, 1.1, float("nan")])
def test_a_line_outside_the_frame_is_refused(position):
    with pytest.raises(InvalidInput, match="position: expected a number in"):
        CrossingCounter(direction=Direction.LEFT_TO_RIGHT, position=position)


def test_the_log_notes_first_last_and_crossing_frames():
    log = TrackLog(direction=Direction.LEFT_TO_RIGHT)
    past = PastBoxes(1, np.array([3, 4]), [box(60), box(70)])
    log.update(frame(5), Tracks([1], [box(80)], entered=(1,), past=(past,)))
    log.update(frame(6), Tracks([1, 2], [box(120), box(30)], entered=(2,)))
    log.update(frame(7), Tracks([2], [box(40)], ended=(1,)))
    assert (TrackedObject(1, 3, 6, crossed_frame=6, end="left"), TrackedObject(2, 6, 7)) == log.objects
    assert 1 == log.crossed


def test_the_log_misses_no_object_that_entered():
    """Confirmed and gone in one and the same frame, with a past and without one."""
    log = TrackLog(direction=Direction.LEFT_TO_RIGHT)
    past = PastBoxes(1, np.array([3, 4]), [box(170), box(190)])
    nowhere = PastBoxes(2, [], [])
    log.update(frame(5), Tracks([], [], entered=(1, 2), ended=(1, 2), past=(past, nowhere)))
    assert (TrackedObject(1, 3, 4, end="left"), TrackedObject(2, 5, 5, end="left")) == log.objects
    assert 0 == log.crossed


def test_an_object_that_crossed_and_left_before_it_was_confirmed_counts():
    counter = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    past = PastBoxes(1, np.arange(3), [box(70, 50), box(130, 50), box(190, 50)])
    assert (1,) == counter.update(frame(4), Tracks([], [], entered=(1,), ended=(1,), past=(past,)))
    assert 1 == counter.count


def test_the_log_says_how_objects_ended():
    log = TrackLog(direction=Direction.LEFT_TO_RIGHT)
    log.update(frame(0), Tracks([1, 2, 3], [box(10), box(50), box(90)], entered=(1, 2, 3)))
    log.update(frame(1), Tracks([3], [box(92)], ended=(1, 2), removed=(2,)))
    assert ["left", "removed", "in_view"] == [found.end for found in log.objects]
    assert 1 == log.removed


def test_a_log_and_a_count_go_on_from_their_state():
    log, other = (TrackLog(direction=Direction.LEFT_TO_RIGHT) for _ in range(2))
    log.update(frame(0), Tracks([1, 2], [box(50), box(90)], entered=(1, 2)))
    log.update(frame(1), Tracks([2], [box(110)], ended=(1,), removed=(1,)))
    other.restore(log.state())
    assert log.objects == other.objects
    for one in (log, other):
        one.update(frame(2), Tracks([2, 3], [box(120), box(20)], entered=(3,)))
        one.update(frame(3), Tracks([2, 3], [box(120), box(120)]))
    assert log.objects == other.objects
    assert 2 == other.crossed
