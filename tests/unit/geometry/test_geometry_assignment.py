"""Assignment with a gate."""

from __future__ import annotations

import numpy as np
import pytest

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
