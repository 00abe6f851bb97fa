"""Lines, JSON Lines and paths that come from files: nothing is trusted, every complaint names the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from conveyorqc.errors import DatasetError

__all__ = ["MAX_LINE_CHARS", "Place", "contained_file", "json_lines", "text_lines"]

MAX_LINE_CHARS = 8192
"""The longest line of a manifest that Lookout for Vision accepted."""

_MAX_LINE_BYTES = 4 * MAX_LINE_CHARS + len("\r\n")  # a character of UTF-8 takes at most 4 bytes


class Place(NamedTuple):
    """A line of a file, for error texts."""

    path: Path
    line: int

    def error(self, complaint: str, /) -> DatasetError:
        """The error to raise for this line."""
        return DatasetError(f"{self.path}, line {self.line}: {complaint}")


def json_lines(path: Path, /) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The JSON objects of a UTF-8 file, one per line, read line by line; blank lines are passed over.

    Raises:
        DatasetError: if the file cannot be read, or a line is too long or no JSON object.
    """
    for place, text in text_lines(path):
        yield place, _parsed(text, place)


def text_lines(path: Path, /) -> Iterator[tuple[Place, str]]:
    """The lines of a UTF-8 file without the space around them, read one by one; blank ones are passed over.

    Raises:
        DatasetError: if the file cannot be read, or a line is too long.
    """
    try:
        with path.open("rb") as file:
            # What is too long is not even read to its end.
            lines = iter(lambda: file.readline(_MAX_LINE_BYTES + 1), b"")
            for number, line in enumerate(lines, start=1):
                place = Place(path, number)
                text = _decoded(line, place).strip()
                if text:
                    yield place, text
    except (OSError, ValueError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def contained_file(name: str, /, *, folder: Path, root: Path, place: Place) -> Path:
    """The existing file ``name``, taken from ``folder``, which must lie within ``root``.

    Raises:
        DatasetError: if it lies outside (``..``, an absolute path, a link) or is no file.
    """
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(root.resolve()), path.is_file()
    except (OSError, ValueError) as error:
        raise place.error(f"expected the name of a file, got {name!r:.200}: {error}") from error
    if not inside:
        raise place.error(f"expected a file within {root}, got {name!r}, which lies outside")
    if not there:
        raise place.error(f"expected a file, but there is no {path}")
    return path


def _decoded(line: bytes, place: Place) -> str:
    too_long = f"expected at most {MAX_LINE_CHARS} characters, got more"
    if len(line) > _MAX_LINE_BYTES:
        raise place.error(too_long)
    try:
        text = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise place.error(f"expected UTF-8: {error}") from error
    if len(text) > MAX_LINE_CHARS:
        raise place.error(too_long)
    return text


def _parsed(text: str, place: Place) -> dict[str, Any]:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise place.error(f"expected a JSON object: {error}") from error
    if not isinstance(row, dict):
        raise place.error(f"expected a JSON object, got {text[:80]}")
    return row
