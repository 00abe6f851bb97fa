"""One blob or two: blobs of several objects that touch are cut at their necks."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Mask
from conveyorqc.detect._labelled import Labelled
from conveyorqc.geometry import pixel_region
from conveyorqc.imgproc import dilation, neck_split, opening, possible_necks

__all__ = ["cut"]

_SMALLEST_PART = 0.3
"""Of a typical object's area: a cut that leaves less on one side tears a stalk or a spike off, it parts no objects."""

_SMALLEST_RADIUS = 0.2
"""Of a typical object's diameter: what is thinner has no core of its own."""

_GAP_WIDTH = 0.07
"""Of a typical object's diameter: a hole as wide as this may be belt between objects that touch each other."""


def cut(blobs: Labelled, holes: Mask, /, *, diameter: float, neck: float) -> Labelled:
    """Separate touching objects: blobs that could hold two are cut at their necks.

    Args:
        blobs: with their holes filled.
        holes: (H, W) bool, what was filled. Three objects that touch each other enclose belt, and only with it do
            they have necks, so wide holes count as belt here.
        diameter: typical size of an object, px.
        neck: see `conveyorqc.imgproc.neck_split`.
    """
    radius = _SMALLEST_RADIUS * diameter
    smallest = _SMALLEST_PART * math.pi / 4 * diameter**2
    gaps = opening(holes, size=max(3, round(_GAP_WIDTH * diameter))) if holes.any() else holes
    solid = np.where(gaps, np.int32(0), blobs.labels) if gaps.any() else blobs.labels
    candidates = possible_necks(solid, neck=neck, smallest_radius=radius)
    candidates = candidates[blobs.areas[candidates - 1] >= 2 * smallest]
    if not len(candidates):
        return blobs
    labels, boxes, areas = blobs.labels.copy(), [*blobs.boxes], [*blobs.areas.tolist()]
    for label in candidates.tolist():
        x0, y0, x1, y1 = pixel_region(boxes[label - 1] + (-1, -1, 1, 1), width=labels.shape[1], height=labels.shape[0])
        window = np.s_[y0:y1, x0:x1]
        blob = labels[window] == label
        parts = _without_slivers(neck_split(blob, neck=neck, smallest_radius=radius, holes=gaps[window]), smallest)
        for part in np.unique(parts[blob]).tolist()[1:]:
            own = parts == part
            labels[window][own] = len(boxes) + 1
            boxes.append(_box_of(own, x0, y0))
            areas.append(float(own.sum()))
            blob &= ~own
        boxes[label - 1], areas[label - 1] = _box_of(blob, x0, y0), float(blob.sum())
    return Labelled(labels, np.array(boxes), np.array(areas))


def _box_of(mask: Mask, x: int, y: int) -> Boxes:
    """(4,) box around what is True in a window whose corner is (x, y)."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return np.array([x + columns[0], y + rows[0], x + columns[-1] + 1, y + rows[-1] + 1], np.float64)


def _without_slivers(parts: NDArray[np.int32], least: float) -> NDArray[np.int32]:
    """``parts`` of one blob, those below ``least`` px² given to the neighbour that they lean on most."""
    while True:
        areas = np.bincount(parts.ravel())
        present = np.flatnonzero(areas[1:]) + 1
        smallest = present[areas[present].argmin()]
        if areas[smallest] >= least or len(present) == 1:
            return parts
        contact = np.bincount(parts[dilation(parts == smallest, size=3)], minlength=len(areas))
        contact[[0, smallest]] = 0
        parts = np.where(parts == smallest, np.int32(contact.argmax()), parts)
