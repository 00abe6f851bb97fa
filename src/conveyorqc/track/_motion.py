"""How far the belt moved: phase correlation of what is not fixed in the picture."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import BeltShift, Direction, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import hann_window, high_pass, phase_shift, small_luma, working_size

__all__ = ["ConstantMotion", "PhaseMotion"]

_MOVING = 0.2
"""Working px per frame above which the belt counts as moving."""

_LEARNING_RATE = 0.04
"""Share of each frame in the mean of what is fixed: known after about a second, and objects blur away in it."""

_NOISE = 18.0
"""Response of the correlation of pure noise, times the root of the number of pixels; no less is ever believed."""


class PhaseMotion:
    """Measures the belt's shift from frame to frame by phase correlation of the high-passed luma.

    Rails, walls and lighting stand still and would pull the answer towards zero. While the belt moves, their slow
    mean is learned and taken away, so that only what moves is compared. Where a frame tells nothing (an empty, even
    belt), the last speed is assumed with confidence 0, scaled by the time between the frames. An empty belt that is
    even, between rails in flickering light, cannot always be told from one that stands.

    Args:
        direction: travel of the belt, when known: shifts across it beyond ``shake`` are not believed.
        working_width: px of the longer side to work at. More is finer and slower.
        least_confidence: response of the correlation, 0-1, below which a measurement is not believed. Higher
            trusts the last speed more often. Sensor noise alone reaches 0.1.
        shake: full-frame px by which the picture may move across the direction of travel. More lets through shifts
            that something else than the belt made.

    A belt that moves by half the frame or more between two frames looks as if it ran the other way.

    Raises:
        InvalidInput: if a number is outside its range.

    Reference: C. Kuglin and D. Hines, The phase correlation image alignment method (1975).
    """

    def __init__(
        self,
        *,
        direction: Direction | None = None,
        working_width: int = 320,
        least_confidence: float = 0.15,
        shake: float = 12.0,
    ) -> None:
        if working_width < 16:
            raise InvalidInput(f"working_width: expected 16 px or more, got {working_width}")
        if not 0 <= least_confidence <= 1:
            raise InvalidInput(f"least_confidence: expected a number in [0, 1], got {least_confidence}")
        if not (math.isfinite(shake) and shake >= 0):
            raise InvalidInput(f"shake: expected px of 0 or more, got {shake}")
        self._direction = direction
        self._working_width = working_width
        self._least_confidence = least_confidence
        self._shake = shake
        self._last: tuple[Frame, BeltShift] | None = None
        self._before: NDArray[np.float32] | None = None
        self._fixed: NDArray[np.float32] | None = None
        self._window: NDArray[np.float32] | None = None
        self._speed = (0.0, 0.0)

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift since the frame before; the first frame has none."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        shift = self._compare(frame)
        self._last = (frame, shift)
        return shift

    def _compare(self, frame: Frame) -> BeltShift:
        width, height = working_size(frame.width, frame.height, working_width=self._working_width)
        now = high_pass(small_luma(frame, width=width, height=height), sigma=max(width, height) / 40)
        before, self._before = self._before, now
        if before is None or self._last is None or before.shape != now.shape:
            return BeltShift(0.0, 0.0, 0.0)
        elapsed = max(0.0, frame.time_s - self._last[0].time_s)
        x, y = frame.width / width, frame.height / height
        dx, dy, response = self._correlate(before, now)
        shift = BeltShift(dx * x, dy * y, response if response * math.sqrt(now.size) >= _NOISE else 0.0)
        if not self._believable(shift, frame):
            return BeltShift(self._speed[0] * elapsed, self._speed[1] * elapsed, 0.0)
        self._learn_fixed(now, math.hypot(dx, dy))
        if elapsed > 0:
            self._speed = (shift.dx / elapsed, shift.dy / elapsed)
        return shift

    def _correlate(self, before: NDArray[np.float32], now: NDArray[np.float32]) -> tuple[float, float, float]:
        # Less than one grey level is rounding, which phase correlation would take as seriously as a texture; and a
        # single line of pixels has no window.
        if np.ptp(now) < 1 or min(now.shape) < 2:
            return 0.0, 0.0, 0.0
        if self._window is None or self._window.shape != now.shape:
            self._window = hann_window(now.shape[1], now.shape[0])
            self._fixed = None
        if self._fixed is None:
            return phase_shift(before, now, window=self._window)
        return phase_shift(_less(before, self._fixed), _less(now, self._fixed), window=self._window)

    def _believable(self, shift: BeltShift, frame: Frame) -> bool:
        if not 0 < shift.confidence >= self._least_confidence:
            return False
        if self._direction is None:
            return True
        across, side = (shift.dy, frame.height) if self._direction.horizontal else (shift.dx, frame.width)
        return abs(across) <= min(self._shake, side / 4)

    def _learn_fixed(self, now: NDArray[np.float32], moved: float) -> None:
        """Only while the belt moves: on a stopped belt the objects would be learned as fixed."""
        if moved < _MOVING:
            return
        if self._fixed is None:
            self._fixed = np.zeros_like(now)
        self._fixed += _LEARNING_RATE * (now - self._fixed)


def _less(now: NDArray[np.float32], fixed: NDArray[np.float32]) -> NDArray[np.float32]:
    """``now`` without what ``fixed`` explains of it; traces that passing things left in the mean explain nothing."""
    rest = now - fixed
    return np.where(np.abs(rest) < np.abs(now), rest, now)


class ConstantMotion:
    """A belt of known, constant speed; also what an encoder with a fixed ratio amounts to.

    Args:
        dx_per_s, dy_per_s: full-frame px per second; y points down.

    Raises:
        InvalidInput: if a speed is not finite.
    """

    def __init__(self, *, dx_per_s: float = 0.0, dy_per_s: float = 0.0) -> None:
        if not (math.isfinite(dx_per_s) and math.isfinite(dy_per_s)):
            raise InvalidInput(f"speed: expected finite px per second, got ({dx_per_s}, {dy_per_s})")
        self._per_s = (dx_per_s, dy_per_s)
        self._last: tuple[Frame, BeltShift] | None = None

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift since the frame before; the first frame has none."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        elapsed = 0.0 if self._last is None else frame.time_s - self._last[0].time_s
        shift = BeltShift(self._per_s[0] * elapsed, self._per_s[1] * elapsed, 1.0)
        self._last = (frame, shift)
        return shift
