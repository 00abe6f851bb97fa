"""JSON that nobody vouches for: read whole, its fields checked as they are taken, each complaint with its place."""

from __future__ import annotations

import json
import math
import reprlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["LARGEST_ID", "NUMBER", "Fields", "box_at", "checked", "frame_at", "id_at", "kind_of", "parse_json"]

NUMBER = (int, float)

LARGEST_ID = 2**53
"""Ids up to here stay what they are wherever a format or a library takes them for floating-point numbers."""

_LAST_FRAME = 10**8
"""46 days at 25 frames a second. Whoever walks over all frames up to a labelled one must come to an end."""

_MOST_BYTES = 2**29
"""JSON is read whole, and takes some ten times its size in memory."""


def parse_json(path: Path | str, /) -> object:
    """What the UTF-8 file holds, with or without a byte order mark.

    Raises:
        DatasetError: if it cannot be read, is larger than 512 MiB, nested too deeply or no JSON, or an object in it
            holds a key twice.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        text = path.read_text(encoding="utf-8-sig") if size <= _MOST_BYTES else None
    except UnicodeDecodeError as error:
        raise DatasetError(f"{path}: expected JSON in UTF-8, got {error}") from error
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if text is None:
        raise DatasetError(f"{path}: expected at most {_MOST_BYTES} bytes of JSON, got {size}")
    try:
        return json.loads(text, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError) as error:
        raise DatasetError(f"{path}: expected JSON, got {error}") from error


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise ValueError(f"the key {twice!r:.40} twice in one object")
    return found


class Fields:
    """A JSON object whose fields are checked as they are taken; ``where`` is its place in the file.

    Raises:
        InvalidInput: by each method, naming the place, when a field is not what was asked for.
    """

    def __init__(self, data: object, where: str = "") -> None:
        if not isinstance(data, dict):
            raise InvalidInput(f"{where or 'file'}: expected an object, got {kind_of(data)}")
        self._data = data
        self.where = where

    def place(self, name: str, /) -> str:
        """Where the field ``name`` stands."""
        return f"{self.where}.{name}" if self.where else name

    def take(self, name: str, kinds: type | tuple[type, ...], /) -> Any:
        """The field ``name``, of one of ``kinds``; a flag is no number."""
        if name not in self._data:
            raise InvalidInput(f"{self.place(name)}: expected this field, got none")
        return checked(self._data[name], kinds, self.place(name))

    def given(self, name: str, kinds: type | tuple[type, ...], /) -> Any:
        """The same, or None where the field is absent or null."""
        return None if self._data.get(name) is None else self.take(name, kinds)

    def frame_index(self, name: str, /) -> int:
        """The field ``name``, the index of a frame from 0."""
        return frame_at(self.take(name, int), self.place(name))

    def object_id(self, name: str, /) -> int:
        """The field ``name``, a whole number that any reader keeps exactly."""
        return id_at(self.take(name, int), self.place(name))

    def box(self, name: str, /) -> tuple[float, float, float, float]:
        """The field ``name``, which is ``[x, y, w, h]``, as x0, y0, x1, y1."""
        return box_at(self.take(name, list), self.place(name))

    def listed(self, name: str, kinds: type | tuple[type, ...], /) -> list[Any]:
        """The list ``name``, each element of one of ``kinds``."""
        return [checked(value, kinds, f"{self.place(name)}[{i}]") for i, value in enumerate(self.take(name, list))]

    def each(self, name: str, /) -> Iterator[Fields]:
        """The objects in the list ``name``."""
        return (Fields(value, f"{self.place(name)}[{i}]") for i, value in enumerate(self.take(name, list)))

    def __contains__(self, name: str) -> bool:
        return name in self._data


def checked(value: object, kinds: type | tuple[type, ...], place: str, /) -> Any:
    """``value``, which is of one of ``kinds`` and, if a number, finite."""
    wanted = kinds if isinstance(kinds, tuple) else (kinds,)
    if type(value) not in wanted:
        raise InvalidInput(f"{place}: expected {' or '.join(kind.__name__ for kind in wanted)}, got {kind_of(value)}")
    # JSON knows integers that no float can hold.
    if isinstance(value, float | int) and not -sys.float_info.max <= value <= sys.float_info.max:
        raise InvalidInput(f"{place}: expected a finite number, got {reprlib.repr(value)}")
    return value


def id_at(value: object, place: str, /) -> int:
    """``value`` as an id: a whole number that any reader keeps exactly."""
    return _whole_at(value, place, -LARGEST_ID, LARGEST_ID)


def frame_at(value: object, place: str, /) -> int:
    """``value`` as the index of a frame, from 0."""
    return _whole_at(value, place, 0, _LAST_FRAME)


def _whole_at(value: object, place: str, least: int, most: int) -> int:
    if type(value) is not int:
        raise InvalidInput(f"{place}: expected int, got {kind_of(value)}")
    if not least <= value <= most:
        raise InvalidInput(f"{place}: expected {least} to {most}, got {reprlib.repr(value)}")
    return value


def box_at(value: object, place: str, /) -> tuple[float, float, float, float]:
    """``value``, which is ``[x, y, w, h]``, as x0, y0, x1, y1."""
    if not isinstance(value, list) or len(value) != 4:
        raise InvalidInput(f"{place}: expected [x, y, w, h], got {kind_of(value)}")
    for name, number in zip("xywh", value, strict=True):
        checked(number, NUMBER, f"{place}.{name}")
    x, y, w, h = map(float, value)
    if w < 0 or h < 0:
        raise InvalidInput(f"{place}: expected w and h of 0 or more, got {w} and {h}")
    if not (math.isfinite(x + w) and math.isfinite(y + h)):
        raise InvalidInput(f"{place}: expected px, got {kind_of(value)}")
    return x, y, x + w, y + h


def kind_of(value: object, /) -> str:
    """The type of ``value`` and its beginning, for error texts; however deep and long it is."""
    return f"{type(value).__name__} {reprlib.repr(value):.40}"
