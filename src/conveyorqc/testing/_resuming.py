"""The contract suite for what goes on in another process."""

from __future__ import annotations

import json
from collections.abc import Callable

from conveyorqc.core import Resumable
from conveyorqc.errors import InvalidInput
from conveyorqc.testing._promises import promise, promised

__all__ = ["check_resumable"]


def check_resumable(
    new_part: Callable[[], Resumable], /, *, use: Callable[[Resumable], object] = lambda _part: None
) -> None:
    """Check a `Resumable`: its state is JSON with a version, comes back as it was, and nonsense is refused.

    Args:
        new_part: makes one with the same settings each time.
        use: lets one do its work, so that there is something to remember.

    Raises:
        AssertionError: naming the broken promise.

    >>> from conveyorqc.track import ConstantMotion
    >>> check_resumable(ConstantMotion)
    """
    before, after = new_part(), new_part()
    use(before)
    with promised("a Resumable gives its state as JSON"):
        stored = json.dumps(before.state(), allow_nan=False)
    promise("version" in json.loads(stored), f"the state of a Resumable has a version, got {stored:.200}")
    promise(json.dumps(before.state()) == stored, "asking a Resumable for its state changes nothing")
    with promised("a Resumable restores the state that it gave"):
        after.restore(json.loads(stored))
    restored = json.dumps(after.state())
    promise(restored == stored, f"a restored Resumable has the same state, got {restored:.200} for {stored:.200}")
    for nonsense in ({}, {"version": 10**9}, json.loads(stored) | {"version": 10**9}):
        try:
            after.restore(nonsense)
        except InvalidInput:
            continue
        raise AssertionError(
            f"broken promise: a Resumable refuses with InvalidInput what is no state, took {nonsense!r:.99}"
        )
    promise(json.dumps(after.state()) == stored, "a Resumable that refused a state is as it was")
