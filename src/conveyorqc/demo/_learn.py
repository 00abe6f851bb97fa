"""From the train part to a model: track, crop, label by ground truth, augment, fit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from conveyorqc.anomaly import LocalBackend
from conveyorqc.augment import conveyor_augmenter
from conveyorqc.config import LineConfig
from conveyorqc.core import ImageU8, Mask
from conveyorqc.dataset import GroundTruth, Label, LabelledDataset, read_dataset, write_labels
from conveyorqc.demo._parts import Progress, TrackedBoxes, label_of, truth_boxes, watched
from conveyorqc.metrics import match_objects
from conveyorqc.record import CropRecorder
from conveyorqc.video import FrameSource

__all__ = ["TrainPart", "crop_and_label", "fit"]


@dataclass(frozen=True, slots=True)
class TrainPart:
    """What tracking the train part gave: how many objects, and the folder with their labelled views."""

    counted: int
    crops: Path


def crop_and_label(
    source: FrameSource, line: LineConfig, truth: GroundTruth, folder: Path, progress: Progress
) -> TrainPart:
    """Track ``source``, store the best views of each object, and label them by the object they follow."""
    stages = line.build_stages()
    tracked = TrackedBoxes()
    counted = 0
    with CropRecorder(folder, cropper=stages.cropper, views=stages.views) as recorder:
        for frame in watched(source, progress, "tracking and cropping", truth.frames_total):
            detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
            tracks = stages.tracker.update(frame, detections)
            tracked.add(frame.index, tracks)
            recorder.add(frame, tracks)
            counted += len(tracks.entered)
    write_labels(folder, _labels(truth, tracked))
    return TrainPart(counted, folder)


def _labels(truth: GroundTruth, tracked: TrackedBoxes) -> dict[int, Label]:
    anomalous = label_of(truth)
    followed = match_objects(truth_boxes(truth), tracked.boxes())
    return {track: "anomaly" if anomalous[true] else "normal" for track, true in followed.items()}


def fit(folder: Path, *, seed: int, progress: Progress) -> tuple[LocalBackend, LabelledDataset]:
    """A model from the labelled crops in ``folder``, each of them once more in an augmented copy."""
    dataset = read_dataset(folder)
    rng = np.random.default_rng(seed)
    augmenter = conveyor_augmenter()
    images: list[ImageU8] = []
    masks: list[Mask | None] = []
    for loaded in watched(dataset.load_images(), progress, "augmenting", len(dataset)):
        mask = np.ones(loaded.image.shape[:2], np.bool_) if loaded.object_mask is None else loaded.object_mask
        turned, turned_mask = augmenter.augment_pair(loaded.image, mask, rng=rng)
        images += [loaded.image, turned]
        masks += [mask, turned_mask]
    labels = [entry.label for entry in dataset for _ in range(2)]
    object_ids = [entry.object_id for entry in dataset for _ in range(2)]
    with progress("training", total=len(images) + 1) as advance:
        model = LocalBackend.fit(
            images, labels, masks=masks, object_ids=object_ids, rng=rng, progress=lambda _done, _total: advance()
        )
    return model, dataset
