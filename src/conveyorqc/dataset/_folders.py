"""Folders named after labels: ``normal/``, ``anomaly/`` and, if there are any, ``masks/`` of the defects."""

from __future__ import annotations

import logging
from pathlib import Path

from conveyorqc.dataset._labelled import LABELS, LabelledDataset, LabelledImage, MaskFile
from conveyorqc.dataset._names import object_of
from conveyorqc.errors import DatasetError

__all__ = ["read_label_folders"]

_log = logging.getLogger(__name__)
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


def read_label_folders(folder: Path | str, /) -> LabelledDataset:
    """The pictures below ``normal/`` and ``anomaly/`` of ``folder``, sorted by name.

    ``masks/NAME.png`` marks the defect of ``anomaly/NAME.jpg`` (any colour but black). Each picture is an object of
    its own, except crops under the name that `CropWriter` gave them.

    Raises:
        DatasetError: if there is neither folder, or no picture in them.
    """
    folder = Path(folder)
    masks = {_stem(path, folder / "masks"): path for path in _pictures(folder / "masks")}
    images = []
    for label in LABELS:
        for path in _pictures(folder / label):
            mask = masks.pop(_stem(path, folder / label), None) if label == "anomaly" else None
            defect = None if mask is None else MaskFile(mask)
            images.append(
                LabelledImage(path, object_of(path.relative_to(folder).as_posix()), label, defect_mask=defect)
            )
    if not images:
        raise DatasetError(f"{folder}: expected pictures in {' and '.join(f'{n}/' for n in LABELS)}, got none")
    if masks:
        _log.warning("%s: %d masks have no picture of their name in anomaly/", folder, len(masks))
    return LabelledDataset(tuple(images), folder)


def _pictures(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    return sorted(path for path in found if not path.name.startswith("."))


def _stem(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()
