"""Lookout for Vision manifests of our own, with the pictures beside them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from conveyorqc.dataset._labelled import LabelledImage, Split
from conveyorqc.dataset._lines import MAX_LINE_CHARS
from conveyorqc.dataset._manifest import OWN_FIELDS
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._store import Palette, PictureStore, class_masks, object_pixels, painted
from conveyorqc.errors import DatasetError

__all__ = ["MANIFESTS", "write_manifest"]

MANIFESTS: dict[Split | None, str] = {None: "dataset.manifest", "train": "train.manifest", "test": "test.manifest"}
"""The manifest of each part of a data set."""

_LABEL, _MASK = "anomaly-label", "anomaly-mask-ref"
_BACKGROUND = {"class-name": "BACKGROUND", "hex-color": "#FFFFFF"}


def write_manifest(
    images: Iterable[LabelledImage], folder: Path | str, /, *, prefix: str = "", created_at: datetime | None = None
) -> int:
    """Write ``train.manifest`` and ``test.manifest`` (or ``dataset.manifest``), ``images/`` and ``masks/``.

    Lines are those of Lookout for Vision, of the classification kind for pictures without a defect mask and of the
    segmentation kind for the others. What it has no place for stands in an attribute of our own, ``conveyorqc``: the
    object that a picture shows, a defect that is not marked, the mask of the object. Pictures are taken as they come
    and never all in memory.

    Args:
        images: the pictures.
        folder: new or empty.
        prefix: before every reference, such as ``s3://bucket/cookies/`` if that is where the folder will be copied
            to. Without it references are relative, which only conveyorqc reads.
        created_at: when they were labelled, for ``creation-date``; left out when None.

    Returns:
        How many pictures were written.

    Raises:
        ImageError: if a picture or a mask cannot be read.
        DatasetError: if a file cannot be written, a mask has another size than its picture, or a line has more than
            8192 characters.
    """
    store, palette = PictureStore(folder), Palette()
    lines: dict[Split | None, list[str]] = {}
    for image in images:
        row = _row(image, store, palette, prefix, created_at)
        line = json.dumps(row, ensure_ascii=False)
        if len(line) > MAX_LINE_CHARS:
            raise DatasetError(f"{image.path}: expected a line of at most {MAX_LINE_CHARS} characters, got {len(line)}")
        lines.setdefault(image.split, []).append(line)
    for split, rows in lines.items():
        store.write_text(MANIFESTS[split], rows)
    return sum(map(len, lines.values()))


def _row(
    image: LabelledImage, store: PictureStore, palette: Palette, prefix: str, created_at: datetime | None
) -> dict[str, Any]:
    date = {} if created_at is None else {"creation-date": created_at.isoformat()}
    name = store.add_picture(image, "images")
    mask_name = f"{PurePosixPath(name).stem}.png"
    kind = {"type": "groundtruth/image-classification", "human-annotated": "yes", "job-name": "conveyorqc/labels"}
    row: dict[str, Any] = {
        "source-ref": f"{prefix}{name}",
        _LABEL: int(image.is_anomalous),
        f"{_LABEL}-metadata": {"class-name": image.label, "confidence": 1, **kind, **date},
    }
    masks = class_masks(image)
    if masks:
        colors = {name: palette.color(name) for name in masks}
        row[_MASK] = prefix + store.add_mask(painted(masks, colors), f"masks/{mask_name}")
        named = [{"class-name": name, "hex-color": code, "confidence": 1.0} for name, code in colors.items()]
        color_map = {str(number): entry for number, entry in enumerate([_BACKGROUND, *named])}
        kind = {"type": "groundtruth/semantic-segmentation", "human-annotated": "yes", "job-name": "conveyorqc/masks"}
        row[f"{_MASK}-metadata"] = {"internal-color-map": color_map, **kind, **date}
    own = _own(image, store, f"object-masks/{mask_name}", prefix)
    if image.object_id == object_of(row["source-ref"]):
        del own["object-id"]
    return {**row, OWN_FIELDS: own} if own else row


def _own(image: LabelledImage, store: PictureStore, mask_name: str, prefix: str) -> dict[str, str]:
    own = {"object-id": image.object_id}
    if image.defect is not None:
        own["defect"] = image.defect
    pixels = object_pixels(image)
    if pixels is not None:
        own["object-mask-ref"] = prefix + store.add_mask(pixels, mask_name)
    return own
