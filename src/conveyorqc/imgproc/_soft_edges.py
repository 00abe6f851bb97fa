"""Boxes finer than the pixels they come from: where an edge passes half of its height."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, IntArray
from conveyorqc.imgproc._opencv import cv2

__all__ = ["half_height_boxes"]

_INSIDE, _OUTSIDE = 4, 3
"""Px that are looked at on both sides of the outermost row or column of an object."""

_DEPTHS = np.arange(-_INSIDE, _OUTSIDE + 1)


def half_height_boxes(boxes: Boxes, labels: NDArray[np.int32], difference: NDArray[np.uint8], /) -> Boxes:
    """(N, 4) float64: each side of ``boxes`` where the object's edge has half the height of the object beside it.

    Between two pixels the edge is taken for a straight ramp. A side on the edge of the picture stays there, and one
    against another object stays between the two.

    Args:
        boxes: (N, 4) in whole px.
        labels: (H, W) int32, i + 1 on the object of box i.
        difference: (H, W) uint8, from `difference_from_belt`.
    """
    if not len(boxes):
        return boxes
    side, place = _outermost(boxes.astype(np.int64), labels)
    outwards: IntArray = np.array([-1, -labels.shape[1], 1, labels.shape[1]])[side % 4]
    beyond = _beyond(labels.ravel(), _calm(difference).ravel(), place[:, None] + outwards[:, None] * _DEPTHS)
    first = np.searchsorted(side, np.arange(boxes.size))
    sizes = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
    moved = boxes + np.maximum(np.maximum.reduceat(beyond, first).reshape(-1, 4), -sizes / 4) * [-1, -1, 1, 1]
    edges = np.array([0, 0, labels.shape[1], labels.shape[0]])
    right_bottom = np.tile(edges[2:], 2)
    return np.asarray(np.where(boxes == edges, boxes, np.clip(moved, 0, right_bottom)), dtype=np.float64)


def _calm(difference: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Three by three pixels as one: a speck of noise is no outermost point, and along a side nothing is lost."""
    return np.asarray(cv2.GaussianBlur(difference, (3, 3), 0.5), dtype=np.uint8)


def _outermost(boxes: IntArray, labels: NDArray[np.int32]) -> tuple[IntArray, IntArray]:
    """The pixels with which the objects touch their boxes: 4 i + side, and place in the flattened picture."""
    x0, y0, x1, y1 = boxes.T
    width = labels.shape[1]
    lengths = np.column_stack([y1 - y0, x1 - x0, y1 - y0, x1 - x0]).ravel()
    starts = np.column_stack([y0 * width + x0, y0 * width + x0, y0 * width + x1 - 1, (y1 - 1) * width + x0]).ravel()
    steps = np.tile([width, 1], boxes.size // 2)
    side = np.repeat(np.arange(boxes.size), lengths)
    along = np.arange(len(side)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    place = starts[side] + along * steps[side]
    own = labels.ravel()[place] == side // 4 + 1
    return side[own], place[own]


def _beyond(labels: NDArray[np.int32], difference: NDArray[np.uint8], places: IntArray) -> FloatArray:
    """(K,) how far the edge lies beyond the outer side of an outermost pixel, along K lines that lead outwards.

    Lines may leave the picture, and then see some of its other side: that is belt or another object, as there.
    """
    places = np.clip(places, 0, labels.size - 1)
    seen = labels[places]
    own = seen == seen[:, _INSIDE, None]
    heights = (difference[places] * (own | (seen == 0))).astype(np.float32)
    share = np.zeros((len(heights), heights.shape[1] + 1), np.float32)  # in the end there is nothing
    share[:, :-1] = heights / np.maximum((heights * own).max(axis=1, keepdims=True), 1)
    share[:, : _INSIDE - 1] = 1.0  # tones of the inside are no edge
    after = (share < 0.5).argmax(axis=1)
    each = np.arange(len(share))
    inner, outer = share[each, after - 1], share[each, after]
    return np.asarray(after - 1.5 - _INSIDE + (inner - 0.5) / np.maximum(inner - outer, 0.5), dtype=np.float64)
