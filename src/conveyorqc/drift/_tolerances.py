"""`Tolerances`: which change is worth telling, in the units of the thing and not in sigmas."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields

from conveyorqc.errors import InvalidInput

__all__ = ["Tolerances"]


@dataclass(frozen=True, slots=True)
class Tolerances:
    """The smallest lasting change of each feature that is worth an alarm.

    Half of it is forgiven for ever: lamps that age and warm up, one lot a little darker than the next. Smaller values
    find smaller drift, later than large drift, and take more of what is usual on a line for drift.

    Attributes:
        brightness: of the object, as a fraction.
        color: of red or blue against green, as a fraction.
        sharpness: of edges, as a fraction.
        size: of the side, as a fraction.
        score: of the mean place among the scores of the reference, 0 to 1: by 0.2 when the mean object scores as what
            was at 70 % before.

    Raises:
        InvalidInput: if one is not above 0.
    """

    brightness: float = 0.15
    color: float = 0.08
    sharpness: float = 0.12
    size: float = 0.12
    score: float = 0.2

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{field.name}: expected more than 0, got {value}")
