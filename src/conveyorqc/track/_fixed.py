"""What stands still in front of the camera, learned while the belt runs: rails, walls, dust on the lens."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.imgproc import Spectrum

__all__ = ["FixedPart"]

_SLOWEST = 0.04
"""Least share of each picture in the means, so that they follow slow changes."""

_ENOUGH = 8
"""Pictures from which the means tell what is fixed."""

_REFRESH = 4
"""Pictures between two times that it is worked out what is fixed."""

_STEADY = 0.5
"""Share of its mean power that the mean of a frequency must hold: all of it where the picture stands still, about
1 / count where things pass."""


class FixedPart:
    """The mean of pictures between which the belt moved: what moves with it blurs away, what stands still remains.

    It works on spectra, which add up as pictures do. Traces that passing things left in the mean are told from what
    is fixed by their power: they have next to none of that of the single pictures.
    """

    def __init__(self) -> None:
        self._count = 0
        self._mean: Spectrum | None = None
        self._power: NDArray[np.float32] | None = None
        self._fixed: Spectrum | None = None
        self._fixed_power = 0.0

    @property
    def known(self) -> bool:
        """Whether enough was seen to tell."""
        return self._fixed is not None

    def removed_from(self, spectrum: Spectrum, /) -> Spectrum:
        """``spectrum`` without what is fixed, as bright as the light of this picture makes it."""
        if self._fixed is None or not self._fixed_power > 0:
            return spectrum
        light = float(np.vdot(self._fixed, spectrum).real) / self._fixed_power
        return np.asarray(spectrum - np.float32(min(max(light, 0.0), 2.0)) * self._fixed)

    def learn(self, spectrum: Spectrum, /) -> None:
        """Take in the whole picture after the belt has moved on."""
        self._count += 1
        power = _power(spectrum)
        if self._mean is None or self._power is None:
            self._mean, self._power = spectrum.copy(), power
            return
        share = np.float32(max(_SLOWEST, 1 / self._count))
        self._mean += share * (spectrum - self._mean)
        self._power += share * (power - self._power)
        if self._count >= _ENOUGH and self._count % _REFRESH == 0:
            steady = _power(self._mean) > np.float32(_STEADY) * self._power
            self._fixed = np.where(steady, self._mean, np.complex64(0))
            self._fixed_power = float(np.vdot(self._fixed, self._fixed).real)


def _power(spectrum: Spectrum) -> NDArray[np.float32]:
    return np.asarray(np.square(spectrum.real) + np.square(spectrum.imag))
