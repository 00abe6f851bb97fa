"""Sides of boxes: what a look shows, what it adds, what is guessed meanwhile."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.track._shape import complete, cut_by_edge, improve, sides_shown

LENGTH = 100.0
CUT = {"no": [False, False], "rear": [True, False], "front": [False, True], "both": [True, True]}


def after(box, known, found, *, cut="no", tolerance=5.0):
    boxes, counts = improve(
        np.array([box], dtype=np.float64),
        np.array([known], dtype=np.float64),
        np.array([found], dtype=np.float64),
        cut=np.array([CUT[cut]]),
        tolerance=tolerance,
    )
    return boxes[0].tolist(), counts[0].tolist()


def test_a_box_near_an_edge_is_cut_by_it():
    found = np.array([[0.0, 0, 20, 10], [30, 0, 50, 10], [60, 0, 98, 10], [2, 0, 100, 10]])
    assert [CUT["rear"], CUT["no"], CUT["front"], CUT["both"]] == cut_by_edge(found, length=LENGTH).tolist()


@pytest.mark.parametrize(("cut", "shown"), [("no", "1111"), ("rear", "0010"), ("front", "1000"), ("both", "0000")])
def test_a_cut_box_shows_only_the_end_that_is_in_sight(cut, shown):
    assert [[side == "1" for side in shown]] == sides_shown(np.array([CUT[cut]])).tolist()


def test_a_look_adds_to_the_mean_of_each_side():
    assert ([12.0, 1.0, 30.0, 11.0], [2, 4, 2, 4]) == after([10, 0, 28, 10], [1, 3, 1, 3], [14, 4, 32, 14])


def test_a_side_remembers_a_few_looks_only():
    (_, _, front, _), counts = after([10, 0, 30, 10], [7, 7, 7, 7], [10, 0, 34, 10])
    assert (30.5, [7, 7, 7, 7]) == (front, counts)


def test_an_odd_side_is_not_taken_until_as_many_looks_say_so():
    box, known = [10, 0, 30, 10], [4, 7, 4, 7]
    fronts = []
    for _ in range(4):
        box, known = after(box, known, [10, 0, 60, 10])
        fronts.append(box[2])
    assert [30.0, 30.0, 30.0, 60.0] == fronts


def test_what_an_edge_hides_stays_as_it_was():
    assert ([60.0, 0.0, 110.0, 10.0], [2, 2, 1, 1]) == (
        after([60, 0, 110, 10], [1, 2, 1, 1], [60, 3, 100, 8], cut="front")[0],
        [2, 2, 1, 1],
    )


def test_a_box_that_is_coming_in_only_grows_across():
    assert [-5.0, -2.0, 30.0, 10.0] == after([-5, 0, 30, 10], [0, 0, 3, 0], [0, -2, 30, 8], cut="rear")[0]


def test_sides_never_pass_each_other():
    left, _, right, _ = after([10, 0, 12, 10], [7, 1, 1, 1], [14, 0, 10.5, 10])[0]
    assert left <= right


@pytest.mark.parametrize(
    ("size", "box", "cut", "expected"),
    [
        (None, [0, 0, 8, 20], "rear", [-12, 0, 8, 20]),
        (30.0, [0, 0, 8, 20], "rear", [-22, 0, 8, 20]),
        (5.0, [0, 0, 8, 20], "rear", [0, 0, 8, 20]),
        (30.0, [90, 0, 100, 20], "front", [90, 0, 120, 20]),
        (30.0, [40, 0, 60, 20], "no", [40, 0, 60, 20]),
    ],
)
def test_a_hidden_end_is_guessed_from_others(size, box, cut, expected):
    boxes = np.array([box], dtype=np.float64)
    guess = complete(boxes, np.zeros((1, 4)), np.array([CUT[cut]]), size=size, length=LENGTH)
    assert [expected] == guess.tolist()
    assert [box] == boxes.tolist()
