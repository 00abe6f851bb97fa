"""What the line remembers of an object until it is decided: little, however long the belt stands still."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from conveyorqc.core import BestView, Crop

__all__ = ["Shown", "Sightings"]

_TIMES_KEPT = 256


@dataclass(frozen=True, slots=True)
class Shown:
    """What an event says of the pictures of its object."""

    captured_at: datetime
    views: int = 0
    best_view: BestView | None = None


class Sightings:
    """When an object entered, and when its views were taken.

    Of more than 256 views only every second, fourth, … is noted, so that some neighbour of each is always known.
    """

    def __init__(self, frame_index: int, entered_at: datetime, /) -> None:
        self._entered_at = entered_at
        self._times = {frame_index: entered_at}
        self._views = 0
        self._stride = 1

    def add(self, frame_index: int, taken_at: datetime, /) -> None:
        """A view was cut from this frame."""
        self._views += 1
        if self._views % self._stride:
            return
        self._times[frame_index] = taken_at
        if len(self._times) > _TIMES_KEPT:
            self._times = dict(list(self._times.items())[::2])
            self._stride *= 2

    def shown(self, crops: Sequence[Crop], /) -> Shown:
        """The record of these views, best first; the moment of entry stands in when there is none."""
        if not crops:
            return Shown(self._entered_at)
        best = crops[0]
        nearest = min(self._times, key=lambda frame_index: abs(frame_index - best.frame_index))
        return Shown(self._times[nearest], len(crops), BestView(best.frame_index, best.box))
