"""`InspectionEvent` tells one consistent story, and survives JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from conveyorqc.core import BestView, Disposition, Verdict, event_id
from conveyorqc.core import InspectionEvent as Event
from conveyorqc.errors import InvalidInput
from conveyorqc.testing import example_event


def test_the_same_object_always_has_the_same_key():
    assert event_id("a", "b", "c", 7) == event_id("a", "b", "c", 7) == "a/b/c/7"


@pytest.mark.parametrize("names", [("", "b", "c"), ("a", "b/c", "d"), ("a", "b", "")])
def test_names_that_could_share_a_key_are_refused(names):
    with pytest.raises(InvalidInput, match="without '/'"):
        event_id(*names, 1)


@pytest.mark.parametrize("disposition", Disposition)
def test_an_event_survives_json(disposition):
    event = example_event(3, disposition=disposition, reason="" if disposition is not Disposition.UNKNOWN else "dark")
    restored = Event.from_dict(json.loads(json.dumps(event.to_dict())))
    assert restored.to_dict() == event.to_dict()
    assert restored.captured_at == event.captured_at
    assert (restored.verdict is None) == (event.verdict is None)


def test_numpy_numbers_do_not_reach_the_json():
    view = BestView(np.int64(4), [0, 0, 1, 1])
    event = replace(example_event(3), object_id=np.int64(3), views=np.int32(2), belt_px=np.float32(1.5), best_view=view)
    assert json.loads(json.dumps(event.to_dict()))["object_id"] == 3
    assert (type(event.views), type(event.belt_px), type(event.best_view.frame_index)) == (int, float, int)


def test_a_line_without_belt_motion_tells_no_belt_position():
    assert replace(example_event(), belt_px=None).to_dict()["belt_px"] is None


def test_a_disposition_given_as_text_is_understood():
    assert replace(example_event(), disposition="reject").disposition is Disposition.REJECT


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"captured_at": datetime(2026, 1, 1)}, "captured_at"),  # noqa: DTZ001 (that it is naive is the point)
        ({"decided_at": datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=1)))}, "decided_at"),
        ({"object_id": 8}, "event_id"),
        ({"event_id": "line-1/camera-1/run-2/1"}, "event_id"),
        ({"line_id": "a/b"}, "line_id"),
        ({"disposition": Disposition.UNKNOWN}, "reason"),
        ({"disposition": "unknown"}, "reason"),
        ({"disposition": "perhaps"}, "disposition"),
        ({"disposition": None}, "disposition"),
        ({"verdict": None}, "verdict"),
        ({"views": -1}, "views"),
        ({"views": 1.5}, "views"),
        ({"object_id": "1"}, "object_id"),
        ({"belt_px": float("nan")}, "belt_px"),
        ({"reason": 5}, "reason"),
        ({"camera_id": ["a"]}, "camera_id"),
    ],
)
def test_a_story_that_contradicts_itself_is_refused(changes, field):
    with pytest.raises(InvalidInput, match=field):
        replace(example_event(), **changes)


@pytest.mark.parametrize("box", [[0, 0, 1], [2, 0, 1, 1], [0, 0, np.nan, 1]])
def test_the_box_of_the_best_view_is_checked(box):
    with pytest.raises(InvalidInput, match="box"):
        BestView(0, box)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.pop("event_id"),
        lambda data: data.update(surprise=1),
        lambda data: data.update(captured_at="yesterday"),
        lambda data: data.update(captured_at=5),
        lambda data: data.update(disposition="perhaps"),
        lambda data: data.update(verdict="good"),
        lambda data: data.update(verdict={"is_anomalous": False}),
        lambda data: data["verdict"].update(confidence=float("nan")),
        lambda data: data["verdict"].update(confidence=10**400),
        lambda data: data["verdict"].update(anomalies=3),
        lambda data: data.update(best_view={"frame_index": 1, "box": "wide"}),
        lambda data: data.update(object_id="1"),
        lambda data: data.update(line_id=5),
    ],
)
def test_data_that_is_no_event_is_refused(spoil):
    data = example_event().to_dict()
    spoil(data)
    with pytest.raises(InvalidInput):
        Event.from_dict(data)


@pytest.mark.parametrize("data", [[], "event", None, 7])
def test_what_is_no_mapping_is_refused(data):
    with pytest.raises(InvalidInput):
        Event.from_dict(data)


def test_pixel_arrays_stay_out_of_the_json():
    verdict = Verdict(is_anomalous=True, confidence=0.5, heatmap=np.zeros((2, 2), np.float32))
    assert "heatmap" not in replace(example_event(), verdict=verdict).to_dict()["verdict"]


def test_times_are_utc_in_the_json():
    assert example_event(1).to_dict()["captured_at"] == datetime(2026, 1, 1, 12, 0, 1, tzinfo=UTC).isoformat()
