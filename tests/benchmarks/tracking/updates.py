"""`update` of a tracker alone, on perfect detections: python -m tests.benchmarks.tracking.updates WHO VISIBLE."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from conveyorqc.core import Boxes, Detections, Direction, Frame
from conveyorqc.track import CentroidTracker, ConstantMotion

from .clips import KINDS, Scene
from .peers import Byte

__all__ = ["COUNTS", "UPDATERS", "cpu_ms"]

COUNTS = (33, 100, 300)
FRAMES, ROUNDS = 60, 5


def cpu_ms(make: Callable[[Scene], Callable[[int, Boxes], object]], visible: int) -> float:
    """CPU ms of one update with ``visible`` objects in view, found on each frame: the best of some rounds."""
    scene = replace(KINDS["std" if visible == 33 else f"n{visible}"], frames=FRAMES)
    truth = scene.simulator(0).truth
    found = [truth.boxes_at(index)[1] for index in range(truth.frames_total)]
    return min(_once(make(scene), found) for _ in range(ROUNDS))


def _once(update: Callable[[int, Boxes], object], found: list[Boxes]) -> float:
    """The first ten updates load and confirm; those after them are timed."""
    for index, boxes in enumerate(found[:10]):
        update(index, boxes)
    start = time.process_time()
    for index, boxes in enumerate(found[10:], start=10):
        update(index, boxes)
    return 1e3 * (time.process_time() - start) / (len(found) - 10)


def ours(scene: Scene) -> Callable[[int, Boxes], object]:
    tracker = CentroidTracker(
        ConstantMotion(dx_per_s=scene.px_per_frame * scene.fps),
        direction=Direction.LEFT_TO_RIGHT,
        max_distance=0.5 * scene.diameter_px,
    )
    picture = np.zeros((scene.height, scene.width, 3), np.uint8)

    def update(index: int, boxes: Boxes) -> object:
        return tracker.update(Frame.from_bgr(picture, index=index, time_s=index / scene.fps), Detections(boxes))

    return update


def byte_track(scene: Scene) -> Callable[[int, Boxes], object]:
    tracker = Byte(scene.fps)
    return lambda _, boxes: tracker.update(boxes)


UPDATERS: dict[str, Callable[[Scene], Callable[[int, Boxes], object]]] = {
    "conveyorqc": ours,
    "ByteTrack": byte_track,
}


def main() -> None:
    who, visible = sys.argv[1:]
    sys.stdout.write(str(cpu_ms(UPDATERS[who], int(visible))))


if __name__ == "__main__":
    main()
