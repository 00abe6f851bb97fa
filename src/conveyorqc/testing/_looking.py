"""Contract suites for what looks at frames: detectors, segmenters, belt motion, schedules."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence

import numpy as np

from conveyorqc.core import (
    BeltMotion,
    BeltShift,
    Boxes,
    Detections,
    Detector,
    Frame,
    Mask,
    Schedule,
    Segmenter,
    as_mask,
    mask_shape,
)
from conveyorqc.testing._promises import promise, promised
from conveyorqc.testing._scene import BeltScene, belt_scene

__all__ = ["check_detector", "check_motion", "check_schedule", "check_segmenter", "pixels_of"]


def check_detector(detector: Detector, frames: Sequence[Frame], /) -> None:
    """Check a `Detector`: sound boxes in full-frame px, no memory that changes the answer, frames untouched.

    Args:
        detector: the plug-in.
        frames: several, at least one of which shows an object that it finds.

    Raises:
        AssertionError: naming the broken promise.
    """
    before = pixels_of(frames)
    found = [_detect(detector, frame) for frame in frames]
    promise(any(len(one) for one in found), "a Detector finds an object on one of the frames given to this suite")
    for frame, detections in zip(frames, found, strict=True):
        _check_detections(frame, detections)
    again = [_detect(detector, frame) for frame in reversed(frames)]
    promise(
        all(np.array_equal(one.boxes, two.boxes) for one, two in zip(found, reversed(again), strict=True)),
        "a Detector keeps no state that changes the answer: the frames in reverse order give the same boxes",
    )
    promise(pixels_of(frames) == before, "a Detector only reads the frames")


def check_segmenter(segmenter: Segmenter, frame: Frame, boxes: Boxes, /) -> None:
    """Check a `Segmenter`: a mask of exactly the right shape, the same each time, inputs untouched.

    Args:
        segmenter: the plug-in.
        frame: a picture with objects.
        boxes: (N, 4), N >= 1, within the frame; parts of them are tried too.

    Raises:
        AssertionError: naming the broken promise.
    """
    before = pixels_of([frame])
    for box in boxes:
        x0, y0, x1, y1 = box.tolist()
        for part in ((x0, y0, x1, y1), (x0 + 0.3, y0 + 0.3, x1 - 0.4, y1 - 0.4), (x0, y0, x0 + 1, y0 + 1)):
            asked = np.array(part)
            asked.flags.writeable = False
            mask = _segment(segmenter, frame, asked)
            with promised(f"a Segmenter gives a mask of the pixels of its box, {part}"):
                as_mask(mask, mask_shape(asked))
            promise(np.array_equal(mask, _segment(segmenter, frame, asked)), "a Segmenter gives the same answer again")
    promise(pixels_of([frame]) == before, "a Segmenter only reads the frame")


def check_motion(new_motion: Callable[[], BeltMotion], /, *, scene: BeltScene | None = None) -> None:
    """Check a `BeltMotion`: one answer for each frame however often asked, also on pictures that show nothing.

    Args:
        new_motion: makes a fresh instance.
        scene: frames to try it on; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    frames = (belt_scene() if scene is None else scene).frames
    before = pixels_of(frames)
    first, second, blind = new_motion(), new_motion(), new_motion()
    for frame in frames:
        shift = _measure(first, frame)
        promise(_measure(first, frame) == shift, "a BeltMotion asked again for the same frame gives the same answer")
        promise(_measure(second, frame) == shift, "a BeltMotion shares no state with another instance")
    for index in range(3):
        grey = np.full((frames[0].height, frames[0].width, 3), 127, np.uint8)
        _measure(blind, Frame.from_bgr(grey, index=index, time_s=index / 25))
    promise(pixels_of(frames) == before, "a BeltMotion only reads the frames")


def check_schedule(new_schedule: Callable[[], Schedule], /, *, scene: BeltScene | None = None) -> None:
    """Check a `Schedule`: yes or no for each frame, looks at least once while the belt moves.

    Args:
        new_schedule: makes a fresh instance.
        scene: frames to try it on; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    frames = (belt_scene() if scene is None else scene).frames
    before = pixels_of(frames)
    first, second = new_schedule(), new_schedule()
    answers = []
    for frame in frames:
        with promised("a Schedule answers for every frame"):
            answers.append((first.due(frame), second.due(frame)))
    promise(all(isinstance(yes, bool) for pair in answers for yes in pair), "a Schedule answers with a bool")
    promise(any(one for one, _ in answers), "a Schedule looks at one frame at least while objects pass")
    promise(all(one == two for one, two in answers), "a Schedule shares no state with another instance")
    promise(pixels_of(frames) == before, "a Schedule only reads the frames")


def pixels_of(frames: Sequence[Frame], /) -> list[int]:
    """A checksum of each picture."""
    return [zlib.crc32(frame.bgr.tobytes()) for frame in frames]


def _detect(detector: Detector, frame: Frame) -> Detections:
    with promised(f"a Detector answers for every frame (index {frame.index})"):
        detections = detector.detect(frame)
    promise(isinstance(detections, Detections), f"a Detector gives Detections, got {type(detections).__name__}")
    return detections


def _check_detections(frame: Frame, detections: Detections) -> None:
    boxes = detections.boxes
    limits = np.array([frame.width, frame.height, frame.width, frame.height])
    promise(
        ((boxes >= 0) & (boxes <= limits)).all(),
        f"a Detector gives boxes in px of the full {frame.width}x{frame.height} frame, got {boxes.tolist()}",
    )
    promise((boxes[:, 2:] > boxes[:, :2]).all(), f"a Detector gives boxes with an area, got {boxes.tolist()}")


def _segment(segmenter: Segmenter, frame: Frame, box: Boxes) -> Mask:
    with promised(f"a Segmenter answers for every box within the frame, here {box.tolist()}"):
        return segmenter.segment(frame, box)


def _measure(motion: BeltMotion, frame: Frame) -> BeltShift:
    with promised(f"a BeltMotion answers for every frame (index {frame.index})"):
        shift = motion.measure(frame)
    promise(isinstance(shift, BeltShift), f"a BeltMotion gives a BeltShift, got {type(shift).__name__}")
    return shift
