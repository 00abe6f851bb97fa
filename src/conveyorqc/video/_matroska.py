"""The elements of Matroska and WebM files (RFC 8794, RFC 9559): is every one whole, and how many pictures are there?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

from conveyorqc.video._inventory import Inventory

__all__ = ["matroska_inventory"]

_SEGMENT, _TRACKS, _TRACK_NUMBER = 0x18538067, 0x1654AE6B, 0xD7
_CLUSTER, _BLOCK_GROUP = 0x1F43B675, 0xA0
_BLOCKS = frozenset({0xA3, 0xA1})  # SimpleBlock, Block
_DATA = _BLOCKS | {_CLUSTER, _BLOCK_GROUP}
# These and TrackEntry: their children are visited as if they stood in line.
_ENTERED = frozenset({_SEGMENT, _TRACKS, 0xAE, _CLUSTER, _BLOCK_GROUP})
# Whole numbers, of 8 bytes at most: Timestamp, Position, PrevSize, BlockDuration, ReferenceBlock, ReferencePriority,
# DiscardPadding.
_NUMBERS = frozenset({0xE7, 0xA7, 0xAB, 0x9B, 0xFB, 0xFA, 0x75A2})
# What else may stand there: EBML header, SeekHead, Info, Cues, Chapters, Attachments, Tags, Void, CRC-32, SilentTracks,
# CodecState, BlockAdditions. Inside Tracks anything may.
_OTHERS = frozenset(
    {0x1A45DFA3, 0x114D9B74, 0x1549A966, 0x1C53BB6B, 0x1043A770, 0x1941A469, 0x1254C367, 0xEC, 0xBF}
    | {0x5854, 0xA4, 0x75A1}
)
_KNOWN = _ENTERED | _BLOCKS | _NUMBERS | _OTHERS
_LONGEST_HEADER = 12  # 4 bytes of id, 8 of size
_LONGEST_NUMBER = 8


@dataclass(frozen=True, slots=True)
class _Element:
    """``stop`` is None where the size is left open (live recordings); ``number`` is what the payload begins with."""

    kind: int
    start: int
    stop: int | None
    number: int


def matroska_inventory(file: BinaryIO, length: int) -> Inventory:
    """What a Matroska file of ``length`` bytes should hold: the blocks of each track, one picture each."""
    tracks: list[int] = []
    blocks = Counter[int]()
    at, end, tracks_end, cut, cut_in_data, damage = 0, length, 0, False, False, ""
    while at < end and not damage:
        element = _element(file, at)
        if element is None or (element.kind not in _KNOWN and at >= tracks_end):
            cut = cut or at + _LONGEST_HEADER > length
            damage = f"no Matroska element begins at byte {at}"
            continue
        stop = end if element.stop is None else element.stop
        cut = cut or stop > length
        cut_in_data = cut_in_data or (stop > length and element.kind in _DATA)
        if element.kind == _SEGMENT:
            end = min(stop, length)
        elif element.kind == _TRACKS:
            tracks_end = stop
        elif element.kind == _TRACK_NUMBER:
            tracks.append(element.number & 0x7F)
        elif element.kind in _BLOCKS:
            blocks[element.number & 0x7F] += 1
        at = element.start if element.kind in _ENTERED else stop
    strays = [track for track in blocks if track not in tracks]
    if strays and not damage:
        damage = f"blocks of a track {strays[0]} that is not declared"
    frames = {tracks.index(track): count for track, count in blocks.items() if track in tracks}
    return Inventory(frames=frames, cut_short=cut, cut_in_data=cut_in_data, damage=damage)


def _element(file: BinaryIO, at: int) -> _Element | None:
    """The element whose header begins at ``at``, or None when none can."""
    file.seek(at)
    head = file.read(_LONGEST_HEADER + 1)
    kind_size = _width(head, 0)
    size_size = _width(head, kind_size)
    if not (1 <= kind_size <= 4 and size_size):
        return None
    body = kind_size + size_size
    kind = int.from_bytes(head[:kind_size], "big")
    size = int.from_bytes(head[kind_size:body], "big") & ((1 << 7 * size_size) - 1)
    is_open = size == (1 << 7 * size_size) - 1
    if (is_open and kind not in _ENTERED) or (size > _LONGEST_NUMBER and kind in _NUMBERS):
        return None
    start = at + body
    return _Element(kind, start, None if is_open else start + size, head[body] if body < len(head) else 0)


def _width(data: bytes, at: int) -> int:
    """How many bytes the variable-length integer at ``at`` takes, by its leading zero bits; 0 when it is none."""
    return 9 - data[at].bit_length() if at < len(data) and data[at] else 0
