"""The tracker's book: one row per object in belt view, so that every step is one operation on all objects."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, IntArray

__all__ = ["ROW", "Rows", "new_rows", "places", "start_anew"]

ROW = np.dtype(
    [
        ("key", np.int64),
        ("id", np.int64),
        ("box", np.float64, 4),
        ("known", np.float64, 4),
        ("hits", np.int64),
        ("misses", np.float64),
        ("origin", np.float64, 3),
        ("drift", np.float64),
        ("born_at", np.float64),
        ("seen_at", np.float64),
        ("seen_s", np.float64),
        ("first_frame", np.int64),
        ("came_in", np.bool_),
        ("gone", np.bool_),
    ]
)
"""What is known of an object; a structured array of these is copied in one piece.

key: name of the row, for trackers of single objects; never reused.
id: 0 while the object is not confirmed.
box: where it is, also the part outside the frame: rear, one side, front, other side, in px of the belt view.
known: looks that went into each of these sides; 0 for one that no look has shown whole, which is then a guess.
hits: looks that found it.
misses: looks in a row that did not; one may count in part.
origin: rear, front and middle across at first sight, as `places` gives them.
drift: px by which it had moved otherwise than the belt when a look last found it.
born_at, seen_at: px that the belt had moved when a look first and last found it.
seen_s: time of that last look.
first_frame: index of the frame on which it was first seen.
came_in: it was first seen where objects come in.
gone: it has ended, and was brought back by a belt that runs backwards.
"""

Rows = NDArray[np.void]


def new_rows(boxes: Boxes, /, *, first_key: int, belt: FloatArray, frame_index: int, time_s: float) -> Rows:
    """A row for each of ``boxes`` (K, 4) that a look found while the belt was at ``belt`` (2,)."""
    rows = np.zeros(len(boxes), ROW)
    rows["key"] = np.arange(first_key, first_key + len(boxes))
    rows["box"] = boxes
    rows["hits"] = 1
    rows["origin"] = places(boxes, belt)
    rows["born_at"] = rows["seen_at"] = belt[0]
    rows["seen_s"] = time_s
    rows["first_frame"] = frame_index
    return rows


def start_anew(rows: Rows, which: IntArray, boxes: Boxes, /, *, belt: FloatArray) -> None:
    """From now on rows ``which`` (K,) stand for something smaller, ``boxes`` (K, 4); the unproven prove nothing yet."""
    rows["box"][which] = boxes
    rows["known"][which] = 0.0
    unproven = rows["id"][which] == 0
    rows["hits"][which[unproven]] = 0
    rows["origin"][which[unproven]] = places(boxes[unproven], belt)
    rows["born_at"][which[unproven]] = belt[0]


def places(boxes: Boxes, belt: FloatArray, /) -> FloatArray:
    """(K, 3) rear, front and middle across of ``boxes`` (K, 4), in px from the place where ``belt`` (2,) began."""
    found = np.empty((len(boxes), 3))
    found[:, :2] = boxes[:, ::2] - belt[0]
    found[:, 2] = (boxes[:, 1] + boxes[:, 3]) / 2 - belt[1]
    return found
