"""How far one picture is shifted against another: phase correlation, each picture transformed once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["PhaseCorrelator", "ShiftPeak", "Spectrum", "transform_size"]

Spectrum: TypeAlias = NDArray[np.complex64]
"""(h, w / 2 - 1) complex64: the coarse three quarters of a picture's Fourier transform, without the column of what is
the same along x. Spectra add up as their pictures do."""

_TAPER = 0.5
"""Share of each side that the window fades in and out. A longer fade hides what a fast belt brings and takes."""

_COARSEST, _FINEST = 0.02, 0.15
"""Cycles per px: slower changes are lighting, quicker ones mostly noise. A peak is 1 / (2 pi 0.15) = 1 px wide."""

_KEPT = 0.75
"""Share of the frequencies of each axis that are worked on; the rest has next to no weight."""

_ROUNDING = 0.5
"""Grey levels of noise at least in any picture: what lies below is not taken for texture."""

_NEARER, _EXPECTED = 0.6, 0.33
"""Share of the highest peak from which another one is taken instead: one nearer to what is expected, one there."""

_THERE = 4.0
"""Px from what is expected that count as there; of long shifts 15 %."""

_SLANT = 0.05
"""Px across for each px along: a camera is never mounted quite straight."""


def transform_size(width: int, height: int, /) -> tuple[int, int]:
    """The largest sides up to these that are even and products of 2, 3 and 5, which transform fastest.

    >>> transform_size(320, 180), transform_size(320, 203)
    ((320, 180), (320, 200))
    """
    return _fast_side(width), _fast_side(height)


@dataclass(frozen=True, slots=True)
class ShiftPeak:
    """The shift that explains best how one picture became another.

    Attributes:
        dx, dy: px, to a fraction.
        response: 0-1, share of the common structure that agrees with this shift.
        contrast: height of the peak in standard deviations of what unrelated pictures give; they reach 4 or 5.
    """

    dx: float
    dy: float
    response: float
    contrast: float


class PhaseCorrelator:
    """Compares pictures of one size by phase correlation.

    Each picture is faded out towards its edges and transformed. Of the product of two transforms only the phases
    count, down to the noise, weighted so that lighting and the finest grain do not: a shift gives one round peak,
    whose top is found between the px by a parabola through the logarithms. Shifts of half a side and more come out as
    their complement.

    C. Kuglin and D. Hines, The phase correlation image alignment method (1975); the weighting is that of a Wiener
    filter.

    Args:
        width, height: of the pictures, px; as `transform_size` gives them, 8 or more.
        axis: the picture's axis that shifts run along.
        reach: px by which shifts may go across that axis; infinite means any. Less is faster and surer.

    Raises:
        InvalidInput: if a side is odd or below 8, or ``reach`` is negative.
    """

    def __init__(self, width: int, height: int, /, *, axis: Literal["x", "y"] = "x", reach: float = math.inf) -> None:
        if min(width, height) < 8 or width % 2 or height % 2:
            raise InvalidInput(f"size: expected even sides of 8 px or more, got {width}x{height}")
        if not reach >= 0:
            raise InvalidInput(f"reach: expected px of 0 or more, got {reach}")
        self._window = np.outer(_tapered(height), _tapered(width)).astype(np.float32)
        self._noise = np.float32(_ROUNDING**2 * np.square(self._window).sum())
        self._kept = columns, rows = transform_size(int(_KEPT * width), int(_KEPT * height))
        across = np.fft.fftfreq(rows, d=height / rows)
        square = np.square(across)[:, None] + np.square(np.arange(1, columns // 2) / width)
        fine, coarse = (np.exp(-square / (2 * limit**2)) for limit in (_FINEST, _COARSEST))
        self._weight = (fine * (1 - coarse)).astype(np.float32)
        self._least_common = 5e-3 * float(self._weight.sum())
        self._axis = axis
        self._unit = (width / columns, height / rows)
        length, breadth = (width, rows) if axis == "x" else (height, columns)
        self._across = self._unit[axis == "x"]
        self._reach = reach
        # One line more than may be answered: else the flank of a peak beyond it would pass for a peak.
        self._lines = math.ceil(min((reach + _SLANT * length / 2) / self._across, breadth / 2 - 2)) + 1

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the pictures, px."""
        height, width = self._window.shape
        return width, height

    def spectrum(self, plane: NDArray[np.uint8], /) -> Spectrum:
        """Transform of ``plane`` (height, width) uint8 less its mean."""
        if plane.shape != self._window.shape:
            raise InvalidInput(f"plane: expected shape {self._window.shape}, got {plane.shape}")
        faded = cv2.scaleAdd(self._window, -cv2.mean(plane)[0], cv2.multiply(plane, self._window, dtype=cv2.CV_32F))
        packed = np.asarray(cv2.dft(faded), dtype=np.float32)
        columns, rows = self._kept
        coarse = packed[:, 1 : columns - 1]
        return np.concatenate([coarse[: rows // 2], coarse[-rows // 2 :]]).view(np.complex64)

    def shift(self, now: Spectrum, before: Spectrum, /, *, expected: tuple[float, float] | None = None) -> ShiftPeak:
        """The shift of ``now`` against ``before``.

        Things in rows look alike at several shifts. Of peaks of comparable height the one at ``expected`` (dx, dy)
        or nearest to it is taken, or without it the highest.
        """
        surface, total, spread = self._surface(now, before)
        found = self._candidate(surface, expected)
        if found is None or total < self._least_common:
            return ShiftPeak(0.0, 0.0, 0.0, 0.0)
        x, y, height = _refined(surface, *found)
        return ShiftPeak(x * self._unit[0], y * self._unit[1], min(1.0, height / total), height / spread)

    def _surface(self, now: Spectrum, before: Spectrum) -> tuple[NDArray[np.float32], float, float]:
        """The correlation at every shift, its most, and its standard deviation for unrelated pictures."""
        common = now * before.conj()
        strength = np.abs(common)
        weight = self._weight / (strength + self._noise)
        packed = np.zeros(self._kept[::-1], np.float32)
        np.multiply(common, weight, out=packed[:, 1:-1].view(np.complex64))
        strength *= weight
        surface = np.asarray(cv2.dft(packed, flags=cv2.DFT_INVERSE), dtype=np.float32)
        return surface, 2 * float(strength.sum()), math.sqrt(2 * float(np.vdot(strength, strength)))

    def _candidate(
        self, surface: NDArray[np.float32], expected: tuple[float, float] | None
    ) -> tuple[int, int, float] | None:
        """Column and row of the peak to take, 0 in the middle, and its height."""
        band = surface if self._axis == "x" else surface.T
        lines, middle = self._lines, band.shape[1] // 2
        band = np.roll(np.concatenate([band[-lines:], band[: lines + 1]]), middle, axis=1)
        highest = np.asarray(cv2.dilate(band, _NEIGHBOURS))
        top = max(float(highest.max()), 1e-30)
        peaks = np.flatnonzero((band == highest) & (band >= _EXPECTED * top))
        across, along = np.divmod(peaks, band.shape[1])
        columns, rows = (along - middle, across - lines) if self._axis == "x" else (across - lines, along - middle)
        dx, dy = columns * self._unit[0], rows * self._unit[1]
        along_px, across_px = (dx, dy) if self._axis == "x" else (dy, dx)
        allowed = np.abs(across_px) <= self._reach + 0.5 * self._across + _SLANT * np.abs(along_px)
        if not allowed.any():
            return None
        heights = band.ravel()[peaks].astype(np.float64)
        worth = heights
        if expected is not None:
            worth = _worth(heights / top, np.hypot(dx - expected[0], dy - expected[1]), math.hypot(*expected))
        chosen = np.argmax(np.where(allowed, worth, -np.inf))
        return int(columns[chosen]), int(rows[chosen]), float(heights[chosen])


_NEIGHBOURS = np.ones((3, 3), np.uint8)


def _worth(share: FloatArray, distance: FloatArray, expected: float) -> FloatArray:
    """The order in which to take peaks of these shares of the highest one, px away from a shift that was expected."""
    there = distance <= max(_THERE, 0.15 * expected)
    return np.where(there, share, -distance - np.where(share >= _NEARER, 0.0, 1e9))


def _refined(surface: NDArray[np.float32], column: int, row: int, height: float) -> tuple[float, float, float]:
    """Top of the peak at ``column``, ``row``: a parabola through the logarithms of it and its neighbours."""
    rows, columns = surface.shape
    least = 1e-3 * height
    left, right, above, below = (
        math.log(max(float(surface[(row + y) % rows, (column + x) % columns]), least) / height)
        for x, y in ((-1, 0), (1, 0), (0, -1), (0, 1))
    )
    off_x, gain_x = _top(left, right)
    off_y, gain_y = _top(above, below)
    return column + off_x, row + off_y, height * math.exp(gain_x + gain_y)


def _top(before: float, after: float) -> tuple[float, float]:
    """Where a parabola through (-1, ``before``), (0, 0) and (1, ``after``) is highest, within half a step; how high."""
    bend = max(-(before + after), 1e-9)
    offset = min(max((after - before) / (2 * bend), -0.5), 0.5)
    return offset, (after - before) / 4 * offset


def _tapered(length: int) -> NDArray[np.float64]:
    """(length,) Tukey window: 1 in the middle, a raised cosine towards either end."""
    inwards = np.minimum(np.arange(length), np.arange(length)[::-1]) + 0.5
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * np.minimum(inwards / (_TAPER * length / 2), 1.0)))


def _fast_side(side: int) -> int:
    """The largest even 2-3-5-product of at most ``side``; 2 at least."""
    for candidate in range(side - side % 2, 2, -2):
        rest = candidate
        for factor in (2, 3, 5):
            while rest % factor == 0:
                rest //= factor
        if rest == 1:
            return candidate
    return 2
