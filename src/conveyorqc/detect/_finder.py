"""What both detectors do with a mask: objects, their boxes, and the pixels of one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Detections, Frame, Mask, Region
from conveyorqc.detect._blobs import BlobFinder
from conveyorqc.detect._strip import EntryStrip
from conveyorqc.geometry import pixel_region, scale_boxes, shift_boxes
from conveyorqc.imgproc import dilation, fill_holes, half_height_boxes, resize_mask

__all__ = ["Masker", "ObjectFinder", "Seen"]

_STRIP_MARGIN = 4.0
"""Px within which a box counts as cut by the inner edge of the entry strip: working px are coarser than full ones."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What a masker sees at the resolution that detection works at.

    Attributes:
        mask: (h, w) bool, True on objects.
        difference: (h, w) uint8, how much of an object each pixel shows, also beside the mask; with it boxes are
            finer than the pixels of the mask. None when only the mask is known.
    """

    mask: Mask
    difference: NDArray[np.uint8] | None = None


class Masker(Protocol):
    """Tells object from belt."""

    def coarse(self, frame: Frame, region: Region, /) -> Seen:
        """``region`` at the resolution that detection works at."""
        ...

    def fine(self, frame: Frame, region: Region, /) -> Mask:
        """The mask of ``region``, pixel for pixel."""
        ...


class ObjectFinder:
    """Objects from masks.

    It remembers what it found in the last whole frame, because several objects are cut from one frame.

    Args:
        masker: tells object from belt.
        blobs: what counts as one object.
        strip: look only where objects come in; None looks everywhere.
    """

    def __init__(self, masker: Masker, *, blobs: BlobFinder, strip: EntryStrip | None) -> None:
        self._masker = masker
        self._blobs = blobs
        self._strip = strip
        self._last: tuple[Frame, NDArray[np.int32], Boxes] | None = None

    def detect(self, frame: Frame, /) -> Detections:
        """Every object in ``frame``, or in the entry strip."""
        if self._strip is None:
            return Detections(self._whole(frame)[1])
        boxes = self._look(frame, self._strip.region(frame.width, frame.height))[1]
        whole = self._strip.inside(boxes, width=frame.width, height=frame.height, margin=_STRIP_MARGIN)
        return Detections(boxes[whole])

    def segment(self, frame: Frame, box: Boxes, /) -> Mask:
        """The pixels of the object that fills ``box`` most; those of its neighbours are left out."""
        region = pixel_region(box, width=frame.width, height=frame.height)
        fine = self._masker.fine(frame, region)
        own = self._own_pixels(frame, region)
        return fill_holes(fine & own) if own.any() else fill_holes(fine)

    def _look(self, frame: Frame, region: Region) -> tuple[NDArray[np.int32], Boxes]:
        seen = self._masker.coarse(frame, region)
        x = (region[2] - region[0]) / seen.mask.shape[1]
        y = (region[3] - region[1]) / seen.mask.shape[0]
        labels, boxes = self._blobs.find(seen.mask, scale=(x * y) ** 0.5)
        if seen.difference is not None:
            boxes = half_height_boxes(boxes, labels, seen.difference)
        return labels, shift_boxes(scale_boxes(boxes, x=x, y=y), dx=region[0], dy=region[1])

    def _own_pixels(self, frame: Frame, region: Region) -> Mask:
        """The object with most pixels in ``region``, from the coarse labels, grown by one coarse pixel."""
        labels, _ = self._whole(frame)
        height, width = labels.shape
        coarse = scale_boxes(np.array([region], np.float64), x=width / frame.width, y=height / frame.height)[0]
        x0, y0, x1, y1 = pixel_region(coarse, width=width, height=height)
        window = labels[y0:y1, x0:x1]
        counts = np.bincount(window.ravel())
        counts[0] = 0
        own = dilation(window == counts.argmax(), size=3) if counts.any() else np.zeros(window.shape, np.bool_)
        return resize_mask(own, width=region[2] - region[0], height=region[3] - region[1])

    def _whole(self, frame: Frame) -> tuple[NDArray[np.int32], Boxes]:
        """Labels (coarse) and boxes of everything in ``frame``."""
        if self._last is None or self._last[0] is not frame:
            self._last = (frame, *self._look(frame, (0, 0, frame.width, frame.height)))
        return self._last[1:]
