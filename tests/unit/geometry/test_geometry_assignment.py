"""Assignment with a gate."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from conveyorqc.geometry import assign


def _pairs(cost, max_cost):
    rows, columns = assign(np.array(cost, dtype=np.float64), max_cost=max_cost)
    return list(zip(rows.tolist(), columns.tolist(), strict=True))


@pytest.mark.parametrize("shape", [(0, 0), (0, 3), (3, 0)])
def test_nothing_to_assign(shape):
    rows, columns = assign(np.empty(shape), max_cost=1.0)
    assert (rows.tolist(), columns.tolist()) == ([], [])
    assert rows.dtype == columns.dtype == np.int64


def test_pairs_beyond_the_gate_are_not_made():
    assert _pairs([[6.0, 7.0]], 5.0) == []
    assert _pairs([[5.0, 7.0]], 5.0) == [(0, 0)]


def test_more_pairs_come_before_cheaper_ones():
    assert _pairs([[0.0, 4.0], [4.0, 9.0]], 5.0) == [(0, 1), (1, 0)]


def test_infinite_and_unknown_costs_are_never_paired():
    assert _pairs([[np.inf, np.nan], [np.nan, 1.0]], 5.0) == [(1, 1)]
    assert _pairs([[np.inf, np.nan], [np.nan, 1.0]], np.inf) == [(1, 1)]


def test_costs_below_zero_are_costs_like_any_other():
    assert _pairs([[-100.0, -1.0], [-1.0, 5.0]], 0.0) == [(0, 1), (1, 0)]
    assert _pairs([[-3.0, -2.0]], -2.5) == [(0, 0)]


@pytest.mark.parametrize("shape", [(1, 1), (3, 7), (7, 3), (10, 14), (11, 11), (12, 40)])
@pytest.mark.parametrize("whole", ["ties", "no ties"])
def test_the_cheapest_pairs_are_those_that_scipy_finds(shape, whole):
    rng = np.random.default_rng(3)
    for _ in range(20):
        cost = rng.integers(0, 5, shape).astype(np.float64) if whole == "ties" else rng.random(shape)
        rows, columns = assign(cost, max_cost=9.0)
        expected = cost[linear_sum_assignment(cost)].sum()
        assert (min(shape), pytest.approx(expected)) == (len(rows), cost[rows, columns].sum())
        assert (np.diff(rows) > 0).all()
        assert len(rows) == len(set(columns.tolist()))
