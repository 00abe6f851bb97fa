"""The tracker's book as JSON, and back: one short list of numbers for each object, px rounded to 0.01."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, FloatArray
from conveyorqc.errors import InvalidInput
from conveyorqc.track._book import ROW, Rows

__all__ = ["DEPARTED_COLUMNS", "ROW_COLUMNS", "departed_from_table", "departed_lists", "row_lists", "rows_from_table"]

ROW_COLUMNS = 21
DEPARTED_COLUMNS = 5


def row_lists(rows: Rows, belt: FloatArray, /) -> list[list[float]]:
    """Each row as ``key id hits first_frame flags`` and 16 numbers; places count from where ``belt`` (2,) is now."""
    flags = rows["came_in"] + 2 * rows["gone"]
    whole = np.stack([rows["key"], rows["id"], rows["hits"], rows["first_frame"], flags], axis=1).tolist()
    proof = np.column_stack([rows["origin"] + belt[[0, 0, 1]], rows["drift"], rows["born_at"] - belt[0]])
    proof[rows["id"] > 0] = 0.0  # nobody asks for it any more
    seen = np.column_stack([rows["misses"], rows["seen_at"] - belt[0], rows["seen_s"]])
    numbers = np.hstack([rows["box"], rows["known"], proof, seen]).round(2).tolist()
    return [first + rest for first, rest in zip(whole, numbers, strict=True)]


def rows_from_table(table: FloatArray, belt: FloatArray, /) -> Rows:
    """The rows of ``table`` (N, 21), as `row_lists` gave them.

    Raises:
        InvalidInput: if they cannot be rows of a tracker.
    """
    whole = table[:, :5]
    if (whole < 0).any() or (whole != np.floor(whole)).any() or (whole[:, 4] > 3).any():
        raise InvalidInput(f"rows: expected five whole numbers of 0 or more in front, got {whole.tolist()}")
    rows = np.zeros(len(table), ROW)
    for column, name in enumerate(("key", "id", "hits", "first_frame")):
        rows[name] = table[:, column]
    rows["came_in"], rows["gone"] = whole[:, 4] % 2 == 1, whole[:, 4] >= 2
    rows["box"], rows["known"] = _sound(table[:, 5:9]), np.maximum(table[:, 9:13], 0.0)
    rows["origin"] = table[:, 13:16] - belt[[0, 0, 1]]
    rows["drift"], rows["born_at"] = table[:, 16], table[:, 17] + belt[0]
    rows["misses"], rows["seen_at"], rows["seen_s"] = table[:, 18], table[:, 19] + belt[0], table[:, 20]
    _check_names(rows)
    return rows


def departed_lists(rows: Rows, belt: FloatArray, /) -> list[list[float]]:
    """The id and the box of each row that left over the exit, counted from where ``belt`` (2,) is now."""
    boxes = rows["box"] + [belt[0], 0.0, belt[0], 0.0]
    return [[object_id, *box] for object_id, box in zip(rows["id"].tolist(), boxes.round(2).tolist(), strict=True)]


def departed_from_table(table: FloatArray, belt: FloatArray, /) -> Rows:
    """The rows of ``table`` (N, 5), as `departed_lists` gave them."""
    rows = np.zeros(len(table), ROW)
    rows["id"] = table[:, 0]
    rows["box"] = _sound(table[:, 1:]) - [belt[0], 0.0, belt[0], 0.0]
    rows["known"] = 1.0
    rows["hits"] = 1
    return rows


def _sound(boxes: Boxes) -> Boxes:
    if (boxes[:, 2:] < boxes[:, :2]).any():
        raise InvalidInput("rows: expected boxes with x0 <= x1 and y0 <= y1, got one turned inside out")
    return boxes


def _check_names(rows: Rows) -> None:
    ids = rows["id"][rows["id"] > 0]
    if len(np.unique(ids)) != len(ids) or len(np.unique(rows["key"])) != len(rows):
        raise InvalidInput("rows: expected each id and each key once, got some twice")
