"""Checks that every record applies to the arrays it is given: right shape, finite, read-only."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core._types import Boxes, ImageU8, IntArray, Mask
from conveyorqc.errors import InvalidInput

__all__ = [
    "as_box",
    "as_boxes",
    "as_ids",
    "as_image",
    "as_mask",
    "as_number",
    "as_scores",
    "mask_shape",
    "read_only",
]


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """A view of ``array`` that cannot be written through; the caller's own array stays writable."""
    view = array.view()
    view.flags.writeable = False
    return view


def as_boxes(value: ArrayLike, *, name: str = "boxes") -> Boxes:
    """``value`` as read-only (N, 4) float64 boxes with ``x0 <= x1`` and ``y0 <= y1``; an empty list is (0, 4)."""
    boxes = _as_floats(value, name)
    if boxes.size == 0:
        boxes = boxes.reshape(0, 4)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise InvalidInput(f"{name}: expected shape (N, 4), got {boxes.shape}")
    if not np.isfinite(boxes).all():
        raise InvalidInput(f"{name}: expected finite coordinates, got NaN or infinity")
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise InvalidInput(f"{name}: expected x0 <= x1 and y0 <= y1, got a box turned inside out")
    return read_only(boxes)


def as_box(value: ArrayLike, *, name: str = "box") -> Boxes:
    """``value`` as one read-only (4,) float64 box with ``x0 <= x1`` and ``y0 <= y1``."""
    box = _as_floats(value, name)
    if box.shape != (4,):
        raise InvalidInput(f"{name}: expected shape (4,), got {box.shape}")
    return read_only(as_boxes(box[None], name=name)[0])


def as_scores(value: ArrayLike | None, count: int) -> NDArray[np.float64]:
    """``value`` as (count,) finite float64; None means all ones."""
    scores = np.ones(count) if value is None else _as_floats(value, "scores")
    if scores.size == 0 and count == 0:
        scores = scores.reshape(0)
    if scores.shape != (count,):
        raise InvalidInput(f"scores: expected shape ({count},), got {scores.shape}")
    if not np.isfinite(scores).all():
        raise InvalidInput("scores: expected finite values, got NaN or infinity")
    return read_only(scores)


def as_ids(value: ArrayLike, *, name: str = "ids") -> IntArray:
    """``value`` as (N,) int64 without repeats."""
    ids = np.array(value)
    if ids.size == 0:
        ids = ids.reshape(0).astype(np.int64)
    if ids.ndim != 1 or ids.dtype.kind not in "iu":
        raise InvalidInput(f"{name}: expected a flat array of integers, got {ids.dtype} of shape {ids.shape}")
    if (ids[1:] <= ids[:-1]).any() and len(np.unique(ids)) != len(ids):  # in order, as most are, they cannot repeat
        raise InvalidInput(f"{name}: expected each id once, got {ids.tolist()}")
    return read_only(ids.astype(np.int64, copy=False))


def as_image(value: object, *, name: str = "image") -> ImageU8:
    """``value`` as a read-only (H, W, 3) uint8 view; never copies."""
    if not isinstance(value, np.ndarray):
        raise InvalidInput(f"{name}: expected a numpy array, got {type(value).__name__}")
    if value.ndim != 3 or value.shape[2] != 3 or value.dtype != np.uint8:
        raise InvalidInput(f"{name}: expected (H, W, 3) uint8 in BGR order, got {value.dtype} of shape {value.shape}")
    if not value.size:
        raise InvalidInput(f"{name}: expected at least one pixel, got shape {value.shape}")
    return read_only(value)


def as_mask(value: object, shape: tuple[int, int], *, name: str = "mask") -> Mask:
    """``value`` as a read-only bool view of exactly ``shape``."""
    if not isinstance(value, np.ndarray) or value.dtype != np.bool_ or value.shape != shape:
        actual = f"{value.dtype} of shape {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__
        raise InvalidInput(f"{name}: expected bool of shape {shape}, got {actual}")
    return read_only(value)


def mask_shape(box: Boxes, /) -> tuple[int, int]:
    """Height and width of the whole pixels that ``box`` (4,) touches.

    >>> mask_shape(np.array([0.5, 2.0, 4.0, 3.1]))
    (2, 4)
    """
    width, height = np.ceil(box[2:]) - np.floor(box[:2])
    return int(height), int(width)


def as_number(value: object, *, name: str) -> float:
    """``value`` as a finite Python float, whatever kind of real number it is (numpy scalars are)."""
    if type(value) is float and math.isfinite(value):  # most are, and asking for Real takes longer
        return value
    if not isinstance(value, Real) or not math.isfinite(value):
        raise InvalidInput(f"{name}: expected a finite number, got {value!r}")
    return float(value)


def _as_floats(value: ArrayLike, name: str) -> NDArray[np.float64]:
    """A float64 copy of ``value``."""
    try:
        return np.array(value, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"{name}: expected numbers, got {error}") from error
