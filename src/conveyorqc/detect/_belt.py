"""What the empty belt looks like, learned from a clip in which objects pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Mask, Region, read_only
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.imgproc import local_range

__all__ = ["BeltAppearance", "BeltComparison", "learn_belt"]

_LEAST_NOISE = (2.4, 1.0, 1.0)
"""Standard deviation of Y, Cr, Cb below which a measured noise is not believed: compression hides it."""


@dataclass(frozen=True, slots=True, eq=False)
class BeltAppearance:
    """The empty belt, pixel by pixel.

    Attributes:
        picture: (h, w, 3) uint8 Y Cr Cb, full range, at the resolution that detection works at.
        noise: standard deviations of Y, Cr and Cb over time: sensor noise, flicker, texture that moves with the belt.
    """

    picture: NDArray[np.uint8]
    noise: tuple[float, float, float]

    def __post_init__(self) -> None:
        if self.picture.ndim != 3 or self.picture.shape[2] != 3 or self.picture.dtype != np.uint8:
            raise InvalidInput(
                f"picture: expected (h, w, 3) uint8, got {self.picture.dtype} of shape {self.picture.shape}"
            )
        if not all(0 < sigma < 256 for sigma in self.noise):
            raise InvalidInput(f"noise: expected three numbers above 0 and below 256, got {self.noise}")
        object.__setattr__(self, "picture", read_only(self.picture))

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
    """
    if len(samples) < 5:
        raise CalibrationError(f"expected at least 5 pictures to learn the belt from, got {len(samples)}")
    stack = np.stack(samples).astype(np.int16)
    tolerance = _tolerance(stack)
    picture, agreeing = _densest(stack, tolerance)
    squares = np.where(agreeing[..., None], (stack - picture) ** 2, 0.0).sum(axis=0)
    variance = squares / agreeing.sum(axis=0)[..., None]
    sigma = np.sqrt(np.percentile(variance.reshape(-1, 3), 75, axis=0))
    luma, red, blue = np.maximum(sigma, _LEAST_NOISE).tolist()
    return BeltAppearance(np.clip(np.rint(picture), 0, 255).astype(np.uint8), (luma, red, blue))


def _tolerance(stack: NDArray[np.int16]) -> NDArray[np.float64]:
    """How much Y, Cr, Cb of one and the same surface differ between samples."""
    change = np.abs(np.diff(stack, axis=0)).reshape(-1, 3)
    typical = np.median(change, axis=0)
    return np.maximum(3.0 * typical, (8.0, 4.0, 4.0))


def _densest(stack: NDArray[np.int16], tolerance: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean colour of the largest group of agreeing samples for each pixel, and which samples agree with it."""
    limit = tolerance.astype(np.int16)
    support = np.zeros(stack.shape[:3], np.int16)
    for i in range(1, len(stack)):
        agree = (np.abs(stack[:i] - stack[i]) <= limit).all(axis=-1)
        support[:i] += agree
        support[i] += agree.sum(axis=0, dtype=np.int16)
    best = np.take_along_axis(stack, support.argmax(axis=0)[None, ..., None], axis=0)
    agreeing = (np.abs(stack - best) <= limit).all(axis=-1)
    total = np.where(agreeing[..., None], stack, 0).sum(axis=0, dtype=np.int64)
    return total / agreeing.sum(axis=0)[..., None], agreeing


@dataclass(frozen=True, slots=True, eq=False)
class BeltComparison:
    """Limits prepared from a `BeltAppearance`: for each pixel the range of colours that is belt.

    Neighbouring belt pixels count too, so that a shaking camera does not turn every edge of the frame's
    fixed parts into an object.
    """

    low: NDArray[np.float32]
    high: NDArray[np.float32]
    luma: NDArray[np.float32]
    chroma: NDArray[np.float32]
    tolerance: NDArray[np.float32]

    @classmethod
    def of(cls, belt: BeltAppearance, *, sensitivity: float, reach: int) -> BeltComparison:
        """``sensitivity`` in standard deviations of the belt, ``reach`` in working px."""
        low, high = local_range(belt.picture, size=2 * reach + 1)
        tolerance = np.maximum(np.asarray(belt.noise) * sensitivity, (10.0, 4.0, 4.0)).astype(np.float32)
        picture = belt.picture.astype(np.float32)
        return cls(low.astype(np.float32), high.astype(np.float32), picture[..., 0], picture[..., 1:], tolerance)

    def part(self, region: Region, /) -> BeltComparison:
        """The limits inside ``region`` (working px)."""
        x0, y0, x1, y1 = region
        here = np.s_[y0:y1, x0:x1]
        return BeltComparison(self.low[here], self.high[here], self.luma[here], self.chroma[here], self.tolerance)

    def foreground(self, picture: NDArray[np.uint8], /) -> Mask:
        """(h, w) bool, True where ``picture`` (Y Cr Cb) is neither belt nor a shadow on it."""
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
        return np.asarray((light < 1.0) & (light > 0.45) & ~tinted, dtype=np.bool_)
