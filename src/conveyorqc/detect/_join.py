"""Two blobs or one: pieces of a broken object are put together."""

from __future__ import annotations

import math

import numpy as np

from conveyorqc.core import IntArray
from conveyorqc.detect._labelled import Labelled
from conveyorqc.geometry import pixel_region, union_box
from conveyorqc.imgproc import dilation

__all__ = ["join"]

_PIECE = 0.75
"""Of a typical object's area: what is larger is no piece of a broken object but a whole one."""

_JOINED_AREA, _JOINED_LENGTH = 1.4, 1.4
"""Of a typical object's area and diameter: how large pieces may be together; broken, they lie apart."""


def join(blobs: Labelled, /, *, diameter: float, gap: float) -> Labelled:
    """Put the pieces of a broken object together: small parts, close by, that make no more than one object.

    Args:
        blobs: separated.
        diameter: typical size of an object, px.
        gap: pieces with less than this fraction of ``diameter`` between them may be one object.
    """
    single = math.pi / 4 * diameter**2
    reach = math.ceil(gap * diameter)
    pieces = _pieces(blobs, single, reach)
    boxes, areas = blobs.boxes.copy(), blobs.areas.copy()
    owner = np.arange(len(boxes) + 1, dtype=np.int32)
    for index in pieces[np.argsort(-areas[pieces], kind="stable")].tolist():
        for other in _near(blobs, index + 1, reach):
            mine, theirs = int(owner[index + 1]), int(owner[other])
            if mine == theirs or areas[mine - 1] + areas[theirs - 1] > _JOINED_AREA * single:
                continue
            together = union_box(boxes[[mine - 1, theirs - 1]])
            if (together[2:] - together[:2]).max() > _JOINED_LENGTH * diameter:
                continue
            owner[owner == theirs] = mine
            boxes[mine - 1] = together
            areas[mine - 1] += areas[theirs - 1]
            areas[theirs - 1] = 0
    return Labelled(blobs.chosen(owner), boxes, areas)


def _pieces(blobs: Labelled, single: float, reach: int) -> IntArray:
    """Indices of blobs that could be pieces, by boxes and areas alone: another one is near and small enough."""
    boxes, areas = blobs.boxes, blobs.areas
    pieces = np.flatnonzero((areas > 0) & (areas < _PIECE * single))
    near = (boxes[:, :2] < boxes[pieces, None, 2:] + reach).all(axis=2)
    near &= (boxes[:, 2:] > boxes[pieces, None, :2] - reach).all(axis=2)
    near &= areas + areas[pieces, None] <= _JOINED_AREA * single
    return np.asarray(pieces[near.sum(axis=1) > near[np.arange(len(pieces)), pieces]], dtype=np.int64)


def _near(blobs: Labelled, label: int, reach: int) -> list[int]:
    """Labels with fewer than ``reach`` px between themselves and ``label``."""
    grown = blobs.boxes[label - 1] + (-reach, -reach, reach, reach)
    x0, y0, x1, y1 = pixel_region(grown, width=blobs.labels.shape[1], height=blobs.labels.shape[0])
    window = blobs.labels[y0:y1, x0:x1]
    near = np.unique(window[dilation(window == label, size=2 * reach + 1)])
    return [other for other in near.tolist() if other not in (0, label)]
