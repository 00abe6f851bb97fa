"""Sinks, clocks and run names keep their promises; the suites notice who does not; every Protocol has a suite."""

from __future__ import annotations

import json
from datetime import datetime
from itertools import count

import pytest

from conveyorqc import core, testing
from conveyorqc.core import InspectionEvent, RandomRunIds, SystemClock
from conveyorqc.errors import SinkUnavailable
from conveyorqc.sinks import JsonlSink, MemorySink, SQLiteSink, read_events
from conveyorqc.testing import (
    FailingSink,
    ManualClock,
    SequentialRunIds,
    check_clock,
    check_run_ids,
    check_sink,
)


def _lines(sink):
    with sink.path.open(encoding="utf-8") as lines:
        return [InspectionEvent.from_dict(json.loads(line)) for line in lines]


def test_sinks(tmp_path):
    check_sink(MemorySink, read=lambda sink: sink.events)
    check_sink(lambda: FailingSink(0), read=lambda sink: sink.events)
    check_sink(lambda: JsonlSink(tmp_path / "events.jsonl"), read=_lines)
    check_sink(lambda: SQLiteSink(tmp_path / "events.db"), read=lambda sink: read_events(sink.path))


def test_a_sink_that_cannot_be_read_is_checked_as_far_as_possible():
    check_sink(MemorySink)


def test_clocks_and_run_names():
    check_clock(SystemClock())
    check_clock(ManualClock())
    check_run_ids(RandomRunIds)
    check_run_ids(SequentialRunIds)


class _Stores:
    """A good sink, spoiled by a subclass."""

    def __init__(self):
        self.events = {}

    def write(self, event, /):
        self.events.setdefault(event.event_id, event)


class _Refuses(_Stores):
    def write(self, event, /):
        raise SinkUnavailable("full")


class _RefusesTheSecondTime(_Stores):
    def write(self, event, /):
        if event.event_id in self.events:
            raise KeyError(event.event_id)
        super().write(event)


class _Answers(_Stores):
    def write(self, event, /):
        super().write(event)
        return True


class _Overwrites(_Stores):
    def write(self, event, /):
        self.events[event.event_id] = event


class _Forgets(_Stores):
    def write(self, event, /):
        self.events = {event.event_id: event}


class _Ascii(_Stores):
    def write(self, event, /):
        event.reason.encode("ascii")
        super().write(event)


class _Appends(_Stores):
    serial = 0

    def write(self, event, /):
        self.serial += 1
        self.events[self.serial] = event


@pytest.mark.parametrize(
    ("new_sink", "promise"),
    [
        (_Refuses, "takes every sound event"),
        (_RefusesTheSecondTime, "again and again"),
        (_Answers, "returns nothing"),
        (_Overwrites, "as it was first written"),
        (_Forgets, "each event_id once, in order"),
        (_Appends, "each event_id once, in order"),
        (_Ascii, "UnicodeEncodeError"),
    ],
)
def test_a_sink_that_breaks_a_promise_is_told_which(new_sink, promise):
    with pytest.raises(AssertionError, match=promise):
        check_sink(new_sink, read=lambda sink: sink.events.values())


def test_a_sink_is_closed_whatever_happens():
    closed = []

    class Closes(_Refuses):
        def close(self):
            closed.append(self)

    with pytest.raises(AssertionError):
        check_sink(Closes)
    assert len(closed) == 1


class _Local(ManualClock):
    def now(self):
        return datetime(2026, 1, 1)  # noqa: DTZ001 (the planted violation)


class _Backwards(ManualClock):
    def __init__(self):
        super().__init__()
        self._ticks = count()

    def monotonic_s(self):
        return -float(next(self._ticks))


class _Silent(ManualClock):
    def now(self):
        raise OSError("no battery")


@pytest.mark.parametrize(
    ("clock", "promise"), [(_Local(), "aware UTC"), (_Backwards(), "never goes back"), (_Silent(), "no battery")]
)
def test_a_clock_that_breaks_a_promise_is_told_which(clock, promise):
    with pytest.raises(AssertionError, match=promise):
        check_clock(clock)


class _Names:
    def __init__(self, name):
        self.name = name

    def new_id(self):
        return self.name()


@pytest.mark.parametrize(
    ("name", "promise"),
    [
        (lambda: "", "not empty"),
        (lambda: "2026/1", "no slash"),
        (lambda: "run", "each name once"),
        (lambda: 1 / 0, "always have another name"),
    ],
)
def test_run_names_that_break_a_promise_are_told_which(name, promise):
    with pytest.raises(AssertionError, match=promise):
        check_run_ids(lambda: _Names(name))


SUITE_OF = {
    "AnomalyBackend": "check_backend",
    "BeltMotion": "check_motion",
    "Clock": "check_clock",
    "Cropper": "check_cropper",
    "Detector": "check_detector",
    "Inspector": "check_inspector",
    "Propagator": "check_propagator",
    "Resumable": "check_resumable",
    "RunIds": "check_run_ids",
    "Schedule": "check_schedule",
    "Segmenter": "check_segmenter",
    "SingleObjectTracker": "check_single_object_tracker",
    "Sink": "check_sink",
    "Tracker": "check_tracker",
    "VerdictPolicy": "check_policy",
    "ViewSelector": "check_view_selector",
}


def test_every_protocol_has_a_suite_and_every_suite_a_protocol():
    protocols = {name for name in core.__all__ if getattr(getattr(core, name), "_is_protocol", False)}
    assert protocols == set(SUITE_OF)
    assert {name for name in testing.__all__ if name.startswith("check_")} == set(SUITE_OF.values())
