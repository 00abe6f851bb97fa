"""From a mask to objects: cut what touches, join what belongs together, drop what is too small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, Mask
from conveyorqc.detect._join import join
from conveyorqc.detect._labelled import Labelled
from conveyorqc.detect._separate import cut
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_sizes, touches_edge
from conveyorqc.imgproc import fill_holes, majority, opening

__all__ = ["BlobFinder"]

_CLEANED = 0.15
"""Of a typical object's diameter: what is cleaned at most, because wider squares close the gaps between objects."""

_CUT = 1 / 3
"""Of the smallest area: what a part must have that the edge of the mask cuts, if along the edge it measures at least"""

_FRONT = 0.5
"""of a typical object's diameter."""


@dataclass(frozen=True, slots=True)
class BlobFinder:
    """What counts as one object in a mask. Lengths are full-frame px, areas full-frame px².

    Attributes:
        min_area: smaller parts are crumbs, noise, nothing. Higher forgets small objects. Of a part that the edge of the
            mask cuts along a broad front, more may come: a third is enough there.
        max_area: larger parts are no objects (a hand, a light that was switched); None for no limit.
        max_aspect: longest over shortest side of the box, 1 or more; None for no limit.
        diameter: typical size of an object, ``sqrt(4 area / pi)``; None when unknown, then nothing is cut or joined.
            Larger cuts less and joins more.
        neck: 0-1, a blob is cut where it is thinner than this fraction of the parts on both sides, see
            `conveyorqc.imgproc.neck_split`. 0 never cuts.
        join_gap: pieces closer than this fraction of ``diameter`` are one object as long as together they are no
            larger than one. 0 never joins. Higher keeps broken objects whole and marries small neighbours.
        clean: px; each pixel becomes what most of a square of this size is, before anything else: specks and threads
            go, shreds of one object close. Higher removes more noise, rounds the outlines and closes gaps between
            neighbours, so it is never more than 0.15 ``diameter``. Below two px of the mask, it cleans nothing.

    Raises:
        InvalidInput: if a number is outside its range.

    >>> mask = np.zeros((60, 100), bool)
    >>> mask[10:40, 10:40] = True
    >>> BlobFinder(min_area=100).find(mask)[1].tolist()
    [[10.0, 10.0, 40.0, 40.0]]
    """

    min_area: float
    max_area: float | None = None
    max_aspect: float | None = None
    diameter: float | None = None
    neck: float = 0.7
    join_gap: float = 0.12
    clean: float = 3.0

    def __post_init__(self) -> None:
        for name in ("min_area", "neck", "join_gap", "clean"):
            value = getattr(self, name)
            if not (math.isfinite(value) and value >= 0):
                raise InvalidInput(f"{name}: expected 0 or more, got {value}")
        for name in ("max_area", "max_aspect", "diameter"):
            value = getattr(self, name)
            if value is not None and not (math.isfinite(value) and value > 0):
                raise InvalidInput(f"{name}: expected a number above 0 or None, got {value}")
        if self.max_aspect is not None and self.max_aspect < 1:
            raise InvalidInput(f"max_aspect: expected 1 or more, as no box is below, got {self.max_aspect}")
        if self.neck > 1:
            raise InvalidInput(f"neck: expected a number in [0, 1], got {self.neck}")

    def find(self, mask: Mask, /, *, scale: float = 1.0) -> tuple[NDArray[np.int32], Boxes]:
        """The objects in ``mask``.

        Args:
            mask: (H, W) bool, True on objects.
            scale: full-frame px per px of ``mask``.

        Returns:
            labels (H, W) int32, 0 for belt and i + 1 for object i; boxes (N, 4) in px of ``mask``.

        Raises:
            InvalidInput: if ``mask`` is no mask, or ``scale`` not above 0.
        """
        if not (math.isfinite(scale) and scale > 0):
            raise InvalidInput(f"scale: expected a number above 0, got {scale}")
        size = self._cleaned_px(scale)
        cleaned = opening(majority(mask, size=size), size=size) if size > 1 else mask
        filled = fill_holes(cleaned)
        blobs = Labelled.of(filled)
        if self.diameter is not None and len(blobs.boxes):
            if self.neck > 0:
                blobs = cut(blobs, filled & ~cleaned, diameter=self.diameter / scale, neck=self.neck)
            if self.join_gap > 0:
                blobs = join(blobs, diameter=self.diameter / scale, gap=self.join_gap)
        return self._limited(blobs, scale)

    def _cleaned_px(self, scale: float) -> int:
        """Side of the square that cleans, px of the mask."""
        size = round(self.clean / scale)
        return size if self.diameter is None else min(size, round(_CLEANED * self.diameter / scale))

    def _limited(self, blobs: Labelled, scale: float) -> tuple[NDArray[np.int32], Boxes]:
        """Without what is too small, too large or too long."""
        full = blobs.areas * scale**2
        sizes = np.maximum(box_sizes(blobs.boxes), 1)
        kept = (full > 0) & ((full >= self.min_area) | self._coming(blobs, full, scale))
        if self.max_area is not None:
            kept &= full <= self.max_area
        if self.max_aspect is not None:
            kept &= sizes.max(axis=1) <= self.max_aspect * sizes.min(axis=1)
        renumbered = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)])
        return blobs.chosen(renumbered.astype(np.int32)), blobs.boxes[kept]

    def _coming(self, blobs: Labelled, full: FloatArray, scale: float) -> Mask:
        """(N,) which are cut by the edge of the mask, along a front as broad as that of an object."""
        if self.diameter is None:
            return np.zeros(len(full), np.bool_)
        height, width = blobs.labels.shape
        sizes = box_sizes(blobs.boxes)
        front = touches_edge(blobs.boxes, width=width, height=height, margin=0) * sizes[:, [1, 0, 1, 0]]
        broad = front.max(axis=1, initial=0.0) * scale >= _FRONT * self.diameter
        return np.asarray(broad & (full >= _CUT * self.min_area), dtype=np.bool_)
