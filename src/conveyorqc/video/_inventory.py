"""What a file should hold according to its own structure: the yardstick for what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Inventory"]


@dataclass(frozen=True, slots=True)
class Inventory:
    """What should be in a file.

    Attributes:
        frames: pictures of each stream, by stream index, where they can be counted without decoding.
        payload: bytes of coded data in the fragments of an MP4, each of which belongs to some packet; else None.
        cut_short: the file ends before something that it declares.
        cut_in_data: it is cut in the midst of picture data, so that pictures decoded last may have gaps between them.
        stop: where to stop reading, because FFmpeg would give up the whole file over the half box behind; else None.
        has_tail: a fragmented MP4 ends with the index of its fragments, which only a finished recording does.
        damage: what contradicts the format, or nothing.
    """

    frames: Mapping[int, int] = field(default_factory=dict)
    payload: int | None = None
    cut_short: bool = False
    cut_in_data: bool = False
    stop: int | None = None
    has_tail: bool = False
    damage: str = ""
