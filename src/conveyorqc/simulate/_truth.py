"""What really happens in a simulated clip, computed from the places of the objects, not from the pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Direction, FloatArray
from conveyorqc.dataset import TruthBox, TruthObject
from conveyorqc.simulate._layout import Placed
from conveyorqc.simulate._orient import turned_boxes

__all__ = ["observe"]

_LEAST_PX = 0.5  # less than half a column of an object shows in no pixel


def observe(
    placed: Sequence[Placed],
    offsets: FloatArray,
    /,
    *,
    length: int,
    direction: Direction,
) -> tuple[tuple[TruthObject, ...], tuple[tuple[TruthBox, ...], ...]]:
    """When each object comes, crosses and goes, and its box in each frame.

    Args:
        placed: the objects in px of the frame while the belt stands at 0.
        offsets: (F, 2) px by which belt and camera shift them in each frame, along and across the belt.
        length: of the frame along the belt, px.
        direction: of travel in the finished pictures.
    """
    objects = []
    rows: list[list[TruthBox]] = [[] for _ in offsets]
    for one in placed:
        left = one.x + offsets[:, 0]
        top = one.y + offsets[:, 1]
        boxes = np.column_stack([left, top, left + one.product.width, top + one.product.height])
        clipped = boxes.copy()
        clipped[:, [0, 2]] = np.clip(boxes[:, [0, 2]], 0, length)
        seen = clipped[:, 2] - clipped[:, 0] >= _LEAST_PX
        objects.append(_moments(one, boxes, clipped, seen, length))
        turned = turned_boxes(clipped[seen], direction=direction, length=length)
        shares = _visible(one, left[seen], length).tolist()
        for frame, (x0, y0, x1, y1), share in zip(np.flatnonzero(seen).tolist(), turned.tolist(), shares, strict=True):
            x, y, w, h = (round(value, 1) for value in (x0, y0, x1 - x0, y1 - y0))
            rows[frame].append(TruthBox(one.id, x, y, w, h, round(share, 3)))
    return tuple(objects), tuple(tuple(row) for row in rows)


def _moments(one: Placed, boxes: Boxes, clipped: Boxes, seen: NDArray[np.bool_], length: int) -> TruthObject:
    whole = (boxes == clipped).all(axis=1)
    beyond = (boxes[:, 0] + boxes[:, 2]) / 2 >= length / 2
    last = int(np.flatnonzero(seen)[-1])
    return TruthObject(
        id=one.id,
        label=one.product.label,
        anomaly=one.product.label != "normal",
        kind=one.product.kind,
        cookies=len(one.product.layers),
        first_frame=int(np.argmax(seen)),
        fully_in_frame=_first(whole),
        crosses_centre_frame=None if beyond[0] else _first(beyond),
        gone_frame=last + 1 if last + 1 < len(seen) else None,
        touching=one.touching,
    )


def _first(happened: NDArray[np.bool_]) -> int | None:
    return int(np.argmax(happened)) if happened.any() else None


def _visible(one: Placed, left: FloatArray, length: int) -> FloatArray:
    """Share of the object's pixels inside the frame, columns at its edge counted by the part that is inside."""
    columns = one.product.mask.sum(axis=0)
    before = np.concatenate([[0], np.cumsum(columns)]) / columns.sum()
    edges = np.arange(len(before))
    return np.asarray(np.interp(length - left, edges, before) - np.interp(-left, edges, before))
