"""The last speed of the belt, by the clock, and how it outlives a restart."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import cast

from conveyorqc.core import BeltShift
from conveyorqc.errors import InvalidInput

__all__ = ["BeltSpeed"]

_VERSION = 1
_SMOOTHING_S = 0.1
"""Time in which the speed follows a change by two thirds: a shaking camera must not pass for the belt's speed."""


class BeltSpeed:
    """Px per second of the belt, by timestamps and never by frame numbers.

    Args:
        per_s: full-frame px per second in x and y; None while nothing is known.
        time_s: of the last frame; None before the first.
    """

    def __init__(self, per_s: tuple[float, float] | None = None, *, time_s: float | None = None) -> None:
        self.per_s = per_s
        self.time_s = time_s
        self._gone = (0.0, 0.0)
        self._unmeasured_s = 0.0

    def until(self, time_s: float, /) -> tuple[float, tuple[float, float] | None]:
        """Seconds since the last frame, which ``time_s`` becomes, and px at this speed; a clock set back counts 0."""
        elapsed = 0.0 if self.time_s is None else max(0.0, time_s - self.time_s)
        first, self.time_s = self.time_s is None, time_s
        if self.per_s is None or first:
            return elapsed, None
        return elapsed, (self.per_s[0] * elapsed, self.per_s[1] * elapsed)

    def add(self, shift: BeltShift, /, *, elapsed_s: float) -> None:
        """Take in a shift; assumed ones, with confidence 0, count once a later one tells whether they were right."""
        if self.per_s is None and not shift.confidence:
            return
        self._gone = (self._gone[0] + shift.dx, self._gone[1] + shift.dy)
        self._unmeasured_s += elapsed_s
        if not shift.confidence or not self._unmeasured_s > 0:
            return
        latest = (self._gone[0] / self._unmeasured_s, self._gone[1] / self._unmeasured_s)
        share = 1.0 - math.exp(-self._unmeasured_s / _SMOOTHING_S)
        old = latest if self.per_s is None else self.per_s
        self.per_s = (old[0] + share * (latest[0] - old[0]), old[1] + share * (latest[1] - old[1]))
        self._gone, self._unmeasured_s = (0.0, 0.0), 0.0

    def state(self) -> dict[str, object]:
        """Version, speed and time, ready for JSON."""
        return {
            "version": _VERSION,
            "px_per_s": None if self.per_s is None else [round(speed, 6) for speed in self.per_s],
            "time_s": self.time_s,
        }

    @classmethod
    def restored(cls, state: Mapping[str, object], /, *, kind: str) -> BeltSpeed:
        """From what `state` gave, of a motion of this ``kind``.

        Raises:
            InvalidInput: if it is of another kind or version, or its values make no sense.
        """
        if not isinstance(state, Mapping):
            raise InvalidInput(f"state of the motion: expected a mapping, got {type(state).__name__}")
        expected = {"kind": kind, "version": _VERSION}
        actual = {name: state.get(name) for name in expected}
        if actual != expected:
            raise InvalidInput(f"state of the motion: expected {expected}, got {actual}")
        speed, time_s = state.get("px_per_s"), state.get("time_s")
        if speed is not None and not (isinstance(speed, list | tuple) and len(speed) == 2 and all(map(_finite, speed))):
            raise InvalidInput(f"px_per_s: expected two finite numbers or null, got {speed!r}")
        if time_s is not None and not _finite(time_s):
            raise InvalidInput(f"time_s: expected a finite time or null, got {time_s!r}")
        return cls(
            None if speed is None else (float(speed[0]), float(speed[1])),
            time_s=None if time_s is None else float(cast("float", time_s)),
        )


def _finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
