"""A backend that says what it is told to say: for tests and dry runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeAlias

from conveyorqc.anomaly._inputs import checked_pair, paired_masks
from conveyorqc.core import ImageU8, Mask, Verdict

__all__ = ["Script", "StubBackend"]

Script: TypeAlias = Sequence[Verdict | Exception] | Callable[[ImageU8, Mask | None], Verdict]
"""Answers in the order of the pictures, or a function of picture and mask."""

_SOUND = Verdict(is_anomalous=False, confidence=1.0, model="stub")


class StubBackend:
    """An `AnomalyBackend` that plays a script. Safe to use from several threads.

    Args:
        answers: a sequence, one verdict for each picture, in order; an exception in it is raised by the call that
            reaches it, which takes only that exception from the script, so that another try goes on behind it.
            Or a function, called for each picture. None means that only ``default`` is ever said.
        default: said when the sequence is used up.

    >>> import numpy as np
    >>> stub = StubBackend([Verdict(is_anomalous=True, confidence=0.9)])
    >>> picture = np.zeros((4, 4, 3), np.uint8)
    >>> [verdict.is_anomalous for verdict in stub.inspect([picture, picture])]
    [True, False]
    """

    def __init__(self, answers: Script | None = None, *, default: Verdict = _SOUND) -> None:
        self._function = answers if callable(answers) else None
        self._queue: deque[Verdict | Exception] = deque(() if answers is None or callable(answers) else answers)
        self._default = default
        self._lock = Lock()

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, in order.

        Raises:
            InvalidInput: if a picture or a mask is not what `AnomalyBackend` asks for.
            Exception: whatever the script says.
        """
        pairs = [
            checked_pair(image, mask, position=position)
            for position, (image, mask) in enumerate(zip(images, paired_masks(masks, len(images)), strict=True))
        ]
        if self._function is not None:
            return [self._function(image, mask) for image, mask in pairs]
        return self._play(len(pairs))

    def _play(self, count: int) -> list[Verdict]:
        with self._lock:
            played: list[Verdict] = []
            for position in range(min(count, len(self._queue))):
                answer = self._queue[position]
                if isinstance(answer, Exception):
                    del self._queue[position]
                    raise answer
                played.append(answer)
            for _ in played:
                self._queue.popleft()
        return played + [self._default] * (count - len(played))
