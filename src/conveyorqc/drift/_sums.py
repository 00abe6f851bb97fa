"""The two cumulative sums of one feature: one grows when it is above what is usual, one when it is below."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from conveyorqc.drift._baseline import Baseline

__all__ = ["Side", "Way"]

Way: TypeAlias = Literal["up", "down"]


@dataclass(slots=True)
class Side:
    """One sum, and what it is made of.

    Attributes:
        way: of the change that it looks for.
        total: the sum; 0 when nothing speaks for a change.
        since: number of the first object that counts in it.
        count: how many count in it.
        deviations: their sum, before the allowance.
        told: whether the alarm was given; given again only after the sum was back at 0.
    """

    way: Way
    total: float = 0.0
    since: int = 0
    count: int = 0
    deviations: float = 0.0
    told: bool = False

    def add(self, deviation: float, baseline: Baseline, /, *, number: int) -> None:
        """Count the object ``number``."""
        outward = deviation if self.way == "up" else -deviation
        self.total = max(0.0, self.total + outward - baseline.allowance)
        if self.told:  # no higher, so that it does not take hours to come back from an hour of drift
            self.total = min(self.total, baseline.threshold)
        if self.total == 0:
            self.count, self.deviations, self.told = 0, 0.0, False
            return
        if not self.count:
            self.since = number
        self.count += 1
        self.deviations += deviation

    def excess(self, baseline: Baseline, /) -> float:
        """The sum in thresholds: an alarm is due from 1 on; 0 when it was given."""
        return 0.0 if self.told else self.total / baseline.threshold

    @property
    def mean(self) -> float:
        """Deviation of the mean object that counts."""
        return self.deviations / self.count if self.count else 0.0
