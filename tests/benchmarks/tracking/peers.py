"""What others would do, in an environment of its own: the article's method, and ByteTrack behind two detectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from conveyorqc.config import load_config
from conveyorqc.core import Boxes, ImageU8, Tracks
from conveyorqc.geometry import assign, box_centers

from .clips import Clip
from .methods import NOTHING, Method, Stopwatch, decoded

__all__ = ["PEERS", "ArticleDetector"]


class ArticleDetector:
    """Objects by colour, less shadows by colour, less Canny edges; then morphology and outlines.

    Its thresholds were tuned by hand on the standard clip, as the article's were on theirs.

    Args:
        diameter_px: of a usual object in the pictures that it gets.
        canny: thresholds of the edges; small pictures are sharper, and have stronger ones.
    """

    def __init__(self, diameter_px: float, *, canny: tuple[int, int]) -> None:
        self._least_area = 0.12 * np.pi / 4 * diameter_px**2
        self._canny = canny
        tenth = max(3, round(0.1 * diameter_px) | 1)
        self._blur = (tenth, tenth)
        self._disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, self._blur)

    def boxes(self, image: ImageU8, /) -> Boxes:
        """(N, 4) boxes of what lies in ``image``, an (H, W, 3) uint8 BGR picture."""
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        mask = cv2.inRange(hsv, (3, 60, 40), (30, 255, 255))
        shadow = cv2.inRange(hsv, (90, 40, 0), (125, 255, 110))
        grey = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), self._blur, 0)
        mask = cv2.morphologyEx(mask & ~shadow & ~cv2.Canny(grey, *self._canny), cv2.MORPH_OPEN, self._disc)
        outlines = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
        found = [cv2.boundingRect(line) for line in outlines if cv2.contourArea(line) >= self._least_area]
        corners = np.array(found, dtype=np.float64).reshape(-1, 4)
        return np.column_stack([corners[:, :2], corners[:, :2] + corners[:, 2:]])


class ArticleKCF:
    """The article: a look at the entry strip of a small picture now and then, and a KCF tracker for each object."""

    counted = None
    ratio = 0.4
    strip = 0.3
    every = 20  # frames between looks; fewer where an object would pass the strip between two of them

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        scene = clip.scene
        self._path, self._watch = clip.video, watch
        self._diameter = scene.diameter_px * self.ratio
        self._detector = ArticleDetector(self._diameter, canny=(100, 250))
        room = self.strip * scene.width - scene.diameter_px
        self._every = max(1, min(self.every, int(room / scene.px_per_frame)))
        self._objects: dict[int, tuple[Any, Boxes]] = {}
        self._last_id = 0

    def tracks(self) -> Iterator[Tracks]:
        capture, watch, index = cv2.VideoCapture(str(self._path)), self._watch, 0
        while True:
            with watch("decode"):
                arrived, picture = capture.read()
            if not arrived:
                return
            with watch("track"):
                small = cv2.resize(picture, None, fx=self.ratio, fy=self.ratio, interpolation=cv2.INTER_AREA)
                self._follow(small)
            if index % self._every == 0:
                with watch("detect"):
                    found = self._look(small, whole=index == 0)
                with watch("track"):
                    self._take_in(small, found)
            index += 1
            yield self._said()

    def _follow(self, small: ImageU8) -> None:
        """Each object where its own tracker finds it; those that leave or are lost end."""
        for number, (tracker, _) in list(self._objects.items()):
            found, (x, y, w, h) = tracker.update(small)
            if found and x + w < small.shape[1]:
                self._objects[number] = (tracker, np.array([x, y, x + w, y + h], dtype=np.float64))
            else:
                del self._objects[number]

    def _look(self, small: ImageU8, *, whole: bool) -> Boxes:
        """What lies in the entry strip and is not cut by its inner edge; in the whole picture at the start."""
        end = small.shape[1] if whole else round(self.strip * small.shape[1])
        found = self._detector.boxes(small[:, :end])
        return found[found[:, 2] < end - 2]

    def _take_in(self, small: ImageU8, found: Boxes) -> None:
        """New objects get a tracker; one that is still coming in gets the larger box."""
        numbers = list(self._objects)
        known = np.array([self._objects[number][1] for number in numbers]).reshape(-1, 4)
        offset = box_centers(known)[:, None] - box_centers(found)[None]
        rows, columns = assign(np.hypot(offset[..., 0], offset[..., 1]), max_cost=0.5 * self._diameter)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            if found[column, 2] - found[column, 0] > known[row, 2] - known[row, 0] + 2:
                self._start(small, numbers[row], found[column])
        for box in np.delete(found, columns, axis=0):
            self._last_id += 1
            self._start(small, self._last_id, box)

    def _start(self, small: ImageU8, number: int, box: Boxes) -> None:
        x0, y0, x1, y1 = (round(value) for value in box.tolist())
        tracker = cv2.TrackerKCF.create()
        tracker.init(small, (x0, y0, x1 - x0, y1 - y0))
        self._objects[number] = (tracker, box)

    def _said(self) -> Tracks:
        if not self._objects:
            return NOTHING
        return Tracks(list(self._objects), np.array([box for _, box in self._objects.values()]) / self.ratio)


class Byte:
    """ByteTrack of `trackers` with its defaults."""

    def __init__(self, fps: float) -> None:
        import supervision
        from trackers import ByteTrackTracker

        self._detections = supervision.Detections
        self._tracker = ByteTrackTracker(frame_rate=fps)

    def update(self, boxes: Boxes, /) -> Tracks:
        """The objects that have an id, where they were found."""
        found = self._detections(xyxy=boxes.astype(np.float32), confidence=np.ones(len(boxes), np.float32))
        known = self._tracker.update(found)
        named = known.tracker_id >= 0
        return Tracks(known.tracker_id[named], known.xyxy[named])


class ArticleByte:
    """The article's detector on each whole frame, and ByteTrack."""

    counted = None

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        self._path, self._watch = clip.video, watch
        self._detector = ArticleDetector(clip.scene.diameter_px, canny=(60, 160))
        self._tracker = Byte(clip.scene.fps)

    def tracks(self) -> Iterator[Tracks]:
        capture, watch = cv2.VideoCapture(str(self._path)), self._watch
        while True:
            with watch("decode"):
                arrived, picture = capture.read()
            if not arrived:
                return
            with watch("detect"):
                found = self._detector.boxes(picture)
            with watch("track"):
                tracks = self._tracker.update(found)
            yield tracks


class OursByte:
    """This project's detector on each frame, and ByteTrack."""

    counted = None

    def __init__(self, clip: Clip, line: Path, watch: Stopwatch) -> None:
        self._path, self._watch = clip.video, watch
        self._detector = load_config(line).build_stages().detector
        self._tracker = Byte(clip.scene.fps)

    def tracks(self) -> Iterator[Tracks]:
        watch = self._watch
        for frame in decoded(self._path, watch):
            with watch("detect"):
                found = self._detector.detect(frame).boxes
            with watch("track"):
                tracks = self._tracker.update(found)
            yield tracks


PEERS: dict[str, Callable[[Clip, Path, Stopwatch], Method]] = {
    "article KCF": ArticleKCF,
    "article + ByteTrack": ArticleByte,
    "our detector + ByteTrack": OursByte,
}
