"""Where in a picture the view lies that a model looks at, and the way back from the view to the picture."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask, as_image, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["ViewSquare", "cut_plane", "cut_view", "lay_back", "object_square", "picture_square"]

_MARGIN = 0.08
"""Belt around the object in its view, as a share of the object's longer side."""


class ViewSquare(NamedTuple):
    """A square of a picture, px; it may reach beyond it."""

    left: int
    top: int
    side: int


def object_square(mask: Mask, /) -> ViewSquare:
    """The square around the object, with a little belt.

    Raises:
        InvalidInput: if the (H, W) bool mask is empty.

    >>> mask = np.zeros((50, 100), bool)
    >>> mask[20:30, 40:70] = True
    >>> object_square(mask)
    ViewSquare(left=38, top=8, side=35)
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        raise InvalidInput("mask: expected at least one pixel of object, got none")
    height, width = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    side = max(3, round(max(height, width) * (1 + 2 * _MARGIN)))
    return ViewSquare(int(columns[0]) - (side - width) // 2, int(rows[0]) - (side - height) // 2, side)


def picture_square(height: int, width: int, /) -> ViewSquare:
    """The square around a whole picture."""
    side = max(3, height, width)
    return ViewSquare(-((side - width) // 2), -((side - height) // 2), side)


def cut_view(image: ImageU8, mask: Mask, square: ViewSquare, /, *, size: int) -> tuple[ImageU8, Mask]:
    """``square`` of a picture and of the mask of its object, at ``size`` px.

    Args:
        image: (H, W, 3) uint8 BGR.
        mask: (H, W) bool, True on the object.
        square: which part; pixels beyond the picture repeat its edge, and are no object.
        size: side of the view. More keeps finer texture and takes longer (squared).

    Returns:
        (size, size, 3) uint8 BGR and (size, size) bool with at least one pixel.

    Raises:
        InvalidInput: if the shapes do not fit or no pixel of the mask lies in the square.
    """
    checked = as_image(image)
    cover = as_mask(mask, checked.shape[:2])
    method = cv2.INTER_AREA if square.side > size else cv2.INTER_LINEAR
    view = cv2.resize(_cut(checked, square, cv2.BORDER_REPLICATE), (size, size), interpolation=method)
    covered = _cut(cover.view(np.uint8), square, cv2.BORDER_CONSTANT).astype(np.float32)
    share = cv2.resize(covered, (size, size), interpolation=method)
    smooth = cv2.GaussianBlur(share, (0, 0), 1.5)
    own = np.asarray((smooth > 0.5) if (smooth > 0.5).any() else share > 0)
    if not own.any():
        raise InvalidInput("mask: expected at least one pixel of object in the square, got none")
    return np.asarray(view, dtype=np.uint8), own


def cut_plane(plane: NDArray[np.float32], square: ViewSquare, /, *, size: int) -> NDArray[np.float32]:
    """(size, size) means of a (H, W) plane over the cells of ``square``; beyond the picture it is 0."""
    cut = _cut(np.ascontiguousarray(plane), square, cv2.BORDER_CONSTANT)
    return np.asarray(cv2.resize(cut, (size, size), interpolation=cv2.INTER_AREA), dtype=np.float32)


def lay_back(plane: NDArray[np.float32], square: ViewSquare, /, *, height: int, width: int) -> NDArray[np.float32]:
    """(height, width) float32: a plane over the view where it belongs in the picture, 0 elsewhere."""
    left, top, side = square
    large = cv2.resize(plane, (side, side), interpolation=cv2.INTER_LINEAR)
    back = np.zeros((height, width), np.float32)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    back[y0:y1, x0:x1] = large[y0 - top : y1 - top, x0 - left : x1 - left]
    return back


def _cut(array: NDArray[Any], square: ViewSquare, border: int) -> NDArray[Any]:
    left, top, side = square
    height, width = array.shape[:2]
    inside = array[max(top, 0) : min(top + side, height), max(left, 0) : min(left + side, width)]
    above, before = max(-top, 0), max(-left, 0)
    below, after = max(top + side - height, 0), max(left + side - width, 0)
    return np.asarray(cv2.copyMakeBorder(inside, above, below, before, after, border))
