from __future__ import annotations

import logging
import math

import numpy as np
import pytest

from conveyorqc.anomaly import Retrying, StubBackend
from conveyorqc.core import AnomalyBackend, Verdict
from conveyorqc.errors import BackendUnavailable, BadBackendResponse, InvalidInput, Throttled

PICTURE = np.zeros((4, 4, 3), np.uint8)
BAD = Verdict(is_anomalous=True, confidence=0.9)
GONE = BackendUnavailable("gone")


class Nap:
    """Sleeps without taking time."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def retrying(*script: Verdict | Exception, attempts: int = 3) -> tuple[Retrying, Nap]:
    nap = Nap()
    rng = np.random.default_rng(0)
    return Retrying(StubBackend(script), attempts=attempts, wait_s=0.2, sleep=nap, rng=rng), nap


def test_it_satisfies_the_protocol() -> None:
    assert isinstance(Retrying(StubBackend()), AnomalyBackend)


def test_a_backend_that_answers_is_asked_once() -> None:
    backend, nap = retrying(BAD)

    assert backend.inspect([PICTURE]) == [BAD]
    assert nap.seconds == []


def test_an_unreachable_backend_is_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    backend, nap = retrying(GONE, GONE, BAD)

    with caplog.at_level(logging.WARNING, logger="conveyorqc.anomaly"):
        assert backend.inspect([PICTURE]) == [BAD]
    assert len(nap.seconds) == 2
    assert "try 1 of 3 failed (gone)" in caplog.text


def test_pauses_double_within_half_as_much_again() -> None:
    backend, nap = retrying(*[GONE] * 5, BAD, attempts=6)

    backend.inspect([PICTURE])

    factors = [pause / (0.2 * 2**turn) for turn, pause in enumerate(nap.seconds)]
    assert len(factors) == 5
    assert all(0.5 <= factor <= 1.5 for factor in factors)
    assert len(set(factors)) == 5


def test_the_last_error_comes_out_when_every_try_failed() -> None:
    backend, nap = retrying(GONE, GONE, BackendUnavailable("still gone"), BAD)

    with pytest.raises(BackendUnavailable, match="still gone"):
        backend.inspect([PICTURE])
    assert len(nap.seconds) == 2


@pytest.mark.parametrize("error", [BadBackendResponse("nonsense"), RuntimeError("broken")])
def test_errors_that_another_try_cannot_mend_pass_through_at_once(error: Exception) -> None:
    backend, nap = retrying(error, BAD)

    with pytest.raises(type(error)):
        backend.inspect([PICTURE])
    assert nap.seconds == []


def test_a_pause_that_the_backend_asks_for_is_kept() -> None:
    backend, nap = retrying(Throttled("later", retry_after_s=7.5), Throttled("soon", retry_after_s=0.0), BAD)

    assert backend.inspect([PICTURE]) == [BAD]
    assert nap.seconds[0] == 7.5
    assert 0.2 <= nap.seconds[1] <= 0.6


def test_a_pause_that_is_too_long_is_not_waited_for() -> None:
    backend, nap = retrying(BackendUnavailable("in an hour", retry_after_s=3600.0), BAD)

    with pytest.raises(BackendUnavailable, match="in an hour"):
        backend.inspect([PICTURE])
    assert nap.seconds == []


def test_masks_are_passed_on() -> None:
    seen = []

    def judge(_image, mask) -> Verdict:
        seen.append(mask)
        return BAD

    mask = np.ones((4, 4), np.bool_)
    Retrying(StubBackend(judge)).inspect([PICTURE, PICTURE], masks=[mask, None])

    assert seen[0].all()
    assert seen[1] is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"attempts": 0}, "attempts: expected 1 or more, got 0"),
        ({"wait_s": -1.0}, "wait_s: expected 0 or more seconds, got -1"),
        ({"wait_s": math.inf}, "wait_s"),
        ({"wait_s": math.nan}, "wait_s"),
        ({"longest_wait_s": -1.0}, "longest_wait_s: expected 0 or more seconds, got -1"),
    ],
)
def test_senseless_options_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        Retrying(StubBackend(), **options)
