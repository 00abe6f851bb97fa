"""What the empty belt looks like, learned from a clip in which objects pass."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, IntArray, Mask, Region, as_image
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.imgproc import local_range

__all__ = ["BeltAppearance", "BeltComparison", "learn_belt"]

_FEWEST_SAMPLES = 5

_LEAST_NOISE = (2.5, 1.0, 1.0)
"""Standard deviation of Y, Cr, Cb below which a measured noise is not believed: compression hides it."""

_LEAST_TOLERANCE = (8.0, 4.0, 4.0)
"""Levels of Y, Cr, Cb by which one and the same surface may always differ from sample to sample."""

_DARKEST_SHADOW = 0.45
"""Share of the light that a shadow leaves at least: what is darker is an object."""

_ROWS_AT_ONCE = 8
"""Rows of all samples that are worked on together, so that they stay in the processor's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class BeltAppearance:
    """The empty belt, pixel by pixel.

    Attributes:
        picture: (h, w, 3) uint8 Y Cr Cb, full range, at the resolution that detection works at.
        noise: standard deviations of Y, Cr and Cb over time: sensor noise, flicker, texture that moves with the belt.

    Raises:
        InvalidInput: if the picture is none, or the noise is not three numbers above 0 and below 256.
    """

    picture: NDArray[np.uint8]
    noise: tuple[float, float, float]

    def __post_init__(self) -> None:
        object.__setattr__(self, "picture", as_image(self.picture, name="picture"))
        noise = np.asarray(self.noise)
        if noise.shape != (3,) or not ((noise > 0) & (noise < 256)).all():
            raise InvalidInput(f"noise: expected three numbers above 0 and below 256, got {self.noise}")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.picture.shape[1], self.picture.shape[0]


def learn_belt(samples: Sequence[NDArray[np.uint8]], /) -> BeltAppearance:
    """The belt behind the objects of ``samples``.

    For each pixel it takes the colour that most samples agree on, not the median: objects differ from each other
    more than the belt differs from itself, so the belt wins even where objects cover a pixel most of the time.

    Args:
        samples: (h, w, 3) uint8 Y Cr Cb pictures of one size, spread over the clip; 5 at least, 30-60 are good.

    Raises:
        CalibrationError: if there are fewer than 5.
        InvalidInput: if they are no such pictures, or of different sizes.
    """
    if len(samples) < _FEWEST_SAMPLES:
        raise CalibrationError(f"expected at least {_FEWEST_SAMPLES} pictures of the belt, got {len(samples)}")
    checked = [as_image(sample, name="samples") for sample in samples]
    if len({sample.shape for sample in checked}) > 1:
        raise InvalidInput(f"samples: expected one size, got {sorted({sample.shape[:2] for sample in checked})}")
    planes = np.stack(checked).transpose(3, 0, 1, 2)
    tolerance = _tolerance(planes)
    parts = [
        _densest(planes[:, :, row : row + _ROWS_AT_ONCE].astype(np.int16, order="C"), tolerance)
        for row in range(0, planes.shape[2], _ROWS_AT_ONCE)
    ]
    picture, variance = (np.concatenate(part, axis=1).transpose(1, 2, 0) for part in zip(*parts, strict=True))
    sigma = np.sqrt(np.percentile(variance.reshape(-1, 3), 75, axis=0))
    luma, red, blue = np.maximum(sigma, _LEAST_NOISE).tolist()
    return BeltAppearance(np.rint(picture).astype(np.uint8, order="C"), (luma, red, blue))


def _tolerance(planes: NDArray[np.uint8]) -> IntArray:
    """(3,) how much Y, Cr, Cb of one and the same surface differ between samples; ``planes`` is (3, N, h, w)."""
    typical = [np.median(np.abs(np.diff(plane.astype(np.int16), axis=0))) for plane in planes]
    return np.maximum(3.0 * np.array(typical), _LEAST_TOLERANCE).astype(np.int64)


def _densest(planes: NDArray[np.int16], tolerance: IntArray) -> tuple[FloatArray, FloatArray]:
    """For each pixel of ``planes`` (3, N, h, w): mean and variance (3, h, w) of the largest group that agrees."""
    support = np.zeros(planes.shape[1:], np.int16)
    for i in range(1, planes.shape[1]):
        agree = _near(planes[:, :i], planes[:, i, None], tolerance)
        support[:i] += agree
        support[i] += agree.sum(axis=0, dtype=np.int16)
    best = np.take_along_axis(planes, support.argmax(axis=0)[None, None], axis=1)
    agreeing = _near(planes, best, tolerance)
    count = agreeing.sum(axis=0)
    mean = np.where(agreeing, planes, 0).sum(axis=1, dtype=np.int64) / count
    return mean, np.where(agreeing, (planes - mean[:, None]) ** 2, 0.0).sum(axis=1) / count


def _near(planes: NDArray[np.int16], others: NDArray[np.int16], tolerance: IntArray) -> Mask:
    """(N, h, w) whether all three of Y, Cr, Cb agree."""
    luma, red, blue = (np.abs(planes[c] - others[c]) <= tolerance[c] for c in range(3))
    return np.asarray(luma & red & blue, dtype=np.bool_)


@dataclass(frozen=True, slots=True, eq=False)
class BeltComparison:
    """Limits prepared from a `BeltAppearance`: for each pixel the range of colours that is belt.

    Neighbouring belt pixels count too, so that a shaking camera does not turn every edge of the frame's
    fixed parts into an object.

    Attributes:
        low, high: (h, w, 3) the darkest and the brightest belt near each pixel, channel by channel.
        luma, chroma: (h, w) and (h, w, 2) the belt itself.
        tolerance: (3,) levels of Y, Cr, Cb beyond low and high that are still belt.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    luma: NDArray[np.float32]
    chroma: NDArray[np.float32]
    tolerance: NDArray[np.float32]

    @classmethod
    def of(cls, belt: BeltAppearance, *, sensitivity: float, reach: int) -> BeltComparison:
        """``sensitivity`` in standard deviations of the belt's noise, ``reach`` in px of its picture.

        Raises:
            InvalidInput: if ``sensitivity`` is not above 0, or ``reach`` not in 0-100.
        """
        if not (math.isfinite(sensitivity) and sensitivity > 0):
            raise InvalidInput(f"sensitivity: expected a number above 0, got {sensitivity}")
        if not 0 <= reach <= 100:
            raise InvalidInput(f"reach: expected 0-100 px, got {reach}")
        low, high = local_range(belt.picture, size=2 * reach + 1)
        tolerance = (np.asarray(belt.noise) * sensitivity).astype(np.float32)
        picture = belt.picture.astype(np.float32)
        return cls(low.astype(np.float32), high.astype(np.float32), picture[..., 0], picture[..., 1:], tolerance)

    def part(self, region: Region, /) -> BeltComparison:
        """The limits inside ``region`` (working px)."""
        x0, y0, x1, y1 = region
        here = np.s_[y0:y1, x0:x1]
        return BeltComparison(self.low[here], self.high[here], self.luma[here], self.chroma[here], self.tolerance)

    def foreground(self, picture: NDArray[np.uint8], /) -> Mask:
        """(h, w) bool, True where ``picture`` (h, w, 3) uint8 Y Cr Cb is neither belt nor a shadow on it.

        Raises:
            InvalidInput: if it is not as large as the belt's picture.
        """
        if picture.shape != self.low.shape:
            raise InvalidInput(f"picture: expected shape {self.low.shape}, as the belt's, got {picture.shape}")
        values = picture.astype(np.float32)
        outside = np.maximum(np.maximum(self.low - values, values - self.high), 0) / self.tolerance
        different = np.einsum("hwc,hwc->hw", outside, outside) > 1.0
        return np.asarray(different & ~self._shadow(values), dtype=np.bool_)

    def _shadow(self, values: NDArray[np.float32]) -> Mask:
        """Belt with less light: luma and chroma shrink by one and the same factor.

        After T. Horprasert, D. Harwood and L. Davis, A statistical approach for real-time robust background
        subtraction and shadow detection (1999).
        """
        light = values[..., 0] / np.maximum(self.luma, 1.0)
        expected = 128.0 + light[..., None] * (self.chroma - 128.0)
        tinted = np.abs(values[..., 1:] - expected).max(axis=-1) > self.tolerance[1:].max()
        return np.asarray((light < 1.0) & (light > _DARKEST_SHADOW) & ~tinted, dtype=np.bool_)
