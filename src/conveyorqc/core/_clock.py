"""The real clock and the real source of run names; tests and replays inject their own."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime

__all__ = ["RandomRunIds", "SystemClock"]


class SystemClock:
    """The clock of this machine."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """`time.monotonic`."""
        return time.monotonic()


class RandomRunIds:
    """Run names from random UUIDs."""

    def new_id(self) -> str:
        """32 hexadecimal digits."""
        return uuid.uuid4().hex
