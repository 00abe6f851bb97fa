"""From the train part to a model: track, crop, label by ground truth, augment, fit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conveyorqc.anomaly import LocalBackend
from conveyorqc.augment import conveyor_augmenter
from conveyorqc.config import LineConfig
from conveyorqc.core import Frame, ImageU8, Mask
from conveyorqc.dataset import GroundTruth, Label, LabelledDataset, read_dataset, write_labels
from conveyorqc.demo._parts import Progress, TrackedBoxes, truth_boxes
from conveyorqc.demo._thumbnail import thumbnail
from conveyorqc.metrics import match_objects
from conveyorqc.record import CropRecorder

__all__ = ["Example", "Lesson", "crop_and_label", "examples_of", "fit", "load_lesson"]

_EXAMPLES = 6  # of each label


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One picture that the model learned from and its augmented copy, small, (S, S, 3) uint8 BGR."""

    object_id: str
    label: Label
    image: ImageU8
    copy: ImageU8


@dataclass(slots=True, eq=False)
class Lesson:
    """What a model learns from: pictures of objects, and a changed copy of one of each.

    Attributes:
        images: (H, W, 3) uint8 BGR each.
        masks: (H, W) bool each, roughly the object, or None.
        labels: what the object is.
        object_ids: whose picture it is.
        copies: position of the augmented copy, for each picture that has one.
    """

    images: list[ImageU8]
    masks: list[Mask | None]
    labels: list[Label]
    object_ids: list[str]
    copies: dict[int, int]


def crop_and_label(frames: Iterable[Frame], line: LineConfig, truth: GroundTruth, folder: Path) -> int:
    """Track ``frames``, store the best views of each object, and label them by the object that they follow.

    Returns:
        The number of objects counted.
    """
    stages = line.build_stages()
    tracked = TrackedBoxes()
    counted = 0
    with CropRecorder(folder, cropper=stages.cropper, views=stages.views) as recorder:
        for frame in frames:
            detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
            tracks = stages.tracker.update(frame, detections)
            tracked.add(frame.index, tracks)
            recorder.add(frame, tracks)
            counted += len(tracks.entered)
    anomalous = {entry.id: entry.anomaly for entry in truth.objects}
    followed = match_objects(truth_boxes(truth), tracked.boxes())
    write_labels(folder, {track: "anomaly" if anomalous[true] else "normal" for track, true in followed.items()})
    return counted


def load_lesson(folder: Path, *, rng: np.random.Generator) -> Lesson:
    """The labelled crops in ``folder``, and an augmented copy of the best view of each object.

    Copies of anomalies alone would teach the model that what is augmented is anomalous.
    """
    dataset = read_dataset(folder)
    lesson = _originals(dataset)
    augmenter = conveyor_augmenter()
    for position in _first_views(lesson):
        image, mask = lesson.images[position], lesson.masks[position]
        outline = np.ones(image.shape[:2], np.bool_) if mask is None else mask
        turned, turned_outline = augmenter.augment_pair(image, outline, rng=rng)
        lesson.copies[position] = len(lesson.images)
        lesson.images.append(turned)
        lesson.masks.append(turned_outline)
        lesson.labels.append(lesson.labels[position])
        lesson.object_ids.append(lesson.object_ids[position])
    return lesson


def _first_views(lesson: Lesson) -> list[int]:
    """Where the pictures of each object begin, in their order; the best view comes first."""
    _, first = np.unique(lesson.object_ids, return_index=True)
    return sorted(first.tolist())


def _originals(dataset: LabelledDataset) -> Lesson:
    loaded = list(dataset.load_images())
    return Lesson(
        images=[entry.image for entry in loaded],
        masks=[entry.object_mask for entry in loaded],
        labels=[entry.label for entry in dataset],
        object_ids=list(dataset.object_ids),
        copies={},
    )


def examples_of(lesson: Lesson, /) -> tuple[Example, ...]:
    """The best view of each of the first few objects of either label."""
    rows = [
        row
        for label in ("normal", "anomaly")
        for row in [row for row in _first_views(lesson) if lesson.labels[row] == label][:_EXAMPLES]
    ]
    return tuple(
        Example(
            lesson.object_ids[row],
            lesson.labels[row],
            thumbnail(lesson.images[row]),
            thumbnail(lesson.images[lesson.copies[row]]),
        )
        for row in rows
    )


def fit(lesson: Lesson, *, rng: np.random.Generator, progress: Progress) -> LocalBackend:
    """A model; views of one object are never on both sides of a test."""
    with progress("training", total=len(lesson.images) + 1) as advance:
        return LocalBackend.fit(
            lesson.images,
            lesson.labels,
            object_masks=lesson.masks,
            object_ids=lesson.object_ids,
            rng=rng,
            progress=lambda _done, _total: advance(),
        )
