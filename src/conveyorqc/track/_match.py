"""Which detection is which object: neighbours along the belt, then the cheapest pairs where there is a choice."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, FloatArray, IntArray
from conveyorqc.geometry import assign, box_area, box_intersection

__all__ = ["match", "match_inside", "share_inside"]


def match(expected: Boxes, found: Boxes, /, *, by_rear: FloatArray, gate: float) -> tuple[IntArray, IntArray]:
    """Pairs of objects and detections that are no farther apart than ``gate``, each in one pair at most.

    Args:
        expected: (N, 4) where known objects must show, in the belt view; one of no length shows nowhere.
        found: (M, 4) what a look found, in the belt view.
        by_rear: (N,) by which part to measure the distance along the belt: 1 by the rear, 0 by the front, 0.5 by
            the middle. What an edge of the frame cuts is known by the side that is in sight.
        gate: px, the largest distance of a pair.

    Returns:
        Row indices and column indices, (K,) each.
    """
    rows, columns = _neighbours(expected, found, gate=gate)
    offset = found[columns] - expected[rows]
    rear = by_rear[rows]
    along = rear * offset[:, 0] + (1.0 - rear) * offset[:, 2]
    across = (offset[:, 1] + offset[:, 3]) / 2
    distance = np.hypot(along, across)
    near = distance <= gate
    return _choose(rows[near], columns[near], distance[near], len(expected), len(found), gate=gate)


def _neighbours(expected: Boxes, found: Boxes, *, gate: float) -> tuple[IntArray, IntArray]:
    """All pairs that may be near enough, by a sort along the belt instead of an (N, M) table."""
    length = expected[:, 2] - expected[:, 0]
    middle = (expected[:, 0] + expected[:, 2]) / 2
    # Two boxes with one side in common have middles that differ by half their difference in length, at most.
    reach = np.where(length > 0, gate + length / 2, -1.0)
    middles = (found[:, 0] + found[:, 2]) / 2
    order = middles.argsort()
    ordered = middles[order]
    first = ordered.searchsorted(middle - reach)
    count = np.maximum(ordered.searchsorted(middle + reach, side="right") - first, 0)
    rows = np.arange(len(expected)).repeat(count)
    skipped = (first - count.cumsum() + count).repeat(count)
    return rows, order[skipped + np.arange(len(rows))]


def _choose(
    rows: IntArray, columns: IntArray, distance: FloatArray, row_count: int, column_count: int, *, gate: float
) -> tuple[IntArray, IntArray]:
    """One pair per row and column: pairs without a rival as they are, the rest by assignment."""
    alone = (np.bincount(rows, minlength=row_count)[rows] == 1) & (
        np.bincount(columns, minlength=column_count)[columns] == 1
    )
    if alone.all():
        return rows, columns
    rivals = ~alone
    some_rows, row_of = np.unique(rows[rivals], return_inverse=True)
    some_columns, column_of = np.unique(columns[rivals], return_inverse=True)
    cost = np.full((len(some_rows), len(some_columns)), np.inf)
    cost[row_of, column_of] = distance[rivals]
    chosen_rows, chosen_columns = assign(cost, max_cost=gate)
    return (
        np.concatenate([rows[alone], some_rows[chosen_rows]]),
        np.concatenate([columns[alone], some_columns[chosen_columns]]),
    )


def match_inside(expected: Boxes, found: Boxes, /, *, least: float) -> tuple[IntArray, IntArray]:
    """Pairs in which a share of at least ``least`` of the detection lies in the box of the object.

    So an object that was two in one box goes on as one of its parts.
    """
    return assign(1.0 - share_inside(found, expected).T, max_cost=1.0 - least)


def share_inside(inner: Boxes, outer: Boxes, /) -> FloatArray:
    """(N, M) share of each of ``inner`` (N, 4) that lies in each of ``outer`` (M, 4)."""
    area = box_area(inner)[:, None]
    return np.divide(box_intersection(inner, outer), area, out=np.zeros((len(inner), len(outer))), where=area > 0)
