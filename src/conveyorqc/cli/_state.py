"""``--state``: a run that stops and goes on later, in another process."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from conveyorqc.core import Resumable, StateFields

if TYPE_CHECKING:
    from types import FrameType

    from conveyorqc.core import BeltMotion, Frame

__all__ = ["Position", "frames_after", "resumable", "until_told_to_stop"]


class Position:
    """Which frames a run has done with.

    Attributes:
        frames: how many.
        last: index of the last one; -1 before the first.
    """

    def __init__(self) -> None:
        self.frames = 0
        self.last = -1

    def state(self) -> dict[str, object]:
        """Both numbers as JSON."""
        return {"version": 1, "frames": self.frames, "next": self.last + 1}

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from ``state``."""
        fields = StateFields(state, kind="Position", version=1)
        self.frames, self.last = fields.whole("frames"), fields.whole("next") - 1


def resumable(parts: Mapping[str, object], /) -> dict[str, Resumable]:
    """Those of ``parts`` that can go on later; the others remember nothing that matters."""
    return {name: part for name, part in parts.items() if isinstance(part, Resumable)}


def frames_after(frames: Iterable[Frame], position: Position, motion: BeltMotion, /) -> Iterator[Frame]:
    """The frames that are not done yet; the last that is gives ``motion`` a picture to compare the next one with."""
    done = position.last
    for frame in frames:
        if frame.index > done:
            yield frame
        elif frame.index == done:
            motion.measure(frame)


@contextmanager
def until_told_to_stop(state: Path | None) -> Iterator[Callable[[], bool]]:
    """Whether somebody has asked to stop (Ctrl-C, SIGTERM); with a ``state`` that waits for the end of a frame."""
    asked = False

    def ask(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    if state is None:
        yield lambda: False
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
