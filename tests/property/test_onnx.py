"""Whatever lies in a model file or beside it, only errors of the tree come out; scores and confidence hang together."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import ScoreScale
from conveyorqc.errors import InvalidInput, ModelError
from conveyorqc.imgproc import resize_map
from conveyorqc.onnx import OnnxBackend, OnnxInput, OnnxMapping, read_mapping

NUMBERS = st.floats(-1e6, 1e6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = st.sampled_from([*OnnxMapping.__dataclass_fields__, *OnnxInput.__dataclass_fields__])


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("models")


@given(data=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_model_are_a_model_error(folder, data):
    path = folder / "model.onnx"
    path.write_bytes(data)
    with pytest.raises(ModelError):
        OnnxBackend(path, OnnxMapping())


@given(data=st.dictionaries(FIELDS, JSON | st.dictionaries(FIELDS, JSON)) | JSON)
@settings(max_examples=60, deadline=None)
def test_a_mapping_is_read_or_refused(folder, data):
    path = folder / "model.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    try:
        assert isinstance(read_mapping(path), OnnxMapping)
    except ModelError as error:
        assert "model.json" in str(error)  # noqa: PT017 - either outcome is right


@given(data=st.binary(max_size=100))
def test_bytes_that_are_no_mapping_are_a_model_error(folder, data):
    path = folder / "bytes.json"
    path.write_bytes(data)
    try:
        assert OnnxMapping() == read_mapping(path)  # an empty object is one
    except ModelError as error:
        assert "bytes.json" in str(error)  # noqa: PT017 - either outcome is right


@given(ends=st.tuples(NUMBERS, NUMBERS, NUMBERS), scores=st.lists(NUMBERS, min_size=1))
def test_a_scale_rises_from_nothing_over_half_to_one(ends, scores):
    low, threshold, high = sorted(ends)
    if not low < threshold < high:
        with pytest.raises(InvalidInput):
            ScoreScale(threshold, low, high)
        return
    scale = ScoreScale(threshold, low, high)
    shares = [scale.anomalous(score) for score in sorted(scores)]
    assert sorted(shares) == shares
    assert all(0 <= share <= 1 for share in shares)
    assert [0.0, 0.5, 1.0] == [scale.anomalous(score) for score in (low, threshold, high)]
    for score in scores:
        sure = {label: scale.confidence(score, is_anomalous=label) for label in (False, True)}
        assert 0.5 <= min(sure.values()) <= max(sure.values()) <= 1
        assert sure[score >= threshold] == max(sure.values())


@given(
    shape=st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9)),
    width=st.integers(1, 12),
    height=st.integers(1, 12),
    seed=st.integers(0, 99),
)
def test_maps_are_resized_channel_by_channel(shape, width, height, seed):
    values = np.random.default_rng(seed).random(shape, np.float32)
    resized = resize_map(values, width=width, height=height)
    assert (height, width, shape[2]) == resized.shape
    for channel in range(shape[2]):
        alone = resize_map(np.ascontiguousarray(values[..., channel]), width=width, height=height)
        np.testing.assert_allclose(resized[..., channel], alone, atol=1e-6)
    assert values.min() - 1e-6 <= resized.min() <= resized.max() <= values.max() + 1e-6
