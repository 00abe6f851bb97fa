"""Where a blob is two: summits of the distance transform, and the passes between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, IntArray, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._morphology import distance_inside
from conveyorqc.imgproc._opencv import cv2

__all__ = ["neck_split", "possible_necks"]

_Summits: TypeAlias = tuple[Any, Any, Any]  # rows, columns, heights: arrays or one of each

_SLACK = 0.9
"""By how much the distance transform may be off, twice."""


def neck_split(mask: Mask, /, *, neck: float, smallest_radius: float, holes: Mask | None = None) -> NDArray[np.int32]:
    """Cut a blob where it is thin compared with the parts on both sides.

    The distance transform has a summit in each roundish part, and a pass where two parts meet. Two parts are two
    objects when the pass is at most ``neck`` times the lower summit: a pair that merely touches has a low pass, a
    stack or an elongated object a high one. So it is enough to look at the levels ``neck`` times each summit: what
    comes apart there, each with a summit that is high enough, is parted. Pixels between the parts go to the nearest.

    Args:
        mask: (H, W) bool, one blob. The edge of the picture is no belt: an object that it cuts is as thick there as
            if it went on.
        neck: above 0, at most 1. Higher cuts more: it separates objects that press against each other, and begins
            to tear stacks and waisted objects.
        smallest_radius: px. A summit lower than this is no object of its own (a crumb, a spike of the outline).
        holes: (H, W) bool, pixels of ``mask`` that are taken for belt when necks are looked for, such as what three
            objects that touch each other enclose; None for none.

    Returns:
        (H, W) int32 labels, 0 outside ``mask`` and 1, 2, … for the parts.

    Raises:
        InvalidInput: if ``neck`` or ``smallest_radius`` is out of range.

    The distance transform as separator of touching blobs: S. Beucher and F. Meyer, The morphological approach to
    segmentation (1993); the criterion by relative pass height is ours.
    """
    if not (0 < neck <= 1 and smallest_radius >= 0):
        raise InvalidInput(f"neck, smallest_radius: expected 0-1 and px of 0 or more, got {neck} and {smallest_radius}")
    distance = distance_inside(mask if holes is None else mask & ~holes)
    y, x, height = _tops(*_summits(distance, smallest_radius), neck=neck)
    cores = [_Core(list(range(len(height))), mask)]
    for level in sorted(set((neck * height).tolist())):
        if len(height) < 2:
            break
        labels = np.asarray(cv2.connectedComponents((distance > level).view(np.uint8))[1])
        islands = np.where(neck * height >= level, labels[y, x], 0).tolist()
        cores = [part for core in cores for part in core.parts(islands, labels)]
    if len(cores) < 2:
        return mask.astype(np.int32)
    nearest, part = distance_inside(~cores[0].mask), mask.astype(np.int32)
    for number, core in enumerate(cores[1:], 2):
        away = distance_inside(~core.mask)
        part[(away < nearest) & mask] = number
        nearest = np.minimum(away, nearest)
    return part


@dataclass(frozen=True, slots=True, eq=False)
class _Core:
    """Summits that no pass has parted yet, and the pixels around them."""

    summits: list[int]
    mask: Mask

    def parts(self, islands: list[int], labels: NDArray[np.int32]) -> list[_Core]:
        """What it falls into at a level: ``islands`` are the labels that summits stand on, 0 for those too low."""
        standing: dict[int, list[int]] = {}
        for summit in self.summits:
            if islands[summit]:
                standing.setdefault(islands[summit], []).append(summit)
        return [self] if len(standing) < 2 else [_Core(own, labels == island) for island, own in standing.items()]


def possible_necks(labels: NDArray[np.int32], /, *, neck: float, smallest_radius: float) -> IntArray:
    """The labels of the blobs that `neck_split` might cut, for a small part of its cost.

    Few single objects get through, and no blob that has to be cut is left out.

    Args:
        labels: (H, W) int32, 0 for belt.
        neck: as for `neck_split`.
        smallest_radius: as for `neck_split`.
    """
    y, x, height = _summits(distance_inside(labels > 0), smallest_radius)
    if not len(height):
        return np.zeros(0, np.int64)
    order = np.lexsort((-height, labels[y, x]))
    y, x, height = y[order], x[order], height[order]
    blob = labels[y, x]
    highest = np.searchsorted(blob, blob)  # the first of each blob
    return np.unique(blob[_apart((y, x, height), (y[highest], x[highest], height[highest]), neck)]).astype(np.int64)


def _tops(y: IntArray, x: IntArray, height: FloatArray, /, *, neck: float) -> tuple[IntArray, IntArray, FloatArray]:
    """The summits that a pass might part from every higher one."""
    left = np.argsort(-height, kind="stable")
    kept = []
    while len(left):
        kept.append(first := left[0])
        left = left[_apart((y[left], x[left], height[left]), (y[first], x[first], height[first]), neck)]
    return y[kept], x[kept], height[kept]


def _apart(low: _Summits, high: _Summits, neck: float) -> NDArray[np.bool_]:
    """Whether a pass of ``neck`` times the lower summit fits between two summits.

    A disc fits into the blob around each. Were the discs closer, they would overlap so far that the pass is higher.
    """
    half_pass = np.square(neck * low[2])
    least = np.sqrt(np.square(low[2]) - half_pass) + np.sqrt(np.square(high[2]) - half_pass)
    away = np.hypot(low[0] - high[0], low[1] - high[1])
    return np.asarray((away > 0) & (away >= _SLACK * least))


def _summits(distance: NDArray[np.float32], smallest_radius: float) -> tuple[IntArray, IntArray, FloatArray]:
    """Rows, columns and heights of the local maxima, ridges and plateaus included."""
    around = np.asarray(cv2.dilate(distance, np.ones((3, 3), np.uint8)), dtype=np.float32)
    y, x = np.divmod(np.flatnonzero((distance >= around) & (distance >= max(smallest_radius, 0.5))), distance.shape[1])
    return y, x, distance[y, x].astype(np.float64)
