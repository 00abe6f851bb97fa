"""What the camera does to the picture: focus, motion during the exposure, sensor noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from conveyorqc.augment._ranges import check_range
from conveyorqc.core import ImageU8, as_image
from conveyorqc.imgproc import blur, decode_image, encode_jpeg, line_kernel_blur

__all__ = ["Blur", "Jpeg", "MotionBlur", "Noise"]


@dataclass(frozen=True, slots=True)
class Blur:
    """Gaussian blur with a standard deviation in ``0 .. max_sigma`` px: out of focus, or a dusty lens."""

    max_sigma: float = 1.5

    def __post_init__(self) -> None:
        check_range("max_sigma", self.max_sigma, low=0, high=100)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR, softer."""
        sigma = rng.uniform(0, self.max_sigma)
        # OpenCV takes a sigma of 0 as "choose one": below a tenth of a pixel nothing is blurred anyway.
        return as_image(image).copy() if sigma < 0.1 else np.rint(blur(as_image(image), sigma=sigma)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class MotionBlur:
    """Smear along a line of up to ``max_length_px``: the belt moves while the shutter is open.

    Attributes:
        max_length_px: of the path, in px of the picture that is augmented.
        angle_deg: direction of travel, 0 along x, 90 along y; None draws one.
    """

    max_length_px: float = 7.0
    angle_deg: float | None = None

    def __post_init__(self) -> None:
        check_range("max_length_px", self.max_length_px, low=0, high=1000)
        if self.angle_deg is not None:
            check_range("angle_deg", self.angle_deg, low=-360, high=360)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR, smeared."""
        length_px, drawn = rng.uniform(0, self.max_length_px), rng.uniform(0, 180)
        angle = drawn if self.angle_deg is None else self.angle_deg
        return line_kernel_blur(as_image(image), length_px=length_px, angle_deg=angle)


@dataclass(frozen=True, slots=True)
class Noise:
    """Add Gaussian noise with a standard deviation in ``0 .. max_sigma`` grey levels: high gain in poor light."""

    max_sigma: float = 8.0

    def __post_init__(self) -> None:
        check_range("max_sigma", self.max_sigma, low=0, high=255)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR, grainy; each channel of each pixel on its own."""
        sigma = np.float32(rng.uniform(0, self.max_sigma))
        noisy = as_image(image) + sigma * rng.standard_normal(image.shape, dtype=np.float32)
        return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Jpeg:
    """Compress and decompress with a quality in ``low .. high`` (1-100): cameras that send JPEG or poor video."""

    low: int = 50
    high: int = 95

    def __post_init__(self) -> None:
        check_range("low", self.low, low=1, high=100)
        check_range("high", self.high, low=self.low, high=100)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR with the blocks of JPEG."""
        return decode_image(encode_jpeg(image, quality=int(rng.integers(self.low, self.high, endpoint=True))))
