"""When to look: every X frames, or when the belt has moved far enough."""

from __future__ import annotations

import math
from collections.abc import Mapping

from conveyorqc.core import BeltMotion, Frame, StateFields
from conveyorqc.errors import InvalidInput

__all__ = ["ByTravel", "EveryFrames"]

_STATE_VERSION = 1


class EveryFrames:
    """Look at every X-th frame, as the article does (X = 20).

    Args:
        count: X. Higher is faster, and misses objects that pass the entry between two looks.

    >>> every_second = EveryFrames(2)
    >>> import numpy as np
    >>> picture = np.zeros((4, 4, 3), np.uint8)
    >>> [every_second.due(Frame.from_bgr(picture, index=i, time_s=i / 25)) for i in range(4)]
    [True, False, True, False]
    """

    def __init__(self, count: int = 20) -> None:
        if count < 1:
            raise InvalidInput(f"count: expected 1 or more, got {count}")
        self._count = count
        self._next: int | None = None

    def due(self, frame: Frame, /) -> bool:
        """Whether to look at this frame."""
        if self._next is not None and frame.index < self._next:
            return False
        self._next = frame.index + self._count
        return True

    def state(self) -> dict[str, object]:
        """The frame on which it is due next, as JSON."""
        return {"version": _STATE_VERSION, "next": self._next}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from ``state``.

        Raises:
            InvalidInput: if it is not such a state.
        """
        fields = StateFields(state, kind="EveryFrames", version=_STATE_VERSION)
        self._next = None if fields.value("next") is None else fields.whole("next")


class ByTravel:
    """Look when the belt has moved far enough: a stopped belt costs nothing, a fast one is not missed.

    Args:
        motion: the belt's motion, shared with the tracker.
        distance: px of travel between looks; about a third of an object is good. Less looks more often.
        at_most_s: look again after this time even when the belt seems to stand, because an empty, even belt shows
            no motion.
    """

    def __init__(self, motion: BeltMotion, *, distance: float, at_most_s: float = 1.0) -> None:
        for name, value in (("distance", distance), ("at_most_s", at_most_s)):
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{name}: expected a number above 0, got {value}")
        self._motion = motion
        self._distance = distance
        self._at_most_s = at_most_s
        self._x = self._y = 0.0
        self._last_s: float | None = None

    def due(self, frame: Frame, /) -> bool:
        """Whether to look at this frame."""
        shift = self._motion.measure(frame)
        self._x += shift.dx
        self._y += shift.dy
        waited = self._last_s is None or frame.time_s - self._last_s >= self._at_most_s
        if not waited and math.hypot(self._x, self._y) < self._distance:
            return False
        self._x = self._y = 0.0
        self._last_s = frame.time_s
        return True

    def state(self) -> dict[str, object]:
        """How far the belt has moved since the last look, and when that was, as JSON."""
        return {"version": _STATE_VERSION, "x": round(self._x, 3), "y": round(self._y, 3), "last_s": self._last_s}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from ``state``.

        Raises:
            InvalidInput: if it is not such a state.
        """
        fields = StateFields(state, kind="ByTravel", version=_STATE_VERSION)
        x, y, last_s = fields.number("x"), fields.number("y"), fields.number_or_none("last_s")
        self._x, self._y, self._last_s = x, y, last_s
