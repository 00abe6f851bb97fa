"""Two files on disk, ``model.npz`` with arrays and ``model.json`` with all that says what they are. No pickle.

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
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.errors import CorruptModel, ModelError, ModelNotFound, ModelVersionError

__all__ = ["Arrays", "read_archive", "write_archive"]

Arrays = Mapping[str, NDArray[Any]]
"""float32 or float64, by name."""

_LARGEST_BYTES = 256 * 1024 * 1024
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
_DTYPES: dict[str, np.dtype[Any]] = {"float32": np.dtype(np.float32), "float64": np.dtype(np.float64)}


def write_archive(folder: Path, card: Mapping[str, Any], arrays: Arrays, /) -> None:
    """Write both files, each at once and whole; a reader finds the old or the new one, and notices a mixture.

    Raises:
        ModelError: if they cannot be written.
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    packed = buffer.getvalue()
    declared = {name: {"shape": list(array.shape), "dtype": array.dtype.name} for name, array in arrays.items()}
    full = {**card, "arrays": declared, "npz_sha256": hashlib.sha256(packed).hexdigest()}
    text = json.dumps({**full, "sha256": _checksum(full)}, indent=1)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "model.npz", packed)
        _replace(folder / "model.json", text.encode())
    except OSError as error:
        raise ModelError(f"{folder}: cannot be written: {error.strerror or error}") from error


def read_archive(folder: Path, /, *, kind: str, version: int) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """The card and the arrays, which are what the card declares, and finite.

    Raises:
        ModelNotFound: if one file is missing.
        CorruptModel: if one fails a check.
        ModelVersionError: if ``version`` is older than that of the files.
    """
    card = _read_card(folder / "model.json", kind, version)
    packed = _read(folder / "model.npz")
    if hashlib.sha256(packed).hexdigest() != card.get("npz_sha256"):
        raise CorruptModel(f"{folder / 'model.npz'}: its SHA-256 is not the one in model.json")
    try:
        declared = {
            str(name): (tuple(map(int, entry["shape"])), _DTYPES[entry["dtype"]])
            for name, entry in card["arrays"].items()
        }
        return card, _unpack(packed, declared)
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise CorruptModel(f"{folder}: expected a model, got {error!r}") from error


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


def _read_card(path: Path, kind: str, newest: int) -> dict[str, Any]:
    """The JSON file, of this format and version, with its own checksum right."""
    data = _read(path)
    try:
        card = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorruptModel(f"{path}: expected JSON, got {error}") from error
    if not isinstance(card, dict) or card.get("format") != kind:
        raise CorruptModel(f"{path}: expected format {kind!r}, got something else")
    version = card.get("version")
    if isinstance(version, int) and version > newest:
        raise ModelVersionError(f"{path}: expected format version {newest} or older, got {version}")
    checksum = card.pop("sha256", None)
    if checksum != _checksum(card):
        raise CorruptModel(f"{path}: its contents do not match its SHA-256")
    return card


def _checksum(card: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()


def _unpack(packed: bytes, declared: Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]]) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if set(entries) != {f"{name}.npy" for name in declared}:
                raise CorruptModel(f"model.npz: expected {sorted(declared)}, got {sorted(entries)}")
            if sum(entry.file_size for entry in entries.values()) > _LARGEST_BYTES:
                raise CorruptModel(f"model.npz: expected at most {_LARGEST_BYTES} bytes of arrays, got more")
            return {name: _read_array(archive, entries[f"{name}.npy"], *what) for name, what in declared.items()}
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise CorruptModel(f"model.npz: expected a zip file, got {error}") from error


def _read_array(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, shape: tuple[int, ...], dtype: np.dtype[Any]
) -> NDArray[Any]:
    size = dtype.itemsize * math.prod(shape)
    if min(shape, default=0) < 0 or not size <= entry.file_size <= size + 10_000:
        raise CorruptModel(f"{entry.filename}: expected {size} bytes for {shape}, got {entry.file_size}")
    with archive.open(entry) as file:
        found, fortran, actual = _HEADERS[np.lib.format.read_magic(file)](file)
        if found != shape or actual != dtype:
            raise CorruptModel(f"{entry.filename}: expected {dtype} of shape {shape}, got {actual} of shape {found}")
        array = np.frombuffer(file.read(size), dtype=dtype)
    array = array.reshape(shape, order="F" if fortran else "C")
    if not np.isfinite(array).all():
        raise CorruptModel(f"{entry.filename}: expected finite numbers, got NaN or infinity")
    return array
