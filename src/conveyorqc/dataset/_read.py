"""One function for every kind of data set that conveyorqc reads."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from conveyorqc.dataset._crops import CROPS_FILE, StoredCrop, read_crops
from conveyorqc.dataset._folders import read_label_folders
from conveyorqc.dataset._labelled import LABELS, LabelledDataset, LabelledImage, MaskFile
from conveyorqc.dataset._labels import LABELS_FILE, label_lines
from conveyorqc.dataset._manifest import read_manifest
from conveyorqc.errors import DatasetError

__all__ = ["read_dataset", "read_labelled_crops"]


def read_dataset(path: Path | str, /) -> LabelledDataset:
    """The labelled pictures at ``path``, whichever kind of data set it is.

    ================================================  ======================================
    ``path``                                          read by
    ================================================  ======================================
    a folder with ``crops.jsonl`` and ``labels.csv``  `read_labelled_crops`
    a folder with ``normal/`` or ``anomaly/``         `read_label_folders`
    a file ``*.manifest`` (or ``*.jsonl``)            `read_manifest`
    ================================================  ======================================

    Raises:
        DatasetError: if it is none of these, or malformed; the text names the file and the line.
    """
    place = Path(path)
    if place.is_file() and place.suffix.lower() in (".manifest", ".jsonl"):
        return read_manifest(place)
    if (place / CROPS_FILE).is_file():
        return read_labelled_crops(place)
    if any((place / label).is_dir() for label in LABELS):
        return read_label_folders(place)
    actual = "a file" if place.is_file() else "a folder without them" if place.is_dir() else "nothing there"
    raise DatasetError(
        f"{path}: expected a folder with {CROPS_FILE} and {LABELS_FILE}, a folder with normal/ and anomaly/, "
        f"or a *.manifest file; got {actual}"
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
