"""One function for every kind of data set that conveyorqc writes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from conveyorqc.dataset._coco_pictures import write_coco_pictures
from conveyorqc.dataset._folders import write_label_folders
from conveyorqc.dataset._labelled import LabelledImage
from conveyorqc.dataset._manifest_write import write_manifest
from conveyorqc.dataset._mvtec import write_mvtec
from conveyorqc.dataset._table import write_table
from conveyorqc.errors import InvalidInput

__all__ = ["DatasetFormat", "write_dataset"]

DatasetFormat: TypeAlias = Literal["manifest", "folders", "mvtec", "coco", "csv"]
"""What a data set is written as."""


def write_dataset(images: Iterable[LabelledImage], folder: Path | str, /, *, to: DatasetFormat) -> int:
    """Write ``images`` into a new folder, which `read_dataset` reads again; returns how many.

    ============  ===================================================================================
    ``to``        written by, and what it cannot keep
    ============  ===================================================================================
    ``manifest``  `write_manifest`: all is kept
    ``csv``       `write_table`: all is kept
    ``coco``      `write_coco_pictures`: all is kept, but the name of a defect that is marked is its mask's
    ``folders``   `write_label_folders`: no names of defects
    ``mvtec``     `write_mvtec`: no masks of objects, one name of a defect per picture, normals to train on alone
    ============  ===================================================================================

    Where defects of two kinds overlap, masks other than those of COCO keep the later one.

    Raises:
        InvalidInput: if ``to`` is none of these.
        ImageError: if a picture or a mask cannot be read.
        DatasetError: if the folder is not empty, a file cannot be written, or a mask has another size than its picture.
    """
    writers: dict[str, Callable[[Iterable[LabelledImage], Path | str], int]] = {
        "manifest": write_manifest,
        "csv": write_table,
        "coco": write_coco_pictures,
        "folders": write_label_folders,
        "mvtec": write_mvtec,
    }
    if to not in writers:
        raise InvalidInput(f"to: expected {', '.join(get_args(DatasetFormat))}, got {to!r}")
    return writers[to](images, folder)
