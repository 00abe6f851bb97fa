"""The boxes of MP4 and MOV files (ISO/IEC 14496-12): does the file end where its boxes end, and what do they hold?

Two kinds: in a plain file the samples lie in ``mdat`` and are listed in ``moov``; in a fragmented one each ``moof``
lists the samples of the ``mdat`` that follows it.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from conveyorqc.video._inventory import Inventory

__all__ = ["isobmff_inventory"]

_HEADER = 8


@dataclass(frozen=True, slots=True)
class _Box:
    """Begins ``at``; its payload is from ``start`` to ``stop`` as declared, which may lie past the end of the file."""

    kind: bytes
    at: int
    start: int
    stop: int


def isobmff_inventory(file: BinaryIO, length: int) -> Inventory:
    """What an MP4 or MOV file of ``length`` bytes should hold; samples are counted only in fragments."""
    top = list(_boxes(file, 0, length))
    fragments = [box for box in top if box.kind == b"moof"]
    index = next((box for box in top if box.kind == b"moov"), None)
    data = [box for box in top if box.kind == b"mdat"]
    if index is None:
        return Inventory(cut_short=True)
    if not fragments and not any(_inside(file, index, b"mvex")):
        cut = any(box.stop > length for box in [index, *data])
        return Inventory(cut_short=cut, cut_in_data=cut)
    last = top[-1]
    samples = Counter[int]()
    for fragment in fragments:
        samples.update(dict(_samples(file, fragment)))
    order = list(_track_ids(file, index))
    cut = last.stop > length
    cut_in_data = cut and last.kind == b"mdat"
    return Inventory(
        frames={order.index(track): count for track, count in samples.items() if track in order},
        payload=sum(box.stop - box.start for box in data),
        cut_short=cut or 0 < length - last.stop < _HEADER,
        cut_in_data=cut_in_data,
        stop=last.at if cut and not cut_in_data else None,
        has_tail=last.kind == b"mfra",
        damage=f"{length - last.stop} bytes at its end belong to no box" if last.stop <= length - _HEADER else "",
    )


def _boxes(file: BinaryIO, start: int, stop: int) -> Iterator[_Box]:
    """The boxes between two offsets, until one is none."""
    at = start
    while at + _HEADER <= stop:
        file.seek(at)
        header = file.read(2 * _HEADER).ljust(2 * _HEADER, b"\0")
        size, kind, large = struct.unpack(">I4sQ", header)
        begin = at + _HEADER
        if size == 0:
            size = stop - at
        elif size == 1:
            size, begin = large, at + 2 * _HEADER
        if at + size < begin:
            return
        yield _Box(kind, at, begin, at + size)
        at += size


def _inside(file: BinaryIO, box: _Box, kind: bytes) -> Iterator[_Box]:
    return (child for child in _boxes(file, box.start, box.stop) if child.kind == kind)


def _number(file: BinaryIO, at: int) -> int:
    file.seek(at)
    return int.from_bytes(file.read(4), "big")


def _track_ids(file: BinaryIO, index: _Box) -> Iterator[int]:
    """The tracks of ``moov`` in order, which is the order of FFmpeg's streams."""
    for track in _inside(file, index, b"trak"):
        for header in _inside(file, track, b"tkhd"):
            wide = _number(file, header.start) >> 24
            yield _number(file, header.start + (20 if wide else 12))


def _samples(file: BinaryIO, fragment: _Box) -> Iterator[tuple[int, int]]:
    """(track, number of samples) for each track of a ``moof``."""
    for part in _inside(file, fragment, b"traf"):
        runs = sum(_number(file, run.start + 4) for run in _inside(file, part, b"trun"))
        for header in _inside(file, part, b"tfhd"):
            yield _number(file, header.start + 4), runs
