from __future__ import annotations

import math

import pytest

from conveyorqc.core import Disposition, Verdict
from conveyorqc.errors import InvalidInput
from conveyorqc.policy import DispositionPolicy


@pytest.mark.parametrize(("is_anomalous", "expected"), [(True, Disposition.REJECT), (False, Disposition.PASS)])
def test_the_label_decides_when_any_confidence_will_do(*, is_anomalous: bool, expected: Disposition) -> None:
    verdict = Verdict(is_anomalous=is_anomalous, confidence=0.0)

    assert DispositionPolicy()(verdict) == (expected, "")


def test_too_little_confidence_is_unknown_with_a_reason() -> None:
    verdict = Verdict(is_anomalous=True, confidence=0.43)

    assert DispositionPolicy(min_confidence=0.6)(verdict) == (Disposition.UNKNOWN, "low confidence 0.43 < 0.60")


def test_exactly_enough_confidence_decides() -> None:
    verdict = Verdict(is_anomalous=False, confidence=0.6)

    assert DispositionPolicy(min_confidence=0.6)(verdict) == (Disposition.PASS, "")


@pytest.mark.parametrize("value", [-0.1, 1.1, math.nan])
def test_a_limit_outside_zero_to_one_is_an_error(value: float) -> None:
    with pytest.raises(InvalidInput, match="min_confidence"):
        DispositionPolicy(min_confidence=value)
