"""Tables of labelled pictures: CSV with a line for each, as spreadsheets and scripts write them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from conveyorqc.dataset._labelled import LABELS, SPLITS, LabelledDataset, LabelledImage
from conveyorqc.dataset._lines import BadLines, Place, passed_over, text_lines
from conveyorqc.dataset._masks import MaskFile
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._objects import cells_in, csv_line
from conveyorqc.dataset._references import References
from conveyorqc.dataset._store import Palette, PictureStore, class_masks, object_pixels, painted
from conveyorqc.errors import InvalidInput

__all__ = ["TABLE_FILE", "iter_table", "read_table", "write_table"]

TABLE_FILE = "pictures.csv"
_COLUMNS = ("file", "label", "object_id", "split", "defect", "mask", "mask_classes", "object_mask")
_MOST_PICTURES = 1_000_000


def read_table(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    bad: BadLines | None = None,
) -> LabelledDataset:
    """The labelled pictures of a CSV table, all at once; see `iter_table`.

    Raises:
        DatasetError: as `iter_table`.
    """
    return LabelledDataset(tuple(iter_table(path, root=root, prefixes=prefixes, bad=bad)), Path(path))


def iter_table(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    bad: BadLines | None = None,
) -> Iterator[LabelledImage]:
    """The labelled pictures of a CSV table, line by line.

    The header names the columns, in any order, others being passed over: ``file`` and ``label`` (normal, anomaly), and
    if there are any ``object_id``, ``split`` (train, test), ``defect`` (what is wrong, in a word), ``mask`` (of the
    defect), ``mask_classes`` (what its colours mean: ``#23A436=crack;#14A3B3=burn``) and ``object_mask``. A table
    without a header is what Lookout for Vision's own scripts took: a file (or ``s3://…``) and its label per line.

    Args:
        path: of the table. Files are taken from its folder.
        root: the folder that files must not leave; the table's own when None.
        prefixes: where copies of remote pictures lie, as in `read_manifest`.
        bad: gathers what is wrong with single lines; None stops at the first.

    Raises:
        DatasetError: if the file cannot be read, has no such header, or lists more than a million pictures; or a line
            is malformed, points outside ``root`` or at no file, or lists a picture again, and ``bad`` bears no more.
    """
    table = Path(path)
    references = References(table.parent, root=root, prefixes=prefixes)
    columns: list[str] | None = None
    lines: dict[Path, Place] = {}
    for place, text in text_lines(table, bad=bad):
        image = None
        if columns is None:
            columns = _columns_in(text, place)
            if "file" in map(str.lower, cells_in(text, place)):
                continue
        with passed_over(bad):
            image = _image_in(_row(text, columns, place), references, place)
            before = lines.setdefault(image.path, place)
            if before is not place:
                raise place.error(f"{image.path.name!r} is listed in line {before.line} already")
            if len(lines) > _MOST_PICTURES:
                raise place.error(f"expected at most {_MOST_PICTURES} pictures, got more")
        if image is not None:
            yield image


def write_table(images: Iterable[LabelledImage], folder: Path | str, /) -> int:
    """Write ``pictures.csv`` with all columns of `iter_table`, ``images/``, ``masks/`` and ``object-masks/``.

    Args:
        images: the pictures, copied one by one.
        folder: new or empty.

    Returns:
        How many pictures were written.

    Raises:
        ImageError: if a picture or a mask cannot be read.
        DatasetError: if a file cannot be written or a mask has another size than its picture.
    """
    store, palette = PictureStore(folder), Palette()
    rows = [csv_line(_COLUMNS)]
    rows += [csv_line(_cells(image, store, palette)) for image in images]
    store.write_text(TABLE_FILE, rows)
    return len(rows) - 1


def _columns_in(text: str, place: Place) -> list[str]:
    cells = [cell.strip().lower() for cell in cells_in(text, place)]
    if len(cells) == 2 and cells[1] in LABELS:
        return ["file", "label"]
    missing = [name for name in ("file", "label") if name not in cells]
    twice = [name for name in _COLUMNS if cells.count(name) > 1]
    if missing or twice:
        raise place.error(f"expected a header with file and label, each once, got {text!r:.80}")
    return cells


def _row(text: str, columns: list[str], place: Place) -> dict[str, str]:
    cells = cells_in(text, place)
    if len(cells) != len(columns):
        raise place.error(f"expected {len(columns)} cells, got {len(cells)}")
    return dict(zip(columns, cells, strict=True))


def _image_in(row: Mapping[str, str], references: References, place: Place) -> LabelledImage:
    label, split = row["label"].strip().lower(), row.get("split", "").strip().lower()
    if label not in LABELS:
        raise place.error(f"label: expected {' or '.join(LABELS)}, got {row['label']!r:.80}")
    if split and split not in SPLITS:
        raise place.error(f"split: expected {' or '.join(SPLITS)} or nothing, got {row['split']!r:.80}")
    path = references.path(row["file"], place)
    mask, outline = row.get("mask"), row.get("object_mask")
    try:
        return LabelledImage(
            path,
            row.get("object_id") or object_of(row["file"]),
            LABELS[LABELS.index(label)],
            object_mask=MaskFile(references.path(outline, place)) if outline else None,
            defect_mask=_mask_in(mask, row, references, place) if mask and label == "anomaly" else None,
            defect=row.get("defect") or None,
            split=SPLITS[SPLITS.index(split)] if split else None,
        )
    except InvalidInput as error:
        raise place.error(str(error)) from error


def _mask_in(mask: str, row: Mapping[str, str], references: References, place: Place) -> MaskFile:
    text = row.get("mask_classes")
    if not text:
        return MaskFile(references.path(mask, place))
    classes: dict[str, str] = {}
    for part in text.split(";"):
        found = re.fullmatch(r"\s*(#[0-9A-Fa-f]{6})=(.+)", part)
        if found is None:
            raise place.error(f"mask_classes: expected #RRGGBB=NAME;…, got {text!r:.80}")
        classes[found[1].upper()] = found[2]
    return MaskFile(references.path(mask, place), classes)


def _cells(image: LabelledImage, store: PictureStore, palette: Palette) -> list[str]:
    name = store.add_picture(image, "images")
    mask_name = f"{PurePosixPath(name).stem}.png"
    masks, outline = class_masks(image), object_pixels(image)
    colors = {name: palette.color(name) for name in masks}
    return [
        name,
        image.label,
        image.object_id,
        image.split or "",
        image.defect or "",
        store.add_mask(painted(masks, colors), f"masks/{mask_name}") if masks else "",
        ";".join(f"{code}={name.replace(';', ',')}" for name, code in colors.items()),
        store.add_mask(outline, f"object-masks/{mask_name}") if outline is not None else "",
    ]
