from __future__ import annotations

import base64
import json
import struct

import numpy as np
import pytest

from conveyorqc.errors import BadBackendResponse, InvalidInput
from conveyorqc.imgproc import encode_jpeg, encode_png
from conveyorqc.remote import HttpMapping
from conveyorqc.remote._mapping import verdict_of

BLACK = np.zeros((4, 4, 3), np.uint8)


def read(data, mapping=None, size=(4, 4)):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return verdict_of(body, mapping or HttpMapping(), size=size, source="the service")


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def huge_png() -> bytes:
    """A few bytes that declare a picture of 100,000 x 100,000 px."""
    data = bytearray(encode_png(BLACK))
    data[16:24] = struct.pack(">II", 100_000, 100_000)
    return bytes(data)


def test_confidence_comes_from_the_score_where_it_is_missing():
    mapping = HttpMapping(threshold=2.0, score_range=(0.0, 10.0))
    verdicts = [read({"is_anomalous": label, "score": 6.0}, mapping) for label in (True, False)]
    assert [0.75, 0.5] == [verdict.confidence for verdict in verdicts]


def test_the_label_comes_from_the_score_where_none_is_given():
    mapping = HttpMapping(is_anomalous=None, threshold=0.6)
    assert [False, True, True] == [read({"score": score}, mapping).is_anomalous for score in (0.59, 0.6, 1)]


def test_a_mask_is_brought_to_the_size_of_the_picture():
    mask = read({"is_anomalous": True, "confidence": 1, "mask": in_base64(encode_png(BLACK + 1))}, size=(6, 9)).mask
    assert (6, 9) == mask.shape
    assert mask.all()


def test_nulls_are_as_good_as_missing():
    empty = dict.fromkeys(("score", "anomalies", "mask", "model"))
    verdict = read({"is_anomalous": False, "confidence": 0.5, **empty})
    assert (None, (), None, "the service") == (verdict.score, verdict.anomalies, verdict.mask, verdict.model)


def test_places_lead_through_lists_and_objects():
    mapping = HttpMapping(is_anomalous="a.1.b", confidence="a.0")
    assert read({"a": [0.25, {"b": True}]}, mapping).confidence == 0.25
    for place in ("a.2", "a.x", "a.0.b", "a.99999999999"):
        with pytest.raises(BadBackendResponse, match=f"{place}: expected a value, got none"):
            read({"a": [0.25, {"b": True}]}, HttpMapping(is_anomalous=place))


LABEL = {"is_anomalous": True, "confidence": 0.9}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected JSON, got 0 bytes of something else"),
        (b"<html>", "expected JSON, got 6 bytes"),
        (b"\xff\xfe", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        ([], "is_anomalous: expected a value, got none"),
        (3, "is_anomalous: expected a value, got none"),
        ({"verdict": True}, "is_anomalous: expected a value, got none"),
        ({"is_anomalous": True}, "confidence: expected a number, got none"),
        ({**LABEL, "is_anomalous": "no"}, "is_anomalous: expected bool, got 'no'"),
        ({**LABEL, "is_anomalous": 1}, "is_anomalous: expected bool, got 1"),
        ({**LABEL, "confidence": "high"}, "confidence: expected int or float, got 'high'"),
        ({**LABEL, "confidence": True}, "confidence: expected int or float, got True"),
        ({**LABEL, "confidence": 93}, r"confidence: expected a number in \[0, 1\], got 93"),
        (b'{"is_anomalous": true, "confidence": NaN}', "confidence: expected a finite number"),
        (b'{"is_anomalous": true, "confidence": 0.9, "score": 1e999}', "score: expected a finite number"),
        (b'{"is_anomalous": true, "score": 1' + b"0" * 400 + b"}", "the service: "),
        ({**LABEL, "anomalies": {"crack": 1}}, "anomalies: expected list"),
        ({**LABEL, "anomalies": ["crack"]}, "anomalies: expected dict, got 'crack'"),
        ({**LABEL, "anomalies": [{}]}, "anomalies: name: expected str, got None"),
        ({**LABEL, "anomalies": [{"name": "crack", "area_fraction": 2}]}, "area_fraction: expected a number in"),
        ({**LABEL, "anomalies": [{"name": "crack", "color": "red"}]}, "color: expected #RRGGBB"),
        ({**LABEL, "model": 7}, "model: expected str, got 7"),
        ({**LABEL, "mask": "no base64!"}, "mask: expected base64"),
        ({**LABEL, "mask": "ü"}, "mask: expected base64"),
        ({**LABEL, "mask": ""}, "mask: expected a PNG of at most 4096 px a side"),
        ({**LABEL, "mask": in_base64(encode_jpeg(BLACK))}, "mask: expected a PNG"),
        ({**LABEL, "mask": in_base64(huge_png())}, "mask: expected a PNG of at most 4096 px a side"),
        ({**LABEL, "mask": in_base64(encode_png(BLACK)[:40])}, "mask: expected"),
    ],
)
def test_what_is_wrong_is_named(data, message):
    with pytest.raises(BadBackendResponse, match=message) as caught:
        read(data)
    assert str(caught.value).startswith("the service: ")
    if "got none" not in message:
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"score": "a..b"}, r"score: expected names joined by dots, got 'a\.\.b'"),
        ({"mask": ""}, "mask: expected names"),
        ({"is_anomalous": None, "score": None}, "is_anomalous: expected a place for it or for score"),
        ({"confidence": None, "score": None}, "confidence: expected a place for it or for score"),
        ({"threshold": 2.0}, "low < threshold < high"),
        ({"score_range": (0.0,)}, "score_range: expected two numbers"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(fields, message):
    with pytest.raises(InvalidInput, match=message):
        HttpMapping(**fields)
