"""Cuts views of tracked objects out of a frame, each a fair step of belt travel after the one before."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import Boxes, Crop, FloatArray, Frame, Mask, Region, Segmenter, Tracks, as_mask
from conveyorqc.crop._square import square_pad
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_centers, box_sizes, clip_boxes, pixel_region, touches_edge

__all__ = ["SquarePadCropper"]


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    center: FloatArray
    complete: bool


class SquarePadCropper:
    """A `Cropper` that cuts the box with a margin and pads it to a square, as the article does.

    An object gives a view when it is first seen, whenever it has travelled on far enough to look different, and
    at once when it is seen whole for the first time after having been cut by an edge of the frame. A stopped belt
    gives none. Only the rectangle that is cut is converted to BGR.

    Args:
        size: side of the square, px; 384 is the article's. Larger shows finer defects and costs quadratically more.
        margin: belt to show on each side, as a fraction of the longer side of the box. More forgives loose boxes
            and shows more of the neighbours.
        spacing: travel between two views, as a fraction of the longer side of the box. Smaller gives more views of
            an object, which are more alike.
        segmenter: tells the object from the belt and from its neighbours inside the view; its answer becomes
            `Crop.mask`. None leaves the mask out.

    Raises:
        InvalidInput: if ``size`` is below 1, or ``margin`` or ``spacing`` is negative or not finite.

    >>> import numpy as np
    >>> frame = Frame.from_bgr(np.zeros((90, 160, 3), np.uint8), index=0, time_s=0.0)
    >>> [view] = SquarePadCropper(size=64).crop(frame, Tracks([7], [[20, 30, 60, 60]]))
    >>> view.object_id, view.image.shape, view.complete
    (7, (64, 64, 3), True)
    """

    def __init__(
        self, *, size: int = 384, margin: float = 0.08, spacing: float = 0.5, segmenter: Segmenter | None = None
    ) -> None:
        if size < 1:
            raise InvalidInput(f"size: expected 1 px or more, got {size}")
        for name, value in (("margin", margin), ("spacing", spacing)):
            if not (math.isfinite(value) and value >= 0):
                raise InvalidInput(f"{name}: expected 0 or more, got {value}")
        self._size = size
        self._margin = margin
        self._spacing = spacing
        self._segmenter = segmenter
        self._last: dict[int, _Sight] = {}

    def crop(self, frame: Frame, tracks: Tracks, /) -> Sequence[Crop]:
        """The views of this frame that are worth having.

        Raises:
            InvalidInput: if the segmenter's mask does not fit the box it was asked about.
        """
        boxes = clip_boxes(tracks.boxes, width=frame.width, height=frame.height)
        cut = np.any(touches_edge(boxes, width=frame.width, height=frame.height), axis=1)
        centers, lengths = box_centers(boxes), box_sizes(boxes).max(axis=1, initial=0.0)
        visible = box_sizes(boxes).min(axis=1, initial=math.inf) >= 1.0
        ids = tracks.ids.tolist()
        # Only objects of this frame are remembered: memory is bounded by what is on the belt.
        self._last = {i: self._last[i] for i in ids if i in self._last}
        views = []
        for row in np.flatnonzero(visible):
            now = _Sight(centers[row], not cut[row])
            if self._worth(self._last.get(ids[row]), now, float(lengths[row])):
                self._last[ids[row]] = now
                views.append(self._cut(frame, ids[row], boxes[row], now))
        return views

    def _worth(self, last: _Sight | None, now: _Sight, length: float) -> bool:
        if last is None or (now.complete and not last.complete):
            return True
        return math.dist(now.center, last.center) >= self._spacing * length

    def _cut(self, frame: Frame, object_id: int, box: Boxes, now: _Sight) -> Crop:
        reach = self._margin * float((box[2:] - box[:2]).max())
        region = pixel_region(box + np.array([-reach, -reach, reach, reach]), width=frame.width, height=frame.height)
        mask = None if self._segmenter is None else _object_mask(self._segmenter, frame, region)
        image, mask = square_pad(frame.bgr_in(region), size=self._size, mask=mask)
        return Crop(object_id, frame.index, box, image, mask, now.complete)


def _object_mask(segmenter: Segmenter, frame: Frame, region: Region) -> Mask | None:
    """The object's pixels in ``region``; None when the segmenter finds none, which tells nothing."""
    x0, y0, x1, y1 = region
    mask = segmenter.segment(frame, np.array(region, dtype=np.float64))
    checked = as_mask(mask, (y1 - y0, x1 - x0), name="mask of the segmenter")
    return checked if checked.any() else None
