"""Transforms of light and colour: lamps age, the sun comes round, somebody stands in it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.augment._ranges import check_range
from conveyorqc.core import ImageU8, as_image
from conveyorqc.imgproc import luma_of, turn_hue

__all__ = ["Brightness", "CastShadow", "Contrast", "Hue"]


@dataclass(frozen=True, slots=True)
class Brightness:
    """Multiply all values by a factor in ``1 - max_change .. 1 + max_change``, clipped at white."""

    max_change: float = 0.2

    def __post_init__(self) -> None:
        check_range("max_change", self.max_change, low=0, high=1)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR, brighter or darker."""
        factor = 1 + rng.uniform(-self.max_change, self.max_change)
        return _looked_up(image, np.arange(256) * factor)


@dataclass(frozen=True, slots=True)
class Contrast:
    """Stretch values about the picture's mean brightness by a factor in ``1 - max_change .. 1 + max_change``."""

    max_change: float = 0.2

    def __post_init__(self) -> None:
        check_range("max_change", self.max_change, low=0, high=1)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR, flatter or harder."""
        factor = 1 + rng.uniform(-self.max_change, self.max_change)
        mean = float(luma_of(as_image(image)).mean())
        return _looked_up(image, mean + (np.arange(256) - mean) * factor)


@dataclass(frozen=True, slots=True)
class Hue:
    """Turn all hues by an angle in ``-max_deg .. max_deg``: white balance and lamps drift; greys stay grey."""

    max_deg: float = 6.0

    def __post_init__(self) -> None:
        check_range("max_deg", self.max_deg, low=0, high=180)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR in slightly other colours."""
        return turn_hue(image, angle_deg=rng.uniform(-self.max_deg, self.max_deg))


@dataclass(frozen=True, slots=True)
class CastShadow:
    """Darken a soft-edged band that lies across the picture, as an arm or a beam over the belt does.

    Attributes:
        max_strength: how much light is lost at most, 0 to 1.
        softness: width of the edge of the shadow, as a fraction of the picture's diagonal; larger is a wider lamp.
    """

    max_strength: float = 0.5
    softness: float = 0.08

    def __post_init__(self) -> None:
        check_range("max_strength", self.max_strength, low=0, high=1)
        check_range("softness", self.softness, low=0.001, high=10)

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR with a shadow; nothing gets brighter."""
        height, width = as_image(image).shape[:2]
        diagonal = math.hypot(width, height)
        angle = rng.uniform(0, math.pi)
        place_x, place_y = rng.uniform(0, 1, size=2) * (width, height)
        half_width = rng.uniform(0.05, 0.4) * diagonal
        across = (np.arange(width) - place_x) * math.cos(angle) + ((np.arange(height) - place_y) * math.sin(angle))[
            :, None
        ]
        shadow = np.clip((half_width - np.abs(across)) / (self.softness * diagonal) + 0.5, 0, 1)
        light = 1 - rng.uniform(0, self.max_strength) * shadow
        return np.asarray(image * light[:, :, None] + 0.5).astype(np.uint8)


def _looked_up(image: ImageU8, values: NDArray[np.floating[Any]]) -> ImageU8:
    table: NDArray[np.uint8] = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return table[as_image(image)]
