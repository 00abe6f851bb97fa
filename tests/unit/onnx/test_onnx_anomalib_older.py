"""Exports of anomalib before 2.0: outputs without names, thresholds in metadata.json."""

from __future__ import annotations

import json

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import picture, redness, save, value, weights

from conveyorqc.errors import ModelError
from conveyorqc.onnx import OnnxBackend
from conveyorqc.testing import check_backend

METADATA = {
    "task": "segmentation",
    "image_threshold": 6.0,
    "pixel_threshold": 4.0,
    "pred_scores.min": 1.0,
    "pred_scores.max": 9.0,
    "anomaly_maps.min": 0.0,
    "anomaly_maps.max": 9.0,
}


def older(folder, metadata, *, kind="map"):
    """The map is ten times how red a pixel is; the score is the largest of it."""
    kernel = weights("kernel", np.array([7.0, 2.0, 1.0]).reshape(1, 3, 1, 1))
    nodes = [helper.make_node("Conv", ["input", "kernel"], ["output"])]
    outputs = {"map": value("output", TensorProto.FLOAT, ["n", 1, 16, 16])}
    if kind != "map":
        nodes += [helper.make_node("ReduceMax", ["output"], ["123"], axes=[1, 2, 3], keepdims=0)]
        outputs = {"score": value("123", TensorProto.FLOAT, ["n"]), "both": outputs["map"]}
        outputs = {name: output for name, output in outputs.items() if kind in ("both", name)}
    feed = [value("input", TensorProto.FLOAT, ["n", 3, 16, 16])]
    path = save(folder / "model.onnx", nodes, feed, list(outputs.values()), [kernel])
    if metadata is not None:
        (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["map", "score", "both"])
def test_scores_are_normalised_as_anomalib_did(kind, tmp_path):
    backend = OnnxBackend(older(tmp_path, METADATA, kind=kind))
    check_backend(backend)
    pictures = [picture(seed) // (seed % 3 + 1) for seed in range(6)]
    for image, verdict in zip(pictures, backend.inspect(pictures), strict=True):
        score = 10 * redness(image).max()
        normalised = np.clip((score - 6.0) / (9.0 - 1.0) + 0.5, 0, 1)
        assert score == pytest.approx(verdict.score, abs=1e-4)
        assert (score >= 6.0) == verdict.is_anomalous
        assert max(normalised, 1 - normalised) == pytest.approx(verdict.confidence, abs=1e-4)
        if kind == "score":
            assert verdict.mask is None
        else:
            np.testing.assert_array_equal(verdict.heatmap >= 4.0, verdict.mask)


def test_names_of_the_earliest_metadata_are_known(tmp_path):
    backend = OnnxBackend(older(tmp_path, {"image_threshold": 6.0, "min": 1.0, "max": 9.0}))
    assert (6.0, (2.0, 10.0)) == (backend.mapping.threshold, backend.mapping.score_range)
    assert backend.mapping.map_threshold is None


def test_normalisation_that_was_left_to_the_caller_is_done(tmp_path):
    steps = [
        {"__class_fullname__": "albumentations.augmentations.geometric.resize.Resize", "height": 16, "width": 16},
        {"__class_fullname__": "Normalize", "mean": [0.1, 0.2, 0.3], "std": [0.5, 0.5, 0.5], "max_pixel_value": 255.0},
        {"__class_fullname__": "albumentations.pytorch.transforms.ToTensorV2"},
    ]
    transform = {"__version__": "1.3.1", "transform": {"__class_fullname__": "Compose", "transforms": steps}}
    [verdict] = OnnxBackend(older(tmp_path, {**METADATA, "transform": transform})).inspect([picture(1)])
    expected = ((picture(1)[..., ::-1] / 255 - [0.1, 0.2, 0.3]) / 0.5) @ np.array([7.0, 2.0, 1.0])
    assert expected.max() == pytest.approx(verdict.score, abs=1e-4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"pred_scores.min": None}, "pred_scores.min: expected finite numbers"),
        ({"pred_scores.max": 1.0}, "expected max above min, got 1.0 and 1.0"),
        ({"image_threshold": "six"}, "image_threshold: expected finite numbers"),
        ({"image_threshold": 10**400}, "image_threshold"),
        ({"transform": {"transforms": [{"__class_fullname__": "CenterCrop"}]}}, "got CenterCrop: give an OnnxMapping"),
        ({"transform": {"transforms": ["Resize"]}}, "got 'Resize'"),
        ({"transform": {"transforms": [{"__class_fullname__": "Normalize", "mean": 3}]}}, "mean: expected finite"),
        (
            {"transform": {"transforms": [{"__class_fullname__": "Normalize", "mean": [1, 2, 3]}]}},
            "std: expected finite",
        ),
    ],
)
def test_metadata_that_cannot_be_followed_is_refused(change, message, tmp_path):
    with pytest.raises(ModelError, match=message):
        OnnxBackend(older(tmp_path, {**METADATA, **change}))


def test_a_range_that_is_missing_is_named(tmp_path):
    with pytest.raises(ModelError, match=r"expected 'pred_scores\.min' or 'min', got 'image_threshold'"):
        OnnxBackend(older(tmp_path, {"image_threshold": 6.0}))


@pytest.mark.parametrize("metadata", [None, {"postprocess": {"image_sensitivity": 0.5}}])
def test_metadata_of_something_else_is_not_taken_for_it(metadata, tmp_path):
    with pytest.raises(ModelError, match=r"expected an export of anomalib \(an output 'pred_score', or metadata\.json"):
        OnnxBackend(older(tmp_path, metadata))
