"""One-to-one assignment with a gate."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import FloatArray, IntArray

__all__ = ["assign"]

_FEW = 10
"""Rows or columns up to which the loop here is no slower than loading SciPy would be in a whole run."""


def assign(cost: FloatArray, /, *, max_cost: float) -> tuple[IntArray, IntArray]:
    """Pairs of rows and columns that minimise the total cost, none dearer than ``max_cost``.

    As many pairs as the gate allows are made first, then the cheapest of those assignments is taken.

    Args:
        cost: (N, M) of either sign; infinite and NaN pairs are never made.
        max_cost: pairs that cost more are never made. Larger lets objects jump farther and confuses neighbours.

    Returns:
        Row indices and column indices, (K,) each, rows ascending.

    Reference: H. W. Kuhn, The Hungarian method for the assignment problem (1955), DOI 10.1002/nav.3800020109.

    >>> rows, columns = assign(np.array([[1.0, 9.0], [2.0, 3.0]]), max_cost=5.0)
    >>> rows.tolist(), columns.tolist()
    ([0, 1], [0, 1])
    """
    allowed = np.isfinite(cost) & (cost <= max_cost)
    if not allowed.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # One forbidden pair must cost more than all the allowed pairs that it could save together.
    extra = np.where(allowed, cost, np.inf) - cost[allowed].min()
    forbidden = (extra[allowed].max() + 1.0) * (min(cost.shape) + 1)
    rows, columns = _solve(np.where(allowed, extra, forbidden))
    kept = allowed[rows, columns]
    return rows[kept], columns[kept]


def _solve(cost: FloatArray) -> tuple[IntArray, IntArray]:
    """The cheapest complete assignment, rows ascending."""
    if min(cost.shape) > _FEW:
        # scipy.optimize takes longer to import than this package: load it when there is much to choose from.
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

        rows, columns = linear_sum_assignment(cost)
        return rows.astype(np.int64), columns.astype(np.int64)
    if cost.shape[0] > cost.shape[1]:
        columns, rows = _solve(cost.T)
        order = rows.argsort()
        return rows[order], columns[order]
    owner = np.full(cost.shape[1], -1)  # the row of each column
    prices = np.zeros(cost.shape[0]), np.zeros(cost.shape[1])
    for row in range(len(cost)):
        _place(row, cost, owner, *prices)
    columns = (owner >= 0).nonzero()[0]
    return np.arange(len(cost)), columns[owner[columns].argsort()]


def _place(row: int, cost: FloatArray, owner: IntArray, row_prices: FloatArray, column_prices: FloatArray) -> None:
    """Find a column for one more row along the shortest path on which others make way; writes into all but ``cost``."""
    reach = np.full(len(owner), np.inf)
    came_from = np.full(len(owner), row)
    done = np.zeros(len(owner), np.bool_)
    here, length = row, 0.0
    while True:
        step = length + cost[here] - row_prices[here] - column_prices
        nearer = ~done & (step < reach)
        reach[nearer], came_from[nearer] = step[nearer], here
        column = int(np.where(done, np.inf, reach).argmin())
        length = float(reach[column])
        if owner[column] < 0:
            break
        done[column], here = True, int(owner[column])
    row_prices[row] += length
    row_prices[owner[done]] += length - reach[done]
    column_prices[done] -= length - reach[done]
    while True:
        here = int(came_from[column])
        before = (owner == here).nonzero()[0]
        owner[column] = here
        if here == row:
            return
        column = int(before[0])
