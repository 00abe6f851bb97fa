"""Events as text that every store accepts."""

from __future__ import annotations

import json

from conveyorqc.core import InspectionEvent

__all__ = ["storable", "to_json"]


def to_json(event: InspectionEvent, /) -> str:
    """``event`` as one line of JSON that encodes to UTF-8."""
    # A lone surrogate (file names hold them) becomes \\udcXX, which inside a JSON string is the same character.
    return storable(json.dumps(event.to_dict(), ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def storable(text: str, /) -> str:
    """``text`` with everything that UTF-8 cannot hold written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
