"""Where the belt was, and with it an object before it was confirmed."""

from __future__ import annotations

import numpy as np

from conveyorqc.track._past import BeltHistory

BOX = np.array([40.0, 10, 60, 30])


def moved_by(step, frames, *, length=1000):
    history = BeltHistory(length=length)
    for index in range(frames):
        history.add(index, np.array([step * index, 0.0]))
    return history


def test_what_came_in_is_carried_back_to_where_it_began_to_show():
    frames, boxes = moved_by(5.0, 30).past(BOX, first_frame=27, came_in=True, length=100.0)
    assert list(range(18, 29)) == frames.tolist()
    assert [-15.0, 10.0, 5.0, 30.0] == boxes[0].tolist()


def test_what_was_put_down_begins_where_it_was_found():
    frames, _ = moved_by(5.0, 30).past(BOX, first_frame=27, came_in=False, length=100.0)
    assert [27, 28] == frames.tolist()


def test_only_the_last_frames_are_remembered():
    for frames in (5, 9, 10, 11, 23):
        found, boxes = moved_by(1.0, frames, length=5).past(BOX, first_frame=0, came_in=True, length=100.0)
        assert list(range(frames - 5, frames - 1)) == found.tolist()
        assert [36.0, 37.0, 38.0, 39.0] == boxes[:, 0].tolist()


def test_a_history_goes_on_from_its_state():
    history, other = moved_by(2.5, 40), BeltHistory(length=1000)
    other.restore(np.array(history.state(most=8)))
    frames, boxes = other.past(BOX, first_frame=0, came_in=True, length=100.0)
    assert list(range(32, 39)) == frames.tolist()
    assert [22.5, 37.5] == boxes[[0, -1], 0].tolist()
