"""Exact binomial bounds against the tables of acceptance sampling."""

from __future__ import annotations

import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import defects_needed, miss_rate_bound


@pytest.mark.parametrize(
    ("rate", "confidence", "misses", "expected"),
    [  # minimal samples to demonstrate a reliability of 1 - rate
        (0.05, 0.95, 0, 59),
        (0.05, 0.95, 1, 93),
        (0.05, 0.95, 2, 124),
        (0.05, 0.95, 3, 153),
        (0.10, 0.90, 0, 22),
        (0.10, 0.95, 0, 29),
        (0.10, 0.95, 1, 46),
        (0.01, 0.95, 0, 299),
        (0.01, 0.99, 0, 459),
        (0.50, 0.50, 0, 1),
    ],
)
def test_as_many_are_needed_as_the_tables_say(rate, confidence, misses, expected):
    assert expected == defects_needed(rate, confidence=confidence, misses=misses)


def test_one_defect_fewer_does_not_prove_it():
    for misses, n in ((0, 59), (1, 93), (2, 124)):
        assert miss_rate_bound(misses, n) <= 0.05 < miss_rate_bound(misses, n - 1)


def test_no_miss_has_a_bound_in_closed_form():
    assert pytest.approx(1 - 0.05 ** (1 / 59), rel=1e-12) == miss_rate_bound(0, 59)


@pytest.mark.parametrize("n", [0, 1, 9])
def test_nothing_found_proves_nothing(n):
    assert 1.0 == miss_rate_bound(n, n)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (lambda: miss_rate_bound(3, 2), "misses: expected 0 to 2, got 3"),
        (lambda: miss_rate_bound(0, 2, confidence=1.0), "confidence: expected a number between 0 and 1"),
        (lambda: defects_needed(0.0), "max_miss_rate: expected a number between 0 and 1, got 0.0"),
        (lambda: defects_needed(0.1, misses=-1), "misses: expected 0 or more, got -1"),
    ],
)
def test_what_is_out_of_range_is_refused(call, expected):
    with pytest.raises(InvalidInput, match=expected):
        call()
