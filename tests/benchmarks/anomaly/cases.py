"""What is measured on: cookie photographs, crops of the cookie video, and products that are drawn."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conveyorqc.calibrate import calibrate
from conveyorqc.core import Crop, Tracks
from conveyorqc.crop import SquarePadCropper
from conveyorqc.dataset import GroundTruth, read_manifest
from conveyorqc.imgproc import read_image, write_png
from conveyorqc.metrics import match_boxes
from conveyorqc.video import open_video

from .products import pieces

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """Labelled pictures.

    ``sources`` of an object are names of things that other objects may be made of too: no two objects that share one
    are ever on both sides of a split. Empty: every picture is another thing.
    """

    name: str
    images: list[Image]
    is_anomalous: NDArray[np.bool_]
    objects: NDArray[np.int64]
    hints: list[Mask | None]
    defects: list[Mask | None]
    sources: dict[int, set[str]] = field(default_factory=dict)

    def views(self, count: int) -> Case:
        """At most ``count`` pictures of each object."""
        rows = [row for one in np.unique(self.objects) for row in np.flatnonzero(self.objects == one)[:count]]
        return replace(
            self,
            images=[self.images[row] for row in rows],
            is_anomalous=self.is_anomalous[rows],
            objects=self.objects[rows],
            hints=[self.hints[row] for row in rows],
            defects=[self.defects[row] for row in rows],
        )


def data_folder() -> Path:
    beside = Path(__file__).resolve().parents[4] / "shared" / "data"
    return Path(os.environ.get("CONVEYORQC_DATA", beside))


def drawn(name: str, *, seed: int = 0) -> Case:
    pictures, labels, masks = pieces(name, normals=50, anomalies=40, seed=seed)
    bad = np.array([label == "anomaly" for label in labels])
    return Case(name, pictures, bad, np.arange(len(bad)), [None] * len(bad), list(masks))


def photographs(folder: Path) -> Case:
    data = read_manifest(folder / "cookies-photos" / "train.manifest")
    loaded = list(data.load_images())
    return Case(
        "cookie photographs",
        [one.image for one in loaded],
        np.array(data.anomalous, dtype=np.bool_),
        np.arange(len(loaded)),
        [None] * len(loaded),
        [one.defect_mask for one in loaded],
    )


def video(folder: Path, cache: Path, *, boxes: str) -> Case:
    """Three complete views of each object of the cookie video, cut with ``boxes`` "true" or "tracked"."""
    clip = folder / "cookies-video" / "cookies_train.mp4"
    truth = GroundTruth.load(clip.with_name("cookies_train.gt.json"))
    crops = cache / f"crops-{boxes}"
    if not (crops / "done").exists():
        crops.mkdir(parents=True, exist_ok=True)
        for crop in _true_crops(clip, truth) if boxes == "true" else _tracked_crops(clip, truth):
            name = f"{crop.object_id:04}-{crop.frame_index:05}"
            write_png(crops / f"{name}.png", crop.image)
            if crop.mask is not None:
                write_png(crops / f"{name}.mask.png", np.dstack([crop.mask.astype(np.uint8) * 255] * 3))
        (crops / "done").touch()
    return _read_crops(crops, truth, f"video, {boxes} boxes")


def _true_crops(clip: Path, truth: GroundTruth) -> Iterator[Crop]:
    cropper, views = SquarePadCropper(), _Views()
    for frame in open_video(clip):
        ids, boxes, _ = truth.boxes_at(frame.index)
        views.add(cropper.crop(frame, Tracks(ids, boxes)))
    yield from views.chosen()


def _tracked_crops(clip: Path, truth: GroundTruth) -> Iterator[Crop]:
    """What the line itself cuts, each view named for the true object that its box fits."""
    source = open_video(clip)
    stages, views = calibrate(source).build_stages(), _Views()
    for frame in source:
        detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
        tracks = stages.tracker.update(frame, detections)
        views.add(_renamed(crop, truth) for crop in stages.cropper.crop(frame, tracks))
    yield from views.chosen()


def _renamed(crop: Crop, truth: GroundTruth) -> Crop | None:
    ids, boxes, _ = truth.boxes_at(crop.frame_index)
    rows, _ = match_boxes(boxes, crop.box[None])
    return replace(crop, object_id=int(ids[rows[0]])) if len(rows) else None


class _Views:
    """Keeps complete views, and at the end three of each object, evenly spaced."""

    def __init__(self) -> None:
        self._kept: dict[int, list[Crop]] = {}

    def add(self, crops: Iterable[Crop | None]) -> None:
        for crop in crops:
            if crop is not None and crop.complete:
                self._kept.setdefault(crop.object_id, []).append(crop)

    def chosen(self) -> Iterator[Crop]:
        for crops in self._kept.values():
            for place in np.unique(np.linspace(0, len(crops) - 1, 5).round().astype(int)[1:4]):
                yield crops[place]


def _read_crops(folder: Path, truth: GroundTruth, name: str) -> Case:
    known = {one.id: one for one in truth.objects}
    files = sorted(path for path in folder.glob("*.png") if not path.name.endswith(".mask.png"))
    objects = np.array([int(path.name[:4]) for path in files])
    masks = [path.with_suffix(".mask.png") for path in files]
    return Case(
        name,
        [read_image(path) for path in files],
        np.array([known[one].anomaly for one in objects.tolist()]),
        objects,
        [read_image(mask).any(axis=2) if mask.exists() else None for mask in masks],
        [None] * len(files),
        {one: set(known[one].sources) for one in objects.tolist()},
    )
