"""The real clock and the real run names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from conveyorqc.core import Clock, RandomRunIds, RunIds, SystemClock


def test_the_clock_of_this_machine_tells_aware_utc():
    now = SystemClock().now()
    assert now.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - now) < timedelta(minutes=1)


def test_the_monotonic_clock_never_goes_back():
    clock = SystemClock()
    assert clock.monotonic_s() <= clock.monotonic_s()


def test_run_names_differ_and_fit_into_a_key():
    names = {RandomRunIds().new_id() for _ in range(100)}
    assert len(names) == 100
    assert all(len(name) == 32 and "/" not in name for name in names)


def test_they_are_what_the_protocols_ask_for():
    assert isinstance(SystemClock(), Clock)
    assert isinstance(RandomRunIds(), RunIds)
