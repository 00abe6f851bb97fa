"""Another try for a backend that could not be reached."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np

from conveyorqc.core import AnomalyBackend, ImageU8, Mask, Verdict
from conveyorqc.errors import ConveyorQCError, InvalidInput

__all__ = ["Retrying"]

_log = logging.getLogger(__name__)


class Retrying:
    """An `AnomalyBackend` around another one, which asks again when an error says that this may help.

    Only errors whose ``retryable`` is true are met with another try; all others pass through at once. The pause
    doubles from try to try, each time multiplied by a random factor between 0.5 and 1.5, so that many lines that
    lost the same backend do not come back in step (https://aws.amazon.com/builders-library/timeouts-retries-and-
    backoff-with-jitter/). As safe for threads as the backend inside.

    Args:
        backend: the backend that is asked.
        attempts: tries in all, the first included. More rides out longer failures and decides later.
        wait_s: pause before the second try, seconds, before the random factor.
        longest_wait_s: a backend that asks for a pause (``retry_after_s`` of its error) gets it up to this long; if it
            asks for more, its error comes out at once. Longer waits out more and decides later.
        sleep: waits for a number of seconds; tests put in their own.
        rng: source of the random factor; one of its own when None.

    Raises:
        InvalidInput: if ``attempts`` is below 1, or a pause negative or not finite.
    """

    def __init__(
        self,
        backend: AnomalyBackend,
        /,
        *,
        attempts: int = 3,
        wait_s: float = 0.2,
        longest_wait_s: float = 10.0,
        sleep: Callable[[float], None] = time.sleep,
        rng: np.random.Generator | None = None,
    ) -> None:
        if attempts < 1:
            raise InvalidInput(f"attempts: expected 1 or more, got {attempts}")
        for name, pause_s in (("wait_s", wait_s), ("longest_wait_s", longest_wait_s)):
            if not (math.isfinite(pause_s) and pause_s >= 0):
                raise InvalidInput(f"{name}: expected 0 or more seconds, got {pause_s}")
        self._backend = backend
        self._attempts = attempts
        self._wait_s = wait_s
        self._longest_wait_s = longest_wait_s
        self._sleep = sleep
        self._rng = np.random.default_rng() if rng is None else rng
        self._lock = Lock()

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:
        """The verdicts of the backend inside, after as many tries as it takes and are allowed.

        Raises:
            BackendError: the last error when every try failed, or the first one that another try cannot mend.
        """
        for attempt in range(1, self._attempts):
            try:
                return self._backend.inspect(images, masks=masks)
            except ConveyorQCError as error:
                asked_s = getattr(error, "retry_after_s", None) or 0.0
                if not error.retryable or asked_s > self._longest_wait_s:
                    raise
                pause_s = max(asked_s, self._pause_s(attempt))
                _log.warning("try %d of %d failed (%s); next in %.2f s", attempt, self._attempts, error, pause_s)
            self._sleep(pause_s)
        return self._backend.inspect(images, masks=masks)

    def _pause_s(self, attempt: int) -> float:
        with self._lock:
            factor = self._rng.uniform(0.5, 1.5)
        return self._wait_s * 2.0 ** (attempt - 1) * factor
