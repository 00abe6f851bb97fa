"""Events back out of the files that sinks write."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

from conveyorqc.core import InspectionEvent
from conveyorqc.errors import CorruptStore, InvalidInput, SinkError
from conveyorqc.sinks import read_events

__all__ = ["event_file"]

_SQLITE = b"SQLite format 3\0"


def event_file(path: str | os.PathLike[str], /) -> Iterator[InspectionEvent]:
    """The events of a file of `SQLiteSink` or of `JsonlSink`, whichever it is, in the order they were stored.

    Raises:
        SinkError: if there is no such file.
        CorruptStore: if it is neither, or damaged; the text names the line.
    """
    file = Path(path)
    try:
        with file.open("rb") as opened:
            is_database = opened.read(len(_SQLITE)) == _SQLITE
    except OSError as error:
        raise SinkError(f"{file}: {error.strerror or error}") from error
    return read_events(file) if is_database else _json_lines(file)


def _json_lines(file: Path) -> Iterator[InspectionEvent]:
    with file.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                yield InspectionEvent.from_dict(json.loads(line))
            except (InvalidInput, ValueError, TypeError, RecursionError) as error:
                if not line.endswith(b"\n"):  # torn by a crash: never acknowledged
                    return
                raise CorruptStore(f"{file}, line {number}: expected an event, got {str(error)[:200]}") from error
