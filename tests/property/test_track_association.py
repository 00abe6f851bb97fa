"""Association by neighbours along the belt gives what a full table of distances gives."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.geometry import assign
from conveyorqc.track._match import match

sides = st.tuples(st.floats(0, 300), st.floats(0, 100), st.floats(0, 60), st.floats(1, 60))
some_boxes = st.lists(sides, max_size=14).map(
    lambda rows: np.array([[x, y, x + w, y + h] for x, y, w, h in rows], dtype=np.float64).reshape(-1, 4)
)


def distances(expected, found, by_rear):
    """(N, M), pair by pair."""
    table = np.full((len(expected), len(found)), np.inf)
    for i, one in enumerate(expected):
        for j, other in enumerate(found):
            offset = other - one
            along = by_rear[i] * offset[0] + (1 - by_rear[i]) * offset[2]
            if one[2] > one[0]:
                table[i, j] = np.hypot(along, (offset[1] + offset[3]) / 2)
    return table


@given(some_boxes, some_boxes, st.floats(1, 80), st.data())
def test_pairs_are_as_many_and_as_near_as_those_of_a_full_table(expected, found, gate, data):
    parts = data.draw(st.lists(st.sampled_from([0.0, 0.5, 1.0]), min_size=len(expected), max_size=len(expected)))
    by_rear = np.array(parts, dtype=np.float64)
    table = distances(expected, found, by_rear)
    rows, columns = match(expected, found, by_rear=by_rear, gate=gate)
    best_rows, best_columns = assign(table, max_cost=gate)
    assert len(set(rows.tolist())) == len(rows) == len(set(columns.tolist())) == len(best_rows)
    assert (table[rows, columns] <= gate).all()
    assert np.isclose(table[rows, columns].sum(), table[best_rows, best_columns].sum(), rtol=1e-9, atol=1e-6)
