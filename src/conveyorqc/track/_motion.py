"""How far the belt moved: measured in the pictures, or known beforehand."""

from __future__ import annotations

import math
from collections.abc import Mapping

from conveyorqc.core import BeltShift, Direction, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import PhaseCorrelator, small_luma, transform_size, working_size
from conveyorqc.track._shifts import PictureShifts
from conveyorqc.track._speed import BeltSpeed

__all__ = ["ConstantMotion", "PhaseMotion"]

_NO_SHIFT = BeltShift(0.0, 0.0, 0.0)
_SMALLEST = 8
"""Working px of a side below which there is nothing to compare."""


class PhaseMotion:
    """Measures the belt's shift from frame to frame by phase correlation of the luma.

    Each picture is compared with a key picture a few px of travel back, so that errors do not add up from frame to
    frame and a belt that creeps does not drift. Rails, walls and lighting stand still and would pull the answer
    towards zero: while the belt moves they are learned and taken away. Objects in rows look alike at several shifts:
    of those the one nearest to the last speed is taken. Where a frame tells nothing (an empty, even belt), the last
    speed is assumed with confidence 0, scaled by the time between the frames; as long as the key is in view, the next
    frame that tells something corrects it.

    Args:
        direction: travel of the belt, when known: shifts across it beyond ``shake`` are not looked for, which is
            faster and surer.
        working_width: px of the longer side to work at. More is finer and slower.
        least_confidence: 0-1, share of what two pictures have in common that must agree with a shift for it to be
            believed. Higher trusts the last speed more often. Sensor noise alone reaches 0.05.
        shake: full-frame px by which the picture may move across the direction of travel. More lets through shifts
            that something else than the belt made.

    A belt that moves by half the frame or more between two frames looks as if it ran the other way; from 0.4 of the
    frame on, what both frames show may be too little. An empty belt that is even, between rails that nothing has
    passed yet, cannot be told from one that stands.

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
        self._speed = BeltSpeed()
        self._pictures: tuple[tuple[int, int], PictureShifts] | None = None

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift since the frame before; the first frame has none, or after `restore` what the last speed gives."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        shift = self._step(frame)
        self._last = (frame, shift)
        return shift

    def state(self) -> dict[str, object]:
        """The last speed and when it was measured, ready for JSON; pictures are not part of it."""
        return {"kind": "phase", **self._speed.state()}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from what `state` gave, perhaps in another process.

        The next frame has no picture before it: its shift is what the last speed gives, with confidence 0.

        Raises:
            InvalidInput: if ``state`` is of another class or version, or its values make no sense.
        """
        self._speed = BeltSpeed.restored(state, kind="phase")
        self._last = self._pictures = None

    def _step(self, frame: Frame) -> BeltShift:
        size = (frame.width, frame.height)
        if self._pictures is not None and self._pictures[0] != size:  # px of another camera mean nothing here
            self._pictures, self._speed = None, BeltSpeed()
        working = working_size(*size, working_width=self._working_width)
        width, height = transform_size(*working)
        elapsed, assumed = self._speed.until(frame.time_s)
        if min(width, height) < _SMALLEST:
            return BeltShift(*(assumed or (0.0, 0.0)), 0.0)
        if self._pictures is None:
            self._pictures = (size, self._new_pictures(width, height, scale=max(size) / max(working)))
        x, y = frame.width / width, frame.height / height
        expected = None if assumed is None else (assumed[0] / x, assumed[1] / y)
        step = self._pictures[1].step(small_luma(frame, width=width, height=height), expected=expected)
        if step is None:
            return BeltShift(*(assumed or (0.0, 0.0)), 0.0)
        shift = BeltShift(step.dx * x, step.dy * y, step.response)
        self._speed.add(shift, elapsed_s=elapsed)
        return shift

    def _new_pictures(self, width: int, height: int, *, scale: float) -> PictureShifts:
        if self._direction is None:
            correlator = PhaseCorrelator(width, height)
        else:
            breadth = height if self._direction.horizontal else width
            correlator = PhaseCorrelator(
                width,
                height,
                axis="x" if self._direction.horizontal else "y",
                reach=min(self._shake / scale, breadth / 4),
            )
        return PictureShifts(correlator, least_response=self._least_confidence)


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
        self._speed = BeltSpeed((dx_per_s, dy_per_s))
        self._last: tuple[Frame, BeltShift] | None = None

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift since the frame before; the first frame has none, or after `restore` that since the last one."""
        if self._last is not None and self._last[0] is frame:
            return self._last[1]
        _, assumed = self._speed.until(frame.time_s)
        shift = BeltShift(*(assumed or (0.0, 0.0)), 1.0)
        self._last = (frame, shift)
        return shift

    def state(self) -> dict[str, object]:
        """The time of the last frame, ready for JSON, and the speed, which is that of this belt alone."""
        return {"kind": "constant", **self._speed.state()}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from what `state` gave; the speed stays as it was set here.

        Raises:
            InvalidInput: if ``state`` is of another class or version, or its values make no sense.
        """
        self._speed = BeltSpeed(self._speed.per_s, time_s=BeltSpeed.restored(state, kind="constant").time_s)
        self._last = None
