"""From a mask to objects: cut what touches, join what belongs together, drop what is too small."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import Boxes, FloatArray, IntArray, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_sizes, pixel_region, union_box
from conveyorqc.imgproc import components, dilation, fill_holes, majority, neck_split, opening

__all__ = ["BlobFinder"]

_SMALLEST_PART = 0.3
"""Of a typical object's area: a cut that leaves less on one side tears a stalk or a spike off, it parts no objects."""

_PIECE = 0.75
"""Of a typical object's area: what is larger is no piece of a broken object but a whole one."""

_JOINED_AREA, _JOINED_LENGTH = 1.3, 1.6
"""Of a typical object's area and diameter: how large pieces may be together; broken, they lie apart."""


@dataclass(frozen=True, slots=True)
class BlobFinder:
    """What counts as one object in a mask. Lengths are full-frame px, areas full-frame px².

    Attributes:
        min_area: smaller parts are crumbs, noise, nothing. Higher forgets small objects.
        max_area: larger parts are no objects (a hand, a light that was switched); None for no limit.
        max_aspect: longest over shortest side of the box, 1 or more; None for no limit.
        diameter: typical size of an object, ``sqrt(4 area / pi)``; None when unknown, then nothing is cut or joined.
            Larger cuts less and joins more.
        neck: 0-1, a blob is cut where it is thinner than this fraction of the parts on both sides, see
            `conveyorqc.imgproc.neck_split`. 0 never cuts.
        join_gap: pieces closer than this fraction of ``diameter`` are one object as long as together they are no
            larger than one. 0 never joins. Higher keeps broken objects whole and marries small neighbours.
        clean: px; each pixel becomes what most of a square of this size is, before anything else: specks and threads
            go, shreds of one object close. Higher removes more noise and rounds the outlines. Less than one px of
            the mask, it cleans nothing.

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
    neck: float = 0.62
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

    def find(self, mask: Mask, /, *, scale: float = 1.0) -> tuple[IntArray, Boxes]:
        """The objects in ``mask``.

        Args:
            mask: (H, W) bool, True on objects.
            scale: full-frame px per px of ``mask``.

        Returns:
            labels (H, W) int64, 0 for belt and i + 1 for object i; boxes (N, 4) in px of ``mask``.

        Raises:
            InvalidInput: if ``mask`` is no mask, or ``scale`` not above 0.
        """
        if not (math.isfinite(scale) and scale > 0):
            raise InvalidInput(f"scale: expected a number above 0, got {scale}")
        size = round(self.clean / scale)
        cleaned = fill_holes(opening(majority(mask, size=size), size=size) if size > 1 else mask)
        labels, _, _ = components(cleaned)
        if self.diameter is not None:
            diameter = self.diameter / scale
            labels = _cut(labels, diameter, self.neck)
            labels = _join(labels, diameter, self.join_gap)
        return self._limit(labels, scale)

    def _limit(self, labels: IntArray, scale: float) -> tuple[IntArray, Boxes]:
        boxes, areas = _measure(labels)
        full = areas * scale**2
        sizes = np.maximum(box_sizes(boxes), 1)
        kept = (areas > 0) & (full >= self.min_area)
        if self.max_area is not None:
            kept &= full <= self.max_area
        if self.max_aspect is not None:
            kept &= sizes.max(axis=1) <= self.max_aspect * sizes.min(axis=1)
        renumbered = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)])
        return renumbered[labels], boxes[kept]


def _measure(labels: IntArray) -> tuple[Boxes, FloatArray]:
    """Boxes (N, 4) and areas (N,) of the labels 1 … N; a label that does not occur has an empty box and area 0."""
    count = int(labels.max()) if labels.size else 0
    ys, xs = np.nonzero(labels)
    which = labels[ys, xs] - 1
    areas = np.bincount(which, minlength=count).astype(np.float64)
    boxes = np.zeros((count, 4))
    if not len(which):
        return boxes, areas
    order = np.argsort(which, kind="stable")
    starts = np.flatnonzero(np.diff(which[order], prepend=-1))
    for column, values in ((0, xs), (1, ys)):
        boxes[areas > 0, column] = np.minimum.reduceat(values[order], starts)
        boxes[areas > 0, column + 2] = np.maximum.reduceat(values[order], starts) + 1
    return boxes, areas


def _cut(labels: IntArray, diameter: float, neck: float) -> IntArray:
    """Separate touching objects: blobs that could hold two are cut at their necks."""
    boxes, areas = _measure(labels)
    single = math.pi / 4 * diameter**2
    result = labels.copy()
    following = len(boxes) + 1
    for index in np.flatnonzero(areas > single) if neck > 0 else ():
        x0, y0, x1, y1 = pixel_region(boxes[index], width=labels.shape[1], height=labels.shape[0])
        window = result[y0:y1, x0:x1]
        parts = neck_split(window == index + 1, neck=neck, smallest_radius=0.2 * diameter)
        parts = _without_slivers(parts, _SMALLEST_PART * single)
        for part in np.unique(parts[parts > 0])[1:]:
            window[parts == part] = following
            following += 1
    return result


def _without_slivers(parts: IntArray, least: float) -> IntArray:
    """``parts`` of one blob, those below ``least`` px² given to the neighbour that they lean on most."""
    parts = parts.copy()
    while True:
        areas = np.bincount(parts.ravel())
        present = np.flatnonzero(areas[1:]) + 1
        smallest = present[areas[present].argmin()]
        if areas[smallest] >= least or len(present) == 1:
            return parts
        contact = np.bincount(parts[dilation(parts == smallest, size=3)], minlength=len(areas))
        contact[[0, smallest]] = 0
        parts[parts == smallest] = contact.argmax()


def _join(labels: IntArray, diameter: float, gap: float) -> IntArray:
    """Put the pieces of a broken object together: small parts, close by, that make no more than one object."""
    boxes, areas = _measure(labels)
    single = math.pi / 4 * diameter**2
    pieces = np.flatnonzero((areas > 0) & (areas < _PIECE * single))
    owner = np.arange(len(boxes) + 1)
    reach = 2 * round(gap * diameter) + 1
    for index in sorted(pieces.tolist(), key=lambda i: -areas[i]) if gap > 0 else ():
        for other in _neighbours(labels, boxes[index], index + 1, reach):
            mine, theirs = int(owner[index + 1]), int(owner[other])
            if mine == theirs or areas[mine - 1] + areas[theirs - 1] > _JOINED_AREA * single:
                continue
            together = union_box(boxes[[mine - 1, theirs - 1]])
            if (together[2:] - together[:2]).max() > _JOINED_LENGTH * diameter:
                continue
            owner[owner == theirs] = mine
            boxes[mine - 1] = together
            areas[mine - 1] += areas[theirs - 1]
    return owner[labels]


def _neighbours(labels: IntArray, box: Boxes, label: int, reach: int) -> list[int]:
    """Labels that come within ``reach // 2`` px of ``label``."""
    grown = box + np.array([-reach, -reach, reach, reach])
    x0, y0, x1, y1 = pixel_region(grown, width=labels.shape[1], height=labels.shape[0])
    window = labels[y0:y1, x0:x1]
    near = np.unique(window[dilation(window == label, size=reach)])
    return [int(other) for other in near if other not in (0, label)]
