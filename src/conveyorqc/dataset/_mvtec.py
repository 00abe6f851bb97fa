"""The folders of MVTec AD, which anomalib reads: normal pictures to train on, a folder for each kind of defect.

P. Bergmann et al. (2021), DOI 10.1007/s11263-020-01400-4.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

import numpy as np

from conveyorqc.dataset._folders import pictures_below
from conveyorqc.dataset._labelled import SPLITS, LabelledDataset, LabelledImage, Split
from conveyorqc.dataset._masks import UNNAMED, MaskFile
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._objects import object_ids_in, write_object_ids
from conveyorqc.dataset._store import PictureStore, class_masks, painted
from conveyorqc.errors import DatasetError

__all__ = ["is_mvtec", "read_mvtec", "write_mvtec"]

_log = logging.getLogger(__name__)

_GOOD = "good"
_TRUTH = "ground_truth"
_SEVERAL = "combined"
"""What MVTec AD calls a picture with defects of several kinds."""


def is_mvtec(folder: Path, /) -> bool:
    """Whether ``folder`` is laid out as MVTec AD."""
    return any((folder / split / _GOOD).is_dir() for split in SPLITS)


def read_mvtec(folder: Path | str, /, *, root: Path | str | None = None) -> LabelledDataset:
    """The pictures of ``train/good``, ``test/good`` and ``test/DEFECT`` of ``folder``, sorted by name.

    ``ground_truth/DEFECT/NAME_mask.png`` (or ``NAME.png``) marks the defect of ``test/DEFECT/NAME.png``: any colour but
    black. The folder says what the defect is called. Objects are known as in `read_label_folders`.

    Args:
        folder: of one category.
        root: the folder that links must not lead out of; ``folder`` when None.

    Raises:
        DatasetError: if there is no picture, or a link leads out of ``root``.
    """
    folder = Path(folder)
    object_ids, allowed = object_ids_in(folder), Path(folder if root is None else root)
    masks = {path.relative_to(folder / _TRUTH): path for path in pictures_below(folder / _TRUTH, root=allowed)}
    marks = {str(name.with_suffix("")).removesuffix("_mask"): path for name, path in masks.items()}
    images = [
        _image(path, split, folder, marks, object_ids)
        for split in SPLITS
        for path in pictures_below(folder / split, root=allowed)
        if path.parent != folder / split
    ]
    if not images:
        raise DatasetError(f"{folder}: expected pictures in train/{_GOOD}/ and test/*/, got none")
    return LabelledDataset(tuple(images), folder)


def write_mvtec(images: Iterable[LabelledImage], folder: Path | str, /) -> int:
    """Write ``train/good``, ``test/good``, ``test/DEFECT`` and ``ground_truth/DEFECT/NAME_mask.png``.

    The format trains on normal pictures alone: anomalous ones go to ``test/`` whatever part they are in, normal ones
    to ``train/`` unless they are for tests. A picture with several kinds of defect goes to ``combined``. Masks of
    objects have no place here.

    Args:
        images: the pictures, copied one by one.
        folder: new or empty.

    Returns:
        How many pictures were written.

    Raises:
        ImageError: if a picture or a mask cannot be read.
        DatasetError: if a file cannot be written or a mask has another size than its picture.
    """
    store = PictureStore(folder)
    object_ids: dict[str, str] = {}
    moved = 0
    for image in images:
        masks = class_masks(image)
        kind = _folder_of(image, list(masks))
        moved += image.is_anomalous and image.split == "train"
        name = store.add_picture(image, f"{_side_of(image)}/{kind}")
        object_ids[name] = image.object_id
        if masks:
            marked = {UNNAMED: np.logical_or.reduce(list(masks.values()))}
            pixels = painted(marked, {UNNAMED: "#FFFFFF"})
            store.add_mask(pixels, f"{_TRUTH}/{kind}/{PurePosixPath(name).stem}_mask.png")
    write_object_ids(store, object_ids)
    if moved:
        _log.warning("%s: %d anomalous pictures of the train part are in test/: the format wants that", folder, moved)
    return len(object_ids)


def _image(path: Path, split: Split, folder: Path, marks: dict[str, Path], object_ids: dict[str, str]) -> LabelledImage:
    inner = path.relative_to(folder / split)
    name, kind = path.relative_to(folder).as_posix(), inner.parts[0]
    object_id = object_ids.get(name) or object_of(name)
    if kind == _GOOD:
        return LabelledImage(path, object_id, "normal", split=split)
    mask = marks.get(str(inner.with_suffix("")))
    return LabelledImage(
        path,
        object_id,
        "anomaly",
        defect_mask=None if mask is None else MaskFile(mask),
        defect=None if kind == UNNAMED else kind,
        split=split,
    )


def _side_of(image: LabelledImage) -> Split:
    return "test" if image.is_anomalous or image.split == "test" else "train"


def _folder_of(image: LabelledImage, classes: list[str]) -> str:
    """``good``, or the kind of defect, made fit to be the name of a folder."""
    if not image.is_anomalous:
        return _GOOD
    kind = image.defect or (classes[0] if len(classes) == 1 else _SEVERAL if classes else UNNAMED)
    fit = "".join(letter if letter.isalnum() or letter in "-_" else "_" for letter in kind)
    return f"{fit}_" if fit in ("", _GOOD) else fit
