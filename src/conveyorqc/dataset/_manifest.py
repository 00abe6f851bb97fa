"""Manifests of Amazon Lookout for Vision and SageMaker Ground Truth: JSON Lines that point at pictures."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conveyorqc.dataset._labelled import LABELS, Label, LabelledDataset, LabelledImage, MaskFile
from conveyorqc.dataset._lines import Place, contained_file, json_lines
from conveyorqc.dataset._names import object_of

__all__ = ["read_manifest"]

_log = logging.getLogger(__name__)


def read_manifest(
    path: Path | str, /, *, root: Path | str | None = None, prefixes: Mapping[str, Path | str] | None = None
) -> LabelledDataset:
    """The labelled pictures of a Lookout for Vision manifest.

    ``class-name`` in the metadata of the label attribute decides, whatever the attribute is called and whatever
    number it holds. In masks, only the colours of ``internal-color-map`` that are not ``BACKGROUND`` mark a defect.
    Masks of normal pictures are ignored: AWS ships dummies there. Lines without any label are left out.
    https://docs.aws.amazon.com/lookout-for-vision/latest/developer-guide/manifest-files.html

    Args:
        path: of the manifest. ``source-ref`` and mask references are taken from its folder.
        root: the folder that references must not leave; the manifest's own when None. Widen it only for manifests
            that you trust.
        prefixes: where copies of remote pictures lie, such as ``{"s3://bucket/training/": "images"}``; relative
            folders are taken from the manifest's. The longest prefix that fits counts.

    Raises:
        DatasetError: if the file cannot be read, a line is malformed, too long (8192 characters), labelled twice
            differently or points outside ``root``, a picture is listed twice or is not there.
    """
    manifest = Path(path)
    folder = manifest.parent
    references = _References(folder, folder if root is None else Path(root), dict(prefixes or {}))
    images: dict[Path, tuple[int, LabelledImage]] = {}
    unlabelled = 0
    for place, row in json_lines(manifest):
        label = _label_in(row, place)
        if label is None:
            unlabelled += 1
            continue
        image = _image_in(row, label, references, place)
        if image.path in images:
            raise place.error(f"{row['source-ref']!r} is listed in line {images[image.path][0]} already")
        images[image.path] = place.line, image
    if unlabelled:
        _log.warning("%s: %d lines without a label are left out", manifest, unlabelled)
    return LabelledDataset(tuple(image for _, image in images.values()), manifest)


@dataclass(frozen=True, slots=True)
class _References:
    """Turns references into paths of files that are there and may be read."""

    folder: Path
    root: Path
    prefixes: Mapping[str, Path | str]

    def path(self, reference: object, place: Place, /) -> Path:
        if not isinstance(reference, str) or not reference:
            raise place.error(f"expected a reference to a file, got {reference!r:.80}")
        prefix = max((p for p in self.prefixes if reference.startswith(p)), key=len, default=None)
        if prefix is not None:
            copies = self.folder / self.prefixes[prefix]
            return contained_file(reference[len(prefix) :].lstrip("/"), folder=copies, root=copies, place=place)
        if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", reference):
            remote = reference[: reference.rindex("/") + 1]
            raise place.error(
                f"expected a file beside the manifest, got {reference!r}: copy the pictures here "
                f"(aws s3 sync {remote} FOLDER) and either make the references relative or pass "
                f"prefixes={{{remote!r}: 'FOLDER'}}"
            )
        return contained_file(reference, folder=self.folder, root=self.root, place=place)


def _image_in(row: dict[str, Any], label: Label, references: _References, place: Place) -> LabelledImage:
    path = references.path(row.get("source-ref"), place)
    mask = _mask_in(row, references, place) if label == "anomaly" else None
    return LabelledImage(path, object_of(row["source-ref"]), label, defect_mask=mask)


def _label_in(row: dict[str, Any], place: Place) -> Label | None:
    metadata = {key: value for key, value in row.items() if key.endswith("-metadata")}
    names = {key: v["class-name"] for key, v in metadata.items() if isinstance(v, dict) and "class-name" in v}
    if not metadata:
        return None
    labels = {str(name).lower() for name in names.values()}
    if len(labels) != 1:
        raise place.error(f"expected one label attribute with a class-name, got {names or sorted(metadata)}")
    for label in LABELS:
        if label in labels:
            return label
    raise place.error(f"class-name: expected {' or '.join(LABELS)}, got {names}")


def _mask_in(row: dict[str, Any], references: _References, place: Place) -> MaskFile | None:
    keys = [key for key in row if key.endswith("-ref") and key != "source-ref"]
    if not keys:
        return None
    if len(keys) > 1:
        raise place.error(f"expected one mask reference, got {keys}")
    metadata = row.get(f"{keys[0]}-metadata")
    colors = metadata.get("internal-color-map") if isinstance(metadata, dict) else None
    if not isinstance(colors, dict):
        raise place.error(f"{keys[0]}-metadata: expected an internal-color-map, got {metadata!r:.80}")
    classes = dict(_color_in(entry, place) for entry in colors.values())
    defects = {color: name for color, name in classes.items() if name.upper() != "BACKGROUND"}
    # A map of background alone belongs to a dummy mask, which need not even have the size of the picture.
    return MaskFile(references.path(row[keys[0]], place), defects) if defects else None


def _color_in(entry: object, place: Place) -> tuple[str, str]:
    name, color = (entry.get("class-name"), entry.get("hex-color")) if isinstance(entry, dict) else (None, None)
    if not isinstance(name, str) or not isinstance(color, str) or not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
        raise place.error(f"internal-color-map: expected class-name and hex-color #RRGGBB, got {entry!r:.80}")
    return color.upper(), name
