"""`InspectionEvent`: the one durable fact per object, and the ledger that proves there is exactly one."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, SupportsIndex

from conveyorqc.core._arrays import as_box, as_number
from conveyorqc.core._records import Anomaly, Verdict
from conveyorqc.core._types import Boxes
from conveyorqc.errors import InvalidInput, LedgerError

__all__ = ["BestView", "Disposition", "InspectionEvent", "Ledger", "LedgerCounts", "event_id"]


class Disposition(str, Enum):
    """What happens to the object."""

    PASS = "pass"  # noqa: S105 (no password)
    REJECT = "reject"
    UNKNOWN = "unknown"


def event_id(line_id: str, camera_id: str, run_id: str, object_id: int) -> str:
    """The deterministic key of an object's event: the same object gives the same key, whoever asks again.

    >>> event_id("line-1", "cam-1", "2026-11-20", 7)
    'line-1/cam-1/2026-11-20/7'

    Raises:
        InvalidInput: if a part is empty or holds a slash, which would let two objects share a key.
    """
    for name, part in (("line_id", line_id), ("camera_id", camera_id), ("run_id", run_id)):
        if not part or "/" in part:
            raise InvalidInput(f"{name}: expected a name without '/', got {part!r}")
    return f"{line_id}/{camera_id}/{run_id}/{object_id}"


@dataclass(frozen=True, slots=True, eq=False)
class BestView:
    """Where the view that decided is to be found: the frame, the box in it, and a stored crop if there is one."""

    frame_index: int
    box: Boxes
    uri: str | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame_index", _as_count(self.frame_index, "frame_index"))
        object.__setattr__(self, "box", as_box(self.box))


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class InspectionEvent:
    """Exactly one per object that entered.

    Attributes:
        event_id: see `event_id`; sinks are idempotent on it.
        line_id, camera_id, run_id, object_id: who it is about.
        captured_at: aware UTC, when the best view was taken (the moment of entry when there is no view).
        decided_at: aware UTC, when the disposition was made.
        disposition: pass, reject or unknown.
        reason: why it is unknown (required there); empty otherwise unless a policy has something to say.
        verdict: what pass and reject rest on; None when nobody answered.
        views: number of pictures the verdict rests on.
        belt_px: travel of the belt in px when the object was decided, or None when unknown.
        best_view: the view that decided, or None.
    """

    event_id: str
    line_id: str
    camera_id: str
    run_id: str
    object_id: int
    captured_at: datetime
    decided_at: datetime
    disposition: Disposition
    reason: str = ""
    verdict: Verdict | None = None
    views: int = 0
    belt_px: float | None = None
    best_view: BestView | None = None

    def __post_init__(self) -> None:
        for name in ("captured_at", "decided_at"):
            moment = getattr(self, name)
            if moment.utcoffset() != timedelta(0):
                raise InvalidInput(f"{name}: expected an aware UTC datetime, got {moment!r}")
        for name in ("line_id", "camera_id", "run_id", "reason"):
            if not isinstance(getattr(self, name), str):
                raise InvalidInput(f"{name}: expected text, got {getattr(self, name)!r}")
        for name in ("object_id", "views"):
            object.__setattr__(self, name, _as_count(getattr(self, name), name))
        if self.belt_px is not None:
            object.__setattr__(self, "belt_px", as_number(self.belt_px, name="belt_px"))
        try:
            object.__setattr__(self, "disposition", Disposition(self.disposition))
        except ValueError as error:
            raise InvalidInput(f"disposition: expected pass, reject or unknown, got {self.disposition!r}") from error
        self._check_story()

    def _check_story(self) -> None:
        """The fields agree with each other."""
        if self.event_id != event_id(self.line_id, self.camera_id, self.run_id, self.object_id):
            raise InvalidInput(f"event_id: expected line/camera/run/object, got {self.event_id!r}")
        if self.disposition is Disposition.UNKNOWN and not self.reason:
            raise InvalidInput("reason: expected a reason for disposition unknown, got none")
        if self.disposition is not Disposition.UNKNOWN and self.verdict is None:
            raise InvalidInput(f"verdict: expected one for disposition {self.disposition.value}, got None")

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types; pixel arrays (heat map, mask) are left out. `from_dict` reads it back."""
        return {
            "event_id": self.event_id,
            "line_id": self.line_id,
            "camera_id": self.camera_id,
            "run_id": self.run_id,
            "object_id": self.object_id,
            "captured_at": self.captured_at.isoformat(),
            "decided_at": self.decided_at.isoformat(),
            "disposition": self.disposition.value,
            "reason": self.reason,
            "verdict": None if self.verdict is None else _verdict_dict(self.verdict),
            "views": self.views,
            "belt_px": self.belt_px,
            "best_view": None if self.best_view is None else _view_dict(self.best_view),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], /) -> InspectionEvent:
        """The inverse of `to_dict`.

        Raises:
            InvalidInput: if a field is missing, unknown or of the wrong kind.
        """
        try:
            fields = dict(data)
            for name in ("captured_at", "decided_at"):
                fields[name] = datetime.fromisoformat(fields[name])
            fields["disposition"] = Disposition(fields["disposition"])
            verdict, view = fields["verdict"], fields["best_view"]
            fields["verdict"] = None if verdict is None else _verdict_from(verdict)
            fields["best_view"] = None if view is None else BestView(**view)
            return cls(**fields)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InvalidInput(f"event: expected the fields of InspectionEvent.to_dict, got {error}") from error


def _as_count(value: SupportsIndex, name: str) -> int:
    """``value`` as a Python int, 0 or more (numpy integers are taken)."""
    try:
        count = operator.index(value)
    except TypeError as error:
        raise InvalidInput(f"{name}: expected a whole number, got {value!r}") from error
    if count < 0:
        raise InvalidInput(f"{name}: expected 0 or more, got {count}")
    return count


def _verdict_dict(verdict: Verdict) -> dict[str, Any]:
    return {
        "is_anomalous": verdict.is_anomalous,
        "confidence": verdict.confidence,
        "score": verdict.score,
        "anomalies": [{"name": a.name, "area_fraction": a.area_fraction, "color": a.color} for a in verdict.anomalies],
        "model": verdict.model,
    }


def _verdict_from(data: dict[str, Any]) -> Verdict:
    return Verdict(**{**data, "anomalies": tuple(Anomaly(**a) for a in data["anomalies"])})


def _view_dict(view: BestView) -> dict[str, Any]:
    return {"frame_index": view.frame_index, "box": view.box.tolist(), "uri": view.uri}


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """A snapshot of the ledger; it cannot be made unless it adds up."""

    entered: int
    passed: int
    rejected: int
    unknown: int
    in_flight: int

    def __post_init__(self) -> None:
        if self.entered != self.passed + self.rejected + self.unknown + self.in_flight:
            raise LedgerError(f"expected entered = passed + rejected + unknown + in_flight, got {self}")


class Ledger:
    """Double-entry book of a line: every object that entered is settled exactly once.

    Memory is bounded by the objects in flight: ids ascend, so an id that was seen before is known by comparison.

    >>> ledger = Ledger()
    >>> ledger.enter([1, 2])
    >>> ledger.settle(1, Disposition.PASS)
    >>> ledger.counts
    LedgerCounts(entered=2, passed=1, rejected=0, unknown=0, in_flight=1)
    """

    def __init__(self) -> None:
        self._entered = 0
        self._last_id = -1
        self._in_flight: set[int] = set()
        self._settled = dict.fromkeys(Disposition, 0)

    def enter(self, object_ids: Iterable[int], /) -> None:
        """Open an account for each id.

        Raises:
            LedgerError: if an id is not greater than all before it: ids ascend and are never reused.
        """
        for object_id in object_ids:
            if object_id <= self._last_id:
                raise LedgerError(f"object {object_id} entered after object {self._last_id}: ids must ascend")
            self._last_id = object_id
            self._entered += 1
            self._in_flight.add(object_id)

    def settle(self, object_id: int, disposition: Disposition, /) -> None:
        """Close the account of ``object_id``.

        Raises:
            LedgerError: if it never entered or was settled before.
        """
        if object_id not in self._in_flight:
            raise LedgerError(f"object {object_id} is not in flight: it never entered or was settled before")
        self._in_flight.remove(object_id)
        self._settled[disposition] += 1

    def require_entered(self, object_ids: Iterable[int], /) -> None:
        """Refuse ids that are newer than all that entered: their objects would never be settled.

        Raises:
            LedgerError: if there is one.
        """
        newest = max(object_ids, default=self._last_id)
        if newest > self._last_id:
            raise LedgerError(f"object {newest} is followed but never entered (the last that did is {self._last_id})")

    @property
    def in_flight(self) -> frozenset[int]:
        """Ids that entered and are not settled yet."""
        return frozenset(self._in_flight)

    @property
    def counts(self) -> LedgerCounts:
        """The figures now, checked to add up."""
        return LedgerCounts(
            entered=self._entered,
            passed=self._settled[Disposition.PASS],
            rejected=self._settled[Disposition.REJECT],
            unknown=self._settled[Disposition.UNKNOWN],
            in_flight=len(self._in_flight),
        )
