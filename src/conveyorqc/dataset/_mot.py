"""Tracks as MOTChallenge rows: ``frame,id,x,y,w,h,score,-1,-1,-1``, frames from 1, full-frame px.

https://motchallenge.net/instructions/
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from conveyorqc.core import Tracks
from conveyorqc.dataset._fields import frame_at, id_at
from conveyorqc.dataset._labelled_boxes import BoxRows, LabelledBoxes
from conveyorqc.dataset._lines import Place, text_lines
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["MotRow", "mot_boxes", "mot_rows", "read_mot", "write_mot"]

_COLUMNS = 10
_NEEDED = 7
_GROUND_TRUTH_REST = 2  # behind the score: class and visibility


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
    return [row for _, row, _ in _rows_in(Path(path))]


def mot_boxes(path: Path, /) -> LabelledBoxes:
    """The true boxes of a MOTChallenge file, of all classes. Only frames with a row count as labelled.

    A score of 0, in ground truth the flag for "do not consider", leaves a row out. Ground truth has the visibility in
    its ninth and last column; -1 is unknown.

    Raises:
        DatasetError: if `read_mot` would not take it, or an object comes twice in a frame.
    """
    rows = BoxRows(lambda line, text: Place(path, line).error(text))
    frames = set[int]()
    for place, row, rest in _rows_in(path):
        frames.add(row.frame_index)
        visible = rest[-1] if len(rest) == _GROUND_TRUTH_REST and rest[-1] != -1 else 1.0
        if not 0 <= visible <= 1:
            raise place.error(f"expected a visibility in [0, 1] or -1, got {visible}")
        if row.score:
            rows.add(row.frame_index, row.object_id, row.box, visible=visible, place=place.line)
    return rows.labelled(frames=frames)


def _line_of(row: MotRow) -> str:
    x0, y0, x1, y1 = row.box
    numbers = ",".join(_short(value, 2) for value in (x0, y0, x1 - x0, y1 - y0))
    return f"{row.frame_index + 1},{row.object_id},{numbers},{_short(row.score, 4)},-1,-1,-1\n"


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _rows_in(path: Path) -> Iterator[tuple[Place, MotRow, tuple[float, ...]]]:
    for place, text in text_lines(path):
        try:
            row, rest = _row_of(text)
        except InvalidInput as error:
            raise place.error(str(error)) from error
        yield place, row, rest


def _row_of(line: str) -> tuple[MotRow, tuple[float, ...]]:
    """The row, and the columns behind its score."""
    cells = line.split(",")
    if not _NEEDED <= len(cells) <= _COLUMNS:
        raise InvalidInput(f"expected {_NEEDED} to {_COLUMNS} columns, got {len(cells)}")
    try:
        frame, object_id = _whole(cells[0]), _whole(cells[1])
        x, y, w, h, score, *rest = map(float, cells[2:])
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"expected numbers: {error}") from error
    if frame < 1 or not all(map(math.isfinite, (x + w, y + h, score, *rest))) or w < 0 or h < 0:
        raise InvalidInput(f"expected a frame from 1 and a finite box, got {line!r:.80}")
    frame_at(frame - 1, "frame - 1")
    return MotRow(frame - 1, id_at(object_id, "id"), (x, y, x + w, y + h), score), tuple(rest)


def _whole(cell: str) -> int:
    """Whole numbers are often written as floats, such as ``3.0``."""
    try:
        return int(cell)
    except ValueError:
        number = float(cell)
        if not number.is_integer():
            raise
        return int(number)
