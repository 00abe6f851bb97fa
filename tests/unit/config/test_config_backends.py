"""Backends with other people's models, named in the file of a line."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from config_lines import threshold_line, write_yaml
from onnx import TensorProto, helper
from pydantic import ValidationError

from conveyorqc import config as room
from conveyorqc.anomaly import Retrying
from conveyorqc.config import LineConfig, load_config, save_config
from conveyorqc.errors import BackendUnavailable, ConfigError, ModelNotFound
from conveyorqc.onnx import OnnxBackend, OnnxInput, OnnxMapping
from conveyorqc.remote import HttpBackend, HttpMapping

WHOLE_INPUT = {
    "name": "picture",
    "layout": "NCHW",
    "color": "BGR",
    "size": [8, 6],
    "scale": 0.5,
    "mean": [1, 2, 3],
    "std": [4],
    "background": "gray",
}
WHOLE_MAPPING = {
    "input": WHOLE_INPUT,
    "score": "score",
    "score_column": 0,
    "activation": "sigmoid",
    "label": "label",
    "anomaly_map": "map",
    "mask": "mask",
    "threshold": 0.25,
    "score_range": [0, 2],
    "higher_is_worse": False,
    "map_threshold": 0.5,
}
HTTP = {
    "kind": "http",
    "url": "http://127.0.0.1:1/inspect",
    "mapping": {"is_anomalous": None, "score": "result.0.score", "threshold": 3, "score_range": [0, 9]},
    "encoding": "jpeg",
    "quality": 80,
    "headers": {"X-Line": "4"},
    "headers_from_env": {"Authorization": "QC_TOKEN"},
    "timeout_s": 0.5,
    "connect_timeout_s": 0.25,
    "max_request_bytes": 1000,
    "max_response_bytes": 2000,
    "connections": 2,
}


def line(**backend) -> LineConfig:
    return LineConfig.model_validate(threshold_line(backend=backend))


def brightness(path) -> None:
    """A model whose score is the mean of what it is fed."""
    nodes = [helper.make_node("ReduceMean", ["picture"], ["score"], axes=[1, 2, 3], keepdims=0)]
    feed = helper.make_tensor_value_info("picture", TensorProto.FLOAT, ["n", 3, 8, 8])
    said = helper.make_tensor_value_info("score", TensorProto.FLOAT, ["n"])
    graph = helper.make_graph(nodes, "brightness", [feed], [said])
    onnx.save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def test_an_onnx_model_beside_the_file_judges(tmp_path):
    brightness(tmp_path / "model.onnx")
    backend = {"kind": "onnx", "path": "model.onnx", "mapping": {"threshold": 0.25}}
    built = load_config(write_yaml(tmp_path / "line.yaml", threshold_line(backend=backend))).backend.build()
    assert isinstance(built, OnnxBackend)
    [verdict] = built.inspect([np.full((5, 5, 3), 102, np.uint8)])
    assert verdict.is_anomalous
    assert pytest.approx(0.4, abs=1e-5) == verdict.score


def test_what_is_beside_the_model_is_looked_for_without_a_mapping(tmp_path):
    brightness(tmp_path / "model.onnx")
    (tmp_path / "model.json").write_text('{"threshold": 0.75}', encoding="utf-8")
    assert line(kind="onnx", path=str(tmp_path / "model.onnx")).backend.build().mapping == OnnxMapping(threshold=0.75)


def test_every_field_of_a_mapping_reaches_it():
    built = room.OnnxMappingSettings.model_validate(WHOLE_MAPPING).build()
    how = OnnxInput("picture", "NCHW", "BGR", (8, 6), 0.5, (1, 2, 3), (4,), "gray")
    assert built == OnnxMapping(how, "score", 0, "sigmoid", "label", "map", "mask", 0.25, (0, 2), False, 0.5)
    assert OnnxMapping() == room.OnnxMappingSettings().build()
    assert HttpMapping() == room.HttpMappingSettings().build()


def test_a_model_that_is_missing_is_named(tmp_path):
    with pytest.raises(ModelNotFound, match=r"gone\.onnx"):
        line(kind="onnx", path=str(tmp_path / "gone.onnx")).backend.build()


def test_a_service_is_asked_as_often_as_said(monkeypatch):
    monkeypatch.setenv("QC_TOKEN", "Bearer tell-nobody")
    built = line(kind="retrying", backend=HTTP, attempts=2, wait_s=0).backend.build()
    assert isinstance(built, Retrying)
    with pytest.raises(BackendUnavailable, match=r"http://127\.0\.0\.1:1/inspect"):
        built.inspect([np.zeros((4, 4, 3), np.uint8)])


def test_every_option_of_a_service_reaches_it(monkeypatch):
    given = {}
    monkeypatch.setattr("conveyorqc.config._backends.HttpBackend", lambda url, **more: given.update(more, url=url))
    line(**HTTP).backend.build()
    mapping = HttpMapping(is_anomalous=None, score="result.0.score", threshold=3, score_range=(0, 9))
    assert {**HTTP, "mapping": mapping, "ca_file": None} == {**given, "kind": "http"}


def test_a_secret_that_is_not_there_is_named(monkeypatch):
    monkeypatch.delenv("QC_TOKEN", raising=False)
    with pytest.raises(ConfigError, match="QC_TOKEN"):
        line(**HTTP).backend.build()
    assert isinstance(line(kind="http", url="https://qc.example/").backend.build(), HttpBackend)


@pytest.mark.parametrize(
    "backend",
    [
        {"kind": "onnx", "path": "models/model.onnx", "mapping": WHOLE_MAPPING, "threads": 2, "batch_size": 1},
        {**HTTP, "ca_file": "plant.pem"},
        {"kind": "retrying", "backend": HTTP, "longest_wait_s": 1},
    ],
)
def test_a_line_is_saved_and_read_again(backend, tmp_path):
    config = load_config(write_yaml(tmp_path / "line.yaml", threshold_line(backend=backend)))
    save_config(config, tmp_path / "again.yaml")
    assert config == load_config(tmp_path / "again.yaml")
    assert str(tmp_path) not in (tmp_path / "again.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ({"kind": "onnx"}, "backend.path: expected this field, got none"),
        ({"kind": "onnx", "path": "m", "mapping": {"threshold": 2}}, r"backend\.mapping: threshold: expected finite"),
        ({"kind": "onnx", "path": "m", "mapping": {"input": {"std": [0]}}}, r"backend\.mapping\.input: std: expected"),
        ({"kind": "onnx", "path": "m", "providers": []}, r"backend\.providers: "),
        (
            {"kind": "http", "url": "http://a/", "mapping": {"score": "a..b"}},
            r"backend\.mapping: score: expected names",
        ),
        ({"kind": "http", "url": "http://a/", "timeout_s": 0}, r"backend\.timeout_s: "),
        ({"kind": "retrying", "backend": {"kind": "stub"}}, r"backend\.backend"),
    ],
)
def test_a_wrong_field_is_named(backend, expected, tmp_path):
    with pytest.raises(ConfigError, match=expected):
        load_config(write_yaml(tmp_path / "line.yaml", threshold_line(backend=backend)))


def test_made_in_python_they_are_validation_errors():
    with pytest.raises(ValidationError, match="threshold"):
        room.OnnxMappingSettings(threshold=2.0)
