"""Which kind of container a file is, and what it should hold."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from conveyorqc.video._inventory import Inventory
from conveyorqc.video._isobmff import isobmff_inventory
from conveyorqc.video._matroska import matroska_inventory

__all__ = ["take_inventory"]

_ISOBMFF_FIRST = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"styp")
_SYNC = 0x47


def take_inventory(path: Path, /) -> Inventory | None:
    """What the file at ``path`` should hold.

    MP4, MOV, Matroska, WebM, AVI and MPEG transport streams tell; None for anything else. Reads headers only.

    Raises:
        OSError: if the file cannot be read.
    """
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(2 * 192)
        if head[4:8] in _ISOBMFF_FIRST:
            return isobmff_inventory(file, length)
        if head[:4] == b"\x1a\x45\xdf\xa3":
            return matroska_inventory(file, length)
        if head[:4] == b"RIFF":
            cut = _riff_end(file, length) > length
            return Inventory(cut_short=cut, cut_in_data=cut)
    # Transport streams are rows of 188 bytes, or of 192 with a time code before each (Blu-ray, AVCHD).
    for row, sync in ((188, 0), (192, 4)):
        if head[sync : sync + 1] == head[sync + row : sync + row + 1] == bytes([_SYNC]):
            cut = length % row != 0
            return Inventory(cut_short=cut, cut_in_data=cut)
    return None


def _riff_end(file: BinaryIO, length: int) -> int:
    """Where the last RIFF chunk of an AVI ends. A recorder that died leaves a size of 0: that end is nowhere."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        header = file.read(8)
        if header[:4] != b"RIFF":
            return at
        size = int.from_bytes(header[4:], "little")
        at += 8 + size + (size & 1) if size else length + 1
    return at
