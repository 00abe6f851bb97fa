"""`InspectionLine` decides: every object that enters gets exactly one event, with a reason when it is unknown."""

from __future__ import annotations

import logging
import math
from datetime import timedelta

import numpy as np
import pytest
from line_stand_ins import (
    BAD,
    GOOD,
    ONE_PASSES_BY,
    PASS,
    PIXELS,
    REJECT,
    START,
    UNKNOWN,
    CutAll,
    KeepAll,
    Says,
    frame,
    make,
    run,
    tracks,
)

from conveyorqc.core import Answer, BeltShift, Crop, Detections, LedgerCounts
from conveyorqc.errors import BackendUnavailable
from conveyorqc.line._sightings import Sightings
from conveyorqc.sinks import MemorySink
from conveyorqc.testing import ManualClock, ScriptedDetector, ScriptedMotion, ScriptedTracker


def test_an_object_is_decided_when_enough_of_it_was_seen():
    sink = MemorySink()
    line = make(ONE_PASSES_BY, backend=Says(BAD), sinks=[sink])
    steps = [line.step(frame(index)) for index in range(4)]
    assert [len(step.events) for step in steps] == [0, 1, 0, 0]
    assert [step.tracks.ids.tolist() for step in steps] == [[1], [1], [1], []]
    [event] = steps[1].events
    assert sink.events == (event,)
    assert event.event_id == "line-1/camera-1/run-1/1"
    assert (event.disposition, event.reason, event.verdict, event.views) == (REJECT, "", BAD, 2)
    assert event.best_view.frame_index == 1
    assert event.best_view.box.tolist() == [2, 2, 12, 12]
    assert event.belt_px is None
    assert line.finish() == ()


def test_an_object_that_leaves_is_decided_on_what_there_is():
    line = make(ONE_PASSES_BY, views=KeepAll(enough=99))
    assert [(event.disposition, event.views) for event in run(line, 4)] == [(PASS, 3)]


def test_an_object_that_leaves_with_incomplete_views_is_decided_on_them():
    line = make(ONE_PASSES_BY, views=KeepAll(enough=99), cropper=CutAll(partial=[1]))
    assert [event.disposition for event in run(line, 4)] == [PASS]


def test_an_object_that_was_never_seen_is_unknown():
    line = make(ONE_PASSES_BY, cropper=CutAll(hidden=[1]))
    [event] = run(line, 4)
    assert (event.disposition, event.reason, event.verdict, event.views) == (UNKNOWN, "no view", None, 0)
    assert (event.captured_at, event.best_view) == (START, None)


def test_an_object_that_enters_and_leaves_on_one_frame_has_an_event_too():
    line = make([tracks(entered=(1,), ended=(1,))])
    assert [event.reason for event in run(line, 1)] == ["no view"]


def test_at_the_end_of_the_run_only_whole_objects_are_inspected():
    script = [tracks(1, 2, 3, entered=(1, 2, 3))]
    line = make(script, cropper=CutAll(partial=[2], hidden=[3]), views=KeepAll(enough=99))
    assert run(line, 1) == []
    assert [(event.object_id, event.disposition, event.reason) for event in line.finish()] == [
        (2, UNKNOWN, "run ended before a complete view"),
        (3, UNKNOWN, "run ended before a complete view"),
        (1, PASS, ""),
    ]
    assert line.finish() == ()
    assert line.counts == LedgerCounts(entered=3, passed=1, rejected=0, unknown=2, in_flight=0)


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (Says(BackendUnavailable("no route to host")), "no route to host"),
        (Says(BackendUnavailable()), "BackendUnavailable"),
        (Says(RuntimeError("cuda")), "RuntimeError: cuda"),
        (Says(None), "expected 2 verdicts, got 2 of NoneType"),
    ],
)
def test_a_backend_that_gives_no_verdict_makes_the_object_unknown(backend, reason):
    [event] = run(make(ONE_PASSES_BY, backend=backend), 4)
    assert (event.disposition, event.reason, event.verdict) == (UNKNOWN, reason, None)
    assert event.views == 2


class Answers:
    """An inspector that answers what it is told, when it is told."""

    def __init__(self):
        self.submitted, self.ready = [], []

    def submit(self, object_id, crops, /):
        self.submitted.append(object_id)

    def collect(self):
        ready, self.ready = self.ready, []
        return ready

    drain = collect


def test_an_inspector_may_answer_later_and_in_any_order():
    inspector = Answers()
    line = make([tracks(1, 2, entered=(1, 2)), tracks(1, 2)], backend=inspector)
    assert run(line, 2) == []
    assert inspector.submitted == [1, 2]
    inspector.ready = [Answer(2, (BAD, BAD))]
    assert [event.object_id for event in line.step(frame(2)).events] == [2]
    inspector.ready = [Answer(1, (GOOD, GOOD))]
    assert [event.object_id for event in line.finish()] == [1]


@pytest.mark.parametrize("verdicts", [(), (GOOD,), (GOOD,) * 3, (GOOD, None)])
def test_an_inspector_that_answers_with_a_wrong_number_of_verdicts_passes_nothing(verdicts):
    inspector = Answers()
    line = make(ONE_PASSES_BY, backend=inspector)
    inspector.ready = []
    run(line, 2)
    inspector.ready = [Answer(1, verdicts)]
    [event] = line.finish()
    assert (event.disposition, event.reason[:18]) == (UNKNOWN, "expected 2 verdict")


def test_an_object_that_the_inspector_forgets_is_unknown_at_the_end():
    line = make(ONE_PASSES_BY, backend=Answers())
    run(line, 4)
    assert line.counts.in_flight == 1
    assert [(event.disposition, event.reason) for event in line.finish()] == [(UNKNOWN, "the inspector never answered")]


def test_an_answer_that_comes_twice_or_unasked_changes_nothing(caplog):
    inspector = Answers()
    line = make(ONE_PASSES_BY, backend=inspector)
    run(line, 2)
    inspector.ready = [Answer(1, (GOOD, GOOD)), Answer(1, (BAD, BAD)), Answer(99, (GOOD,))]
    assert [event.disposition for event in line.finish()] == [PASS]
    assert caplog.text.count("ignored an answer") == 2
    assert line.counts.entered == 1


class Decides:
    def __init__(self, result):
        self.result = result

    def decide(self, verdicts, /):
        return self.result(verdicts)


@pytest.mark.parametrize(
    ("policy", "dispositions", "reason"),
    [
        (Decides(lambda verdicts: verdicts[9]), None, "policy failed: IndexError: tuple index out of range"),
        (Decides(lambda _: None), None, "policy failed: TypeError: expected a Verdict from the policy, got NoneType"),
        (None, lambda _: "pass", "policy failed: ValueError: too many values to unpack"),
        (None, lambda _: ("perhaps", ""), "policy failed: ValueError: 'perhaps' is not a valid Disposition"),
        (None, lambda _: (UNKNOWN, ""), "policy failed: ValueError: expected a reason with disposition unknown"),
        (None, lambda _: (UNKNOWN, "too close to call"), "too close to call"),
    ],
)
def test_a_policy_that_fails_makes_the_object_unknown(policy, dispositions, reason, caplog):
    with caplog.at_level(logging.CRITICAL):
        [event] = run(make(ONE_PASSES_BY, policy=policy, dispositions=dispositions), 4)
    assert event.disposition is UNKNOWN
    assert event.reason.startswith(reason)


def test_policy_and_dispositions_have_their_say():
    asked = []

    def worst(verdicts):
        asked.append(verdicts)
        return BAD

    line = make(
        ONE_PASSES_BY, policy=Decides(worst), dispositions=lambda verdict: (PASS, f"so says {verdict.confidence}")
    )
    [event] = run(line, 4)
    assert asked == [(GOOD, GOOD)]
    assert (event.disposition, event.reason, event.verdict) == (PASS, "so says 0.8", BAD)


def test_the_detector_looks_when_the_schedule_says_so_and_the_tracker_is_told_when_not():
    class EveryThird:
        def due(self, frame, /):
            return frame.index % 3 == 0

    found = Detections([[0, 0, 5, 5]])
    detector, tracker = ScriptedDetector({0: found, 3: found}), ScriptedTracker({})
    run(make(tracker, detector=detector, schedule=EveryThird()), 5)
    assert detector.asked == [0, 3]
    assert tracker.received == [found, None, None, found, None]


def test_without_a_schedule_every_frame_is_looked_at():
    detector = ScriptedDetector({})
    run(make(ScriptedTracker({}), detector=detector), 3)
    assert detector.asked == [0, 1, 2]


def test_an_event_says_how_far_the_belt_had_moved():
    motion = ScriptedMotion({index: BeltShift(3.0, 4.0, 1.0) for index in (1, 2)})
    line = make(ONE_PASSES_BY, motion=motion, views=KeepAll(enough=99))
    assert [event.belt_px for event in run(line, 4)] == [10.0]


def test_times_are_those_of_the_best_view_and_of_the_decision():
    clock = ManualClock(START)
    line = make(ONE_PASSES_BY, clock=clock, views=KeepAll(enough=99))
    for index, time_s in enumerate((100.0, 100.5, 101.25)):
        assert line.step(frame(index, time_s)).events == ()
        clock.advance(2)
    [event] = line.step(frame(3, 102.0)).events
    assert event.captured_at == START + timedelta(seconds=1.25)
    assert event.decided_at == START + timedelta(seconds=6)


def test_times_of_many_views_are_thinned_and_the_nearest_is_told():
    sightings = Sightings(0, START)
    for index in range(1, 5001):
        sightings.add(index, START + timedelta(seconds=index))
    assert len(sightings._times) <= 256
    for index in (0, 1234, 4999):
        crop = Crop(1, index, np.array([0.0, 0, 1, 1]), PIXELS[:20, :20], None, complete=True)
        told = sightings.shown([crop]).captured_at - START
        assert math.isclose(told.total_seconds(), index, abs_tol=40)
