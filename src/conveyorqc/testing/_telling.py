"""Contract suites for what tells times and names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from conveyorqc.core import Clock, RunIds
from conveyorqc.testing._promises import promise, promised

__all__ = ["check_clock", "check_run_ids"]


def check_clock(clock: Clock, /) -> None:
    """Check a `Clock`: aware UTC, and seconds that never go back.

    Raises:
        AssertionError: naming the broken promise.
    """
    with promised("a Clock tells both times whenever it is asked"):
        now = clock.now()
        seconds = [clock.monotonic_s() for _ in range(3)]
    promise(now.utcoffset() == timedelta(0), f"the wall time of a Clock is aware UTC, got {now!r}")
    promise(seconds == sorted(seconds), f"the monotonic time of a Clock never goes back, got {seconds}")


def check_run_ids(new_run_ids: Callable[[], RunIds], /) -> None:
    """Check `RunIds`: names that fit into an event's key, each new.

    Raises:
        AssertionError: naming the broken promise.
    """
    run_ids = new_run_ids()
    with promised("RunIds always have another name"):
        names = [run_ids.new_id() for _ in range(100)]
    promise(all(names), "RunIds give names that are not empty")
    promise(not any("/" in name for name in names), f"names of RunIds hold no slash, got {names[:3]}")
    promise(len(set(names)) == len(names), f"RunIds give each name once, got {names[:3]}")
