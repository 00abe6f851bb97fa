"""Model files as they lie on a disk: whole, in parts, damaged, missing."""

from __future__ import annotations

import shutil

import onnx
import pytest
from onnx_models import anomalib, picture

from conveyorqc.errors import CorruptModel, ModelError, ModelNotFound
from conveyorqc.onnx import OnnxBackend


@pytest.fixture
def in_parts(tmp_path):
    return anomalib(tmp_path / "weights" / "onnx" / "model.onnx", data="model.onnx.data")


def test_weights_beside_the_model_are_found_from_anywhere(in_parts, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    moved = tmp_path / "Prüfung 模型"
    shutil.move(in_parts.parent, moved)
    assert len(OnnxBackend(moved / "model.onnx").inspect([picture(1)])) == 1


def test_missing_weights_are_named(in_parts):
    in_parts.with_name("model.onnx.data").unlink()
    with pytest.raises(ModelNotFound, match=r"expected its weights beside it in 'model\.onnx\.data'"):
        OnnxBackend(in_parts)


def test_weights_that_are_cut_off_are_a_corrupt_model(in_parts):
    in_parts.with_name("model.onnx.data").write_bytes(b"\0")
    with pytest.raises(CorruptModel, match="expected an ONNX model"):
        OnnxBackend(in_parts)


@pytest.mark.parametrize("elsewhere", ["../model.onnx.data", "/etc/passwd"])
def test_weights_outside_the_folder_are_refused(in_parts, elsewhere):
    model = onnx.load(in_parts, load_external_data=False)
    for tensor in model.graph.initializer:
        for entry in tensor.external_data:
            entry.value = elsewhere if entry.key == "location" else entry.value
    in_parts.write_bytes(model.SerializeToString())
    with pytest.raises(CorruptModel, match="expected its weights in a file beside it"):
        OnnxBackend(in_parts)


def test_the_fingerprint_follows_graph_and_weights(tmp_path):
    first = OnnxBackend(anomalib(tmp_path / "a.onnx", data="a.data")).fingerprint
    again = OnnxBackend(anomalib(tmp_path / "2" / "a.onnx", data="a.data")).fingerprint
    retrained = OnnxBackend(anomalib(tmp_path / "3" / "a.onnx", data="a.data", gain=2.0)).fingerprint
    assert first == again
    assert first != retrained
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "3" / "a.onnx").read_bytes()


@pytest.mark.parametrize("name", ["missing.onnx", "null\0byte.onnx", "."])
def test_a_missing_file_is_named(name, tmp_path):
    with pytest.raises(ModelNotFound, match="cannot be read"):
        OnnxBackend(tmp_path / name)


@pytest.mark.parametrize("data", [b"", b"no model", b"\x08\x08" * 99])
def test_what_is_no_model_is_a_corrupt_model(data, tmp_path):
    path = tmp_path / "model.onnx"
    path.write_bytes(data)
    with pytest.raises(CorruptModel, match="expected an ONNX model") as caught:
        OnnxBackend(path)
    assert isinstance(caught.value, ModelError)
    assert caught.value.__cause__ is not None
