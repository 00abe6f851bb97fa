"""One pass over a clip: how the belt moved, and pictures spread evenly over the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Direction, FloatArray, Frame
from conveyorqc.errors import CalibrationError
from conveyorqc.imgproc import small_ycrcb, working_size
from conveyorqc.track import PhaseMotion

__all__ = ["Survey", "survey"]

_MOST_SAMPLES = 96
_SAMPLE_WIDTH = 640
_BELIEVED = 0.1
"""Confidence from which a shift takes part in the vote on direction and speed."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What one pass over a clip shows.

    Attributes:
        width, height: of the frames, px.
        frames: how many were seen.
        times_s: (T,) their times.
        shifts: (T, 3) dx, dy in full-frame px and confidence.
        samples: (h, w, 3) uint8 Y Cr Cb pictures in order, at most 640 px wide.
    """

    width: int
    height: int
    frames: int
    times_s: FloatArray
    shifts: FloatArray
    samples: tuple[NDArray[np.uint8], ...]

    @property
    def velocities(self) -> FloatArray:
        """(K, 2) px per second of the frames whose shift is believed and is no standstill."""
        elapsed = np.diff(self.times_s, prepend=self.times_s[:1])
        moved = np.abs(self.shifts[:, :2]).max(axis=1) > max(self.width, self.height) / 1600
        believed = (self.shifts[:, 2] >= _BELIEVED) & (elapsed > 0) & moved
        return np.asarray(self.shifts[believed, :2] / elapsed[believed, None])

    def direction(self) -> Direction:
        """The way most of the travel went.

        Raises:
            CalibrationError: if nothing moves.
        """
        velocities = self.velocities
        if len(velocities) < 3:
            raise CalibrationError(
                f"expected a clip with a moving belt, but in {self.frames} frames only {len(velocities)} show motion"
            )
        x, y = np.median(velocities, axis=0)
        if abs(x) >= abs(y):
            return Direction.LEFT_TO_RIGHT if x > 0 else Direction.RIGHT_TO_LEFT
        return Direction.TOP_TO_BOTTOM if y > 0 else Direction.BOTTOM_TO_TOP

    def speed(self, direction: Direction) -> float:
        """Typical px per second along ``direction`` while the belt runs."""
        along = self.velocities @ np.array(direction.unit)
        return float(np.median(along[along > 0]))


def survey(frames: Iterable[Frame], /, *, most_frames: int) -> Survey:
    """Look at ``frames`` once, at most ``most_frames`` of them; memory does not grow with their number.

    Raises:
        CalibrationError: if there is no frame.
    """
    motion = PhaseMotion()
    samples: list[NDArray[np.uint8]] = []
    times: list[float] = []
    shifts: list[tuple[float, float, float]] = []
    step = 1
    frame = None
    for position, frame in enumerate(frames):
        if position >= most_frames:
            break
        shift = motion.measure(frame)
        times.append(frame.time_s)
        shifts.append((shift.dx, shift.dy, shift.confidence))
        if position % step == 0:
            width, height = working_size(frame.width, frame.height, working_width=_SAMPLE_WIDTH)
            samples.append(small_ycrcb(frame, width=width, height=height))
        if len(samples) == _MOST_SAMPLES:
            samples = samples[::2]
            step *= 2
    if frame is None:
        raise CalibrationError("expected frames to calibrate from, got none")
    return Survey(frame.width, frame.height, len(times), np.array(times), np.array(shifts), tuple(samples))
