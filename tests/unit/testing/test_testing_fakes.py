"""The stand-ins do what they are told, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from conveyorqc.core import (
    BeltMotion,
    BeltShift,
    Clock,
    Detections,
    Detector,
    Disposition,
    Frame,
    RunIds,
    Sink,
    Tracker,
    Tracks,
)
from conveyorqc.errors import InvalidInput, SinkUnavailable
from conveyorqc.testing import (
    FailingSink,
    ManualClock,
    ScriptedDetector,
    ScriptedMotion,
    ScriptedTracker,
    SequentialRunIds,
    example_event,
)


def _frame(index):
    return Frame.from_bgr(np.zeros((2, 2, 3), np.uint8), index=index, time_s=float(index))


def test_they_are_what_the_protocols_ask_for():
    pairs = [
        (ManualClock(), Clock),
        (SequentialRunIds(), RunIds),
        (ScriptedDetector({}), Detector),
        (ScriptedTracker({}), Tracker),
        (ScriptedMotion({}), BeltMotion),
        (FailingSink(0), Sink),
    ]
    assert [type(fake).__name__ for fake, protocol in pairs if not isinstance(fake, protocol)] == []


def test_the_clock_moves_when_told():
    clock = ManualClock(datetime(2026, 5, 1, tzinfo=UTC))
    clock.advance(60)
    clock.jump(-3600)
    assert clock.now() == datetime(2026, 5, 1, tzinfo=UTC) - timedelta(minutes=59)
    assert clock.monotonic_s() == 60


def test_time_does_not_run_backwards_and_has_a_zone():
    with pytest.raises(InvalidInput, match="jump"):
        ManualClock().advance(-1)
    with pytest.raises(InvalidInput, match="aware UTC"):
        ManualClock(datetime(2026, 5, 1))  # noqa: DTZ001 (that it is naive is the point)
    clock = ManualClock()
    with pytest.raises(InvalidInput):
        clock.advance(float("nan"))
    assert clock.monotonic_s() == 0


def test_run_names_count():
    run_ids = SequentialRunIds("shift")
    assert [run_ids.new_id(), run_ids.new_id()] == ["shift-1", "shift-2"]


def test_the_detector_follows_its_script():
    found = Detections([[0, 0, 1, 1]])
    detector = ScriptedDetector({1: found})
    assert [len(detector.detect(_frame(index))) for index in (0, 1, 2)] == [0, 1, 0]
    assert detector.asked == [0, 1, 2]


def test_the_tracker_follows_its_script_and_notes_what_it_got():
    tracker = ScriptedTracker({1: Tracks([1], [[0, 0, 1, 1]], entered=(1,))})
    assert [len(tracker.update(_frame(index), None)) for index in (0, 1, 2)] == [0, 1, 0]
    assert tracker.received == [None, None, None]


def test_the_motion_follows_its_script():
    motion = ScriptedMotion({1: BeltShift(3.0, 0.0, 0.5)})
    assert [motion.measure(_frame(index)).dx for index in (0, 1, 1, 2)] == [0.0, 3.0, 3.0, 0.0]


def test_the_sink_refuses_as_often_as_told():
    sink = FailingSink(2)
    for left in (1, 0):
        with pytest.raises(SinkUnavailable, match=f"{left} refusals left"):
            sink.write(example_event(1))
    sink.write(example_event(1))
    sink.write(example_event(1, disposition=Disposition.REJECT))
    assert [event.disposition for event in sink.events] == [Disposition.PASS]


@pytest.mark.parametrize("disposition", Disposition)
def test_example_events_are_sound(disposition):
    event = example_event(4, disposition=disposition, line_id="line-9")
    assert (event.event_id, event.disposition) == ("line-9/camera-1/run-1/4", disposition)
    assert (event.verdict is None) == (disposition is Disposition.UNKNOWN)
