"""The one check of every strength that a transform is given."""

from __future__ import annotations

import math

from conveyorqc.errors import InvalidInput

__all__ = ["check_range"]


def check_range(name: str, value: float, /, *, low: float, high: float = math.inf) -> None:
    """Raise InvalidInput unless ``value`` is finite and ``low <= value <= high``."""
    if not (math.isfinite(value) and low <= value <= high):
        span = f"{low:g} or more" if math.isinf(high) else f"{low:g} to {high:g}"
        raise InvalidInput(f"{name}: expected {span}, got {value}")
