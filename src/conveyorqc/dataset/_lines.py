"""Lines, JSON Lines and paths that come from files: nothing is trusted, every complaint names the line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from conveyorqc.errors import DatasetError, InvalidInput

__all__ = [
    "MAX_LINE_CHARS",
    "BadLines",
    "JsonPlace",
    "Place",
    "contained_file",
    "json_lines",
    "passed_over",
    "text_lines",
]

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


class JsonPlace(NamedTuple):
    """A field of a JSON file, for error texts."""

    path: Path
    field: str

    def error(self, complaint: str, /) -> DatasetError:
        """The error to raise for this field."""
        return DatasetError(f"{self.path}: {self.field}: {complaint}")


class BadLines:
    """Gathers what is wrong with single lines, so that a reader goes on to the next one instead of stopping.

    Hand one to a reader, and look at ``errors`` when it is done.

    Args:
        most: how many are borne with; one more is raised. Without a limit a file of another kind would be read, and
            complained about, to its end.

    Raises:
        InvalidInput: if ``most`` is negative.
    """

    def __init__(self, *, most: int = 100) -> None:
        if most < 0:
            raise InvalidInput(f"most: expected 0 or more, got {most}")
        self._most = most
        self._errors: list[DatasetError] = []

    @property
    def errors(self) -> tuple[DatasetError, ...]:
        """What was wrong, in the order of the file."""
        return tuple(self._errors)

    def add(self, error: DatasetError, /) -> None:
        """Bear with one more.

        Raises:
            DatasetError: ``error``, if there are too many already.
        """
        if len(self._errors) >= self._most:
            raise error
        self._errors.append(error)


@contextmanager
def passed_over(bad: BadLines | None, /) -> Iterator[None]:
    """Give a `DatasetError` raised inside to ``bad`` and go on; None raises it."""
    try:
        yield
    except DatasetError as error:
        if bad is None:
            raise
        bad.add(error)


def json_lines(path: Path, /, *, bad: BadLines | None = None) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The JSON objects of a UTF-8 file, one per line, read line by line; blank lines are passed over.

    Raises:
        DatasetError: if the file cannot be read; or a line is too long or no JSON object, and ``bad`` bears no more.
    """
    for place, text in text_lines(path, bad=bad):
        row = None
        with passed_over(bad):
            row = _parsed(text, place)
        if row is not None:
            yield place, row


def text_lines(path: Path, /, *, bad: BadLines | None = None) -> Iterator[tuple[Place, str]]:
    """The lines of a UTF-8 file without the space around them, read one by one; blank ones are passed over.

    Raises:
        DatasetError: if the file cannot be read; or a line is too long or no UTF-8, and ``bad`` bears no more.
    """
    try:
        with path.open("rb") as file:
            for number in count(1):
                line = file.readline(_MAX_LINE_BYTES + 1)
                if not line:
                    return
                place, text = Place(path, number), ""
                with passed_over(bad):
                    text = _decoded(line, place).strip()
                while len(line) > _MAX_LINE_BYTES and not line.endswith(b"\n"):  # what is too long is skipped piecewise
                    line = file.readline(_MAX_LINE_BYTES + 1)
                if text:
                    yield place, text
    except (OSError, ValueError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def contained_file(name: str, /, *, folder: Path, root: Path, place: Place | JsonPlace) -> Path:
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
