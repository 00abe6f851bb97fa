"""A line under random objects, answers and faults: one event per object, and books that agree after every step."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import numpy as np
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from conveyorqc.core import Answer, Crop, Disposition, Frame, Tracks, Verdict
from conveyorqc.crop import BestViews
from conveyorqc.errors import BackendUnavailable, SinkError, SinkUnavailable
from conveyorqc.line import InspectionLine
from conveyorqc.testing import ManualClock, ScriptedDetector

PIXELS = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
BAD, GOOD = (Verdict(is_anomalous=label, confidence=0.9) for label in (True, False))


class _Belt:
    """The tracker, and what the cropper sees: both report what the machine last decided."""

    def __init__(self):
        self.tracks = Tracks([], [])
        self.shown = {}

    def update(self, frame, detections, /):
        return self.tracks

    def crop(self, frame, tracks, /):
        return [
            Crop(object_id, frame.index, np.array([1.0, 1, 9, 9]), PIXELS, None, complete=complete)
            for object_id, complete in self.shown.items()
        ]


class _Inspector:
    """Holds what was submitted until the machine answers; answers nothing at the end for those it forgot."""

    def __init__(self):
        self.waiting = {}
        self.answers = []

    def submit(self, object_id, crops, /):
        assert crops
        assert object_id not in self.waiting
        self.waiting[object_id] = len(crops)

    def collect(self):
        answers, self.answers = self.answers, []
        return answers

    drain = collect


class _Store:
    """A sink that forgets nothing and refuses when told."""

    def __init__(self):
        self.events = {}
        self.refusals = 0

    def write(self, event, /):
        if self.refusals:
            self.refusals -= 1
            raise SinkUnavailable("busy")
        self.events.setdefault(event.event_id, event)


class LineUnderFire(RuleBasedStateMachine):
    @initialize(sinks=st.integers(1, 3))
    def start(self, sinks):
        self.belt, self.inspector = _Belt(), _Inspector()
        self.stores = [_Store() for _ in range(sinks)]
        self.line = InspectionLine(
            detector=ScriptedDetector({}),
            tracker=self.belt,
            cropper=self.belt,
            backend=self.inspector,
            sinks=self.stores,
            views=BestViews(collect=2, keep=1),
            clock=ManualClock(datetime(2026, 1, 1, tzinfo=UTC)),
            run_id="run",
        )
        self.on_belt = []
        self.entered = self.frames = 0
        self.returned = []
        self.fate = {}

    @rule(entering=st.integers(0, 3), data=st.data())
    def step(self, entering, data):
        new = tuple(range(self.entered + 1, self.entered + 1 + entering))
        leaving = data.draw(st.sets(st.sampled_from([*self.on_belt, *new])) if self.on_belt or new else st.just(set()))
        self.entered += entering
        self.on_belt = [i for i in (*self.on_belt, *new) if i not in leaving]
        self.belt.tracks = Tracks(
            self.on_belt, np.tile([1.0, 1, 9, 9], (len(self.on_belt), 1)), new, tuple(sorted(leaving))
        )
        self.belt.shown = {i: data.draw(st.booleans()) for i in self.on_belt if data.draw(st.booleans())}
        frame = Frame.from_bgr(PIXELS, index=self.frames, time_s=self.frames / 25)
        self.frames += 1
        self._take(lambda: self.line.step(frame).events)

    @rule(data=st.data(), kind=st.sampled_from(["good", "bad", "mixed up", "error", "twice", "stranger"]))
    def answer(self, data, kind):
        if not self.inspector.waiting:
            return
        object_id = data.draw(st.sampled_from(sorted(self.inspector.waiting)))
        count = self.inspector.waiting.pop(object_id)
        answer, fate = {
            "bad": (Answer(object_id, (BAD,) * count), Disposition.REJECT),
            "mixed up": (Answer(object_id, (GOOD,) * (count + 1)), Disposition.UNKNOWN),
            "error": (Answer(object_id, (), BackendUnavailable("away")), Disposition.UNKNOWN),
        }.get(kind, (Answer(object_id, (GOOD,) * count), Disposition.PASS))
        self.inspector.answers.append(answer)
        self.fate.setdefault(object_id, fate)
        if kind == "twice":
            self.inspector.answers.append(Answer(object_id, (BAD,) * count))
        if kind == "stranger":
            self.inspector.answers.append(Answer(10**6, (BAD,)))

    @rule(refusals=st.integers(1, 3), data=st.data())
    def break_a_sink(self, refusals, data):
        data.draw(st.sampled_from(self.stores)).refusals = refusals

    @rule()
    def finish(self):
        self._take(self.line.finish)
        for object_id in self.inspector.waiting:  # an answer that comes after the end is too late
            self.fate.setdefault(object_id, Disposition.UNKNOWN)

    def _take(self, get):
        with suppress(SinkError):
            self.returned.extend(get())

    @invariant()
    def the_books_agree(self):
        if not hasattr(self, "line"):
            return
        counts = self.line.counts
        fates = [event.disposition for event in self.returned]
        settled = counts.passed + counts.rejected + counts.unknown
        assert counts.entered == self.entered
        assert counts.in_flight == self.entered - settled
        assert len(fates) <= settled <= min(len(store.events) for store in self.stores)

    @invariant()
    def no_object_has_two_fates(self):
        if not hasattr(self, "line"):
            return
        ids = [event.object_id for event in self.returned]
        assert len(ids) == len(set(ids))
        for store in self.stores:
            assert set(store.events) >= {event.event_id for event in self.returned}

    def teardown(self):
        if not hasattr(self, "line"):
            return
        for store in self.stores:
            store.refusals = 0
        self.returned.extend(self.line.finish())
        assert sorted(event.object_id for event in self.returned) == list(range(1, self.entered + 1))
        assert self.line.counts.in_flight == 0
        for store in self.stores:
            assert list(store.events.values()) == self.returned
        for event in self.returned:
            assert event.disposition is self.fate.get(event.object_id, Disposition.UNKNOWN)


test_a_line_under_fire_gives_each_object_one_event = LineUnderFire.TestCase
