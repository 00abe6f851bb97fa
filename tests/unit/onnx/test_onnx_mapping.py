from __future__ import annotations

import json
import math

import pytest

from conveyorqc.errors import InvalidInput, ModelError, ModelNotFound
from conveyorqc.onnx import OnnxInput, OnnxMapping, read_mapping

WHOLE = {
    "input": {
        "name": "images",
        "layout": "NHWC",
        "color": "BGR",
        "size": [224, 320],
        "scale": 1,
        "mean": [1, 2.5, 3],
        "std": [4.0],
        "background": "gray",
    },
    "score": "logits",
    "score_column": 1,
    "activation": "softmax",
    "label": "label",
    "anomaly_map": "map",
    "mask": "mask",
    "threshold": 0.3,
    "score_range": [0, 2],
    "higher_is_worse": False,
    "map_threshold": 0.7,
}


def written(tmp_path, data):
    path = tmp_path / "model.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return path


def test_every_field_is_read(tmp_path):
    size, mean = (224, 320), (1, 2.5, 3)
    how = OnnxInput("images", "NHWC", "BGR", size, 1, mean, (4.0,), "gray")
    expected = OnnxMapping(how, "logits", 1, "softmax", "label", "map", "mask", 0.3, (0, 2), False, 0.7)
    assert expected == read_mapping(written(tmp_path, WHOLE))


def test_what_is_left_out_has_its_default(tmp_path):
    assert OnnxMapping() == read_mapping(written(tmp_path, {}))
    assert OnnxMapping() == read_mapping(written(tmp_path, {"input": {"size": None}, "score": None}))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("{", "expected JSON"),
        ("[]", "expected a JSON object"),
        ("[" * 100_000, "expected JSON"),
        (" " * (1 << 20) + "{}", "expected a JSON object of at most 1048576 bytes"),
        ({"skore": "x"}, r"expected no fields but input, score, .*got \['skore'\]"),
        ({"input": {"sizes": 3}}, "expected no fields but name, layout"),
        ({"input": 3}, "input: expected OnnxInput, got 3"),
        ({"score": 3}, r"score: expected str \| None, got 3"),
        ({"threshold": "high"}, r"threshold: expected float \| None, got 'high'"),
        ({"threshold": True}, "threshold"),
        ({"score_column": 1.5}, "score_column"),
        ({"score_column": -1}, "score_column: expected 0 or more"),
        ({"higher_is_worse": 1}, "higher_is_worse: expected bool, got 1"),
        ({"score_range": [0]}, "score_range: expected two numbers"),
        ({"score_range": [0, "1"]}, "score_range: expected tuple"),
        ({"score_range": None}, "score_range"),
        ({"score_range": [1, 0]}, "low < threshold < high"),
        ({"threshold": 1.5}, "expected finite numbers low < threshold < high, got 0.0, 1.5, 1.0"),
        ({"threshold": 10**400}, "threshold"),
        ('{"threshold": NaN}', "threshold"),
        ({"activation": "relu"}, "activation: expected one of none, sigmoid, softmax, got 'relu'"),
        ({"input": {"layout": "CHWN"}}, "layout: expected one of NCHW, NHWC, got 'CHWN'"),
        ({"input": {"size": [0, 8]}}, "size: expected"),
        ({"input": {"size": [8]}}, "size: expected"),
        ({"input": {"size": [8.5, 8]}}, "size: expected"),
        ({"input": {"scale": 0}}, "scale: expected a number above 0, got 0"),
        ({"input": {"mean": [1, 2]}}, "mean: expected 1 or 3 finite numbers"),
        ({"input": {"color": "GRAY", "mean": [1, 2, 3]}}, "mean: expected 1 or 1"),
        ({"input": {"std": [0]}}, "std: expected numbers above 0"),
    ],
)
def test_what_is_wrong_is_named(data, message, tmp_path):
    path = written(tmp_path, data)
    with pytest.raises(ModelError, match=message) as caught:
        read_mapping(path)
    assert "model.json" in str(caught.value)


@pytest.mark.parametrize("name", ["missing.json", "null\0byte", "."])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(ModelNotFound, match="cannot be read"):
        read_mapping(tmp_path / name)


def test_a_threshold_for_maps_is_finite():
    with pytest.raises(InvalidInput, match="map_threshold"):
        OnnxMapping(map_threshold=math.nan)


def test_without_a_threshold_it_is_the_middle_of_the_range():
    assert OnnxMapping(score_range=(2.0, 6.0)).scale.threshold == 4.0


def test_scores_are_turned_round_within_their_range():
    mapping = OnnxMapping(score_range=(2.0, 6.0), threshold=3.0, higher_is_worse=False)
    assert [6.0, 5.0, 2.0] == [mapping.worse(score) for score in (2.0, 3.0, 6.0)]
    assert mapping.scale.threshold == 5.0
