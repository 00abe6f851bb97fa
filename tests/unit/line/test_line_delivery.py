"""`InspectionLine` delivers: nothing is lost and nothing comes twice, whatever sinks, sources and trackers do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from line_stand_ins import (
    BAD,
    GOOD,
    ONE_PASSES_BY,
    PASS,
    REJECT,
    START,
    CutAll,
    KeepAll,
    Says,
    frame,
    make,
    run,
    tracks,
)

from conveyorqc.core import LedgerCounts
from conveyorqc.errors import CorruptVideo, InvalidInput, LedgerError, SinkUnavailable
from conveyorqc.line import Background, Inline, InspectionLine
from conveyorqc.line._sightings import Sightings
from conveyorqc.sinks import MemorySink
from conveyorqc.testing import FailingSink, ScriptedDetector, ScriptedTracker


def test_an_event_goes_to_every_sink_in_order():
    order = []

    class Named:
        def __init__(self, name):
            self.name = name

        def write(self, event, /):
            order.append((self.name, event.object_id))

    script = [tracks(1, 2, entered=(1, 2)), tracks(ended=(1, 2))]
    run(make(script, sinks=[Named("a"), Named("b")]), 2)
    assert order == [("a", 1), ("b", 1), ("a", 2), ("b", 2)]


def test_an_event_that_a_sink_refuses_stays_in_flight_and_is_offered_again():
    first, second = MemorySink(), FailingSink(2)
    line = make(ONE_PASSES_BY, sinks=[first, second])
    line.step(frame(0))
    for index in (1, 2):
        with pytest.raises(SinkUnavailable):
            line.step(frame(index))
        assert line.counts.in_flight == 1
    [event] = line.step(frame(3)).events
    assert [event] == list(first.events) == list(second.events)
    assert line.counts.in_flight == 0


def test_events_delivered_before_a_sink_failed_are_returned_by_the_next_step():
    class RefusesTwoOnce:
        def __init__(self):
            self.refused = False

        def write(self, event, /):
            if event.object_id == 2 and not self.refused:
                self.refused = True
                raise SinkUnavailable("busy")

    line = make([tracks(1, 2, 3, entered=(1, 2, 3)), tracks(ended=(1, 2, 3))], sinks=[RefusesTwoOnce()])
    line.step(frame(0))
    with pytest.raises(SinkUnavailable):
        line.step(frame(1))
    assert line.counts == LedgerCounts(entered=3, passed=1, rejected=0, unknown=0, in_flight=2)
    assert [event.object_id for event in line.step(frame(2)).events] == [1, 2, 3]


def test_finish_can_be_called_until_the_sink_takes_everything():
    line = make(ONE_PASSES_BY[:1], sinks=[FailingSink(2)])
    line.step(frame(0))
    for _ in range(2):
        with pytest.raises(SinkUnavailable):
            line.finish()
    assert [event.object_id for event in line.finish()] == [1]
    assert line.finish() == ()


def test_run_yields_events_as_they_become_durable_and_finishes():
    script = [tracks(1, entered=(1,)), tracks(1), tracks(2, entered=(2,), ended=(1,))]
    line = make(script)
    events = line.run(frame(index) for index in range(3))
    assert next(events).object_id == 1
    assert line.counts.entered == 1
    assert [event.object_id for event in events] == [2]


def test_a_source_that_breaks_leaves_no_object_without_an_event():
    def breaking():
        yield frame(0)
        raise CorruptVideo("torn")

    sink = MemorySink()
    events = make([tracks(1, entered=(1,))], sinks=[sink]).run(breaking())
    assert next(events).object_id == 1
    with pytest.raises(CorruptVideo, match="torn"):
        next(events)
    assert len(sink.events) == 1


def test_a_run_that_a_sink_stopped_goes_on():
    frames = iter([frame(index) for index in range(4)])
    line = make(ONE_PASSES_BY, sinks=[FailingSink(1)])
    with pytest.raises(SinkUnavailable):
        list(line.run(frames))
    assert [event.object_id for event in line.run(frames)] == [1]


def test_an_id_that_comes_twice_is_an_error():
    line = make([tracks(1, entered=(1,)), tracks(1, entered=(1,))])
    line.step(frame(0))
    with pytest.raises(LedgerError, match="must ascend"):
        line.step(frame(1))
    assert len(line.finish()) == 1


@pytest.mark.parametrize("lost", [tracks(1), tracks(ended=(1,))])
def test_an_object_that_never_entered_is_an_error_and_not_silence(lost):
    with pytest.raises(LedgerError, match="never entered"):
        make([lost]).step(frame(0))


def test_a_book_that_does_not_match_the_hands_is_an_error():
    line = make([tracks(1, entered=(1,))])
    line._waiting[7] = Sightings(0, START)
    with pytest.raises(LedgerError, match="expected 2 objects in flight"):
        line.step(frame(0))


@pytest.mark.parametrize("names", [{"line_id": "a/b"}, {"camera_id": ""}, {"run_id": "2026/11"}])
def test_names_that_could_share_a_key_are_refused_at_once(names):
    with pytest.raises(InvalidInput, match="without '/'"):
        make([], **names)


def test_a_given_run_id_is_used():
    assert run(make(ONE_PASSES_BY, run_id="shift-2", line_id="l", camera_id="c"), 4)[0].event_id == "l/c/shift-2/1"


def test_an_inspector_around_the_backend_makes_no_difference():
    with Background(Says(GOOD), timeout_s=5) as background:
        for inspector in (Inline(Says(GOOD)), background):
            line = make(ONE_PASSES_BY, backend=inspector)
            events = [*run(line, 4), *line.finish()]
            assert [(event.object_id, event.disposition) for event in events] == [(1, PASS)]


def test_the_short_call_of_the_documentation_works():
    sink = MemorySink()
    line = InspectionLine(
        detector=ScriptedDetector({}),
        tracker=ScriptedTracker(dict(enumerate(ONE_PASSES_BY))),
        cropper=CutAll(),
        backend=Says(BAD),
        sinks=[sink],
    )
    before = datetime.now(UTC)
    [event] = line.run(frame(index) for index in range(4))
    assert (event.disposition, event.views) == (REJECT, 3)
    assert abs(event.captured_at - before) < timedelta(minutes=1)
    assert len(event.run_id) == 32


def test_twenty_thousand_objects_leave_nothing_behind():
    class Flow:
        """Ten objects enter on each frame and leave two frames later."""

        def update(self, frame, detections, /):
            first = 10 * frame.index + 1
            ids = [i for i in range(first - 10, first + 10) if i > 0]
            ended = tuple(i for i in range(first - 20, first - 10) if i > 0)
            return tracks(*ids, entered=tuple(range(first, first + 10)), ended=ended)

    class Count:
        total = 0

        def write(self, event, /):
            self.total += 1

    sink, views = Count(), KeepAll(enough=3)
    line = make(Flow(), sinks=[sink], views=views)
    largest = 0
    for index in range(2_000):
        line.step(frame(index))
        largest = max(largest, len(line._waiting) + len(line._asked) + len(line._outbox) + len(views.kept))
    line.finish()
    assert (line.counts.entered, sink.total) == (20_000, 20_000)
    assert line.counts.in_flight == 0
    assert largest <= 40


def test_run_tells_after_each_frame_what_it_brought():
    told = []
    line = make(ONE_PASSES_BY)
    frames = [frame(index) for index in range(4)]
    assert len(list(line.run(frames, on_step=lambda *step: told.append(step)))) == 1
    assert [seen for seen, _ in told] == frames
    assert [(len(step.tracks), len(step.events), step.counts.in_flight) for _, step in told] == [
        (1, 0, 1),
        (1, 1, 0),
        (1, 0, 0),
        (0, 0, 0),
    ]
