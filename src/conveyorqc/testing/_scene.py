"""A small belt with three discs on it and the exact truth, drawn with numpy alone: food for contract suites."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import Boxes, Detections, Direction, Frame, ImageU8, Tracks
from conveyorqc.geometry import box_area, clip_boxes

__all__ = ["BeltScene", "belt_scene"]

_ALONG, _ACROSS = 240, 120
_SPEED, _FRAMES, _FRAMES_PER_S = 8, 62, 25
_RADIUS = 18
_CENTERS = ((36, 70), (126, 45), (216, 65))
"""Of the discs: px ahead of the entry edge at the first frame, and px across the belt."""


@dataclass(frozen=True, slots=True, eq=False)
class BeltScene:
    """Frames, and what a perfect detector and a perfect tracker say of each.

    The textured belt moves 8 px a frame at 25 frames a second. Three orange discs of 36 px come in one after the
    other, cross the frame and leave; on the first and on the last frame there is none. The boxes are those of the
    whole discs, clipped to the frame.
    """

    direction: Direction
    frames: tuple[Frame, ...]
    detections: tuple[Detections, ...]
    tracks: tuple[Tracks, ...]

    def __iter__(self) -> Iterator[tuple[Frame, Detections]]:
        return iter(zip(self.frames, self.detections, strict=True))


def belt_scene(direction: Direction = Direction.LEFT_TO_RIGHT, /, *, seed: int = 7) -> BeltScene:
    """Draw a belt that runs in ``direction``; the same ``seed`` gives the same pixels.

    >>> scene = belt_scene()
    >>> [len(scene.detections[index]) for index in (0, 20, 61)]
    [0, 2, 0]
    """
    entry = _SPEED * (_FRAMES - 1)  # on a strip that slides under the frame, the frame begins here and creeps to 0
    centers = [(entry - ahead, across) for ahead, across in _CENTERS]
    strip = _draw_strip(entry + _ALONG, centers, np.random.default_rng(seed))
    on_strip = np.array([[x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS] for x, y in centers], dtype=np.float64)
    frames, boxes = [], []
    for index in range(_FRAMES):
        start = entry - index * _SPEED
        image, moved = _turned(strip[:, start : start + _ALONG], on_strip - [start, 0, start, 0], direction)
        frames.append(Frame.from_bgr(image, index=index, time_s=index / _FRAMES_PER_S))
        boxes.append(clip_boxes(moved, width=image.shape[1], height=image.shape[0]))
    return BeltScene(direction, tuple(frames), *_truth(boxes))


def _truth(clipped: Sequence[Boxes]) -> tuple[tuple[Detections, ...], tuple[Tracks, ...]]:
    """Perfect answers; row i of each (3, 4) array is disc i, collapsed onto the frame's edge while it is outside."""
    detections, tracks = [], []
    before = np.zeros(len(_CENTERS), np.bool_)
    ids = np.arange(1, len(_CENTERS) + 1)
    for boxes in clipped:
        shown = box_area(boxes) > 0
        entered, ended = ids[shown & ~before].tolist(), ids[before & ~shown].tolist()
        detections.append(Detections(boxes[shown]))
        tracks.append(Tracks(ids[shown], boxes[shown], tuple(entered), tuple(ended)))
        before = shown
    return tuple(detections), tuple(tracks)


def _draw_strip(length: int, centers: Sequence[tuple[int, int]], rng: np.random.Generator) -> ImageU8:
    """(across, length, 3) uint8 BGR: grey grainy belt, orange grainy discs."""
    y, x = np.mgrid[:_ACROSS, :length]
    on_disc = np.zeros((_ACROSS, length), np.bool_)
    for center_x, center_y in centers:
        on_disc |= np.hypot(x + 0.5 - center_x, y + 0.5 - center_y) <= _RADIUS
    grain = rng.normal(0, 12, (_ACROSS, length))
    grain = (grain + np.roll(grain, 1, 0) + np.roll(grain, 1, 1) + np.roll(grain, (1, 1), (0, 1))) / 2
    color = np.where(on_disc[..., None], (60, 140, 215), (92, 95, 90))
    return np.clip(color + grain[..., None], 0, 255).astype(np.uint8)


def _turned(image: ImageU8, boxes: Boxes, direction: Direction) -> tuple[ImageU8, Boxes]:
    """A left-to-right view and its boxes, turned so that the belt runs in ``direction``."""
    if direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP):
        image = image[:, ::-1]
        boxes = np.stack([_ALONG - boxes[:, 2], boxes[:, 1], _ALONG - boxes[:, 0], boxes[:, 3]], axis=1)
    if not direction.horizontal:
        image, boxes = image.transpose(1, 0, 2), boxes[:, [1, 0, 3, 2]]
    return np.ascontiguousarray(image), boxes
