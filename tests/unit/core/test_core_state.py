"""Fields of a saved state."""

from __future__ import annotations

import pytest

from conveyorqc.core import StateFields
from conveyorqc.errors import InvalidInput

STATE = {"version": 1, "half": 0.5, "none": None, "rows": [[1, 2], [3, 4]], "part": {"version": 1}, "ids": [4, 2]}


def fields():
    return StateFields(STATE, kind="part", version=1)


def test_fields_are_read_as_what_they_are():
    state = fields()
    assert (0.5, None, 0.5) == (state.number("half"), state.number_or_none("none"), state.number_or_none("half"))
    assert ([[1.0, 2.0], [3.0, 4.0]], [4, 2]) == (state.table("rows", columns=2).tolist(), state.ids("ids"))
    assert {"version": 1} == state.mapping("part")
    assert (0, 2) == StateFields({**STATE, "rows": []}, kind="part", version=1).table("rows", columns=2).shape


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (lambda state: state.number("missing"), "state of part: expected a field missing, got"),
        (lambda state: state.number("none"), "state of part: none: expected a finite number, got 'None'"),
        (lambda state: state.whole("half"), "half: expected a whole number of 0 or more, got 0.5"),
        (lambda state: state.table("rows", columns=3), "rows: expected a list of lists of 3 numbers"),
        (lambda state: state.ids("rows"), "rows: expected a list of whole numbers"),
        (lambda state: state.mapping("ids"), "ids: expected an object, got list"),
    ],
)
def test_wrong_fields_are_refused_by_name(read, text):
    with pytest.raises(InvalidInput, match=text):
        read(fields())


@pytest.mark.parametrize("hostile", [float("nan"), float("inf"), 10**400, "1", True, [1]])
def test_what_is_no_number_is_none(hostile):
    with pytest.raises(InvalidInput, match="x: expected a finite number"):
        StateFields({"version": 1, "x": hostile}, kind="part", version=1).number("x")
