"""Exports of anomalib, recognised by what lies there: nothing needs to be declared for them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conveyorqc.errors import ModelError
from conveyorqc.onnx._mapping import OnnxInput, OnnxMapping, read_json
from conveyorqc.onnx._network import Network

__all__ = ["anomalib_mapping"]

_METADATA = "metadata.json"
_HARMLESS = frozenset({"Resize", "ToTensorV2"})


def anomalib_mapping(network: Network, /) -> OnnxMapping | None:
    """How to use a model that anomalib exported, or None if it is none.

    Since 2.0 the outputs have names, resizing and normalisation are part of the graph, scores are in 0-1 with the
    threshold at 0.5 (https://github.com/open-edge-platform/anomalib, ``ExportMixin.to_onnx``); where normalisation
    was switched off, ``pred_label`` still knows the threshold, so it decides. Before, outputs had no names, and
    threshold and range of the scores lay in ``metadata.json``.

    Raises:
        ModelError: if ``metadata.json`` of an older export lacks something, or asks for what is not done here.
    """
    names = {tensor.name for tensor in network.outputs}
    if names & {"pred_score", "anomaly_map"}:
        score, label, heat, mask = (
            name if name in names else None for name in ("pred_score", "pred_label", "anomaly_map", "pred_mask")
        )
        return OnnxMapping(score=score, label=label, anomaly_map=heat, mask=mask)
    metadata = network.path.with_name(_METADATA)
    if not metadata.is_file():
        return None
    data = read_json(metadata)
    return _older(network, data, metadata) if "image_threshold" in data else None


def _older(network: Network, data: Mapping[str, Any], path: Path) -> OnnxMapping:
    """Score ``(s - threshold) / (max - min) + 0.5``: straight through 0.5 at the threshold, as `ScoreScale` has it."""
    threshold = _number(data, path, "image_threshold")
    low, high = _number(data, path, "pred_scores.min", "min"), _number(data, path, "pred_scores.max", "max")
    if not high > low:
        raise ModelError(f"{path}: expected max above min, got {high} and {low}")
    maps = [tensor.name for tensor in network.outputs if len(tensor.shape) == 4]
    scores = [tensor.name for tensor in network.outputs if len(tensor.shape) < 4]
    half = (high - low) / 2
    return OnnxMapping(
        _older_input(data, path),
        score=scores[0] if scores else None,
        anomaly_map=maps[0] if maps else None,
        threshold=threshold,
        score_range=(threshold - half, threshold + half),
        map_threshold=_number(data, path, "pixel_threshold") if maps and "pixel_threshold" in data else None,
    )


def _older_input(data: Mapping[str, Any], path: Path) -> OnnxInput:
    """Exports of 0.x leave the normalisation to the caller and write it down as albumentations does."""
    steps = data.get("transform")
    while isinstance(steps, dict):  # {"transform": {"transforms": [...]}}
        steps = steps.get("transforms", steps.get("transform"))
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    for step in steps or ():
        name = str(step.get("__class_fullname__")).rpartition(".")[2] if isinstance(step, dict) else repr(step)
        if name == "Normalize":
            mean, std = (_numbers(step.get(key), path, key) for key in ("mean", "std"))
        elif name not in _HARMLESS:
            raise ModelError(f"{path}: expected Resize, Normalize and ToTensorV2, got {name}: give an OnnxMapping")
    return OnnxInput(mean=mean, std=std)


def _number(data: Mapping[str, Any], path: Path, *names: str) -> float:
    for name in names:
        if name in data:
            return _numbers([data[name]], path, name)[0]
    raise ModelError(f"{path}: expected {' or '.join(map(repr, names))}, got {', '.join(map(repr, data)):.200}")


def _numbers(values: object, path: Path, name: str) -> tuple[float, ...]:
    if not isinstance(values, list) or not all(isinstance(one, float | int) and abs(one) < 1e30 for one in values):
        raise ModelError(f"{path}: {name}: expected finite numbers, got {values!r:.80}")
    return tuple(map(float, values))
