"""Affine resampling, mirror images and the linear smear of motion, for pictures, alpha planes and masks alike."""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["Border", "WarpMethod", "line_kernel_blur", "mirrored", "sliding_window", "transposed", "warp_affine"]

WarpMethod: TypeAlias = Literal["nearest", "linear", "cubic", "area"]
Border: TypeAlias = Literal["replicate", "constant"]

_Pixel = TypeVar("_Pixel", np.uint8, np.float32, np.bool_)
_Tone = TypeVar("_Tone", np.uint8, np.float32)

_INTERPOLATIONS = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "cubic": cv2.INTER_CUBIC,
    "area": cv2.INTER_LINEAR,
}
_BORDERS = {"replicate": cv2.BORDER_REPLICATE, "constant": cv2.BORDER_CONSTANT}
_LARGEST_PX = 32_766  # OpenCV addresses the pixels of a warp with 16 bits
_SAMPLES_PER_PX = 16
_LONGEST_EXACT_PX = 9.0


def warp_affine(
    image: NDArray[_Pixel],
    matrix: ArrayLike,
    /,
    *,
    width: int,
    height: int,
    method: WarpMethod = "linear",
    border: Border = "replicate",
    value: float = 0,
) -> NDArray[_Pixel]:
    """``image`` moved by an affine map onto a new ``width`` x ``height`` canvas.

    Args:
        image: (H, W) or (H, W, C <= 4), uint8, float32 or bool. A bool mask comes back as bool, cut at half coverage.
        matrix: (2, 3), takes pixel centres (x, y, 1) of ``image`` to the canvas; pixel (0, 0) has its centre at (0, 0).
        width: of the canvas, px.
        height: of the canvas, px.
        method: ``nearest`` keeps values exact, ``linear`` is fast, ``cubic`` is sharper and may overshoot,
            ``area`` smooths before it shrinks, so that fine texture does not alias, and is ``linear`` otherwise.
        border: what lies around ``image``: its edge pixels repeated, or ``value`` everywhere.
        value: for the ``constant`` border, in every channel.

    Raises:
        InvalidInput: if the picture, the matrix or the size is outside these bounds, or the matrix has no inverse.

    >>> import numpy as np
    >>> row = np.array([[10, 20, 30]], np.uint8)
    >>> warp_affine(row, [[1, 0, 1], [0, 1, 0]], width=3, height=1, border="constant").tolist()
    [[0, 10, 20]]
    """
    _check_picture(image)
    _check_size(width, height, name="canvas")
    checked = _checked_matrix(matrix)
    full = 255 if image.dtype == np.bool_ else 1
    source: Any = image.view(np.uint8) * np.uint8(full) if full == 255 else image
    if method == "area":
        source = _smooth_for(source, checked)
    outside = (float(value) * full,) * 4
    warped: NDArray[Any] = cv2.warpAffine(
        source,
        checked,
        (width, height),
        flags=_INTERPOLATIONS[method],
        borderMode=_BORDERS[border],
        borderValue=outside,
    )
    result = warped.reshape((height, width, *image.shape[2:]))
    return np.asarray(result >= 128) if full == 255 else result


def line_kernel_blur(image: NDArray[_Tone], /, *, length_px: float, angle_deg: float) -> NDArray[_Tone]:
    """``image`` smeared evenly along a straight line, as a moving object is while the shutter is open.

    Args:
        image: (H, W) or (H, W, C <= 4), uint8 or float32.
        length_px: path during the exposure, 0 or more, fractions included; longer blurs more, 0 leaves all as it is.
        angle_deg: direction of the path, 0 along x, 90 along y (downwards); 180 more is the same line.

    Raises:
        InvalidInput: if the picture is none, or a number is negative, infinite or longer than the picture allows.

    >>> import numpy as np
    >>> line_kernel_blur(np.array([[0, 0, 90, 0, 0]], np.uint8), length_px=3, angle_deg=0).tolist()
    [[0, 30, 30, 30, 0]]
    """
    _check_picture(image)
    if not (0 <= length_px <= _LARGEST_PX and math.isfinite(angle_deg)):
        raise InvalidInput(
            f"blur: expected a length in 0-{_LARGEST_PX} px and a finite angle, got {length_px} px at {angle_deg} deg"
        )
    kernel = _line_kernel(float(length_px), math.radians(angle_deg))
    blurred = cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred, dtype=image.dtype).reshape(image.shape)


def sliding_window(
    image: NDArray[np.uint8], /, *, start_px: float, width: int, length_px: float = 0.0
) -> NDArray[np.uint8]:
    """``width`` columns of ``image`` from a fractional column on, smeared along x while the window slides.

    Faster than `line_kernel_blur`, because only the window is computed, and long smears with a box filter.

    Args:
        image: (H, W) or (H, W, C <= 4) uint8, wide enough for the window and one more column.
        start_px: left edge of the window; fractions blend neighbouring columns.
        width: of the window, px.
        length_px: path during the exposure, its middle at ``start_px``; up to 9 px exact, beyond to the nearest odd
            number of px.

    Raises:
        InvalidInput: if the window reaches outside ``image`` or the length is negative.

    >>> import numpy as np
    >>> sliding_window(np.array([[0, 10, 20, 30]], np.uint8), start_px=0.5, width=3).tolist()
    [[5, 15, 25]]
    """
    _check_picture(image)
    left = math.floor(start_px)
    if length_px < 0 or width < 1 or left < 0 or left + width >= image.shape[1]:
        raise InvalidInput(
            f"window: expected one inside {image.shape[1]} columns, got {width} from {start_px} smeared by {length_px}"
        )
    spread = max(1.0, length_px)
    # Only odd boxes: OpenCV 5.0 rounds the even ones up, and their middle lies between two columns.
    box = 1 if spread <= _LONGEST_EXACT_PX else 2 * round((spread - 1) / 2) + 1
    reach = box + math.ceil(min(spread, _LONGEST_EXACT_PX))
    first = max(0, left - reach)
    part = image[:, first : left + width + 1 + reach]
    if box > 1:
        part = np.asarray(cv2.blur(part, (box, 1), borderType=cv2.BORDER_REPLICATE), dtype=np.uint8)
    taps, anchor = _taps(start_px - left, 1.0 if box > 1 else spread)
    smeared = cv2.filter2D(part, -1, taps, anchor=(anchor, 0), borderType=cv2.BORDER_REPLICATE)
    window = np.asarray(smeared, dtype=np.uint8)[:, left - first : left - first + width]
    return window.reshape((image.shape[0], width, *image.shape[2:]))


def _taps(shift: float, length: float) -> tuple[FloatArray, int]:
    """(1, K) weights of the columns under a box of this length whose middle is ``shift`` off, and which one is 0."""
    low, high = shift + 0.5 - length / 2, shift + 0.5 + length / 2
    columns = np.arange(math.floor(low), math.ceil(high))
    shares = np.minimum(columns + 1, high) - np.maximum(columns, low)
    return (shares / length)[None, :], -int(columns[0])


def mirrored(image: NDArray[np.uint8], /, *, axis: Literal["x", "y"]) -> NDArray[np.uint8]:
    """``image`` (H, W) or (H, W, C) turned over: left and right change places along x, top and bottom along y."""
    return np.asarray(cv2.flip(image, 1 if axis == "x" else 0), dtype=np.uint8).reshape(image.shape)


def transposed(image: NDArray[np.uint8], /) -> NDArray[np.uint8]:
    """``image`` (H, W) or (H, W, C) with rows and columns exchanged, as an array of its own."""
    turned = np.asarray(cv2.transpose(image), dtype=np.uint8)
    return turned.reshape((image.shape[1], image.shape[0], *image.shape[2:]))


def _line_kernel(length_px: float, angle: float) -> FloatArray:
    """Weights of a segment through the middle pixel: the share of its length that lies in each pixel."""
    samples = max(1, math.ceil(length_px * _SAMPLES_PER_PX))
    along = ((np.arange(samples) + 0.5) / samples - 0.5) * length_px
    half = math.ceil(length_px / 2) + 1
    columns = np.rint(along * math.cos(angle)).astype(np.int64) + half
    rows = np.rint(along * math.sin(angle)).astype(np.int64) + half
    kernel = np.zeros((2 * half + 1, 2 * half + 1))
    np.add.at(kernel, (rows, columns), 1.0 / samples)
    return _trimmed((kernel + kernel[::-1, ::-1]) / 2)


def _trimmed(kernel: FloatArray) -> FloatArray:
    """``kernel`` without empty borders, its middle kept: a line along an axis costs one row, not a square."""
    used = kernel > 0
    middle = kernel.shape[0] // 2
    rows, columns = np.flatnonzero(used.any(axis=1)), np.flatnonzero(used.any(axis=0))
    tall = max(middle - rows[0], rows[-1] - middle)
    wide = max(middle - columns[0], columns[-1] - middle)
    return np.ascontiguousarray(kernel[middle - tall : middle + tall + 1, middle - wide : middle + wide + 1])


def _smooth_for(image: NDArray[Any], matrix: FloatArray) -> NDArray[Any]:
    scale = math.sqrt(abs(float(np.linalg.det(matrix[:, :2]))))
    if scale >= 1.0:
        return image
    sigma = 0.5 * math.sqrt(1.0 / scale**2 - 1.0)
    return np.asarray(cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE))


def _checked_matrix(matrix: ArrayLike) -> FloatArray:
    checked = np.asarray(matrix, dtype=np.float64)
    if checked.shape != (2, 3) or not np.isfinite(checked).all():
        raise InvalidInput(f"matrix: expected (2, 3) finite numbers, got shape {checked.shape}: {checked.tolist()}")
    if abs(float(np.linalg.det(checked[:, :2]))) < 1e-12:
        raise InvalidInput(f"matrix: expected one that can be inverted, got {checked.tolist()}")
    return checked


def _check_picture(image: NDArray[np.generic]) -> None:
    if image.dtype not in (np.uint8, np.float32, np.bool_):
        raise InvalidInput(f"image: expected uint8, float32 or bool, got {image.dtype}")
    if image.ndim not in (2, 3) or (image.ndim == 3 and not 1 <= image.shape[2] <= 4):
        raise InvalidInput(f"image: expected (H, W) or (H, W, C) with at most 4 channels, got shape {image.shape}")
    _check_size(image.shape[1], image.shape[0], name="image")


def _check_size(width: int, height: int, *, name: str) -> None:
    if not (1 <= width <= _LARGEST_PX and 1 <= height <= _LARGEST_PX):
        raise InvalidInput(f"{name}: expected 1-{_LARGEST_PX} px each way, got {width}x{height}")
