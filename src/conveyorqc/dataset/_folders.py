"""Folders named after labels: ``normal/``, ``anomaly/`` and, if there are any, ``masks/`` of the defects."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from conveyorqc.dataset._labelled import LABELS, SPLITS, LabelledDataset, LabelledImage, Split
from conveyorqc.dataset._masks import MaskFile
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._objects import object_ids_in, write_object_ids
from conveyorqc.dataset._store import Palette, PictureStore, class_masks, object_pixels, painted
from conveyorqc.errors import DatasetError

__all__ = ["has_label_folders", "pictures_below", "read_label_folders", "write_label_folders"]

_log = logging.getLogger(__name__)
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


def read_label_folders(folder: Path | str, /, *, root: Path | str | None = None) -> LabelledDataset:
    """The pictures below ``normal/`` and ``anomaly/`` of ``folder``, or of its ``train/`` and ``test/``, by name.

    ``masks/NAME.png`` marks the defect of ``anomaly/NAME.jpg`` (any colour but black), and
    ``object-masks/LABEL/NAME.png`` the object of ``LABEL/NAME.jpg``. Each picture is an object of its own, except
    crops under the name that `CropWriter` gave them and pictures that ``objects.csv`` (``file,object_id``) names.

    Args:
        folder: with the folders.
        root: the folder that links must not lead out of; ``folder`` when None.

    Raises:
        DatasetError: if there is neither folder, or no picture in them, or a link leads out of ``root``.
    """
    folder = Path(folder)
    object_ids, allowed = object_ids_in(folder), Path(folder if root is None else root)
    sides: list[tuple[Path, Split | None]] = [(folder, None), *((folder / split, split) for split in SPLITS)]
    images = [image for side, split in sides for image in _side(side, split, folder, object_ids, allowed)]
    if not images:
        raise DatasetError(f"{folder}: expected pictures in {' and '.join(f'{n}/' for n in LABELS)}, got none")
    return LabelledDataset(tuple(images), folder)


def has_label_folders(folder: Path, /) -> bool:
    """Whether `read_label_folders` finds any of the folders it looks for."""
    return any((folder / side / label).is_dir() for side in ("", *SPLITS) for label in LABELS)


def write_label_folders(images: Iterable[LabelledImage], folder: Path | str, /) -> int:
    """Write ``normal/``, ``anomaly/`` and ``masks/``, below ``train/`` and ``test/`` for pictures of these parts.

    Where the defects are is kept, but not what they are called.

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
    object_ids: dict[str, str] = {}
    for image in images:
        side = PurePosixPath(image.split or "")
        name = store.add_picture(image, str(side / image.label))
        object_ids[name] = image.object_id
        mask_name = f"{PurePosixPath(name).stem}.png"
        masks = class_masks(image)
        if masks:
            pixels = painted(masks, {name: palette.color(name) for name in masks})
            store.add_mask(pixels, str(side / "masks" / mask_name))
        outline = object_pixels(image)
        if outline is not None:
            store.add_mask(outline, str(side / "object-masks" / image.label / mask_name))
    write_object_ids(store, object_ids)
    return len(object_ids)


def pictures_below(folder: Path, /, *, root: Path) -> list[Path]:
    """All pictures in ``folder`` and its folders, sorted; hidden files are none.

    Raises:
        DatasetError: if a link leads out of ``root``.
    """
    found = (path for path in folder.rglob("*") if path.suffix.lower() in _SUFFIXES and path.is_file())
    paths = sorted(path for path in found if not path.name.startswith("."))
    allowed = root.resolve()
    for path in paths:
        if not path.resolve().is_relative_to(allowed):
            raise DatasetError(f"{path}: expected a file within {root}, got a link to {path.resolve()}")
    return paths


def _side(
    side: Path, split: Split | None, folder: Path, object_ids: dict[str, str], root: Path
) -> Iterator[LabelledImage]:
    masks = {_stem(path, side / "masks"): path for path in pictures_below(side / "masks", root=root)}
    outlines = {_stem(p, side / "object-masks"): p for p in pictures_below(side / "object-masks", root=root)}
    for label in LABELS:
        for path in pictures_below(side / label, root=root):
            stem, name = _stem(path, side / label), path.relative_to(folder).as_posix()
            mask = masks.pop(stem, None) if label == "anomaly" else None
            outline = outlines.get(f"{label}/{stem}")
            yield LabelledImage(
                path,
                object_ids.get(name) or object_of(name),
                label,
                object_mask=None if outline is None else MaskFile(outline),
                defect_mask=None if mask is None else MaskFile(mask),
                split=split,
            )
    if masks:
        _log.warning("%s: %d masks have no picture of their name in anomaly/", side, len(masks))


def _stem(path: Path, folder: Path) -> str:
    return path.relative_to(folder).with_suffix("").as_posix()
