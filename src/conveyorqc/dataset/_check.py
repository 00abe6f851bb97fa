"""What is wrong with a data set before anything is trained on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from conveyorqc.dataset._duplicates import find_twins
from conveyorqc.dataset._facts import PictureFacts
from conveyorqc.dataset._labelled import LABELS, LabelledImage
from conveyorqc.dataset._leak import LEAK_AUROC

__all__ = ["Finding", "Severity", "check_pictures", "leak_findings"]

Severity: TypeAlias = Literal["error", "warning"]
"""An error makes every figure of a model doubtful; a warning is to be looked at."""

_LEAST_NORMAL, _ENOUGH_NORMAL = 10, 20
_SMALLEST, _LARGEST, _MOST_BYTES = 64, 4096, 8 * 1024 * 1024
_MOST_PICTURES = {"train": 16_000, "test": 4_000}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong, or may be.

    Attributes:
        kind: one word for it, such as ``duplicate``.
        severity: how bad it is.
        text: what was found and, where there is a remedy, what to do.
        files: the pictures that it is about.
    """

    kind: str
    severity: Severity
    text: str
    files: tuple[str, ...] = ()


def check_pictures(facts: Sequence[PictureFacts], /) -> list[Finding]:
    """All that can be said without a model, errors first.

    ======================  ==========================================================================================
    kind                    what
    ======================  ==========================================================================================
    ``split_object``        error: an object has pictures in both the train and the test part
    ``split_duplicate``     error: a picture of the one part is in the other too, or a copy of it; one that is only
                            nearly the same is a warning
    ``label_conflict``      error: the same pixels, or the same object, with two labels; a copy with another label is a
                            warning
    ``too_few``             error: fewer than 10 normal pictures (of the train part, if there is one); fewer than 20,
                            or no anomalous one, is a warning
    ``duplicate``           warning: a picture is there twice, or a copy of it, as another object
    ``mixed_sizes``         warning: pictures have several sizes
    ``empty_mask``          warning: the mask of an anomaly marks nothing
    ``lookout_limit``       warning: Lookout for Vision, and what takes its data sets, would refuse a picture or a part
    ======================  ==========================================================================================
    """
    images = [one.image for one in facts]
    found = [
        *_objects_on_both_sides(images),
        *_objects_with_two_labels(images),
        *_twins(facts),
        *_too_few(images),
        *_sizes(facts),
        *_empty_masks(facts),
        *_lookout_limits(facts),
    ]
    return sorted(found, key=lambda finding: finding.severity)


def leak_findings(auroc: float | None, low: float, files: Iterable[str] = (), /) -> list[Finding]:
    """``background_leak`` if the picture without its object predicts the label.

    Args:
        auroc: of `background_scores`; None where it could not be measured.
        low: lower end of its interval: with few pictures a high value may be chance.
        files: the pictures that it is about.
    """
    if auroc is None or auroc <= LEAK_AUROC or low <= 0.5:
        return []
    text = (
        f"the picture without its object predicts the label: background-only AUROC {auroc:.2f}, expected about 0.5. "
        "Figures of a model that sees the background mean little: photograph both labels alike, or cut the object out"
    )
    return [Finding("background_leak", "warning", text, tuple(files))]


def _files(images: Iterable[LabelledImage]) -> tuple[str, ...]:
    return tuple(str(image.path) for image in images)


def _by_object(images: Iterable[LabelledImage]) -> dict[str, list[LabelledImage]]:
    found: dict[str, list[LabelledImage]] = {}
    for image in images:
        found.setdefault(image.object_id, []).append(image)
    return found


def _objects_on_both_sides(images: Iterable[LabelledImage]) -> Iterator[Finding]:
    for name, views in _by_object(images).items():
        sides = {view.split for view in views}
        if {"train", "test"} <= sides:
            text = f"object {name!r} is on both sides of the split: a test on it tests memory"
            yield Finding("split_object", "error", text, _files(views))


def _objects_with_two_labels(images: Iterable[LabelledImage]) -> Iterator[Finding]:
    for name, views in _by_object(images).items():
        if len({view.label for view in views}) > 1:
            yield Finding("label_conflict", "error", f"object {name!r} is labelled normal and anomaly", _files(views))


def _twins(facts: Sequence[PictureFacts]) -> Iterator[Finding]:
    words = {"same": "the same picture", "copy": "a copy of a picture", "alike": "nearly the same picture"}
    for a, b, likeness in find_twins(facts):
        one, other = facts[a].image, facts[b].image
        files, alike = _files((one, other)), words[likeness]
        if one.label != other.label:
            severity: Severity = "error" if likeness == "same" else "warning"
            yield Finding("label_conflict", severity, f"{alike}, labelled normal and anomaly", files)
        if {one.split, other.split} == {"train", "test"}:
            severity = "warning" if likeness == "alike" else "error"
            yield Finding("split_duplicate", severity, f"{alike} on both sides of the split", files)
        elif one.label == other.label:
            yield Finding("duplicate", "warning", f"{alike}, as two objects", files)


def _too_few(images: Sequence[LabelledImage]) -> Iterator[Finding]:
    trained = [image for image in images if image.split != "test"]
    counts = Counter(image.label for image in trained)
    part = " to train on" if len(trained) < len(images) else ""
    if counts["normal"] < _ENOUGH_NORMAL:
        few = counts["normal"] < _LEAST_NORMAL
        least = _LEAST_NORMAL if few else _ENOUGH_NORMAL
        text = f"expected {least} normal pictures or more{part}, got {counts['normal']}"
        yield Finding("too_few", "error" if few else "warning", text)
    if not any(image.is_anomalous for image in images):
        yield Finding("too_few", "warning", "there is no anomalous picture: nothing tells how many defects are missed")


def _sizes(facts: Sequence[PictureFacts]) -> Iterator[Finding]:
    counts = Counter((one.header.width, one.header.height) for one in facts)
    if len(counts) < 2:
        return
    (usual, _), *_ = counts.most_common()
    others = [one for one in facts if (one.header.width, one.header.height) != usual]
    shares = [sum(one.image.label == label for one in others) for label in LABELS]
    text = (
        f"{len(counts)} sizes: {usual[0]}x{usual[1]} px is the most common, {len(others)} pictures have another "
        f"({shares[0]} normal, {shares[1]} anomalous). Lookout for Vision wants one size"
    )
    yield Finding("mixed_sizes", "warning", text, _files(one.image for one in others))


def _empty_masks(facts: Sequence[PictureFacts]) -> Iterator[Finding]:
    empty = [one.image for one in facts if one.image.defect_mask is not None and not one.defect_shares]
    if empty:
        yield Finding("empty_mask", "warning", f"{len(empty)} masks of defects mark no pixel", _files(empty))


def _lookout_limits(facts: Sequence[PictureFacts]) -> Iterator[Finding]:
    refused = {
        f"have a side below {_SMALLEST} or above {_LARGEST} px": [one for one in facts if _has_odd_size(one)],
        "are neither PNG nor JPEG": [one for one in facts if one.header.format not in ("PNG", "JPEG")],
        "take more than 8 MB": [one for one in facts if one.size_bytes > _MOST_BYTES],
    }
    for words, outside in refused.items():
        if outside:
            text = f"{len(outside)} pictures {words}: Lookout for Vision does not take them"
            yield Finding("lookout_limit", "warning", text, _files(one.image for one in outside))
    for split, most in _MOST_PICTURES.items():
        count = sum((one.image.split or "train") == split for one in facts)
        if count > most:
            text = f"{count} pictures to {split}: Lookout for Vision takes {most}"
            yield Finding("lookout_limit", "warning", text)


def _has_odd_size(one: PictureFacts) -> bool:
    width, height, _ = one.header
    return min(width, height) < _SMALLEST or max(width, height) > _LARGEST
