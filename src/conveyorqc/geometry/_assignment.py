"""One-to-one assignment with a gate."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import FloatArray, IntArray

__all__ = ["assign"]


def assign(cost: FloatArray, /, *, max_cost: float) -> tuple[IntArray, IntArray]:
    """Pairs of rows and columns that minimise the total cost, none dearer than ``max_cost``.

    As many pairs as the gate allows are made first, then the cheapest of those assignments is taken.

    Args:
        cost: (N, M) of either sign; infinite and NaN pairs are never made.
        max_cost: pairs that cost more are never made. Larger lets objects jump farther and confuses neighbours.

    Returns:
        Row indices and column indices, (K,) each, rows ascending.

    >>> rows, columns = assign(np.array([[1.0, 9.0], [2.0, 3.0]]), max_cost=5.0)
    >>> rows.tolist(), columns.tolist()
    ([0, 1], [0, 1])
    """
    allowed = np.isfinite(cost) & (cost <= max_cost)
    if not allowed.any():
        return np.empty(0, np.int64), np.empty(0, np.int64)
    # scipy.optimize takes longer to import than this package: load it when a tracker first needs it.
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

    # One forbidden pair must cost more than all the allowed pairs that it could save together.
    extra = np.where(allowed, cost, np.inf) - cost[allowed].min()
    forbidden = (extra[allowed].max() + 1.0) * (min(cost.shape) + 1)
    rows, columns = linear_sum_assignment(np.where(allowed, extra, forbidden))
    kept = allowed[rows, columns]
    return rows[kept].astype(np.int64), columns[kept].astype(np.int64)
