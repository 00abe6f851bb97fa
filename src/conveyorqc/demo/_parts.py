"""The two halves of the article's video: one to learn from, one to be judged on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import numpy as np

from conveyorqc.core import Tracks
from conveyorqc.dataset import GroundTruth, MotRow, mot_rows
from conveyorqc.metrics import ObjectBoxes
from conveyorqc.simulate import BeltSimulator
from conveyorqc.video import VideoWriter

__all__ = ["PART_NAMES", "PartName", "Progress", "Scene", "TrackedBoxes", "simulate_part", "truth_boxes", "watched"]

_Item = TypeVar("_Item")

PartName = Literal["train", "test"]
PART_NAMES: tuple[PartName, PartName] = ("train", "test")


class Progress(Protocol):
    """Shows that something goes on: a context manager that gives a function to call after each step."""

    def __call__(self, title: str, /, *, total: float | None) -> AbstractContextManager[Callable[[], None]]:
        """Begin to show ``title``; ``total`` is the number of steps when it is known."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the demo simulates; the defaults are the article's: 36 s to train, 30 s to test, about 200 objects.

    Attributes:
        train_s, test_s: length of the two parts.
        train_objects, test_objects: how many objects enter in each.
        width, height: of the frames, px.
        speed_px_s: of the belt.
        seed: of everything that is random.
    """

    train_s: float = 36.0
    test_s: float = 30.0
    train_objects: int = 108
    test_objects: int = 96
    width: int = 1280
    height: int = 720
    speed_px_s: float = 200.0
    seed: int = 2026


def simulate_part(scene: Scene, part: PartName, path: Path, progress: Progress) -> GroundTruth:
    """Write one part as a video, its ground truth beside it: the same camera and belt, other objects."""
    seconds, objects, seed = {
        "train": (scene.train_s, scene.train_objects, scene.seed),
        "test": (scene.test_s, scene.test_objects, scene.seed + 1),
    }[part]
    simulator = BeltSimulator(
        width=scene.width,
        height=scene.height,
        seconds=seconds,
        objects=objects,
        speed_px_s=scene.speed_px_s,
        seed=seed,
        look_seed=scene.seed,
    )
    truth = simulator.truth
    # Packed loosely: the clip is read back on this machine, and a smaller file would cost three times the work.
    writer = VideoWriter(path, fps=truth.fps, width=scene.width, height=scene.height, crf=26, preset="ultrafast")
    with writer, progress(f"simulating the {part} part", total=truth.frames_total) as advance:
        for frame in simulator.frames():
            writer.write(frame.bgr, time_s=frame.time_s)
            advance()
    truth.save(path.with_suffix(".gt.json"))
    return truth


def watched(items: Iterable[_Item], progress: Progress, title: str, total: int | None) -> Iterator[_Item]:
    """``items`` as they are, shown as they pass."""
    with progress(title, total=total) as advance:
        for item in items:
            yield item
            advance()


class TrackedBoxes:
    """Collects the boxes of all tracks of a clip, for comparison with the truth."""

    def __init__(self) -> None:
        self._rows: list[MotRow] = []

    def add(self, frame_index: int, tracks: Tracks, /) -> None:
        """Note one frame."""
        self._rows += mot_rows(frame_index, tracks)

    def boxes(self) -> ObjectBoxes:
        """All of them."""
        return ObjectBoxes(
            [row.frame_index for row in self._rows],
            [row.object_id for row in self._rows],
            np.array([row.box for row in self._rows]).reshape(-1, 4),
        )


def truth_boxes(truth: GroundTruth, /) -> ObjectBoxes:
    """The true boxes of objects at least half in view."""
    return ObjectBoxes(*truth.labelled().columns())
