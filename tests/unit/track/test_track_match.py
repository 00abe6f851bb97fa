"""Pairs of objects and detections: near ones, one each, the cheapest where there is a choice."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.track._match import match, match_inside, share_inside


def boxes(*corners, size=10.0):
    return np.array([[x, y, x + size, y + size] for x, y in corners], dtype=np.float64).reshape(-1, 4)


def pairs(expected, found, *, by_rear=0.5, gate=6.0):
    rows, columns = match(expected, found, by_rear=np.full(len(expected), by_rear), gate=gate)
    return sorted(zip(rows.tolist(), columns.tolist(), strict=True))


def test_pairs_without_rivals_are_made():
    assert [(0, 1), (1, 0)] == pairs(boxes((0, 0), (50, 50)), boxes((52, 50), (3, 0)))


def test_where_there_is_a_choice_the_total_distance_is_least():
    assert [(0, 0), (1, 1)] == pairs(boxes((0, 0), (4, 0)), boxes((3, 0), (9, 0)))


def test_the_gate_is_a_circle():
    assert [] == pairs(boxes((0, 0)), boxes((5, 5)))
    assert [(0, 0)] == pairs(boxes((0, 0)), boxes((4, 4)))


@pytest.mark.parametrize(("by_rear", "expected"), [(0.0, []), (0.5, []), (1.0, [(0, 0)])])
def test_the_part_that_is_in_sight_is_compared(by_rear, expected):
    assert expected == pairs(boxes((0, 0), size=40.0), np.array([[1.0, 0, 21, 40]]), by_rear=by_rear)


@pytest.mark.parametrize(
    ("expected", "found"), [(boxes(), boxes((0, 0))), (boxes((0, 0)), boxes()), (boxes(), boxes())]
)
def test_nothing_pairs_with_nothing(expected, found):
    assert [] == pairs(expected, found)


def test_what_shows_nowhere_is_nobody():
    assert [] == pairs(np.array([[0.0, 0, 0, 10]]), boxes((0, 0)))


def test_a_part_belongs_to_the_box_that_it_lies_in():
    rows, columns = match_inside(boxes((0, 0), (100, 0), size=40.0), boxes((105, 5), (60, 0)), least=0.6)
    assert ([1], [0]) == (rows.tolist(), columns.tolist())


def test_the_share_inside_of_an_empty_box_is_nothing():
    assert [[0.0, 0.25]] == share_inside(boxes((0, 0)), np.array([[20.0, 0, 30, 10], [5.0, 5, 30, 30]])).tolist()
    assert [[0.0]] == share_inside(np.zeros((1, 4)), boxes((0, 0))).tolist()
