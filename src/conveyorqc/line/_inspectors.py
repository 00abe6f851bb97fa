"""Two ways to put objects to a backend: now, or on threads of its own. Every object gets exactly one answer."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Literal, Self

from conveyorqc.core import AnomalyBackend, Answer, Crop
from conveyorqc.errors import BackendUnavailable, InvalidInput
from conveyorqc.line._judgement import ask

__all__ = ["Background", "Inline"]

_log = logging.getLogger(__name__)


class Inline:
    """An `Inspector` that asks the backend at once, with all views of an object in one call.

    The frame loop waits for the backend: right for files, and for backends that are faster than the belt.
    """

    def __init__(self, backend: AnomalyBackend, /) -> None:
        self._backend = backend
        self._answers: list[Answer] = []

    def submit(self, object_id: int, crops: Sequence[Crop], /) -> None:
        """Ask for verdicts on the views of one object."""
        self._answers.append(ask(self._backend, object_id, crops))

    def collect(self) -> Sequence[Answer]:
        """The answers since the last call."""
        answers, self._answers = tuple(self._answers), []
        return answers

    def drain(self) -> Sequence[Answer]:
        """The same as `collect`: nothing is ever outstanding."""
        return self.collect()


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    object_id: int
    crops: tuple[Crop, ...]


class Background:
    """An `Inspector` that asks the backend on threads of its own, so that a slow or dead one never stops the belt.

    Close it, or use it as a context manager. What is submitted afterwards is answered with an error.

    Args:
        backend: used by all threads at once; with more than one worker it must be thread-safe.
        workers: threads. More hides the latency of a remote backend; for one on this machine they share the cores.
        queue: objects that may wait. More rides out longer pauses of the backend and holds more pictures in memory.
        full: what `submit` does when that many wait. ``"fail"`` answers at once with `BackendUnavailable`: the object
            becomes unknown and the belt goes on. ``"block"`` waits for room, at most ``timeout_s``: right for files.
        timeout_s: how long `drain`, `close` and a blocking `submit` wait for a sign of life before they give the
            backend up. Longer forgives pauses; shorter ends a run with a dead backend sooner.

    Raises:
        InvalidInput: if ``workers`` or ``queue`` is below 1, ``timeout_s`` not positive or ``full`` something else.
    """

    def __init__(
        self,
        backend: AnomalyBackend,
        /,
        *,
        workers: int = 1,
        queue: int = 64,
        full: Literal["block", "fail"] = "fail",
        timeout_s: float = 30.0,
    ) -> None:
        for name, number, least in (("workers", workers, 1), ("queue", queue, 1)):
            if number < least:
                raise InvalidInput(f"{name}: expected {least} or more, got {number}")
        if not timeout_s > 0:
            raise InvalidInput(f"timeout_s: expected more than 0, got {timeout_s}")
        if full not in ("block", "fail"):
            raise InvalidInput(f"full: expected 'block' or 'fail', got {full!r}")
        self._backend = backend
        self._room = queue
        self._full = full
        self._timeout_s = timeout_s
        self._changed = Condition()  # guards all that follows
        self._waiting: deque[_Task] = deque()
        self._asked: set[_Task] = set()
        self._answers: list[Answer] = []
        self._closed = False
        self._threads = [Thread(target=self._work, name=f"inspector-{n}", daemon=True) for n in range(workers)]
        for thread in self._threads:
            thread.start()

    def submit(self, object_id: int, crops: Sequence[Crop], /) -> None:
        """Queue the views of one object; ``full`` says what happens when there is no room."""
        task = _Task(object_id, tuple(crops))
        with self._changed:
            if self._full == "block":
                self._changed.wait_for(lambda: self._closed or len(self._waiting) < self._room, self._timeout_s)
            if self._closed:
                self._refuse([task], "the inspector is closed")
            elif len(self._waiting) >= self._room:
                self._refuse([task], f"queue full: {self._room} objects wait for the backend")
            else:
                self._waiting.append(task)
                self._changed.notify_all()

    def collect(self) -> Sequence[Answer]:
        """The answers that have arrived since the last call; never waits."""
        with self._changed:
            answers, self._answers = tuple(self._answers), []
        return answers

    def drain(self) -> Sequence[Answer]:
        """Wait for all that is outstanding; what the backend is given up on is answered with an error."""
        with self._changed:
            while self._outstanding():
                if not self._wait_for_an_answer():
                    self._give_up(f"no verdict within {self._timeout_s} s")
        return self.collect()

    def close(self) -> None:
        """Answer what is outstanding with an error and end the threads; closing again does nothing."""
        with self._changed:
            self._closed = True
            self._give_up("the inspector was closed before the backend answered")
        deadline = time.monotonic() + self._timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                _log.warning("%s is left behind: its backend has not returned for %s s", thread.name, self._timeout_s)
        self._threads = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._waiting)
                if self._closed:
                    return
                task = self._waiting.popleft()
                self._asked.add(task)
                self._changed.notify_all()
            answer = ask(self._backend, task.object_id, task.crops)
            with self._changed:
                if task in self._asked:  # else it was given up and answered meanwhile
                    self._asked.remove(task)
                    self._answers.append(answer)
                    self._changed.notify_all()

    def _outstanding(self) -> int:
        return len(self._waiting) + len(self._asked)

    def _wait_for_an_answer(self) -> bool:
        before = self._outstanding()
        return self._changed.wait_for(lambda: self._outstanding() < before, self._timeout_s)

    def _give_up(self, reason: str) -> None:
        self._refuse([*self._asked, *self._waiting], reason)
        self._asked.clear()
        self._waiting.clear()
        self._changed.notify_all()

    def _refuse(self, tasks: Iterable[_Task], reason: str) -> None:
        self._answers.extend(Answer(task.object_id, (), BackendUnavailable(reason)) for task in tasks)
