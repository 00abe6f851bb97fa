"""The tracker's book: one row per object, columns as arrays, so that every step is one operation on all objects."""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, IntArray

__all__ = ["Book"]


def _ints() -> IntArray:
    return np.empty(0, np.int64)


def _floats() -> FloatArray:
    return np.empty(0, np.float64)


def _flags() -> NDArray[np.bool_]:
    return np.empty(0, np.bool_)


@dataclass(slots=True, eq=False)
class Book:
    """Rows of objects; private to the tracker, which is the only one that writes into it.

    Attributes:
        keys: names of rows, for trackers of single objects; never reused.
        ids: 0 while an object is not confirmed.
        boxes: (N, 4) where each object is, also the part outside the frame.
        hits: looks that found it.
        misses: looks in a row that did not; one may count in part.
        travel: px that the belt has moved since it was first seen.
        seen_travel: of these, what the belt had moved when a look last found it.
        drift: (N, 2) px along and across by which it moved otherwise than the belt between these two looks.
        first_frame: index of the frame on which it was first seen.
        from_edge: it was first seen where objects come in.
        entering: its rear is still outside the frame, so that the box may grow.
    """

    keys: IntArray = field(default_factory=_ints)
    ids: IntArray = field(default_factory=_ints)
    boxes: Boxes = field(default_factory=lambda: np.empty((0, 4)))
    hits: IntArray = field(default_factory=_ints)
    misses: FloatArray = field(default_factory=_floats)
    travel: FloatArray = field(default_factory=_floats)
    seen_travel: FloatArray = field(default_factory=_floats)
    drift: FloatArray = field(default_factory=lambda: np.empty((0, 2)))
    first_frame: IntArray = field(default_factory=_ints)
    from_edge: NDArray[np.bool_] = field(default_factory=_flags)
    entering: NDArray[np.bool_] = field(default_factory=_flags)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def confirmed(self) -> NDArray[np.bool_]:
        """(N,) which rows have an id."""
        return self.ids > 0

    def append(self, boxes: Boxes, *, keys: IntArray, frame_index: int, from_edge: NDArray[np.bool_]) -> None:
        """Open a row for each of ``boxes`` (K, 4)."""
        count = len(boxes)
        new = Book(
            keys=keys,
            ids=np.zeros(count, np.int64),
            boxes=boxes,
            hits=np.ones(count, np.int64),
            misses=np.zeros(count),
            travel=np.zeros(count),
            seen_travel=np.zeros(count),
            drift=np.zeros((count, 2)),
            first_frame=np.full(count, frame_index, np.int64),
            from_edge=from_edge,
            entering=from_edge.copy(),
        )
        for column in fields(self):
            setattr(self, column.name, np.concatenate([getattr(self, column.name), getattr(new, column.name)]))

    def start_anew(self, rows: IntArray) -> None:
        """Forget what was shown about ``rows`` (K,): from now on they stand for something smaller."""
        self.hits[rows] = 0
        self.travel[rows] = self.seen_travel[rows] = 0.0
        self.drift[rows] = 0.0

    def keep(self, rows: NDArray[np.bool_]) -> None:
        """Close every row that is not in ``rows`` (N,)."""
        for column in fields(self):
            setattr(self, column.name, getattr(self, column.name)[rows])
