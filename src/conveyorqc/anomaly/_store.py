"""A model on disk: ``model.npz`` with the arrays, ``model.json`` with all that says what they are. No pickle.

Nothing in the files is believed: their own checksums come first, then every declared size, before anything of that
size is read or made.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._gaussian import Gaussian
from conveyorqc.anomaly._kernel import KernelMachine
from conveyorqc.anomaly._model import Head, Model
from conveyorqc.anomaly._recipe import GROUPS, RECIPE_NAME, RECIPE_VERSION
from conveyorqc.anomaly._training import TrainingReport
from conveyorqc.core import FloatArray
from conveyorqc.errors import CorruptModel, ModelError, ModelNotFound, ModelVersionError

__all__ = ["CLASSES", "Stored", "load_model", "save_model"]

CLASSES = ("normal", "anomaly")

_FORMAT = "conveyorqc-local-model"
_FORMAT_VERSION = 1
_LARGEST_BYTES = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """All of a `LocalBackend`."""

    model: Model
    report: TrainingReport
    fingerprint: str


def save_model(folder: Path, stored: Stored, /) -> None:
    """Write both files, each at once and whole; a reader finds the old or the new one, and notices a mixture.

    Raises:
        ModelError: if they cannot be written.
    """
    arrays = _to_arrays(stored)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    packed = buffer.getvalue()
    card = {
        "format": _FORMAT,
        "version": _FORMAT_VERSION,
        "recipe": {"name": RECIPE_NAME, "version": RECIPE_VERSION},
        "fingerprint": stored.fingerprint,
        "head": stored.model.head,
        "threshold": stored.model.threshold,
        "classes": list(CLASSES),
        "object_ids": list(stored.report.object_ids),
        "arrays": {name: list(array.shape) for name, array in arrays.items()},
        "npz_sha256": hashlib.sha256(packed).hexdigest(),
    }
    text = json.dumps({**card, "sha256": _checksum(card)}, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "model.npz", packed)
        _replace(folder / "model.json", text.encode())
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written: {error.strerror or error}") from error


def load_model(folder: Path, /) -> Stored:
    """Read both files.

    Raises:
        ModelNotFound: if one is missing.
        CorruptModel: if one fails a check.
        ModelVersionError: if a newer version wrote them, or measured pictures in another way.
    """
    card = _read_card(folder / "model.json")
    packed = _read(folder / "model.npz")
    if hashlib.sha256(packed).hexdigest() != card.get("npz_sha256"):
        raise CorruptModel(f"{folder / 'model.npz'}: its SHA-256 is not the one in model.json")
    try:
        arrays = _unpack(packed, {str(name): tuple(map(int, shape)) for name, shape in card["arrays"].items()})
        return _from_arrays(arrays, card)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise CorruptModel(f"{folder}: expected a model of {RECIPE_NAME}, got {error!r}") from error


def _replace(path: Path, data: bytes) -> None:
    """Write to a neighbour, then take its place."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelNotFound(f"{path}: expected a model file, got none") from error
    except OSError as error:
        raise CorruptModel(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST_BYTES:
        raise CorruptModel(f"{path}: expected at most {_LARGEST_BYTES} bytes, got more")
    return data


def _read_card(path: Path) -> dict[str, Any]:
    """The JSON file, of this format and version, with its own checksum right."""
    data = _read(path)
    try:
        card = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorruptModel(f"{path}: expected JSON, got {error}") from error
    if not isinstance(card, dict) or card.get("format") != _FORMAT:
        raise CorruptModel(f"{path}: expected format {_FORMAT!r}, got something else")
    version = card.get("version")
    if isinstance(version, int) and version > _FORMAT_VERSION:
        raise ModelVersionError(f"{path}: expected format version {_FORMAT_VERSION} or older, got {version}")
    checksum = card.pop("sha256", None)
    if checksum != _checksum(card):
        raise CorruptModel(f"{path}: its contents do not match its SHA-256")
    recipe = card.get("recipe")
    if recipe != {"name": RECIPE_NAME, "version": RECIPE_VERSION}:
        raise ModelVersionError(f"{path}: expected recipe {RECIPE_NAME} {RECIPE_VERSION}, got {recipe}: train it again")
    return card


def _checksum(card: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()


def _unpack(packed: bytes, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, FloatArray]:
    """The arrays of an npz file, of exactly these names and shapes, float64, finite."""
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if set(entries) != {f"{name}.npy" for name in shapes}:
                raise CorruptModel(f"model.npz: expected {sorted(shapes)}, got {sorted(entries)}")
            if sum(entry.file_size for entry in entries.values()) > _LARGEST_BYTES:
                raise CorruptModel(f"model.npz: expected at most {_LARGEST_BYTES} bytes of arrays, got more")
            return {name: _read_array(archive, entries[f"{name}.npy"], shape) for name, shape in shapes.items()}
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CorruptModel(f"model.npz: expected a zip file, got {error}") from error


def _read_array(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...]) -> FloatArray:
    size = 8 * math.prod(shape)
    if min(shape, default=0) < 0 or not size <= entry.file_size <= size + 10_000:
        raise CorruptModel(f"{entry.filename}: expected {size} bytes for {shape}, got {entry.file_size}")
    with archive.open(entry) as file:
        read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
        found, fortran, dtype = read_header[np.lib.format.read_magic(file)](file)
        if found != shape or dtype != np.float64:
            raise CorruptModel(f"{entry.filename}: expected float64 of shape {shape}, got {dtype} of shape {found}")
        array = np.frombuffer(file.read(size), dtype=dtype)
    array = array.reshape(shape, order="F" if fortran else "C")
    if not np.isfinite(array).all():
        raise CorruptModel(f"{entry.filename}: expected finite numbers, got NaN or infinity")
    return array


def _to_arrays(stored: Stored) -> dict[str, NDArray[Any]]:
    model, machine, report = stored.model, stored.model.machine, stored.report
    arrays = {
        "usual": model.usual,
        "scatter": model.scatter,
        "coefficients": model.coefficients,
        "machine_mean": machine.mean,
        "machine_spread": machine.spread,
        "machine_vectors": machine.vectors,
        "machine_weights": machine.weights,
        "machine_offset": machine.offset,
        "report_scores": report.scores,
        "report_is_anomalous": report.is_anomalous,
    }
    for name, expert in model.experts.items():
        arrays |= {f"{name}_mean": expert.mean, f"{name}_spread": expert.spread, f"{name}_precision": expert.precision}
    return {name: np.asarray(array, dtype=np.float64) for name, array in arrays.items()}


def _from_arrays(arrays: Mapping[str, FloatArray], card: Mapping[str, Any]) -> Stored:
    """The inverse of `_to_arrays`, with every array of the shape that the others ask for."""
    width, vectors, pictures = sum(GROUPS.values()), len(arrays["machine_weights"]), len(card["object_ids"])

    def take(name: str, *shape: int) -> FloatArray:
        if arrays[name].shape != shape:
            raise CorruptModel(f"{name}: expected shape {shape}, got {arrays[name].shape}")
        return arrays[name]

    head, threshold = card["head"], float(card["threshold"])
    if head not in get_args(Head) or not 0 <= threshold <= 1:
        raise CorruptModel(
            f"head and threshold: expected one of {get_args(Head)} and 0-1, got {head!r} and {threshold}"
        )
    model = Model(
        head=head,
        experts={
            name: Gaussian(
                take(f"{name}_mean", size), take(f"{name}_spread", size), take(f"{name}_precision", size, size)
            )
            for name, size in GROUPS.items()
        },
        usual=take("usual", len(GROUPS)),
        scatter=take("scatter", len(GROUPS)),
        machine=KernelMachine(
            take("machine_mean", width),
            take("machine_spread", width),
            take("machine_vectors", vectors, width),
            take("machine_weights", vectors),
            take("machine_offset", 1),
        ),
        coefficients=take("coefficients", 2 if head == "one-class" else len(GROUPS) + 2),
        threshold=threshold,
    )
    labels = take("report_is_anomalous", pictures) != 0
    report = TrainingReport(take("report_scores", pictures), labels, tuple(card["object_ids"]))
    return Stored(model, report, str(card["fingerprint"]))
