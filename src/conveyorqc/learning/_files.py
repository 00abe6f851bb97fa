"""Small JSON files that are whole or not there, and one writer at a time: what survives a kill."""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conveyorqc.errors import CorruptModel, ModelConflict, ModelError, ModelNotFound

__all__ = ["alone", "append_line", "read_card", "read_lines", "sync_folder", "write_card"]

_LARGEST_BYTES = 16 * 1024 * 1024
_POLL_S = 0.01

if sys.platform == "win32":  # pragma: no cover (this half runs on Windows, the other half elsewhere)
    import msvcrt

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


@contextmanager
def alone(path: Path, /, *, timeout_s: float) -> Iterator[None]:
    """Hold the lock file ``path``; the system lets go of it when the process dies.

    Raises:
        ModelConflict: if another writer does not let go within ``timeout_s``.
        ModelError: if the file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror or error}") from error
    try:
        deadline = time.monotonic() + timeout_s
        while not _locked(descriptor):
            if time.monotonic() >= deadline:
                raise ModelConflict(f"{path.parent}: another writer held the store for {timeout_s} s")
            time.sleep(_POLL_S)
        yield
    finally:
        os.close(descriptor)  # lets go of the lock too


def _locked(descriptor: int) -> bool:
    try:
        _lock(descriptor)
    except OSError:
        return False
    return True


def write_card(path: Path, card: Mapping[str, Any], /) -> None:
    """Write ``card`` with a checksum of itself; whoever reads finds the old file or the new one.

    Raises:
        ModelError: if it cannot be written, or holds what is not JSON.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        text = json.dumps({**card, "sha256": _checksum(card)}, indent=1, allow_nan=False)
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        sync_folder(path.parent)
    except (TypeError, ValueError) as error:
        raise ModelError(f"{path}: expected what JSON can hold, got {error}") from error
    except OSError as error:
        raise ModelError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_card(path: Path, /) -> dict[str, Any]:
    """What `write_card` wrote.

    Raises:
        ModelNotFound: if there is no such file.
        CorruptModel: if it is not what was written.
    """
    card = _parsed(_bytes_of(path), str(path))
    checksum = card.pop("sha256", None)
    if checksum != _checksum(card):
        raise CorruptModel(f"{path}: its contents do not match its SHA-256")
    return card


def append_line(path: Path, row: Mapping[str, Any], /) -> None:
    """Add one JSON object as a line, and return when it is on the disk; a torn last line is removed first.

    Raises:
        ModelError: if it cannot be written.
    """
    try:
        with path.open("a+b") as file:
            file.seek(0)
            whole = file.read().rfind(b"\n") + 1
            file.truncate(whole)
            file.write(json.dumps(row).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ModelError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_lines(path: Path, /) -> list[dict[str, Any]]:
    """What `append_line` wrote, without a last line that a kill tore; nothing when there is no such file.

    Raises:
        CorruptModel: if a line is no JSON object; the text names it.
    """
    try:
        data = _bytes_of(path)
    except ModelNotFound:
        return []
    whole = data[: data.rfind(b"\n") + 1].splitlines()
    return [_parsed(line, f"{path}, line {number}") for number, line in enumerate(whole, start=1)]


def sync_folder(folder: Path, /) -> None:
    """Make new names in ``folder`` survive a power cut (Windows does so by itself and cannot open folders)."""
    if os.name != "posix":  # pragma: no cover (the other systems)
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelNotFound(f"{path}: expected a file, got none") from error
    except OSError as error:
        raise CorruptModel(f"{path}: cannot be read: {error.strerror or error}") from error
    if len(data) > _LARGEST_BYTES:
        raise CorruptModel(f"{path}: expected at most {_LARGEST_BYTES} bytes, got more")
    return data


def _parsed(data: bytes, name: str) -> dict[str, Any]:
    try:
        card = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise CorruptModel(f"{name}: expected JSON, got {error}") from error
    if not isinstance(card, dict):
        raise CorruptModel(f"{name}: expected a JSON object, got {type(card).__name__}")
    return card


def _checksum(card: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(card, sort_keys=True).encode()).hexdigest()
