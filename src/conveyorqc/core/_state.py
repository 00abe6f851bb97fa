"""Reading back what a stage wrote about itself: every field checked, every error with its name."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from conveyorqc.core._types import FloatArray
from conveyorqc.errors import InvalidInput

__all__ = ["StateFields"]

_LARGEST = 2.0**53
"""Whole numbers up to here are exact in JSON and in float64."""


class StateFields:
    """The fields of the state of a `Resumable`, as JSON gave them.

    Args:
        state: what its ``state`` once returned.
        kind: whose state it is, for the texts of errors.
        version: the only one that can be read.

    Raises:
        InvalidInput: if it is no mapping, or of another version; every method, if its field is missing or wrong.

    >>> StateFields({"version": 1, "count": 3}, kind="counter", version=1).whole("count")
    3
    """

    def __init__(self, state: Mapping[str, object], /, *, kind: str, version: int) -> None:
        self._kind = kind
        if not isinstance(state, Mapping):
            raise InvalidInput(f"state of {kind}: expected an object, got {type(state).__name__}")
        self._state = state
        found = self.whole("version")
        if found != version:
            hint = ": it was written by a newer version of conveyorqc" if found > version else ""
            raise InvalidInput(f"state of {kind}: expected version {version}, got {found}{hint}")

    def value(self, name: str, /) -> object:
        """The field ``name``, whatever it is."""
        if name not in self._state:
            raise InvalidInput(f"state of {self._kind}: expected a field {name}, got {sorted(self._state)}")
        return self._state[name]

    def mapping(self, name: str, /) -> Mapping[str, object]:
        """The object in a field: the state of a part."""
        found = self.value(name)
        if not isinstance(found, Mapping):
            raise InvalidInput(f"state of {self._kind}: {name}: expected an object, got {type(found).__name__}")
        return found

    def number(self, name: str, /) -> float:
        """The finite number in a field."""
        return self._number(self.value(name), name)

    def number_or_none(self, name: str, /) -> float | None:
        """The finite number in a field, or None."""
        return None if self.value(name) is None else self.number(name)

    def whole(self, name: str, /) -> int:
        """The whole number of 0 or more in a field."""
        found = self.number(name)
        if found < 0 or not found.is_integer():
            raise InvalidInput(f"state of {self._kind}: {name}: expected a whole number of 0 or more, got {found}")
        return int(found)

    def table(self, name: str, /, *, columns: int) -> FloatArray:
        """(N, columns) float64 from a list of N lists of numbers."""
        rows = self.value(name)
        if not isinstance(rows, list) or not all(isinstance(row, list) and len(row) == columns for row in rows):
            raise InvalidInput(f"state of {self._kind}: {name}: expected a list of lists of {columns} numbers")
        return np.array([[self._number(value, name) for value in row] for row in rows]).reshape(-1, columns)

    def ids(self, name: str, /) -> list[int]:
        """A list of whole numbers of 0 or more, each once."""
        found = self.value(name)
        if not isinstance(found, list) or not all(type(i) is int and 0 <= i < _LARGEST for i in found):
            raise InvalidInput(f"state of {self._kind}: {name}: expected a list of whole numbers")
        if len(set(found)) != len(found):
            raise InvalidInput(f"state of {self._kind}: {name}: expected each number once")
        return found

    def _number(self, value: object, name: str) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST:  # NaN is not
            return float(value)
        raise InvalidInput(f"state of {self._kind}: {name}: expected a finite number, got {str(value)[:40]!r}")
