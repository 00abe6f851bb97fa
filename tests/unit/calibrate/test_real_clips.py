"""Real clips, with no configuration at all: the counts that people made by hand, or that a compositor knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from conveyorqc.calibrate import calibrate
from conveyorqc.core import Direction, Tracks
from conveyorqc.dataset import GroundTruth
from conveyorqc.metrics import ObjectBoxes, match_objects
from conveyorqc.track import TrackLog
from conveyorqc.video import open_video

pytestmark = pytest.mark.real_data


@dataclass
class Run:
    """What a line found that knew nothing but the clip."""

    direction: Direction
    log: TrackLog
    rows: list[tuple[int, int, list[float]]] = field(default_factory=list)

    def boxes(self) -> ObjectBoxes:
        """Every box of every identity."""
        return ObjectBoxes(*map(list, zip(*self.rows, strict=True)))


def run_over(path: Path) -> Run:
    clip = open_video(path)
    line = calibrate(clip)
    stages, run = line.build_stages(), Run(line.direction, TrackLog(direction=line.direction))
    for frame in clip:
        detections = stages.detector.detect(frame) if stages.schedule.due(frame) else None
        tracks = stages.tracker.update(frame, detections)
        run.log.update(frame, tracks)
        run.rows += boxes_of(frame.index, tracks)
    return run


def boxes_of(frame_index: int, tracks: Tracks) -> Iterator[tuple[int, int, list[float]]]:
    """The boxes of a frame, and those that newly confirmed objects had before."""
    for object_id, box in zip(tracks.ids.tolist(), tracks.boxes.tolist(), strict=True):
        yield frame_index, object_id, box
    for past in tracks.past:
        for index, box in zip(past.frame_indices.tolist(), past.boxes.tolist(), strict=True):
            yield index, past.object_id, box


def true_boxes(truth: GroundTruth, *, visible: float) -> ObjectBoxes:
    """Where the objects were, without slivers of less than ``visible``."""
    found = [
        (index, box.id, [box.x, box.y, box.x + box.w, box.y + box.h])
        for index, boxes in enumerate(truth.frames)
        for box in boxes
        if box.visible_fraction >= visible
    ]
    return ObjectBoxes(*map(list, zip(*found, strict=True)))


@pytest.mark.slow
def test_cookies_are_counted_each_under_its_own_identity(data_dir):
    truth = GroundTruth.load(data_dir / "cookies-video" / "cookies_train.gt.json")
    run = run_over(data_dir / "cookies-video" / "cookies_train.mp4")
    counted = len(run.log.objects)
    followed = match_objects(true_boxes(truth, visible=0.3), run.boxes())
    assert (104, 97) == (truth.counts["objects"], truth.counts["crossed_centre"])
    assert truth.direction is run.direction
    assert counted == pytest.approx(104, abs=4)
    assert run.log.crossed == pytest.approx(97, abs=2)
    assert len(followed) >= 0.98 * max(counted, 104)
    assert len(followed) == len(np.unique(list(followed.values())))


@pytest.mark.parametrize(
    ("name", "direction", "count"),
    [
        ("fruit_side_rtl", Direction.RIGHT_TO_LEFT, 4),
        ("bolt_dark_ltr", Direction.LEFT_TO_RIGHT, 1),
        ("packs_green_rtl", Direction.RIGHT_TO_LEFT, 3),
    ],
)
def test_other_belts_and_products_are_counted(data_dir, name, direction, count):
    run = run_over(data_dir / "clips" / f"{name}.mp4")
    assert (direction, count) == (run.direction, len(run.log.objects))
