"""Pictures added to and multiplied with each other: light, noise, heat maps."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["LIGHT_UNIT", "add_signed", "heat_colors", "lit", "mixed"]

LIGHT_UNIT = 200
"""The value in a light map that leaves a pixel as it is."""


def lit(image: NDArray[np.uint8], light: NDArray[np.uint8], /, *, gain: float = 1.0) -> NDArray[np.uint8]:
    """``image`` under a light map of the same shape, uint8 each.

    ``light`` / `LIGHT_UNIT` is the factor of each pixel, in steps of half a percent up to 1.27; ``gain`` multiplies
    the whole. Results above 255 saturate, as a sensor does.

    >>> import numpy as np
    >>> lit(np.array([[100, 240]], np.uint8), np.array([[100, 250]], np.uint8)).tolist()
    [[50, 255]]
    """
    _check_same_shape(image, light)
    return np.asarray(cv2.multiply(image, light, scale=gain / LIGHT_UNIT), dtype=np.uint8).reshape(image.shape)


def add_signed(image: NDArray[np.uint8], plus: NDArray[np.uint8], minus: NDArray[np.uint8], /) -> NDArray[np.uint8]:
    """``image + plus - minus``, saturated to 0-255; all uint8 of the same shape."""
    _check_same_shape(image, plus)
    _check_same_shape(image, minus)
    total = cv2.subtract(cv2.add(image, plus), minus)
    return np.asarray(total, dtype=np.uint8).reshape(image.shape)


def mixed(image: ImageU8, other: ImageU8, weight: NDArray[np.float32], /) -> ImageU8:
    """Each pixel of ``image`` moved towards ``other`` by ``weight`` (H, W) float32 in [0, 1]; both (H, W, 3) uint8."""
    _check_same_shape(image, other)
    blended = image + (other.astype(np.float32) - image) * weight[..., None]
    return np.asarray(np.rint(blended), dtype=np.uint8)


def heat_colors(values: NDArray[np.float32], /) -> ImageU8:
    """(H, W, 3) uint8 BGR for ``values`` (H, W) in [0, 1]: black over purple and orange to pale yellow.

    The scale is Inferno (S. van der Walt and N. Smith, 2015), even in brightness and safe for the colour-blind.
    """
    levels = np.rint(np.clip(values, 0.0, 1.0) * 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), dtype=np.uint8)


def _check_same_shape(image: NDArray[np.uint8], other: NDArray[np.uint8]) -> None:
    if image.shape != other.shape or image.dtype != np.uint8 or other.dtype != np.uint8:
        raise InvalidInput(
            "pictures: expected two uint8 of one shape, "
            f"got {image.dtype} {image.shape} and {other.dtype} {other.shape}"
        )
