"""``labels.csv``: what each object is, as a person or the ground truth said."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from conveyorqc.dataset._labelled import LABELS, Label
from conveyorqc.dataset._lines import Place, text_lines
from conveyorqc.dataset._objects import cells_in
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["LABELS_FILE", "LabelLine", "label_lines", "read_labels", "write_labels"]

LABELS_FILE = "labels.csv"
_HEADER = ["object_id", "label"]


def write_labels(folder: Path | str, labels: Mapping[int, Label], /) -> None:
    """Write ``labels.csv`` into ``folder``: the label of each object id, ids ascending.

    Raises:
        InvalidInput: if a label is neither ``normal`` nor ``anomaly``.
        DatasetError: if the file cannot be written.
    """
    unknown = sorted(set(labels.values()) - set(LABELS))
    if unknown:
        raise InvalidInput(f"labels: expected {' or '.join(LABELS)}, got {unknown}")
    path = Path(folder) / LABELS_FILE
    lines = [",".join(_HEADER), *(f"{object_id},{labels[object_id]}" for object_id in sorted(labels))]
    try:
        path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")
    except OSError as error:
        raise DatasetError(f"{path}: cannot be written: {error.strerror or error}") from error


def read_labels(folder: Path | str, /) -> dict[int, Label]:
    """The label of each object in the ``labels.csv`` of ``folder``.

    Files that spreadsheets wrote (byte order mark, capitals, spaces, further columns) are read too.

    Raises:
        DatasetError: if the file is missing or has another header, or a line holds no number, an unknown label, or
            another label for an object than a line before.
    """
    return {object_id: line.label for object_id, line in label_lines(Path(folder) / LABELS_FILE).items()}


class LabelLine(NamedTuple):
    """A label and the line that gave it."""

    label: Label
    place: Place


def label_lines(path: Path, /) -> dict[int, LabelLine]:
    """As `read_labels`, with the line of each label for later complaints."""
    labels: dict[int, LabelLine] = {}
    columns: list[str] | None = None
    for place, text in text_lines(path):
        cells = cells_in(text, place)
        if columns is None:
            columns = cells
            if not set(_HEADER) <= set(columns):
                raise place.error(f"expected the header {','.join(_HEADER)}, got {columns}")
            continue
        object_id, line = _parsed(dict(zip(columns, cells, strict=False)), place)
        before = labels.setdefault(object_id, line)
        if before.label != line.label:
            raise line.place.error(
                f"object {object_id} is {line.label}, but {before.label} in line {before.place.line}"
            )
    if columns is None:
        raise Place(path, 1).error(f"expected the header {','.join(_HEADER)}, got an empty file")
    return labels


def _parsed(row: Mapping[str, str], place: Place) -> tuple[int, LabelLine]:
    number, name = (row.get(column, "").strip() for column in _HEADER)
    try:
        object_id = int(number)
    except ValueError as error:
        raise place.error(f"object_id: expected a whole number, got {number!r}") from error
    for label in LABELS:
        if label == name.lower():
            return object_id, LabelLine(label, place)
    raise place.error(f"label: expected {' or '.join(LABELS)}, got {name!r}")
