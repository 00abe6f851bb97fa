"""A tracker of `supervision` in place of ours: its ids made dense, each entered and ended once."""

from __future__ import annotations

import numpy as np
import pytest
import supervision as sv

from conveyorqc.core import BeltShift, Detections, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.interop import SupervisionTracker
from conveyorqc.testing import ScriptedMotion

NOTHING = Detections([])


class Scripted:
    """Answers what it is told, whatever it is asked: at each look ``{id: x0}`` for boxes of 4x4 px."""

    def __init__(self, *looks):
        self.looks = list(looks)
        self.asked = []

    def update(self, detections, frame=None, timestamp=None):
        self.asked.append((detections, frame, timestamp))
        there = self.looks.pop(0)
        boxes = np.array([[x, 2.0, x + 4, 6.0] for x in there.values()]).reshape(-1, 4)
        return sv.Detections(xyxy=boxes, tracker_id=np.array(list(there), dtype=int))


class Answering:
    """Answers with the same always, under the older name of the method."""

    def __init__(self, answer):
        self.answer = answer

    def update_with_detections(self, detections):
        return self.answer


def frame_at(index):
    return Frame.from_bgr(np.zeros((10, 40, 3), np.uint8), index=index, time_s=index / 10)


def run(tracker, looks):
    """Tracks of successive frames; True is a look, None is none."""
    return [tracker.update(frame_at(index), NOTHING if look else None) for index, look in enumerate(looks)]


def told(tracks):
    return dict(zip(tracks.ids.tolist(), tracks.boxes[:, 0].tolist(), strict=True))


def test_ids_become_dense_in_the_order_in_which_they_are_confirmed():
    seen = run(
        SupervisionTracker(Scripted({70: 5.0, -1: 20.0}, {70: 6.0, 31: 20.0, 12: 30.0}, {12: 31, 70: 7})), [1] * 3
    )

    assert [{1: 5.0}, {1: 6.0, 2: 30.0, 3: 20.0}, {1: 7.0, 2: 31.0}] == [told(tracks) for tracks in seen]
    assert [(1,), (2, 3), ()] == [tracks.entered for tracks in seen]


def test_an_id_ends_once_after_so_many_looks_without_it_and_never_comes_back():
    other = Scripted({5: 1.0}, {}, {}, {}, {5: 9.0}, {5: 9.0, 6: 1.0})
    seen = run(SupervisionTracker(other, lost_after=2), [1, 1, None, 1, 1, 1, 1])

    assert [(), (), (), (1,), (), (), ()] == [tracks.ended for tracks in seen]
    assert [(1,), (), (), (), (), (), (2,)] == [tracks.entered for tracks in seen]
    assert [{1: 1.0}, {}, {}, {}, {}, {}, {2: 1.0}] == [told(tracks) for tracks in seen]


def test_a_gap_shorter_than_that_ends_nothing():
    seen = run(SupervisionTracker(Scripted({5: 1.0}, {}, {5: 3.0}), lost_after=2), [1, 1, 1])
    assert [{1: 1.0}, {}, {1: 3.0}] == [told(tracks) for tracks in seen]
    assert [((1,), ()), ((), ()), ((), ())] == [(tracks.entered, tracks.ended) for tracks in seen]


def test_ids_end_at_once_when_the_other_tracker_has_them_no_more():
    alive = {5, 6}
    tracker = SupervisionTracker(Scripted({5: 1.0, 6: 9.0}, {6: 9.0}, {}, {}), alive=lambda: alive)

    run(tracker, [1, 1])
    alive.discard(5)
    unlooked, looked = tracker.update(frame_at(2), None), tracker.update(frame_at(3), NOTHING)

    assert ((), (1,)) == (unlooked.ended, looked.ended)
    assert () == tracker.update(frame_at(4), NOTHING).ended


def test_where_nobody_looks_boxes_stay_and_the_other_tracker_is_not_asked():
    other = Scripted({5: 1.0})
    seen = run(SupervisionTracker(other), [1, None, None])
    assert [{1: 1.0}] * 3 == [told(tracks) for tracks in seen]
    assert 1 == len(other.asked)


def test_with_the_motion_of_the_belt_boxes_go_on_and_end_outside_the_frame():
    other = Scripted({5: 10.0}, {}, {5: 30.5}, {})
    seen = run(
        SupervisionTracker(other, motion=ScriptedMotion({index: BeltShift(10.0, 0.0, 1.0) for index in range(6)})),
        [1, None, 1, 1, None, 1],
    )

    assert [{1: 10.0}, {1: 20.0}, {1: 30.0}, {1: 30.5}, {}, {}] == [told(tracks) for tracks in seen]
    assert [(), (), (), (), (1,), ()] == [tracks.ended for tracks in seen]


def test_boxes_are_clipped_to_the_frame():
    tracks = run(SupervisionTracker(Scripted({5: -1.0, 6: 38.0, 7: 60.0})), [1])[0]
    assert [[0, 2, 3, 6], [38, 2, 40, 6]] == tracks.boxes.tolist()
    assert (1, 2, 3) == tracks.entered


@pytest.mark.parametrize(
    ("give", "expected"), [((), (False, None)), (("frame",), (True, None)), (("timestamp",), (False, 0.1))]
)
def test_the_other_tracker_gets_what_it_is_to_be_given(give, expected):
    other = Scripted({}, {})
    run(SupervisionTracker(other, give=give), [1, 1])
    found, frame, timestamp = other.asked[1]
    assert isinstance(found, sv.Detections)
    assert expected == (frame is not None, timestamp)


def test_an_older_tracker_is_asked_by_its_older_name():
    tracker = SupervisionTracker(Answering(sv.Detections(xyxy=np.array([[0.0, 0, 2, 2]]), tracker_id=np.array([4]))))
    assert (1,) == tracker.update(frame_at(0), NOTHING).entered


def test_any_callable_serves_where_its_arguments_cannot_be_told():
    class Native:
        update = dict  # takes what it likes

    assert SupervisionTracker(Native(), give=["timestamp"]) is not None


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (sv.Detections(xyxy=np.array([[0.0, 0, 1, 1]])), "tracker_id: expected 1 integers"),
        (sv.Detections(xyxy=np.zeros((2, 4)), tracker_id=np.array([3, 3])), "each id once"),
        (sv.Detections(xyxy=np.array([[4.0, 0, 1, 1]]), tracker_id=np.array([3])), "xyxy: expected x0 <= x1"),
    ],
)
def test_a_malformed_answer_is_refused(answer, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        SupervisionTracker(Answering(answer)).update(frame_at(0), NOTHING)


@pytest.mark.parametrize(
    ("tracker", "settings", "complaint"),
    [
        (object(), {}, "expected a method update or update_with_detections, got object"),
        (Scripted(), {"lost_after": 0}, "lost_after: expected 1 or more, got 0"),
        (Answering(None), {"give": ("frame",)}, r"give: expected arguments that Answering takes, got \['frame'\]"),
        (Scripted(), {"give": ("detections",)}, r"got \['detections'\]"),
    ],
)
def test_what_cannot_work_is_refused_at_once(tracker, settings, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        SupervisionTracker(tracker, **settings)
