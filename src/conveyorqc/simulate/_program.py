"""How fast the belt runs, second by second, and how far it has come."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput

__all__ = ["BeltProgram"]

_STEPS_PER_S = 500
_DRIFT_PERIOD_S = 11.0


@dataclass(frozen=True, slots=True)
class BeltProgram:
    """The speed of the belt over time, in multiples of its nominal speed.

    Attributes:
        segments: ``(start_s, factor)`` in order of time, the first at 0 s. Factor 0 stops the belt, a negative one
            reverses it, 2 doubles its speed.
        ramp_s: how long the drive takes from one factor to the next; 0 is an impossible jerk, and allowed.
        drift: amplitude of a slow swing of the speed, 0-1 of it, as loaded drives have.

    A belt that stops for two seconds, and one that backs up for one:

    >>> stop = BeltProgram(segments=((0.0, 1.0), (3.0, 0.0), (5.0, 1.0)))
    >>> back = BeltProgram(segments=((0.0, 1.0), (4.0, -1.0), (5.0, 1.0)))
    >>> back.factors(np.array([0.0, 4.5, 6.0]))
    array([ 1., -1.,  1.])

    Raises:
        InvalidInput: if the segments are out of order, closer than ``ramp_s`` or not finite, or drift is not in 0-1.
    """

    segments: tuple[tuple[float, float], ...] = ((0.0, 1.0),)
    ramp_s: float = 0.25
    drift: float = 0.0

    def __post_init__(self) -> None:
        segments = tuple((float(start), float(factor)) for start, factor in self.segments)
        object.__setattr__(self, "segments", segments)
        if not segments or segments[0][0] != 0.0:
            raise InvalidInput(f"segments: expected the first to start at 0 s, got {segments}")
        if not (math.isfinite(self.ramp_s) and self.ramp_s >= 0 and 0 <= self.drift < 1):
            raise InvalidInput(f"expected ramp_s >= 0 and drift in [0, 1), got {self.ramp_s} s and {self.drift}")
        if not np.isfinite(segments).all():
            raise InvalidInput(f"segments: expected finite numbers, got {segments}")
        starts = [start for start, _ in segments]
        if any(later - start < max(self.ramp_s, 1e-6) for start, later in itertools.pairwise(starts)):
            raise InvalidInput(f"segments: expected starts in order and {self.ramp_s} s apart, got {starts}")

    def factors(self, times_s: FloatArray, /) -> FloatArray:
        """Speed at each of ``times_s`` (N,), in multiples of the nominal speed; negative runs backwards."""
        knots, values = [0.0], [self.segments[0][1]]
        for start, factor in self.segments[1:]:
            knots += [start, start + max(self.ramp_s, 1e-9)]
            values += [values[-1], factor]
        swing = 1.0 + self.drift * np.sin(2 * np.pi * times_s / _DRIFT_PERIOD_S)
        return np.asarray(np.interp(times_s, knots, values) * swing)

    def travel(self, times_s: FloatArray, /, *, speed_px_s: float) -> FloatArray:
        """Where the belt is at each of ``times_s`` (N,), ascending from 0: px along the direction of travel."""
        steps = max(1, math.ceil(float(times_s[-1]) * _STEPS_PER_S))
        moments = np.linspace(0.0, float(times_s[-1]), steps + 1)
        middles = (moments[1:] + moments[:-1]) / 2
        way = np.concatenate([[0.0], np.cumsum(self.factors(middles) * np.diff(moments))])
        return np.asarray(np.interp(times_s, moments, way) * speed_px_s)
