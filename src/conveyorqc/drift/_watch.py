"""One feature under watch: first it learns what is usual, then it adds up what is not."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from conveyorqc.core import StateFields
from conveyorqc.drift._appearance import Feature
from conveyorqc.drift._baseline import Baseline, Ranks, baseline_of
from conveyorqc.drift._event import DriftEvent
from conveyorqc.drift._sums import Side, Way
from conveyorqc.errors import InvalidInput

__all__ = ["Watch"]

_VERSION = 1
_MEMORY = 1000
"""Objects that the centre follows: more than a drift takes to be found, and fewer than light takes to swing."""

_WAYS: tuple[Way, Way] = ("up", "down")


class Watch:
    """Watches one feature.

    Args:
        feature: which.
        learn: objects to learn from.
        tolerance: the smallest change worth an alarm.
        false_alarm_every: objects; see `baseline_of`.
    """

    def __init__(self, feature: Feature, /, *, learn: int, tolerance: float, false_alarm_every: float) -> None:
        self.feature = feature
        self._learn = learn
        self._tolerance = tolerance
        self._every = false_alarm_every
        self._learned: list[float] = []
        self._forget()

    def _forget(self) -> None:
        self._ranks: Ranks | None = None
        self._baseline: Baseline | None = None
        self._moved = 0.0
        self._weight = 0
        self._sides = tuple(Side(way) for way in _WAYS)

    @property
    def ready(self) -> bool:
        """Whether it has learned what is usual."""
        return self._baseline is not None

    def observe(self, value: float, /, *, number: int) -> None:
        """Take the value of the object ``number``."""
        if self._baseline is None:
            self._learned.append(value)
            if len(self._learned) >= self._learn:
                self.settle(self._learned)
            return
        placed = value if self._ranks is None else self._ranks.place(value)
        deviation = self._baseline.deviation(placed - self._moved)
        for side in self._sides:
            side.add(deviation, self._baseline, number=number)
        if not any(side.told for side in self._sides):
            self._go_along(deviation)

    def _go_along(self, deviation: float) -> None:
        """The centre becomes the mean of the last thousand or so objects, as far as that is forgiven."""
        self._weight = min(self._weight + 1, _MEMORY)
        self._moved += deviation / self._weight
        self._moved = min(max(self._moved, -self._tolerance / 2), self._tolerance / 2)

    def settle(self, reference: Sequence[float], /) -> None:
        """Take ``reference`` for what is usual."""
        self._forget()
        values = list(reference)
        if self.feature == "score":
            self._ranks = Ranks.of(values)
            values = [self._ranks.place(value) for value in values]
        self._learned = []
        self._weight = min(len(values), _MEMORY)
        self._baseline = baseline_of(np.array(values), tolerance=self._tolerance, false_alarm_every=self._every)

    @property
    def excess(self) -> float:
        """The larger sum in thresholds; an alarm is due from 1 on."""
        return 0.0 if self._baseline is None else max(side.excess(self._baseline) for side in self._sides)

    def tell(self, *, number: int) -> DriftEvent:
        """The alarm that is due, at the object ``number``; it is not due any more."""
        baseline = self._baseline
        if baseline is None:  # nobody asks before an alarm is due
            raise InvalidInput(f"{self.feature}: expected a baseline, got none yet")
        side = max(self._sides, key=lambda side: side.excess(baseline))
        side.told = True
        magnitude = side.mean if self._ranks is not None else math.expm1(side.mean)
        return DriftEvent(self.feature, side.way, magnitude, side.since, number, side.total, baseline.threshold)

    def state(self) -> dict[str, object]:
        """All that it remembers."""
        kept, ranks = self._baseline, self._ranks
        return {
            "version": _VERSION,
            "learned": [[value] for value in self._learned],
            "baseline": [] if kept is None else [[kept.center, kept.clip, kept.allowance, kept.threshold]],
            "moved": self._moved,
            "weight": self._weight,
            "ranks": [] if ranks is None else [[value] for value in ranks.sorted],
            "sides": [[s.total, s.since, s.count, s.deviations, int(s.told)] for s in self._sides],
        }

    def restored(self, state: Mapping[str, object], /) -> Watch:
        """Another of the same settings that goes on from ``state``.

        Raises:
            InvalidInput: if it is no such state.
        """
        fields = StateFields(state, kind=f"DriftMonitor.{self.feature}", version=_VERSION)
        new = Watch(self.feature, learn=self._learn, tolerance=self._tolerance, false_alarm_every=self._every)
        new._learned = fields.table("learned", columns=1)[:, 0].tolist()
        baseline = fields.table("baseline", columns=4).tolist()
        ranks = fields.table("ranks", columns=1)[:, 0].tolist()
        sides = fields.table("sides", columns=5).tolist()
        # A score is ranked as soon as it has a baseline, and nothing else ever is.
        if len(baseline) > 1 or bool(ranks) != (self.feature == "score" and bool(baseline)) or len(sides) != len(_WAYS):
            raise InvalidInput(f"state of DriftMonitor.{self.feature}: its parts do not fit together")
        if baseline and min(baseline[0][1:]) <= 0:
            raise InvalidInput(f"state of DriftMonitor.{self.feature}: baseline: expected above 0, got {baseline[0]}")
        new._moved, new._weight = fields.number("moved"), fields.whole("weight")
        new._baseline = Baseline(*baseline[0]) if baseline else None
        new._ranks = Ranks.of(ranks) if ranks else None
        new._sides = tuple(
            Side(way, total, int(since), int(count), deviations, bool(told))
            for way, (total, since, count, deviations, told) in zip(_WAYS, sides, strict=True)
        )
        return new
