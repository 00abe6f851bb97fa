"""CPU time of the stages of a loop."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["StageClock"]


class StageClock:
    """CPU time of the stages of a loop, in ms per frame.

    A stage is charged with the time of the calling thread. Decoders work in threads of their own while the stages
    run, so ``decode`` is what the process spent besides the stages.
    """

    def __init__(self) -> None:
        self._started = time.process_time()
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens inside to ``name``."""
        started = time.thread_time()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + time.thread_time() - started

    def per_frame(self, frames: int) -> dict[str, float]:
        """Ms per frame of each stage, ``decode`` first."""
        everything = time.process_time() - self._started
        decode = max(everything - sum(self._spent.values()), 0.0)
        return {name: round(1000 * s / max(frames, 1), 3) for name, s in {"decode": decode, **self._spent}.items()}
