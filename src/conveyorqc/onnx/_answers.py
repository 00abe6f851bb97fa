"""From the outputs of a network to verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, Verdict
from conveyorqc.errors import BadBackendResponse, ModelError
from conveyorqc.imgproc import resize_map, resize_mask
from conveyorqc.onnx._mapping import OnnxMapping
from conveyorqc.onnx._network import Network

__all__ = ["named_outputs", "verdicts_of"]

_NO_NUMBERS = ("string", "complex")


def named_outputs(network: Network, mapping: OnnxMapping, /) -> dict[str, str]:
    """The outputs that are needed, by what they mean: score, label, anomaly_map, mask.

    Raises:
        ModelError: if one is missing, or is no array of numbers.
    """
    score = mapping.score
    if score is None and mapping.anomaly_map is None:
        if len(network.outputs) != 1:
            listed = ", ".join(map(str, network.outputs))
            raise ModelError(f"{network.path}: score: expected the name of an output, got none; it has {listed}")
        score = network.outputs[0].name
    named = {"score": score, "label": mapping.label, "anomaly_map": mapping.anomaly_map, "mask": mapping.mask}
    wanted = {meaning: name for meaning, name in named.items() if name is not None}
    for meaning, name in wanted.items():
        tensor = network.output(name)
        if not tensor.kind.startswith("tensor(") or any(kind in tensor.kind for kind in _NO_NUMBERS):
            raise ModelError(f"{network.path}: {meaning}: expected an output of numbers, got {tensor}")
    return wanted


def verdicts_of(
    outputs: Mapping[str, NDArray[Any]],
    mapping: OnnxMapping,
    /,
    *,
    sizes: Sequence[tuple[int, int]],
    batch: int,
    model: str,
) -> list[Verdict]:
    """One verdict per picture.

    Args:
        outputs: arrays by what they mean.
        mapping: says how to read them.
        sizes: (height, width) of each picture, which heat map and mask are brought to.
        batch: how many pictures were fed; those beyond ``sizes`` were repeats.
        model: what verdicts are signed with.

    Raises:
        BadBackendResponse: if an output has not one answer per picture, or says NaN or infinity.
    """
    count = len(sizes)
    maps, masks = _planes(outputs, "anomaly_map", batch), _masks(outputs, mapping, batch)
    said = _scores(outputs, mapping, batch) if "score" in outputs or maps is None else maps.max(axis=(1, 2))
    if not np.isfinite(said[:count]).all():
        raise BadBackendResponse(f"{model}: expected finite scores, got {said[:count].tolist()}")
    scores = [mapping.worse(float(score)) for score in said[:count]]
    labels = _labels(outputs, scores, mapping, batch)
    return [
        Verdict(
            is_anomalous=labels[at],
            confidence=mapping.scale.confidence(scores[at], is_anomalous=labels[at]),
            score=scores[at],
            heatmap=None if maps is None else resize_map(maps[at], width=width, height=height),
            mask=None if masks is None else resize_mask(masks[at], width=width, height=height),
            model=model,
        )
        for at, (height, width) in enumerate(sizes)
    ]


def _labels(
    outputs: Mapping[str, NDArray[Any]], scores: Sequence[float], mapping: OnnxMapping, batch: int
) -> list[bool]:
    """What the model says itself, unless somebody gave a threshold."""
    if "label" in outputs and mapping.threshold is None:
        return [bool(row[0] != 0) for row in _rows(outputs["label"], "label", batch)]
    return [score >= mapping.scale.threshold for score in scores]


def _masks(outputs: Mapping[str, NDArray[Any]], mapping: OnnxMapping, batch: int) -> NDArray[np.bool_] | None:
    """(batch, h, w) bool: the model's own, or the hot parts of its map."""
    given = _planes(outputs, "mask", batch)
    if given is not None:
        return np.asarray(given != 0)
    maps = _planes(outputs, "anomaly_map", batch)
    return None if maps is None or mapping.map_threshold is None else np.asarray(maps >= mapping.map_threshold)


def _scores(outputs: Mapping[str, NDArray[Any]], mapping: OnnxMapping, batch: int) -> FloatArray:
    """(batch,) raw scores, after the activation."""
    rows = _rows(outputs["score"], "score", batch).astype(np.float64)
    with np.errstate(invalid="ignore"):  # what is infinite becomes NaN, and is refused as that
        if mapping.activation == "softmax":
            shares = np.exp(rows - rows.max(axis=1, keepdims=True))
            rows = shares / shares.sum(axis=1, keepdims=True)
        elif mapping.activation == "sigmoid":
            rows = 0.5 * (1.0 + np.tanh(0.5 * rows))  # never overflows
    column = mapping.score_column
    if column is None and rows.shape[1] == 1:
        column = 0
    if column is None or column >= rows.shape[1]:
        raise BadBackendResponse(f"score_column: expected one of {rows.shape[1]} columns, got {column}")
    return np.asarray(rows[:, column])


def _rows(array: NDArray[Any], meaning: str, batch: int) -> NDArray[Any]:
    """(batch, numbers per picture)."""
    if array.size < batch or array.size % batch or (batch > 1 and array.shape[0] != batch):
        raise BadBackendResponse(f"{meaning}: expected an answer for each of {batch}, got shape {array.shape}")
    return array.reshape(batch, -1)


def _planes(outputs: Mapping[str, NDArray[Any]], meaning: str, batch: int) -> NDArray[np.float32] | None:
    """(batch, h, w) float32, or None when there is no such output."""
    array = outputs.get(meaning)
    if array is None:
        return None
    if array.ndim < 2 or not array.size or array.size != batch * array.shape[-1] * array.shape[-2]:
        raise BadBackendResponse(f"{meaning}: expected ({batch}, h, w), one channel each, got shape {array.shape}")
    with np.errstate(over="ignore"):
        planes = np.asarray(array, dtype=np.float32).reshape(batch, *array.shape[-2:])
    if not np.isfinite(planes).all():
        raise BadBackendResponse(f"{meaning}: expected finite numbers, got NaN or infinity")
    return planes
