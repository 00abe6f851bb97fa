"""`DriftEvent`, and a file that keeps them."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from conveyorqc.core import Clock, SystemClock
from conveyorqc.drift._appearance import Feature
from conveyorqc.errors import InvalidInput, SinkError

__all__ = ["DriftEvent", "DriftLog"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DriftEvent:
    """A lasting change of one feature.

    Attributes:
        feature: which.
        direction: up or down.
        magnitude: mean change of the objects that gave the alarm: a fraction (-0.2 is a fifth less), for ``score`` the
            change of the mean place among the scores of the reference, -0.5 to 0.5.
        since_object: number of the object with which it seems to have begun; the first that was observed is 0.
        object: number of the object with which it was noticed.
        statistic: the cumulative sum.
        threshold: what it had to reach.
    """

    feature: Feature
    direction: Literal["up", "down"]
    magnitude: float
    since_object: int
    object: int
    statistic: float
    threshold: float

    def __str__(self) -> str:
        change = f"{self.magnitude:+.0%}" if self.feature != "score" else f"{self.magnitude:+.2f} in rank"
        return f"{self.feature} {change} since object {self.since_object} (noticed at object {self.object})"

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return asdict(self)


class DriftLog:
    """Appends drift events to a file, one JSON object per line, and logs each as a warning.

    A line holds the fields of `DriftEvent` and ``at`` (ISO 8601, UTC), ``line_id`` and ``camera_id``.

    Args:
        path: the file; made if missing, in a folder that exists.
        line_id, camera_id: where the monitor looks.
        clock: where times come from; that of this machine when None.

    Raises:
        InvalidInput: if a name is empty.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        /,
        *,
        line_id: str = "line-1",
        camera_id: str = "camera-1",
        clock: Clock | None = None,
    ) -> None:
        for name, value in (("line_id", line_id), ("camera_id", camera_id)):
            if not value:
                raise InvalidInput(f"{name}: expected a name, got {value!r}")
        self.path = Path(path)
        self._place = {"line_id": line_id, "camera_id": camera_id}
        self._clock = SystemClock() if clock is None else clock

    def write(self, event: DriftEvent, /) -> None:
        """Append ``event`` and return when it is on the disk.

        Raises:
            SinkError: if it cannot be written.
        """
        _log.warning("%s, %s: drift: %s", *self._place.values(), event)
        row = {"at": self._clock.now().isoformat(), **self._place, **event.to_dict()}
        try:
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(json.dumps(row) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SinkError(f"{self.path}: {error.strerror or error}") from error
