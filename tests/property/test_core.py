"""Records: what one of them accepts, it keeps; JSON brings events back."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, floating_dtypes

from conveyorqc.core import (
    Anomaly,
    BestView,
    Detections,
    Disposition,
    InspectionEvent,
    Tracks,
    Verdict,
    as_boxes,
    event_id,
)
from conveyorqc.errors import InvalidInput

NAMES = st.text(min_size=1, max_size=12).filter(lambda text: "/" not in text)
FRACTIONS = st.floats(0, 1)
TIMES = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis wants them so)
COORDINATES = st.floats(-1e6, 1e6)


@st.composite
def single_boxes(draw):
    a, b, c, d = (draw(COORDINATES) for _ in range(4))
    return np.array([min(a, c), min(b, d), max(a, c), max(b, d)])


ANOMALIES = st.builds(Anomaly, st.text(max_size=8), FRACTIONS, st.from_regex("#[0-9A-Fa-f]{6}", fullmatch=True))
VERDICTS = st.builds(
    Verdict,
    is_anomalous=st.booleans(),
    confidence=FRACTIONS,
    score=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    anomalies=st.lists(ANOMALIES, max_size=3).map(tuple),
    model=st.text(max_size=8),
)
VIEWS = st.builds(BestView, st.integers(0, 10**9), single_boxes(), st.none() | st.text(max_size=8))


@st.composite
def events(draw):
    names = [draw(NAMES) for _ in range(3)]
    object_id = draw(st.integers(0, 2**63 - 1))
    disposition = draw(st.sampled_from(Disposition))
    unknown = disposition is Disposition.UNKNOWN
    return InspectionEvent(
        event_id=event_id(*names, object_id),
        line_id=names[0],
        camera_id=names[1],
        run_id=names[2],
        object_id=object_id,
        captured_at=draw(TIMES),
        decided_at=draw(TIMES),
        disposition=disposition,
        reason=draw(st.text(min_size=int(unknown), max_size=20)),
        verdict=draw(st.none() | VERDICTS if unknown else VERDICTS),
        views=draw(st.integers(0, 99)),
        belt_px=draw(st.none() | COORDINATES),
        best_view=draw(st.none() | VIEWS),
    )


@given(events())
def test_events_survive_json(event):
    assert InspectionEvent.from_dict(json.loads(json.dumps(event.to_dict()))).to_dict() == event.to_dict()


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(events(), st.data())
def test_any_json_value_in_any_field_is_sound_or_refused(event, data):
    fields = event.to_dict()
    fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(JSON_VALUES)
    try:
        accepted = InspectionEvent.from_dict(fields)
    except InvalidInput:
        return
    assert InspectionEvent.from_dict(json.loads(json.dumps(accepted.to_dict()))).to_dict() == accepted.to_dict()


@given(arrays(floating_dtypes(sizes=(32, 64)), array_shapes(min_dims=1, max_dims=3, max_side=5)))
def test_boxes_are_sound_or_refused(values):
    try:
        boxes = as_boxes(values)
    except InvalidInput:
        return
    assert boxes.ndim == 2
    assert boxes.shape[1] == 4
    assert np.isfinite(boxes).all()
    assert (boxes[:, 2:] >= boxes[:, :2]).all()


@given(st.lists(single_boxes(), max_size=5))
def test_records_never_share_memory_that_their_maker_can_write(rows):
    given_boxes = np.array(rows).reshape(-1, 4)
    detections = Detections(given_boxes)
    tracks = Tracks(np.arange(len(rows)), given_boxes)
    kept = given_boxes.copy()
    given_boxes += 1
    assert np.array_equal(detections.boxes, kept)
    assert np.array_equal(tracks.boxes, kept)


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_confidence_outside_zero_to_one_never_makes_a_verdict(confidence):
    if 0 <= confidence <= 1:
        assert Verdict(is_anomalous=False, confidence=confidence).confidence == confidence
    else:
        with pytest.raises(InvalidInput):
            Verdict(is_anomalous=False, confidence=confidence)
