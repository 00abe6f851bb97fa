"""Manifests of Amazon Lookout for Vision and SageMaker Ground Truth: JSON Lines that point at pictures."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from pathlib import Path
from typing import Any

from conveyorqc.dataset._labelled import LABELS, Label, LabelledDataset, LabelledImage, Split
from conveyorqc.dataset._lines import BadLines, Place, json_lines, passed_over
from conveyorqc.dataset._masks import MaskFile
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._references import References

__all__ = ["OWN_FIELDS", "iter_manifest", "read_manifest"]

OWN_FIELDS = "conveyorqc"
"""The attribute of a line in which conveyorqc keeps what the format has no place for."""

_MOST_PICTURES = 1_000_000

_log = logging.getLogger(__name__)


def read_manifest(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    split: Split | None = None,
    bad: BadLines | None = None,
) -> LabelledDataset:
    """The labelled pictures of a Lookout for Vision manifest, all at once; see `iter_manifest`.

    Raises:
        DatasetError: as `iter_manifest`.
    """
    images = iter_manifest(path, root=root, prefixes=prefixes, split=split, bad=bad)
    return LabelledDataset(tuple(images), Path(path))


def iter_manifest(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    split: Split | None = None,
    bad: BadLines | None = None,
) -> Iterator[LabelledImage]:
    """The labelled pictures of a Lookout for Vision manifest, line by line.

    ``class-name`` in the metadata of the label attribute decides, whatever the attribute is called and whatever
    number it holds. In masks, only the colours of ``internal-color-map`` that are not ``BACKGROUND`` mark a defect.
    Masks of normal pictures are ignored: AWS ships dummies there. Lines without any label are left out, and so is
    what a model said (``…-detected``) in the manifest of an evaluation. Memory: 16 bytes and their keeping per picture.
    https://docs.aws.amazon.com/lookout-for-vision/latest/developer-guide/manifest-files.html

    Args:
        path: of the manifest. ``source-ref`` and mask references are taken from its folder.
        root: the folder that references must not leave; the manifest's own when None. Widen it only for manifests
            that you trust.
        prefixes: where copies of remote pictures lie, such as ``{"s3://bucket/training/": "images"}``; relative
            folders are taken from the manifest's. The longest prefix that fits counts.
        split: the part that all its pictures are in; the format does not say it.
        bad: gathers what is wrong with single lines; None stops at the first.

    Raises:
        DatasetError: if the file cannot be read or lists more than a million pictures; or a line is malformed, too
            long (8192 characters), labelled twice differently or points outside ``root``, a picture is listed twice
            or is not there, and ``bad`` bears no more.
    """
    manifest = Path(path)
    references = References(manifest.parent, root=root, prefixes=prefixes)
    lines: dict[bytes, int] = {}
    unlabelled = 0
    for place, row in json_lines(manifest, bad=bad):
        image = None
        with passed_over(bad):
            label = _label_in(row, place)
            unlabelled += label is None
            image = None if label is None else _image_in(row, label, references, place, split)
            if image is not None:
                _check_new(image, row, lines, place)
        if image is not None:
            yield image
    if unlabelled:
        _log.warning("%s: %d lines without a label are left out", manifest, unlabelled)


def _check_new(image: LabelledImage, row: Mapping[str, Any], lines: dict[bytes, int], place: Place) -> None:
    key = blake2b(str(image.path).encode("utf-8", "surrogatepass"), digest_size=16).digest()
    before = lines.setdefault(key, place.line)
    if before != place.line:
        raise place.error(f"{row['source-ref']!r} is listed in line {before} already")
    if len(lines) > _MOST_PICTURES:
        raise place.error(f"expected at most {_MOST_PICTURES} pictures, got more")


def _image_in(
    row: dict[str, Any], label: Label, references: References, place: Place, split: Split | None
) -> LabelledImage:
    path = references.path(row.get("source-ref"), place)
    own = row.get(OWN_FIELDS, {})
    if not isinstance(own, dict):
        raise place.error(f"{OWN_FIELDS}: expected an object, got {own!r:.80}")
    object_id, defect, outline = (_word_in(own, name, place) for name in ("object-id", "defect", "object-mask-ref"))
    return LabelledImage(
        path,
        object_id or object_of(row["source-ref"]),
        label,
        object_mask=MaskFile(references.path(outline, place)) if outline else None,
        defect_mask=_mask_in(row, references, place) if label == "anomaly" else None,
        defect=defect if label == "anomaly" else None,
        split=split,
    )


def _word_in(own: Mapping[str, Any], name: str, place: Place) -> str | None:
    word = own.get(name)
    if word is not None and not (isinstance(word, str) and word and word.isprintable()):
        raise place.error(f"{OWN_FIELDS}.{name}: expected text that can be printed, got {word!r:.80}")
    return word


def _label_in(row: dict[str, Any], place: Place) -> Label | None:
    said = {k: v for k, v in row.items() if k.endswith("-metadata") and not k.endswith("-detected-metadata")}
    said.pop("source-ref-metadata", None)
    if not said:
        return None
    names = {key: v["class-name"] for key, v in said.items() if isinstance(v, dict) and "class-name" in v}
    labels = {str(name).lower() for name in names.values()}
    if len(labels) != 1:
        raise place.error(f"expected one label attribute with a class-name, got {names or sorted(said)}")
    for label in LABELS:
        if label in labels:
            return label
    raise place.error(f"class-name: expected {' or '.join(LABELS)}, got {names}")


def _mask_in(row: dict[str, Any], references: References, place: Place) -> MaskFile | None:
    keys = [key for key in row if key.endswith("-ref") and key != "source-ref" and not key.endswith("-detected-ref")]
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
