"""One pass over a clip: how the belt moved, and pictures spread evenly over its travel."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from conveyorqc.calibrate._measured import Measured
from conveyorqc.core import Direction, FloatArray, Frame, IntArray
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.imgproc import small_ycrcb, working_size
from conveyorqc.track import PhaseMotion

__all__ = ["SAMPLE_WIDTH", "Sample", "Survey", "evenly", "survey"]

SAMPLE_WIDTH = 640
"""Px of the longer side of the pictures that are kept of a clip."""

_MOST_SAMPLES = 96
_FEWEST_MOVING = 3
"""Frames that must show motion."""

_LEAST_SHIFT = 1 / 1600
"""Share of the frame's longer side by which a belt that runs moves from frame to frame at least."""

_STANDSTILL = 1 / 3200
"""Share of the frame's longer side that counts as travel for each frame: a belt that stands shows something new too,
but so slowly that the objects on it do not pass for the belt."""

_LEAST_AGREEMENT = 0.3
"""Mean resultant length of the ways that frames moved: 1 for a belt, near 0 for a camera that shakes over one that
stands (K. V. Mardia and P. E. Jupp, Directional statistics, 2000)."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One picture that was kept.

    Attributes:
        frame_index: where it comes from.
        progress: travel up to it, in lengths of the frame's longer side.
        picture: (h, w, 3) uint8 Y Cr Cb, longer side at most `SAMPLE_WIDTH`.
    """

    frame_index: int
    progress: float
    picture: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What one pass over a clip shows.

    Attributes:
        width, height: of the frames, px.
        times_s: (T,) when each frame was taken.
        shifts: (T, 3) dx, dy in full-frame px and confidence.
        samples: pictures in order, spread evenly over the travel.
    """

    width: int
    height: int
    times_s: FloatArray
    shifts: FloatArray
    samples: tuple[Sample, ...]

    @property
    def frames(self) -> int:
        """How many were seen."""
        return len(self.times_s)

    @property
    def velocities(self) -> FloatArray:
        """(K, 2) px per second of the frames whose shift is believed and is no standstill."""
        elapsed = np.diff(self.times_s, prepend=self.times_s[:1])
        moved = np.abs(self.shifts[:, :2]).max(axis=1) > _LEAST_SHIFT * max(self.width, self.height)
        believed = (self.shifts[:, 2] > 0) & (elapsed > 0) & moved
        return np.asarray(self.shifts[believed, :2] / elapsed[believed, None])

    @property
    def agreement(self) -> float:
        """0-1, mean resultant length of the ways that frames moved; 0 when none did."""
        velocities = self.velocities
        if not len(velocities):
            return 0.0
        ways = velocities / np.hypot(velocities[:, 0], velocities[:, 1])[:, None]
        return float(np.hypot(*ways.mean(axis=0)))

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
        if self.agreement < _LEAST_AGREEMENT:
            raise CalibrationError("expected a belt that runs one way, but what moves goes to and fro")
        x, y = np.median(velocities, axis=0)
        if abs(x) >= abs(y):
            return Direction.LEFT_TO_RIGHT if x > 0 else Direction.RIGHT_TO_LEFT
        return Direction.TOP_TO_BOTTOM if y > 0 else Direction.BOTTOM_TO_TOP

    def speed(self, direction: Direction) -> Measured:
        """Px per second along ``direction`` while the belt runs."""
        along = self.velocities @ np.array(direction.unit)
        return Measured.of(along[along > 0])

    def fast_step(self, direction: Direction) -> float:
        """Px along ``direction`` from frame to frame, of which only one frame in twenty shows more."""
        return max(0.0, float(np.percentile(self.shifts[:, :2] @ np.array(direction.unit), 95)))

    def extent(self, direction: Direction) -> int:
        """Px of the frame along ``direction``."""
        return self.width if direction.horizontal else self.height

    def travel(self, direction: Direction) -> float:
        """Px that the belt went along ``direction`` in all."""
        return max(0.0, float((self.shifts[:, :2] @ np.array(direction.unit)).sum()))

    def spread(self, count: int) -> list[Sample]:
        """At most ``count`` of the samples, spread evenly over the travel."""
        return [self.samples[i] for i in evenly([sample.progress for sample in self.samples], count).tolist()]


def evenly(places: Sequence[float], count: int) -> IntArray:
    """Positions of at most ``count`` of ``places`` (ascending, not empty) that lie evenly between first and last.

    >>> evenly([0.0, 0.01, 0.02, 1.0, 2.0, 3.0], 4).tolist()
    [0, 3, 4, 5]
    """
    if len(places) <= count:
        return np.arange(len(places))
    wanted = np.linspace(places[0], places[-1], count)
    after = np.clip(np.searchsorted(places, wanted), 1, len(places) - 1)
    before = wanted - np.take(places, after - 1) < np.take(places, after) - wanted
    return np.unique(after - before)


def survey(frames: Iterable[Frame], /, *, most_frames: int) -> Survey:
    """Look at ``frames`` once, at most ``most_frames`` of them; memory does not grow with their number.

    Raises:
        CalibrationError: if there is no frame.
        InvalidInput: if ``most_frames`` is below 1.
    """
    if most_frames < 1:
        raise InvalidInput(f"most_frames: expected 1 or more, got {most_frames}")
    motion = PhaseMotion()
    samples: list[Sample] = []
    times: list[float] = []
    shifts: list[tuple[float, float, float]] = []
    progress = due = step = 0.0
    frame = None
    for frame in islice(frames, most_frames):
        shift = motion.measure(frame)
        times.append(frame.time_s)
        shifts.append((shift.dx, shift.dy, shift.confidence))
        progress += max(_STANDSTILL, min(max(abs(shift.dx), abs(shift.dy)) / max(frame.width, frame.height), 0.5))
        if progress >= due:
            samples.append(_sample(frame, progress))
            due = progress + step
        if len(samples) == _MOST_SAMPLES:
            samples = [samples[i] for i in evenly([s.progress for s in samples], _MOST_SAMPLES // 2).tolist()]
            step = 0.9 * (progress - samples[0].progress) / len(samples)
    if frame is None:
        raise CalibrationError("expected frames to calibrate from, got none")
    return Survey(frame.width, frame.height, np.array(times), np.array(shifts), tuple(samples))


def _sample(frame: Frame, progress: float) -> Sample:
    width, height = working_size(frame.width, frame.height, working_width=SAMPLE_WIDTH)
    return Sample(frame.index, progress, small_ycrcb(frame, width=width, height=height))
