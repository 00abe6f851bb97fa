"""``objects.csv``: whose picture each file of a folder is, where its name cannot tell."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from pathlib import Path

from conveyorqc.dataset._lines import Place, text_lines
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._store import PictureStore

__all__ = ["cells_in", "csv_line", "object_ids_in", "write_object_ids"]

_FILE = "objects.csv"
_HEADER = ["file", "object_id"]


def object_ids_in(folder: Path, /) -> dict[str, str]:
    """The object of each file that ``objects.csv`` lists, by the path of the file with ``/``; empty without one.

    Raises:
        DatasetError: if a line has not two cells, or gives a file another object than a line before.
    """
    if not (folder / _FILE).is_file():
        return {}
    found: dict[str, str] = {}
    for place, text in text_lines(folder / _FILE):
        cells = cells_in(text, place)
        if cells == _HEADER:
            continue
        if len(cells) != 2 or not all(cells):
            raise place.error(f"expected {','.join(_HEADER)}, got {text!r:.80}")
        if found.setdefault(cells[0], cells[1]) != cells[1]:
            raise place.error(f"{cells[0]!r} is a picture of {found[cells[0]]!r} in a line before")
    return found


def write_object_ids(store: PictureStore, object_ids: Mapping[str, str], /) -> None:
    """List those files of ``object_ids`` (by path) whose name says something else; without any, write nothing."""
    rows = [(name, object_id) for name, object_id in object_ids.items() if object_of(name) != object_id]
    if rows:
        store.write_text(_FILE, map(csv_line, [_HEADER, *rows]))


def cells_in(text: str, place: Place, /) -> list[str]:
    """The cells of one line of CSV.

    Raises:
        DatasetError: if it is none.
    """
    try:
        [cells] = csv.reader([text], strict=True)
    except (csv.Error, ValueError) as error:
        raise place.error(f"expected one line of CSV, got {text!r:.80}: {error}") from error
    return cells


def csv_line(cells: Iterable[str], /) -> str:
    """One line of CSV, quoted throughout where a cell has space around it: readers strip lines."""
    text, row = io.StringIO(), list(cells)
    spaced = any(cell != cell.strip() for cell in row)
    csv.writer(text, lineterminator="", quoting=csv.QUOTE_ALL if spaced else csv.QUOTE_MINIMAL).writerow(row)
    return text.getvalue()
