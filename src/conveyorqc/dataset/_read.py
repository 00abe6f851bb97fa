"""One function for every kind of data set that conveyorqc reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from conveyorqc.dataset._coco_pictures import COCO_FILE, read_coco_pictures
from conveyorqc.dataset._crops import CROPS_FILE, StoredCrop, read_crops
from conveyorqc.dataset._folders import has_label_folders, read_label_folders
from conveyorqc.dataset._labelled import LabelledDataset, LabelledImage
from conveyorqc.dataset._labels import LABELS_FILE, label_lines
from conveyorqc.dataset._lines import BadLines
from conveyorqc.dataset._manifest import read_manifest
from conveyorqc.dataset._manifest_write import MANIFESTS
from conveyorqc.dataset._masks import MaskFile
from conveyorqc.dataset._mvtec import is_mvtec, read_mvtec
from conveyorqc.dataset._table import TABLE_FILE, read_table
from conveyorqc.errors import DatasetError

__all__ = ["read_dataset", "read_labelled_crops"]


def read_dataset(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    bad: BadLines | None = None,
) -> LabelledDataset:
    """The labelled pictures at ``path``, whichever kind of data set it is.

    ==========================================================  ======================
    ``path``                                                    read by
    ==========================================================  ======================
    a folder with ``crops.jsonl`` and ``labels.csv``            `read_labelled_crops`
    a folder with ``train.manifest``, ``test.manifest``         `read_manifest`, each
    or ``dataset.manifest``
    a folder with ``pictures.csv``                              `read_table`
    a folder with ``annotations.json``                          `read_coco_pictures`
    a folder with ``train/good`` or ``test/good``               `read_mvtec`
    a folder with ``normal/`` or ``anomaly/``, or with          `read_label_folders`
    these below ``train/`` and ``test/``
    a file ``*.manifest`` (or ``*.jsonl``)                      `read_manifest`
    a file ``*.csv``                                            `read_table`
    a file ``*.json``                                           `read_coco_pictures`
    ==========================================================  ======================

    Args:
        path: of the folder or file.
        root: the folder that no picture may lie outside of; that of the data set when None.
        prefixes: where copies of remote pictures lie, as in `read_manifest`.
        bad: gathers what is wrong with single lines or images of files; None stops at the first.

    Raises:
        DatasetError: if it is none of these, or malformed; the text names the file and the line.
    """
    place = Path(path)
    if place.is_file():
        return _read_file(place, root, prefixes, bad)
    files = [name for name in (TABLE_FILE, COCO_FILE) if (place / name).is_file()]
    manifests = [(split, place / name) for split, name in MANIFESTS.items() if (place / name).is_file()]
    if (place / CROPS_FILE).is_file():
        return read_labelled_crops(place)
    if manifests:
        parts = [read_manifest(file, root=root, prefixes=prefixes, split=split, bad=bad) for split, file in manifests]
        return LabelledDataset(tuple(image for part in parts for image in part), place)
    if files:
        return _read_file(place / files[0], root, prefixes, bad)
    if is_mvtec(place):
        return read_mvtec(place, root=root)
    if has_label_folders(place):
        return read_label_folders(place, root=root)
    raise _no_dataset(place, "a folder without them" if place.is_dir() else "nothing there")


def _read_file(
    file: Path, root: Path | str | None, prefixes: Mapping[str, Path | str] | None, bad: BadLines | None
) -> LabelledDataset:
    suffix = file.suffix.lower()
    if suffix in (".manifest", ".jsonl"):
        return read_manifest(file, root=root, prefixes=prefixes, bad=bad)
    if suffix == ".csv":
        return read_table(file, root=root, prefixes=prefixes, bad=bad)
    if suffix == ".json":
        return read_coco_pictures(file, root=root, prefixes=prefixes, bad=bad)
    raise _no_dataset(file, "a file")


def _no_dataset(path: Path, actual: str) -> DatasetError:
    return DatasetError(
        f"{path}: expected a folder with {CROPS_FILE} and {LABELS_FILE}, a folder with normal/ and anomaly/ or with "
        f"train/good/, or a *.manifest, *.csv or COCO *.json file; got {actual}"
    )


def read_labelled_crops(folder: Path | str, /) -> LabelledDataset:
    """The crops in ``folder`` whose objects ``labels.csv`` labels; objects without a label are left out.

    Views that an edge of the frame cuts look broken: they are left out where the object has a complete one.

    Raises:
        DatasetError: if a file is missing or malformed, or an object is labelled of which there is no crop.
    """
    folder = Path(folder)
    crops = read_crops(folder)
    labels = label_lines(folder / LABELS_FILE)
    known = {crop.object_id for crop in crops}
    for object_id, line in labels.items():
        if object_id not in known:
            raise line.place.error(f"expected an object of {CROPS_FILE}, got {object_id}, of which there is no crop")
    images = [
        LabelledImage(
            crop.path,
            str(crop.object_id),
            labels[crop.object_id].label,
            object_mask=None if crop.mask_path is None else MaskFile(crop.mask_path),
        )
        for crop in _best_of_each(crops)
        if crop.object_id in labels
    ]
    return LabelledDataset(tuple(images), folder)


def _best_of_each(crops: Sequence[StoredCrop]) -> list[StoredCrop]:
    seen_whole = {crop.object_id for crop in crops if crop.complete}
    return [crop for crop in crops if crop.complete or crop.object_id not in seen_whole]
