"""Tracks as MOTChallenge rows: ``frame,id,x,y,w,h,score,-1,-1,-1``, frames from 1, full-frame px.

https://motchallenge.net/instructions/
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from conveyorqc.core import Tracks
from conveyorqc.dataset._lines import Place
from conveyorqc.errors import DatasetError

__all__ = ["MotRow", "mot_rows", "read_mot", "write_mot"]

_COLUMNS = 10
_NEEDED = 7


class MotRow(NamedTuple):
    """One object in one frame: ``frame_index`` from 0, ``box`` as x0, y0, x1, y1 in full-frame px."""

    frame_index: int
    object_id: int
    box: tuple[float, float, float, float]
    score: float = 1.0


def mot_rows(frame_index: int, tracks: Tracks, /) -> Iterator[MotRow]:
    """The rows of one frame, and those of earlier frames for objects that were confirmed only now."""
    for past in tracks.past:
        for index, box in zip(past.frame_indices.tolist(), past.boxes.tolist(), strict=True):
            yield MotRow(index, past.object_id, (box[0], box[1], box[2], box[3]))
    for object_id, box in zip(tracks.ids.tolist(), tracks.boxes.tolist(), strict=True):
        yield MotRow(frame_index, object_id, (box[0], box[1], box[2], box[3]))


def write_mot(rows: Iterable[MotRow], path: Path | str, /) -> int:
    """Write ``rows`` sorted by frame and id, px with at most two decimals; returns how many.

    Raises:
        DatasetError: if the file cannot be written.
    """
    ordered = sorted(rows, key=lambda row: (row.frame_index, row.object_id))
    try:
        with Path(path).open("w", encoding="ascii", newline="\n") as file:
            file.writelines(_line_of(row) for row in ordered)
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror or error}") from error
    return len(ordered)


def read_mot(path: Path | str, /) -> list[MotRow]:
    """The rows of a MOTChallenge file (ground truth or result), in file order.

    Raises:
        DatasetError: if the file cannot be read or a line has too few columns, no numbers or a frame below 1.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path}: cannot be read: {error}") from error
    return [_row_of(line, Place(path, number)) for number, line in enumerate(lines, start=1) if line.strip()]


def _line_of(row: MotRow) -> str:
    x0, y0, x1, y1 = row.box
    numbers = ",".join(_short(value, 2) for value in (x0, y0, x1 - x0, y1 - y0))
    return f"{row.frame_index + 1},{row.object_id},{numbers},{_short(row.score, 4)},-1,-1,-1\n"


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _row_of(line: str, place: Place) -> MotRow:
    cells = line.split(",")
    if not _NEEDED <= len(cells) <= _COLUMNS:
        raise place.error(f"expected {_NEEDED} to {_COLUMNS} columns, got {len(cells)}")
    try:
        frame, object_id = int(cells[0]), int(cells[1])
        x, y, w, h, score = (float(cell) for cell in cells[2:_NEEDED])
    except ValueError as error:
        raise place.error(f"expected numbers: {error}") from error
    if frame < 1 or not all(map(math.isfinite, (x, y, w, h, score))) or w < 0 or h < 0:
        raise place.error(f"expected a frame from 1 and a finite box, got {line.strip()!r:.80}")
    return MotRow(frame - 1, object_id, (x, y, x + w, y + h), score)
