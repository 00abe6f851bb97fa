"""A figure that was measured many times: what is usual, and how far it varies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["Measured"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure with its spread.

    Attributes:
        value: the median of the measurements.
        low, high: eight in ten measurements lie between these.
        n: number of measurements.

    >>> print(Measured.of(range(11)))
    5 (1 to 9, n=11)
    """

    value: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: ArrayLike, /) -> Self:
        """From the measurements, at least one."""
        numbers = np.asarray(values, dtype=np.float64)
        low, value, high = np.percentile(numbers, (10, 50, 90)).tolist()
        return cls(value, low, high, len(numbers))

    def __str__(self) -> str:
        return f"{self.value:.4g} ({self.low:.4g} to {self.high:.4g}, n={self.n})"
