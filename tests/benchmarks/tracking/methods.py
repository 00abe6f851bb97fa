"""What is measured in this environment: decoding alone, and this project's pipeline."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

import cv2

from conveyorqc.config import load_config
from conveyorqc.core import Frame, Tracks
from conveyorqc.track import CrossingCounter
from conveyorqc.video import open_video

from .clips import Clip

__all__ = ["METHODS", "Method", "Ours", "Stopwatch", "decoded"]

NOTHING = Tracks([], [])


class Stopwatch:
    """CPU seconds of the main thread, by stage; what a stage leaves to other threads shows only in the whole."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        start = time.thread_time()
        yield
        self.seconds[stage] = self.seconds.get(stage, 0.0) + time.thread_time() - start


class Method(Protocol):
    """One way to follow the objects of a clip."""

    def tracks(self) -> Iterator[Tracks]:
        """What it says of each frame."""
        ...

    @property
    def counted(self) -> int | None:
        """How many crossed the middle so far; None leaves the counting to whoever reads the boxes."""
        ...


class ReadByOpenCV:
    """``cv2.VideoCapture.read`` and nothing else: the yardstick."""

    counted = None

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        self._path = clip.video

    def tracks(self) -> Iterator[Tracks]:
        capture = cv2.VideoCapture(str(self._path))
        while capture.read()[0]:
            yield NOTHING


class ReadPlanes:
    """The decoder of this project and nothing else: planes as PyAV hands them out."""

    counted = None

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        self._path = clip.video

    def tracks(self) -> Iterator[Tracks]:
        for _ in open_video(self._path):
            yield NOTHING


class Ours:
    """Schedule, detector, tracker and counter of a calibrated line."""

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        config = load_config(line)
        self._path = clip.video
        self._stages = config.build_stages()
        self._counter = CrossingCounter(direction=config.direction)
        self._watch = watch

    def tracks(self) -> Iterator[Tracks]:
        stages, watch = self._stages, self._watch
        for frame in decoded(self._path, watch):
            with watch("motion"):
                due = stages.schedule.due(frame)
            with watch("detect"):
                found = stages.detector.detect(frame) if due else None
            with watch("track"):
                tracks = stages.tracker.update(frame, found)
            with watch("count"):
                self._counter.update(frame, tracks)
            yield tracks

    @property
    def counted(self) -> int | None:
        return self._counter.count


def decoded(path: Path, watch: Stopwatch) -> Iterator[Frame]:
    """The frames of a video, with the time that they took noted."""
    frames = iter(open_video(path))
    while True:
        with watch("decode"):
            frame = next(frames, None)
        if frame is None:
            return
        yield frame


METHODS: dict[str, Callable[[Clip, Path, Stopwatch], Method]] = {
    "decode cv2": ReadByOpenCV,
    "decode planes": ReadPlanes,
    "conveyorqc": Ours,
}
