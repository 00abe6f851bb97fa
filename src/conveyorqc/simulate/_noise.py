"""Random fields that repeat without a seam, the raw material of every texture here."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["periodic_noise"]


def periodic_noise(
    rng: np.random.Generator,
    height: int,
    width: int,
    /,
    *,
    bands: tuple[tuple[float, float], ...],
    stretch: float = 1.0,
) -> NDArray[np.float32]:
    """(height, width) float32 noise of mean 0 whose opposite edges continue each other.

    White noise shaped in the frequency domain; see D. Ebert et al., Texturing and Modeling, 2003, ch. 2.

    Args:
        rng: where the randomness comes from.
        height: px.
        width: px.
        bands: ``(size_px, amplitude)`` of the spots to add up; the amplitude is the standard deviation of that band.
        stretch: spots are this many times longer along x than along y.
    """
    white = np.fft.rfft2(rng.standard_normal((height, width), dtype=np.float32))
    across = np.fft.fftfreq(height)[:, None]
    along = np.fft.rfftfreq(width)[None, :] * stretch
    squared = (across**2 + along**2).astype(np.float32)
    shape = np.zeros_like(squared)
    for size, amplitude in bands:
        # A Gaussian of half the spot's size, less one twice as wide: spots of about one size.
        low = 2 * (np.pi * size / 2) ** 2
        band = np.exp(-low * squared) - np.exp(-4 * low * squared)
        power = float(np.sqrt(np.mean(band**2)))
        shape += band * np.float32(amplitude / max(power, 1e-12))
    return np.fft.irfft2(white * shape, s=(height, width)).astype(np.float32)
