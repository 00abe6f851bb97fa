"""Transforms that move pixels: another place, turn, size or side of the object. Each is one affine map."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, Protocol, TypeVar, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from conveyorqc.augment._ranges import check_range
from conveyorqc.core import FloatArray, ImageU8, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import Border, warp_affine

__all__ = ["Flip", "GeometricTransform", "Rotate", "Scale", "Shift", "move"]

_Pixel = TypeVar("_Pixel", np.uint8, np.bool_)


@runtime_checkable
class GeometricTransform(Protocol):
    """A transform that is an affine map of the picture, so that a mask can go the same way."""

    def matrix(self, width: int, height: int, rng: np.random.Generator, /) -> FloatArray:
        """(3, 3) map of pixel centres (x, y, 1) of a ``width`` x ``height`` picture; its last row is 0 0 1."""
        ...


def move(pixels: NDArray[_Pixel], matrix: FloatArray, /, *, border: Border) -> NDArray[_Pixel]:
    """A picture or mask moved by a (3, 3) affine ``matrix`` on its own canvas."""
    height, width = pixels.shape[:2]
    return warp_affine(pixels, matrix[:2], width=width, height=height, border=border)


@dataclass(frozen=True, slots=True)
class Rotate:
    """Turn about the middle by an angle in ``-max_deg .. max_deg``: objects lie on the belt as they fell."""

    max_deg: float = 180.0

    def __post_init__(self) -> None:
        check_range("max_deg", self.max_deg, low=0, high=180)

    def matrix(self, width: int, height: int, rng: np.random.Generator, /) -> FloatArray:
        """A rotation; see `GeometricTransform`."""
        angle = math.radians(rng.uniform(-self.max_deg, self.max_deg))
        cos, sin = math.cos(angle), math.sin(angle)
        return _about_middle(width, height, [[cos, -sin], [sin, cos]])

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR turned; its edge pixels fill the corners."""
        return _moved(self, image, rng)


@dataclass(frozen=True, slots=True)
class Flip:
    """Mirror: ``horizontal`` swaps left and right, ``vertical`` top and bottom, ``either`` draws one of the two.

    Not for products with writing or a handedness, whose mirror image is a defect.
    """

    axis: Literal["horizontal", "vertical", "either"] = "either"

    def __post_init__(self) -> None:
        if self.axis not in ("horizontal", "vertical", "either"):
            raise InvalidInput(f"axis: expected horizontal, vertical or either, got {self.axis!r}")

    def matrix(self, width: int, height: int, rng: np.random.Generator, /) -> FloatArray:
        """A reflection; see `GeometricTransform`."""
        axis = self.axis if self.axis != "either" else ("horizontal", "vertical")[rng.integers(2)]
        x, y = (-1.0, 1.0) if axis == "horizontal" else (1.0, -1.0)
        return _about_middle(width, height, [[x, 0.0], [0.0, y]])

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR mirrored, exactly."""
        return _moved(self, image, rng)


@dataclass(frozen=True, slots=True)
class Shift:
    """Move by up to ``max_fraction`` of the width and of the height: boxes are never quite in the same place."""

    max_fraction: float = 0.05

    def __post_init__(self) -> None:
        check_range("max_fraction", self.max_fraction, low=0, high=1)

    def matrix(self, width: int, height: int, rng: np.random.Generator, /) -> FloatArray:
        """A translation; see `GeometricTransform`."""
        x, y = rng.uniform(-self.max_fraction, self.max_fraction, size=2)
        return np.array([[1.0, 0.0, x * width], [0.0, 1.0, y * height], [0.0, 0.0, 1.0]])

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR moved; its edge pixels fill the gap."""
        return _moved(self, image, rng)


@dataclass(frozen=True, slots=True)
class Scale:
    """Enlarge by a factor in ``low .. high`` about the middle: heights and boxes differ a little."""

    low: float = 0.9
    high: float = 1.1

    def __post_init__(self) -> None:
        check_range("low", self.low, low=0.01)
        check_range("high", self.high, low=self.low)

    def matrix(self, width: int, height: int, rng: np.random.Generator, /) -> FloatArray:
        """A scaling; see `GeometricTransform`."""
        factor = rng.uniform(self.low, self.high)
        return _about_middle(width, height, [[factor, 0.0], [0.0, factor]])

    def __call__(self, image: ImageU8, rng: np.random.Generator, /) -> ImageU8:
        """``image`` (H, W, 3) uint8 BGR enlarged or shrunk on the same canvas; its edge pixels fill what is empty."""
        return _moved(self, image, rng)


def _moved(transform: GeometricTransform, image: ImageU8, rng: np.random.Generator) -> ImageU8:
    height, width = as_image(image).shape[:2]
    return move(image, transform.matrix(width, height, rng), border="replicate")


def _about_middle(width: int, height: int, linear: list[list[float]]) -> FloatArray:
    middle = np.array([(width - 1) / 2, (height - 1) / 2])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = middle - matrix[:2, :2] @ middle
    return matrix
