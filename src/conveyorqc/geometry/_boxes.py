"""Boxes are ``x0 y0 x1 y1`` in px, half-open: width is ``x1 - x0``. Every function takes and returns new arrays."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, Region
from conveyorqc.errors import InvalidInput

__all__ = [
    "box_area",
    "box_centers",
    "box_intersection",
    "box_iou",
    "box_sizes",
    "clip_boxes",
    "pixel_region",
    "scale_boxes",
    "shift_boxes",
    "square_padding",
    "touches_edge",
    "union_box",
    "visible_fraction",
]


def box_sizes(boxes: Boxes, /) -> FloatArray:
    """(N, 2) widths and heights."""
    return boxes[:, 2:] - boxes[:, :2]


def box_area(boxes: Boxes, /) -> FloatArray:
    """(N,) areas in px²."""
    sizes = box_sizes(boxes)
    return sizes[:, 0] * sizes[:, 1]


def box_centers(boxes: Boxes, /) -> FloatArray:
    """(N, 2) centres ``x y``."""
    return (boxes[:, :2] + boxes[:, 2:]) / 2


def box_intersection(first: Boxes, second: Boxes, /) -> FloatArray:
    """(N, M) areas that ``first`` (N, 4) and ``second`` (M, 4) share, px²."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    size = np.clip(high - low, 0, None)
    return np.asarray(size[..., 0] * size[..., 1])


def box_iou(first: Boxes, second: Boxes, /) -> FloatArray:
    """(N, M) intersection over union in [0, 1]; two empty boxes have 0.

    >>> import numpy as np
    >>> float(box_iou(np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 15, 10]]))[0, 0].round(3))
    0.333
    """
    shared = box_intersection(first, second)
    union = box_area(first)[:, None] + box_area(second)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def clip_boxes(boxes: Boxes, /, *, width: float, height: float) -> Boxes:
    """The part of each box inside a ``width`` x ``height`` frame; a box outside collapses onto its edge."""
    return np.clip(boxes, 0, np.array([width, height, width, height], dtype=np.float64))


def shift_boxes(boxes: Boxes, /, *, dx: float, dy: float) -> Boxes:
    """Every box moved by (dx, dy) px."""
    return np.asarray(boxes + np.array([dx, dy, dx, dy]), dtype=np.float64)


def scale_boxes(boxes: Boxes, /, *, x: float, y: float) -> Boxes:
    """Every coordinate multiplied: from working resolution to full frame and back."""
    return np.asarray(boxes * np.array([x, y, x, y]), dtype=np.float64)


def union_box(boxes: Boxes, /) -> Boxes:
    """(4,) the smallest box around all of ``boxes`` (N >= 1)."""
    if not len(boxes):
        raise InvalidInput("boxes: expected at least one, got none")
    return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])


def visible_fraction(boxes: Boxes, /, *, width: float, height: float) -> FloatArray:
    """(N,) share of each box's area inside the frame, in [0, 1]; an empty box has 0."""
    area = box_area(boxes)
    inside = box_area(clip_boxes(boxes, width=width, height=height))
    return np.divide(inside, area, out=np.zeros_like(area), where=area > 0)


def touches_edge(boxes: Boxes, /, *, width: float, height: float, margin: float = 1.0) -> NDArray[np.bool_]:
    """(N, 4) which of the left, top, right, bottom edges of the frame each box reaches within ``margin`` px."""
    return np.stack(
        [
            boxes[:, 0] <= margin,
            boxes[:, 1] <= margin,
            boxes[:, 2] >= width - margin,
            boxes[:, 3] >= height - margin,
        ],
        axis=1,
    )


def pixel_region(box: Boxes, /, *, width: int, height: int) -> Region:
    """The whole pixels that ``box`` (4,) covers inside the frame, at least one pixel wide and high.

    >>> import numpy as np
    >>> pixel_region(np.array([-3.0, 2.2, 10.5, 7.9]), width=100, height=100)
    (0, 2, 11, 8)
    """
    x0 = min(max(int(np.floor(box[0])), 0), width - 1)
    y0 = min(max(int(np.floor(box[1])), 0), height - 1)
    x1 = min(max(int(np.ceil(box[2])), x0 + 1), width)
    y1 = min(max(int(np.ceil(box[3])), y0 + 1), height)
    return x0, y0, x1, y1


def square_padding(width: int, height: int, /) -> tuple[int, int, int, int]:
    """Left, top, right, bottom px that make ``width`` x ``height`` a square with the content in the middle.

    >>> square_padding(10, 6)
    (0, 2, 0, 2)
    """
    side = max(width, height)
    left, top = (side - width) // 2, (side - height) // 2
    return left, top, side - width - left, side - height - top
