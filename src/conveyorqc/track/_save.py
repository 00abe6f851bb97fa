"""The memory of a run in one file, so that the next process goes on with the same ids and counts."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from conveyorqc.core import Resumable
from conveyorqc.errors import CorruptStore, InvalidInput, SinkError

__all__ = ["load_state", "save_state"]

_FORMAT = "conveyorqc-state"
_VERSION = 1


def save_state(path: Path | str, parts: Mapping[str, Resumable], /) -> None:
    """Write the state of ``parts`` as JSON, all or nothing: a crash leaves the file of before.

    Args:
        path: the file; its folder must exist.
        parts: what is to go on later, by names that `load_state` will ask for.

    Raises:
        SinkError: if it cannot be written.

    >>> import tempfile
    >>> from conveyorqc.core import Direction
    >>> from conveyorqc.track import CrossingCounter
    >>> one = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    >>> one.count = 41
    >>> two = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_state(f"{folder}/line.json", {"counter": one})
    ...     load_state(f"{folder}/line.json", {"counter": two})
    >>> two.count
    41
    """
    target = Path(path)
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "parts": {name: part.state() for name, part in parts.items()},
    }
    text = json.dumps(content, allow_nan=False, separators=(",", ":"))
    temporary = target.with_name(f"{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise SinkError(f"{target}: the state cannot be written: {error.strerror or error}") from error


def load_state(path: Path | str, parts: Mapping[str, Resumable], /) -> None:
    """Let ``parts`` go on where those stood that `save_state` wrote; on an error all of them stay as they were.

    Args:
        path: the file.
        parts: set up as they were then, by the same names.

    Raises:
        SinkError: if it cannot be read.
        CorruptStore: if it is damaged, no such file, of a newer version, or not of these parts.
    """
    states = _read(Path(path))
    if set(states) != set(parts):
        raise CorruptStore(f"{path}: expected the state of {sorted(parts)}, got that of {sorted(states)}")
    before = {name: part.state() for name, part in parts.items()}
    try:
        for name, part in parts.items():
            part.restore(states[name])
    except InvalidInput as error:
        for name, part in parts.items():
            part.restore(before[name])
        raise CorruptStore(f"{path}: {error}") from error


def _read(path: Path) -> Mapping[str, Mapping[str, object]]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise SinkError(f"{path}: the state cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise CorruptStore(f"{path}: expected JSON, got {error}: cut short?") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise CorruptStore(f"{path}: expected a file of the format {_FORMAT}, got something else")
    version, parts = content.get("version"), content.get("parts")
    if version != _VERSION:
        raise CorruptStore(f"{path}: expected version {_VERSION}, got {version!r}: written by a newer conveyorqc?")
    if not isinstance(parts, dict):
        raise CorruptStore(f"{path}: expected parts by name, got {type(parts).__name__}")
    return parts
