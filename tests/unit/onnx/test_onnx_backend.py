from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from onnx import TensorProto, helper
from onnx_models import anomalib, mean_of, picture, redness, save, value, weights

from conveyorqc.core import AnomalyBackend
from conveyorqc.errors import BackendError, BadBackendResponse, InvalidInput, MissingExtraError, ModelError
from conveyorqc.onnx import OnnxBackend, OnnxInput, OnnxMapping
from conveyorqc.testing import check_backend

GRAY = OnnxInput(layout="NHWC", color="GRAY", size=(8, 8))


def constant(path, values, *, kind=TensorProto.FLOAT, dtype=np.float32, more=()):
    """A model that says ``values`` whatever it sees; ``more`` names further such outputs and what they say."""
    said = {"score": (values, kind, dtype), **dict(more)}
    nodes = [helper.make_node("Identity", [f"{name}_said"], [name]) for name in said]
    outputs = [value(name, kind, None) for name, (_, kind, _) in said.items()]
    stored = [weights(f"{name}_said", values, dtype) for name, (values, _, dtype) in said.items()]
    return save(path, nodes, [value("picture", TensorProto.FLOAT, [1, 3, 4, 4])], outputs, stored)


@pytest.fixture
def mean_model(tmp_path):
    return mean_of(tmp_path / "model.onnx")


def models(folder):
    """One backend of every kind."""
    nhwc = mean_of(folder / "uint8.onnx", kind=TensorProto.UINT8, shape=("n", None, None, 3))
    mapping = OnnxMapping(OnnxInput(layout="NHWC", color="BGR"), score_range=(0, 255))
    return {
        "mean": OnnxBackend(mean_of(folder / "mean.onnx"), OnnxMapping()),
        "uint8": OnnxBackend(nhwc, mapping),
        "anomalib": OnnxBackend(anomalib(folder / "free.onnx")),
        "any size": OnnxBackend(anomalib(folder / "sizes.onnx", size=("h", "w"))),
        "batch 1": OnnxBackend(anomalib(folder / "one.onnx", batch=1)),
        "batch 4": OnnxBackend(anomalib(folder / "four.onnx", batch=4)),
        "other file": OnnxBackend(anomalib(folder / "model.onnx", data="model.onnx.data")),
    }


KINDS = ["mean", "uint8", "anomalib", "any size", "batch 1", "batch 4", "other file"]


@pytest.mark.parametrize("kind", KINDS)
def test_it_keeps_the_promises_of_a_backend(kind, tmp_path):
    backend = models(tmp_path)[kind]
    assert isinstance(backend, AnomalyBackend)
    check_backend(backend)


@pytest.mark.parametrize("kind", ["anomalib", "any size", "batch 1", "batch 4", "other file"])
def test_an_export_of_anomalib_needs_no_mapping(kind, tmp_path):
    pictures = [picture(seed) // (seed % 3 + 1) for seed in range(6)]

    verdicts = models(tmp_path)[kind].inspect(pictures)

    for image, verdict in zip(pictures, verdicts, strict=True):
        expected = redness(image)
        assert expected.max() == pytest.approx(verdict.score, abs=1e-5)
        assert (expected.max() > 0.5) == verdict.is_anomalous
        assert max(expected.max(), 1 - expected.max()) == pytest.approx(verdict.confidence, abs=1e-5)
        np.testing.assert_allclose(verdict.heatmap, expected, atol=1e-5)
        np.testing.assert_array_equal(verdict.mask, verdict.heatmap > 0.5)
    assert {True, False} == {verdict.is_anomalous for verdict in verdicts}


def test_pictures_of_any_size_are_resized_and_the_maps_resized_back(tmp_path):
    backend = OnnxBackend(anomalib(tmp_path / "model.onnx"))
    large = np.repeat(np.repeat(picture(1), 3, axis=0), 2, axis=1)

    [verdict] = backend.inspect([large])

    assert redness(picture(1)).max() == pytest.approx(verdict.score, abs=0.01)
    assert (48, 32) == verdict.heatmap.shape == verdict.mask.shape
    assert np.float32 == verdict.heatmap.dtype
    assert not verdict.heatmap.flags.writeable


def test_pictures_of_several_sizes_go_in_as_they_are_where_the_model_takes_any(tmp_path):
    backend = OnnxBackend(anomalib(tmp_path / "model.onnx", size=("h", "w")), batch_size=3)
    pictures = [picture(0), picture(1, 9, 7), picture(2, 9, 7), picture(3), picture(4)]

    verdicts = backend.inspect(pictures)

    expected = [redness(image).max() for image in pictures]
    assert expected == pytest.approx([verdict.score for verdict in verdicts], abs=1e-5)
    assert [image.shape[:2] for image in pictures] == [verdict.heatmap.shape for verdict in verdicts]


def test_no_pictures_give_no_verdicts(mean_model):
    assert OnnxBackend(mean_model, OnnxMapping()).inspect([]) == []


@pytest.mark.parametrize("kept", [("pred_score",), ("pred_score", "pred_label"), ("anomaly_map",)])
def test_outputs_that_anomalib_left_out_are_done_without(kept, tmp_path):
    backend = OnnxBackend(anomalib(tmp_path / "model.onnx", outputs=kept))
    [verdict] = backend.inspect([picture(1)])
    assert redness(picture(1)).max() == pytest.approx(verdict.score, abs=1e-5)
    assert ("anomaly_map" in kept) == (verdict.heatmap is not None)
    assert verdict.mask is None


def test_the_order_of_axes_and_colours_is_as_declared(tmp_path):
    image = picture(3)
    shapes = {"NCHW": ("n", 3, 16, 16), "NHWC": ("n", 16, 16, 3)}
    for layout, shape in shapes.items():
        nodes = [
            helper.make_node("Mul", ["x", "w"], ["weighted"]),
            helper.make_node("ReduceMean", ["weighted"], ["y"], axes=[1, 2, 3], keepdims=0),
        ]
        factors = weights("w", np.reshape([3.0, 0.0, 0.0], (1, 3, 1, 1) if layout == "NCHW" else (1, 1, 1, 3)))
        path = save(
            tmp_path / f"{layout}.onnx",
            nodes,
            [value("x", TensorProto.FLOAT, shape)],
            [value("y", TensorProto.FLOAT, ["n"])],
            [factors],
        )
        for color, channel in (("RGB", 2), ("BGR", 0)):
            backend = OnnxBackend(path, OnnxMapping(OnnxInput(layout=layout, color=color)))
            [verdict] = backend.inspect([image])
            assert image[..., channel].mean() / 255 == pytest.approx(verdict.score, abs=1e-5)


@pytest.mark.parametrize(
    ("kind", "exact"),
    [(TensorProto.FLOAT, 1e-5), (TensorProto.FLOAT16, 2e-3), (TensorProto.DOUBLE, 1e-5), (TensorProto.UINT8, 0.5)],
)
def test_numbers_are_of_the_type_that_the_model_declares(kind, exact, tmp_path):
    path = mean_of(tmp_path / "model.onnx", kind=kind)
    image = picture(1, 8, 8)
    plain = OnnxMapping(OnnxInput(scale=1.0), score_range=(0, 255))
    [verdict] = OnnxBackend(path, plain).inspect([image])
    assert image.mean() == pytest.approx(verdict.score, rel=exact, abs=exact)


def test_pixels_are_scaled_shifted_and_divided(mean_model):
    image = picture(1, 8, 8)
    how = OnnxInput(scale=1 / 128, mean=(0.1, 0.2, 0.3), std=(2.0, 4.0, 8.0))
    [verdict] = OnnxBackend(mean_model, OnnxMapping(how)).inspect([image])
    expected = ((image[..., ::-1] / 128 - [0.1, 0.2, 0.3]) / [2, 4, 8]).mean()
    assert expected == pytest.approx(verdict.score, abs=1e-5)


def test_what_is_around_the_object_can_be_painted_gray(mean_model):
    image = np.full((8, 8, 3), 255, np.uint8)
    mask = np.zeros((8, 8), np.bool_)
    mask[:4] = True
    backend = OnnxBackend(mean_model, OnnxMapping(OnnxInput(background="gray")))
    hinted, bare = backend.inspect([image, image], masks=[mask, None])
    assert (255 + 128) / 2 / 255 == pytest.approx(hinted.score, abs=1e-5)
    assert pytest.approx(1.0) == bare.score
    assert image.min() == 255


def test_a_model_of_one_gray_channel(tmp_path):
    path = mean_of(tmp_path / "model.onnx", shape=("n", 8, 8, 1))
    [verdict] = OnnxBackend(path, OnnxMapping(GRAY)).inspect([np.full((20, 30, 3), 51, np.uint8)])
    assert pytest.approx(0.2, abs=1e-5) == verdict.score


@pytest.mark.parametrize(
    ("activation", "expected"), [("none", 2.0), ("sigmoid", 1 / (1 + np.exp(-2))), ("softmax", 1 / (1 + np.exp(-3)))]
)
def test_the_anomalys_column_of_several_is_taken(activation, expected, tmp_path):
    path = mean_of(tmp_path / "model.onnx", columns=(-1.0, 2.0))
    mapping = OnnxMapping(score_column=1, activation=activation, score_range=(0, 4))
    [verdict] = OnnxBackend(path, mapping).inspect([np.full((8, 8, 3), 255, np.uint8)])
    assert expected == pytest.approx(verdict.score, abs=1e-5)


@pytest.mark.parametrize("column", [None, 2])
def test_several_columns_need_one_that_is_there(column, tmp_path):
    path = mean_of(tmp_path / "model.onnx", columns=(-1.0, 2.0))
    with pytest.raises(BadBackendResponse, match=f"score_column: expected one of 2 columns, got {column}"):
        OnnxBackend(path, OnnxMapping(score_column=column)).inspect([picture(1)])


def test_a_score_of_goodness_is_turned_round(mean_model):
    mapping = OnnxMapping(higher_is_worse=False, threshold=0.8, score_range=(0.0, 1.0))
    good, bad = OnnxBackend(mean_model, mapping).inspect([np.full((8, 8, 3), v, np.uint8) for v in (255, 51)])
    assert (False, True) == (good.is_anomalous, bad.is_anomalous)
    assert [0.0, 0.8] == pytest.approx([good.score, bad.score], abs=1e-5)
    assert [1.0, 0.875] == pytest.approx([good.confidence, bad.confidence], abs=1e-5)


def test_confidence_is_half_at_the_threshold_and_grows_with_the_distance(mean_model):
    mapping = OnnxMapping(threshold=0.2, score_range=(0.0, 1.0))
    shades = [0, 25, 51, 102, 255]
    verdicts = OnnxBackend(mean_model, mapping).inspect([np.full((8, 8, 3), shade, np.uint8) for shade in shades])
    expected = [1.0, 1 - 25 / 102, 0.5, 0.625, 1.0]
    assert expected == pytest.approx([verdict.confidence for verdict in verdicts], abs=1e-4)


def test_the_label_decides_unless_a_threshold_is_given(tmp_path):
    path = constant(tmp_path / "model.onnx", [0.3], more={"label": ([True], TensorProto.BOOL, np.bool_)}.items())
    mapping = OnnxMapping(score="score", label="label")
    [verdict] = OnnxBackend(path, mapping).inspect([picture(1)])
    [ruled] = OnnxBackend(path, replace(mapping, threshold=0.5)).inspect([picture(1)])
    assert (True, 0.5) == (verdict.is_anomalous, verdict.confidence)
    assert (False, pytest.approx(0.7)) == (ruled.is_anomalous, ruled.confidence)


def test_hot_pixels_are_the_mask_where_the_model_gives_none(tmp_path):
    path = anomalib(tmp_path / "model.onnx", outputs=("pred_score", "anomaly_map"))
    mapping = OnnxMapping(score="pred_score", anomaly_map="anomaly_map", map_threshold=0.4)
    [verdict] = OnnxBackend(path, mapping).inspect([picture(1)])
    np.testing.assert_array_equal(verdict.heatmap >= 0.4, verdict.mask)
    assert verdict.mask.any()


def test_verdicts_are_signed_with_the_files_name_and_hash(tmp_path):
    path = anomalib(tmp_path / "wafer.onnx")
    backend = OnnxBackend(path)
    [verdict] = backend.inspect([picture(1)])
    assert f"wafer.onnx:{backend.fingerprint[:8]}" == verdict.model


def test_threads_give_the_same_answers(tmp_path):
    backend = OnnxBackend(anomalib(tmp_path / "model.onnx", batch=4), threads=2)
    pictures = [picture(seed) for seed in range(8)]
    expected = [verdict.score for verdict in backend.inspect(pictures)]
    with ThreadPoolExecutor(8) as pool:
        rounds = list(pool.map(lambda _: [verdict.score for verdict in backend.inspect(pictures)], range(16)))
    assert [expected] * 16 == rounds


def test_a_mapping_beside_the_model_is_read(tmp_path, mean_model):
    mean_model.with_suffix(".json").write_text(json.dumps({"input": {"color": "BGR"}, "threshold": 0.25}))
    backend = OnnxBackend(mean_model)
    assert OnnxMapping(OnnxInput(color="BGR"), threshold=0.25) == backend.mapping


def test_a_model_that_nobody_describes_is_refused(mean_model):
    with pytest.raises(ModelError, match=r"expected an export of anomalib .*model\.json beside it; it has 'score'"):
        OnnxBackend(mean_model)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (OnnxMapping(score="pred_score"), "expected an output named 'pred_score', it has 'score'"),
        (OnnxMapping(mask="pred_mask"), "expected an output named 'pred_mask'"),
        (OnnxMapping(OnnxInput(name="images")), "expected an input named 'images', it has 'picture'"),
        (OnnxMapping(OnnxInput(color="GRAY")), "expected 1 channels as NCHW and GRAY say"),
        (OnnxMapping(OnnxInput(layout="NHWC")), "expected 3 channels as NHWC and RGB say"),
        (OnnxMapping(OnnxInput(size=(16, 8))), r"expected an input of \(height, width\) \(16, 8\), got 'picture'"),
    ],
)
def test_what_the_mapping_says_and_the_model_lacks_is_named(mapping, message, mean_model):
    with pytest.raises(ModelError, match=message):
        OnnxBackend(mean_model, mapping)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": ("n", 3)}, "expected an input of 4 axes"),
        ({"kind": TensorProto.INT64}, r"expected an input of tensor\(float\)"),
    ],
)
def test_an_input_that_is_no_picture_is_refused(options, message, tmp_path):
    nodes = [helper.make_node("Cast", ["picture"], ["score"], to=TensorProto.FLOAT)]
    feed = value("picture", options.get("kind", TensorProto.FLOAT), options.get("shape", ("n", 3, 8, 8)))
    path = save(tmp_path / "model.onnx", nodes, [feed], [value("score", TensorProto.FLOAT, None)])
    with pytest.raises(ModelError, match=message):
        OnnxBackend(path, OnnxMapping())


def test_a_second_input_is_refused(tmp_path):
    nodes = [helper.make_node("Add", ["a", "b"], ["score"])]
    feeds = [value(name, TensorProto.FLOAT, ["n", 3, 8, 8]) for name in "ab"]
    path = save(tmp_path / "model.onnx", nodes, feeds, [value("score", TensorProto.FLOAT, None)])
    with pytest.raises(ModelError, match="expected one input, the picture, got 'a'"):
        OnnxBackend(path, OnnxMapping(OnnxInput(name="a")))


def test_a_model_without_inputs_is_refused(tmp_path):
    nodes = [helper.make_node("Identity", ["said"], ["score"])]
    path = save(tmp_path / "m.onnx", nodes, [], [value("score", TensorProto.FLOAT, [1])], [weights("said", [0.5])])
    with pytest.raises(ModelError, match="expected one input, the picture, got none"):
        OnnxBackend(path, OnnxMapping())


def test_of_several_outputs_one_must_be_named(tmp_path):
    with pytest.raises(ModelError, match="score: expected the name of an output, got none; it has 'pred_score'"):
        OnnxBackend(anomalib(tmp_path / "model.onnx"), OnnxMapping())


def test_an_output_of_text_is_refused(tmp_path):
    path = constant(tmp_path / "model.onnx", [0.5], more={"label": (["ok"], TensorProto.STRING, object)}.items())
    with pytest.raises(ModelError, match="label: expected an output of numbers, got 'label'"):
        OnnxBackend(path, OnnxMapping(score="score", label="label"))


@pytest.mark.parametrize("activation", ["none", "sigmoid", "softmax"])
@pytest.mark.parametrize("said", [np.nan, np.inf, -np.inf])
def test_a_score_that_is_no_number_is_refused(said, activation, tmp_path):
    path = constant(tmp_path / "model.onnx", [said])
    mapping = OnnxMapping(activation=activation)
    if activation == "sigmoid" and np.isinf(said):
        [verdict] = OnnxBackend(path, mapping).inspect([picture(1)])
        assert float(said > 0) == verdict.score
        return
    with pytest.raises(BadBackendResponse, match="expected finite scores"):
        OnnxBackend(path, mapping).inspect([picture(1)])


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ([[[np.nan, 0.5]]], "anomaly_map: expected finite numbers"),
        (np.zeros((2, 2, 2)), r"anomaly_map: expected \(1, h, w\), one channel each, got shape \(2, 2, 2\)"),
        ([0.5], "anomaly_map"),
        (np.zeros((0, 2)), "anomaly_map"),
    ],
)
def test_a_map_that_is_none_is_refused(said, message, tmp_path):
    backend = OnnxBackend(constant(tmp_path / "model.onnx", said), OnnxMapping(anomaly_map="score"))
    with pytest.raises(BadBackendResponse, match=message):
        backend.inspect([picture(1)])


def test_one_score_for_two_pictures_is_refused(tmp_path):
    nodes = [helper.make_node("ReduceMean", ["picture"], ["score"], axes=[0, 1, 2, 3], keepdims=0)]
    feed, said = value("picture", TensorProto.FLOAT, ["n", 3, 8, 8]), value("score", TensorProto.FLOAT, [])
    backend = OnnxBackend(save(tmp_path / "model.onnx", nodes, [feed], [said]), OnnxMapping())
    assert len(backend.inspect([picture(1)])) == 1
    with pytest.raises(BadBackendResponse, match=r"score: expected an answer for each of 2, got shape \(\)"):
        backend.inspect([picture(1), picture(2)])


def test_a_graph_that_fails_is_a_backend_error(tmp_path):
    nodes = [helper.make_node("Reshape", ["picture", "shape"], ["score"])]
    feed = value("picture", TensorProto.FLOAT, ["n", 3, "h", "w"])
    path = save(
        tmp_path / "model.onnx",
        nodes,
        [feed],
        [value("score", TensorProto.FLOAT, None)],
        [weights("shape", [7, 11], np.int64)],
    )
    with pytest.raises(BackendError, match=r"cannot judge a batch of shape \(1, 3, 16, 16\)") as caught:
        OnnxBackend(path, OnnxMapping()).inspect([picture(1)])
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"threads": -1}, "threads: expected 0 or more, got -1"),
        ({"batch_size": 0}, "batch_size: expected 1 or more, got 0"),
        ({"providers": ["AbacusProvider"]}, r"providers: expected some of .*CPU.*, got \['AbacusProvider'\]"),
        ({"providers": []}, "providers"),
    ],
)
def test_senseless_options_are_refused(options, message, mean_model):
    with pytest.raises(InvalidInput, match=message):
        OnnxBackend(mean_model, OnnxMapping(), **options)


def test_wrong_pictures_are_refused_before_anything_runs(mean_model):
    backend = OnnxBackend(mean_model, OnnxMapping())
    with pytest.raises(InvalidInput, match=r"images\[1\]"):
        backend.inspect([picture(1), np.zeros((4, 4))])
    with pytest.raises(InvalidInput, match="masks: expected 1"):
        backend.inspect([picture(1)], masks=[])


def test_without_onnxruntime_the_extra_is_named(mean_model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'conveyorqc\[onnx\]'"):
        OnnxBackend(mean_model, OnnxMapping())
