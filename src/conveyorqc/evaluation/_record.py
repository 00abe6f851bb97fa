"""The signed-off record of a qualification: a JSON file that can tell whether it was altered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from conveyorqc import __version__
from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.evaluation._qualify import Qualification
from conveyorqc.metrics import defects_needed, miss_rate_bound

__all__ = ["SignedOff", "sign_off", "verify_record"]

_FORMAT = "conveyorqc-qualification"
_VERSION = 1
_LARGEST = 16 * 2**20  # bytes; a record of 100,000 misses is smaller


@dataclass(frozen=True, slots=True)
class SignedOff:
    """What a record says.

    Attributes:
        qualification: the test.
        by: who answers for it.
        at: when it was signed off.
        software: version of conveyorqc that judged.
        sha256: of the record's own content, 64 hexadecimal digits.
    """

    qualification: Qualification
    by: str
    at: datetime
    software: str
    sha256: str


def sign_off(qualification: Qualification, target: Path | str, /, *, by: str, at: datetime) -> SignedOff:
    """Write the record of ``qualification``, passed or failed; a file that exists is never overwritten.

    The SHA-256 shows an accident or a careless change; whoever can write the file can also write a new sum. Where
    that matters, keep the sum elsewhere or sign the file.

    Args:
        qualification: from `qualify`.
        target: the file, ``*.json``.
        by: the name of the person who answers for it.
        at: when, with its time zone.

    Raises:
        InvalidInput: if the file exists or cannot be written, ``by`` is empty or ``at`` has no time zone.
    """
    if not by.strip():
        raise InvalidInput(f"by: expected a name, got {by!r}")
    if at.utcoffset() is None:
        raise InvalidInput(f"at: expected a time with its zone, got {at.isoformat()}")
    content = {
        "format": _FORMAT,
        "version": _VERSION,
        "signed_off_by": by.strip(),
        "signed_off_at": at.isoformat(),
        "conveyorqc": __version__,
        **asdict(qualification),
    }
    text = json.dumps({**content, "sha256": _sum(content)}, indent=2) + "\n"
    try:
        with Path(target).open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except FileExistsError as error:
        raise InvalidInput(f"{target}: expected a new file, for records are never overwritten; it exists") from error
    except OSError as error:
        raise InvalidInput(f"{target}: cannot be written: {error.strerror}") from error
    return verify_record(target)


def verify_record(source: Path | str, /) -> SignedOff:
    """Read a record, and check that it is whole and that its conclusion follows from its numbers.

    Raises:
        DatasetError: if it cannot be read, is not a record, was altered, or says what its numbers do not.
    """
    content = _content(Path(source))
    claimed = content.pop("sha256", None)
    if claimed != (actual := _sum(content)):
        raise DatasetError(f"{source}: altered since it was signed off: expected SHA-256 {claimed}, got {actual}")
    if (content.get("format"), content.get("version")) != (_FORMAT, _VERSION):
        raise DatasetError(
            f"{source}: expected format {_FORMAT} {_VERSION}, got {content.get('format')} {content.get('version')}"
        )
    try:
        named = {field.name: content[field.name] for field in fields(Qualification)}
        qualification = Qualification(**{**named, "misses": tuple(named["misses"])})
        _check_conclusion(qualification)
        at = datetime.fromisoformat(content["signed_off_at"])
        by, software = str(content["signed_off_by"]), str(content["conveyorqc"])
    except (KeyError, TypeError, ValueError) as error:
        raise DatasetError(f"{source}: not a whole record: {type(error).__name__}: {error}") from error
    return SignedOff(qualification, by, at, software, actual)


def _content(source: Path) -> dict[str, Any]:
    try:
        if source.stat().st_size > _LARGEST:
            raise DatasetError(f"{source}: expected a record of {_LARGEST} bytes or less, got {source.stat().st_size}")
        content = json.loads(source.read_text(encoding="utf-8"))
    except OSError as error:
        raise DatasetError(f"{source}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        if isinstance(error, DatasetError):
            raise
        raise DatasetError(f"{source}: expected JSON, got something else: {error}") from error
    if not isinstance(content, dict):
        raise DatasetError(f"{source}: expected a record, got a {type(content).__name__}")
    return content


def _sum(content: Mapping[str, Any]) -> str:
    """SHA-256 of ``content`` as JSON with sorted keys and no spaces: the layout of the file does not matter."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _check_conclusion(said: Qualification) -> None:
    bound = miss_rate_bound(len(said.misses), said.n, confidence=said.confidence)
    needed = defects_needed(said.max_miss_rate, confidence=said.confidence, misses=len(said.misses))
    right = (bound <= said.max_miss_rate, max(0, needed - said.n))
    if (said.passed, said.more_needed) != right or abs(bound - said.bound) > 1e-9:
        raise InvalidInput(f"its numbers give a bound of {bound:.6f}, it says {said.bound}")
