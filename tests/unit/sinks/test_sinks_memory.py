"""`MemorySink` keeps events in order, each once."""

from __future__ import annotations

from conveyorqc.core import Disposition
from conveyorqc.sinks import MemorySink
from conveyorqc.testing import example_event


def test_events_are_kept_in_the_order_of_writing_each_once():
    sink = MemorySink()
    for object_id in (2, 1, 2):
        sink.write(example_event(object_id))
    sink.write(example_event(1, disposition=Disposition.REJECT))
    assert [event.object_id for event in sink.events] == [2, 1]
    assert sink.events[1].disposition is Disposition.PASS
