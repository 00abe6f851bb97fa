"""One pass over a clip: how the belt moved, and pictures spread evenly over the time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Direction, FloatArray, Frame
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.imgproc import small_ycrcb, working_size
from conveyorqc.track import PhaseMotion

__all__ = ["SAMPLE_WIDTH", "Survey", "survey"]

SAMPLE_WIDTH = 640
"""Px of the longer side of the pictures that are kept of a clip."""

_MOST_SAMPLES = 96
_FEWEST_MOVING = 3
"""Frames that must show motion."""

_LEAST_SHIFT = 1 / 1600
"""Share of the frame's longer side by which a belt that runs moves from frame to frame at least."""

_LEAST_AGREEMENT = 0.3
"""Mean resultant length of the ways that frames moved: 1 for a belt, near 0 for a camera that shakes over one that
stands (K. V. Mardia and P. E. Jupp, Directional statistics, 2000)."""


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What one pass over a clip shows.

    Attributes:
        width, height: of the frames, px.
        frames: how many were seen.
        times_s: (T,) their times.
        shifts: (T, 3) dx, dy in full-frame px and confidence.
        samples: (h, w, 3) uint8 Y Cr Cb pictures in order, spread evenly, longer side at most `SAMPLE_WIDTH`.
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
        moved = np.abs(self.shifts[:, :2]).max(axis=1) > _LEAST_SHIFT * max(self.width, self.height)
        believed = (self.shifts[:, 2] > 0) & (elapsed > 0) & moved
        return np.asarray(self.shifts[believed, :2] / elapsed[believed, None])

    def direction(self) -> Direction:
        """The way most of the travel went.

        Raises:
            CalibrationError: if nothing moves, or only to and fro.
        """
        velocities = self.velocities
        if len(velocities) < _FEWEST_MOVING:
            raise CalibrationError(
                f"expected a clip with a moving belt, but in {self.frames} frames only {len(velocities)} show motion"
            )
        ways = velocities / np.hypot(velocities[:, 0], velocities[:, 1])[:, None]
        if np.hypot(*ways.mean(axis=0)) < _LEAST_AGREEMENT:
            raise CalibrationError("expected a belt that runs one way, but what moves goes to and fro")
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
        InvalidInput: if ``most_frames`` is below 1.
    """
    if most_frames < 1:
        raise InvalidInput(f"most_frames: expected 1 or more, got {most_frames}")
    motion = PhaseMotion()
    samples: list[NDArray[np.uint8]] = []
    times: list[float] = []
    shifts: list[tuple[float, float, float]] = []
    step = 1
    frame = None
    for position, frame in enumerate(islice(frames, most_frames)):
        shift = motion.measure(frame)
        times.append(frame.time_s)
        shifts.append((shift.dx, shift.dy, shift.confidence))
        if position % step == 0:
            width, height = working_size(frame.width, frame.height, working_width=SAMPLE_WIDTH)
            samples.append(small_ycrcb(frame, width=width, height=height))
        if len(samples) == _MOST_SAMPLES:
            samples = samples[::2]
            step *= 2
    if frame is None:
        raise CalibrationError("expected frames to calibrate from, got none")
    return Survey(frame.width, frame.height, len(times), np.array(times), np.array(shifts), tuple(samples))
