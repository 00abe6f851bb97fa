"""Detectors, segmenters, belt motion and schedules keep their promises; the suites notice who does not."""

from __future__ import annotations

from itertools import count

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Detections, Direction
from conveyorqc.detect import BackgroundDetector, BlobFinder, ByTravel, ColorThresholdDetector, EveryFrames, learn_belt
from conveyorqc.imgproc import ColorRange, small_ycrcb
from conveyorqc.testing import (
    ScriptedDetector,
    ScriptedMotion,
    belt_scene,
    check_detector,
    check_motion,
    check_schedule,
    check_segmenter,
)
from conveyorqc.track import ConstantMotion, PhaseMotion

SCENE = belt_scene()
ORANGE = ColorRange("hsv", (5, 90, 90), (30, 255, 255))
BLOBS = BlobFinder(min_area=60, diameter=36)


def _background():
    samples = [small_ycrcb(frame, width=120, height=60) for frame in SCENE.frames[::6]]
    return BackgroundDetector(learn_belt(samples), blobs=BLOBS)


def _color():
    return ColorThresholdDetector(objects=[ORANGE], blobs=BLOBS)


def _half_resolution():
    return ColorThresholdDetector(objects=[ORANGE], blobs=BLOBS, ratio=0.5)


def _scripted():
    return ScriptedDetector(dict(enumerate(SCENE.detections)))


@pytest.mark.parametrize("new_detector", [_color, _half_resolution, _background, _scripted])
def test_detectors(new_detector):
    check_detector(new_detector(), SCENE.frames)


@pytest.mark.parametrize("new_segmenter", [_color, _half_resolution, _background])
def test_segmenters(new_segmenter):
    check_segmenter(new_segmenter(), SCENE.frames[24], SCENE.detections[24].boxes)


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize(
    "new_motion",
    [
        PhaseMotion,
        lambda: PhaseMotion(direction=Direction.LEFT_TO_RIGHT),
        lambda: ConstantMotion(dx_per_s=200),
        lambda: ScriptedMotion({5: BeltShift(8.0, 0.0, 1.0)}),
    ],
)
def test_motions(new_motion, direction):
    check_motion(new_motion, scene=belt_scene(direction))


@pytest.mark.parametrize("new_schedule", [EveryFrames, lambda: ByTravel(PhaseMotion(), distance=12)])
def test_schedules(new_schedule):
    check_schedule(new_schedule)


class _Detects:
    """A detector that says what ``answer(frame, calls)`` gives."""

    def __init__(self, answer):
        self._answer = answer
        self._calls = 0

    def detect(self, frame, /):
        self._calls += 1
        return self._answer(frame, self._calls)


def _vandal(frame, _calls):
    frame.bgr.base[:] = 0
    return Detections([[0, 0, 5, 5]])


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda frame, calls: Detections([]), "finds an object"),
        (lambda frame, calls: [[0, 0, 5, 5]], "gives Detections, got list"),
        (lambda frame, calls: Detections([[-1, 0, 5, 5]]), "full 240x120 frame"),
        (lambda frame, calls: Detections([[0, 0, 5, 121]]), "full 240x120 frame"),
        (lambda frame, calls: Detections([[5, 0, 5, 5]]), "boxes with an area"),
        (lambda frame, calls: Detections([[0, 0, calls, 5]]), "reverse order"),
        (lambda frame, calls: 1 / 0, "ZeroDivisionError"),
        (lambda frame, calls: frame.bgr.fill(0), "read-only"),
        (_vandal, "only reads the frames"),
    ],
)
def test_a_detector_that_breaks_a_promise_is_told_which(answer, promise):
    with pytest.raises(AssertionError, match=promise):
        check_detector(_Detects(answer), belt_scene().frames[:9])


class _Segments:
    def __init__(self, answer):
        self._answer = answer

    def segment(self, frame, box, /):
        return self._answer(frame, box)


def _fitting(box):
    return np.ones((int(np.ceil(box[3]) - np.floor(box[1])), int(np.ceil(box[2]) - np.floor(box[0]))), np.bool_)


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda frame, box: None, "mask of the pixels of its box"),
        (lambda frame, box: np.ones((frame.height, frame.width), np.bool_), "mask of the pixels of its box"),
        (lambda frame, box: _fitting(box).astype(np.uint8), "mask of the pixels of its box"),
        (lambda frame, box: _fitting(box) & bool(np.random.default_rng().integers(2)), "same answer again"),
        (lambda frame, box: box.fill(0), "read-only"),
        (lambda frame, box: (frame.bgr.base.fill(0), _fitting(box))[1], "only reads the frame"),
    ],
)
def test_a_segmenter_that_breaks_a_promise_is_told_which(answer, promise):
    boxes = np.tile(SCENE.detections[24].boxes, (8, 1))
    with pytest.raises(AssertionError, match=promise):
        check_segmenter(_Segments(answer), belt_scene().frames[24], boxes)


class _Moves:
    """A belt motion that says what ``answer(frame, calls)`` gives; ``calls`` are those of all instances together."""

    def __init__(self, answer, calls):
        self._answer = answer
        self._calls = calls

    def measure(self, frame, /):
        return self._answer(frame, next(self._calls))


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda frame, calls: (1.0, 0.0), "gives a BeltShift"),
        (lambda frame, calls: BeltShift(calls % 3, 0.0, 1.0), "asked again"),
        (lambda frame, calls: BeltShift(calls % 3 // 2, 0.0, 1.0), "shares no state"),
        (lambda frame, calls: BeltShift(frame.bgr.std() / frame.bgr.std(), 0.0, 1.0), "answers for every frame"),
        (lambda frame, calls: (frame.bgr.base.fill(0), BeltShift(0.0, 0.0, 1.0))[1], "only reads"),
    ],
)
def test_a_motion_that_breaks_a_promise_is_told_which(answer, promise):
    calls = count()
    with pytest.raises(AssertionError, match=promise), np.errstate(invalid="ignore"):
        check_motion(lambda: _Moves(answer, calls))


class _Looks:
    """A schedule that says what ``answer(frame, calls)`` gives; ``calls`` are those of all instances together."""

    def __init__(self, answer, calls):
        self._answer = answer
        self._calls = calls

    def due(self, frame, /):
        return self._answer(frame, next(self._calls))


@pytest.mark.parametrize(
    ("answer", "promise"),
    [
        (lambda frame, calls: 1, "with a bool"),
        (lambda frame, calls: False, "one frame at least"),
        (lambda frame, calls: calls % 2 == 0, "shares no state"),
        (lambda frame, calls: 1 / frame.index > 2, "ZeroDivisionError"),
        (lambda frame, calls: frame.bgr.base.fill(0) is None, "only reads"),
    ],
)
def test_a_schedule_that_breaks_a_promise_is_told_which(answer, promise):
    calls = count()
    with pytest.raises(AssertionError, match=promise):
        check_schedule(lambda: _Looks(answer, calls))
