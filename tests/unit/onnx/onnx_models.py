"""Small ONNX models that the tests build: what they compute can be said in a line of numpy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

REDDISH = (0.7, 0.2, 0.1)
"""Weights of R, G and B, none like another: a model that is fed the wrong order of colours says something else."""

Shape = Sequence[int | str | None]


def weights(name: str, values: Any, dtype: type = np.float32) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(values, dtype), name)


def value(name: str, kind: int, shape: Shape | None) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, shape)


def save(
    path: Path,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[onnx.ValueInfoProto],
    outputs: Sequence[onnx.ValueInfoProto],
    initializers: Sequence[onnx.TensorProto] = (),
    *,
    data: str | None = None,
) -> Path:
    """A model file; with its weights in the file ``data`` beside it when that is named."""
    graph = helper.make_graph(list(nodes), "test", list(inputs), list(outputs), list(initializers))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path.parent.mkdir(parents=True, exist_ok=True)
    if data is None:
        onnx.save_model(model, path)
    else:
        onnx.save_model(model, path, save_as_external_data=True, location=data, size_threshold=0)
    return path


def anomalib(
    path: Path,
    *,
    batch: int | str = "batch",
    size: tuple[int | str, int | str] = (16, 16),
    data: str | None = None,
    gain: float = 1.0,
    outputs: Sequence[str] = ("pred_score", "pred_label", "anomaly_map", "pred_mask"),
) -> Path:
    """As anomalib 2 exports: the map is how red a pixel is, the score the largest of it."""
    shape = (batch, 1, *size)
    kernel = np.array(REDDISH).reshape(1, 3, 1, 1) * gain
    kinds = {
        "pred_score": value("pred_score", TensorProto.FLOAT, [batch]),
        "pred_label": value("pred_label", TensorProto.BOOL, [batch]),
        "anomaly_map": value("anomaly_map", TensorProto.FLOAT, shape),
        "pred_mask": value("pred_mask", TensorProto.BOOL, shape),
    }
    nodes = [
        helper.make_node("Conv", ["input", "kernel"], ["anomaly_map"]),
        helper.make_node("ReduceMax", ["anomaly_map"], ["pred_score"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Greater", ["pred_score", "half"], ["pred_label"]),
        helper.make_node("Greater", ["anomaly_map", "half"], ["pred_mask"]),
    ]
    return save(
        path,
        nodes,
        [value("input", TensorProto.FLOAT, (batch, 3, *size))],
        [kinds[name] for name in outputs],
        [weights("kernel", kernel), weights("half", 0.5)],
        data=data,
    )


def mean_of(
    path: Path,
    *,
    kind: int = TensorProto.FLOAT,
    shape: Shape = ("n", 3, 8, 8),
    name: str = "picture",
    score: str = "score",
    columns: Sequence[float] | None = None,
) -> Path:
    """The mean of what it is fed, (n,), or (n, columns) with the mean times each of ``columns``."""
    nodes = [
        helper.make_node("Cast", [name], ["numbers"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["numbers"], [score if columns is None else "mean"], axes=[1, 2, 3], keepdims=0),
    ]
    if columns is not None:
        nodes += [
            helper.make_node("Unsqueeze", ["mean", "one"], ["column"]),
            helper.make_node("Mul", ["column", "factors"], [score]),
        ]
    extra = [] if columns is None else [weights("one", [1], np.int64), weights("factors", columns)]
    out = [shape[0]] if columns is None else [shape[0], len(columns)]
    return save(path, nodes, [value(name, kind, shape)], [value(score, TensorProto.FLOAT, out)], extra)


def pyramid(path: Path, *, batch: int | str = "n") -> Path:
    """Two layers of features: the picture (3 channels) at half and (twice as large) at a quarter of its size."""
    nodes = [
        helper.make_node("AveragePool", ["picture"], ["fine"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("AveragePool", ["fine"], ["pooled"], kernel_shape=[2, 2], strides=[2, 2]),
        helper.make_node("Mul", ["pooled", "two"], ["coarse"]),
        helper.make_node("ReduceMean", ["fine"], ["flat"], axes=[2, 3], keepdims=0),
    ]
    outputs = [
        value("fine", TensorProto.FLOAT, [batch, 3, 8, 8]),
        value("coarse", TensorProto.FLOAT, [batch, 3, 4, 4]),
        value("flat", TensorProto.FLOAT, [batch, 3]),
    ]
    inputs = [value("picture", TensorProto.FLOAT, [batch, 3, 16, 16])]
    return save(path, nodes, inputs, outputs, [weights("two", 2.0)])


def picture(seed: int, height: int = 16, width: int = 16) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def redness(image: np.ndarray) -> np.ndarray:
    """The map of `anomalib`, in numpy."""
    return (image[..., ::-1] / 255.0) @ np.array(REDDISH)
