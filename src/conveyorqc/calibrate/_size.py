"""How large one object is, though objects touch, break and come in several sizes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, Mask
from conveyorqc.errors import CalibrationError
from conveyorqc.geometry import pixel_region, touches_edge
from conveyorqc.imgproc import components, distance_inside, fill_holes, majority, neck_split, opening

__all__ = ["Blob", "Sizes", "blobs_of", "equal_disc", "single_areas", "sizes_in", "smaller_kind", "thickness"]

_NECK = 0.62
_SUMMIT = 0.4
"""Of half the thickness: a lower summit is a spike of the outline and no object."""

_HEAP = 25.0
"""Of the disc as wide as the thickness: what covers more is a heap of objects, even were they as long as pens."""

_MOST_SPLIT = 160
_ENOUGH = 0.1
"""Of the foreground in whole blobs: with less, objects hang together so much that parts of cut heaps tell more."""

_SPECK = 0.2
"""Of the area that half of all foreground exceeds; what is smaller is no object, unless many are alike."""

_KIND_SHARE, _FEWEST_OF_KIND = 0.25, 8
_KIND_SPREAD = 1.8
"""Upper over lower quartile of the areas of one product, at most. Crumbs and fragments vary more."""

_KIND_RATIO, _MOST_KIND_RATIO = 3.0, 12.0
"""Area of one product over that of a smaller one: less is one product that varies, more are specks."""

_LEAST_KIND = 60.0
"""Px² that a product has at least where objects are looked at."""

_LEAST_IN_A_THIRD = 0.12
"""Of the smaller product, in each third of the picture along the belt."""

_ALONE = 0.25
"""Of the larger product's diameter: fragments of a broken object lie closer to one another."""


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A connected part of the foreground.

    Attributes:
        mask: its pixels, cut out, with a rim of one pixel.
        gap: px to the nearest other blob of the picture; infinite when there is none.
        edges: whether the left, top, right and bottom edge of the picture cuts it.
        place: 0-1, where its middle is along x and y.
    """

    mask: Mask
    gap: float
    edges: tuple[bool, bool, bool, bool]
    place: tuple[float, float]

    @property
    def area(self) -> int:
        """Px²."""
        return int(self.mask.sum())

    @property
    def whole(self) -> bool:
        """Whether no edge cuts it."""
        return not any(self.edges)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the objects in some masks are, px of the masks.

    Attributes:
        usual: area of one typical object.
        smaller: area of another, much smaller product; None when there is none.
        blobs: how many blobs the masks hold.
    """

    usual: float
    smaller: float | None
    blobs: int

    @property
    def wanted(self) -> float:
        """Diameter to find objects by: the smaller product's, as what is made for large ones joins small ones."""
        return equal_disc(self.usual if self.smaller is None else self.smaller)


def sizes_in(masks: Sequence[Mask], /, *, thickness: float, axis: int) -> Sizes:
    """How large the objects in ``masks`` are; ``thickness`` as `thickness` gives it, ``axis`` that of the travel.

    Raises:
        CalibrationError: if no object is whole.
    """
    blobs = blobs_of(masks, thickness=thickness)
    usual = float(np.median(single_areas(blobs, thickness=thickness)))
    return Sizes(usual, smaller_kind(blobs, usual, axis=axis), len(blobs))


def equal_disc(area: float, /) -> float:
    """Diameter of the disc of this area."""
    return math.sqrt(4 / math.pi * area)


def thickness(masks: Sequence[Mask], /) -> float:
    """Px: half of the foreground lies in discs inside the foreground that are at least so wide; 0 without foreground.

    It is the diameter of round objects even where all of them hang together, and the breadth of long ones.
    Area openings by discs: G. Matheron, Random sets and integral geometry (1975).
    """
    inside = [distance_inside(np.pad(mask, 1)) for mask in masks]
    half = sum(int(mask.sum()) for mask in masks) / 2
    low, high = 0.0, max((float(distance.max()) for distance in inside), default=0.0)
    while high - low > 0.04 * high:
        radius = (low + high) / 2
        wide = sum(_opened(distance, radius) for distance in inside) >= half
        low, high = (radius, high) if wide else (low, radius)
    return low + high


def _opened(distance: NDArray[np.float32], radius: float) -> int:
    """How many px lie in a disc of ``radius`` inside the foreground, from the distances to its outside."""
    outside_cores = distance < radius
    return int((distance_inside(outside_cores) < radius).sum()) if not outside_cores.all() else 0


def blobs_of(masks: Iterable[Mask], /, *, thickness: float) -> list[Blob]:
    """The connected parts of ``masks``; holes are filled in what may be one object, and left in heaps of many.

    Args:
        masks: (H, W) bool each, True on objects.
        thickness: of the objects, px.
    """
    largest = _HEAP * math.pi / 4 * thickness**2
    return [blob for mask in masks for blob in _blobs_in(opening(majority(mask, size=3), size=3), largest)]


def _blobs_in(mask: Mask, largest: float) -> list[Blob]:
    height, width = mask.shape
    labels, boxes, areas = components(mask)
    gaps, edges = _gaps(boxes), touches_edge(boxes, width=width, height=height)
    middles = (boxes[:, :2] + boxes[:, 2:]) / (2 * width, 2 * height)
    blobs = []
    for index in np.flatnonzero(areas > 1).tolist():
        x0, y0, x1, y1 = pixel_region(boxes[index], width=width, height=height)
        own = np.pad(labels[y0:y1, x0:x1] == index + 1, 1)
        filled = fill_holes(own)
        left, top, right, bottom = edges[index].tolist()
        middle_x, middle_y = middles[index].tolist()
        blobs.append(
            Blob(
                filled if filled.sum() <= largest else own,
                float(gaps[index]),
                (left, top, right, bottom),
                (middle_x, middle_y),
            )
        )
    return blobs


def _gaps(boxes: Boxes) -> FloatArray:
    """(N,) px from each box to the nearest other one."""
    if len(boxes) < 2:
        return np.full(len(boxes), np.inf)
    apart = np.maximum(boxes[:, None, :2] - boxes[None, :, 2:], boxes[None, :, :2] - boxes[:, None, 2:])
    distance = np.asarray(np.hypot(*np.maximum(apart, 0.0).transpose(2, 0, 1)))
    np.fill_diagonal(distance, np.inf)
    return np.asarray(distance.min(axis=1))


def single_areas(blobs: Sequence[Blob], /, *, thickness: float) -> FloatArray:
    """Areas of objects that are whole, px², without specks; blobs are cut at their necks first.

    Raises:
        CalibrationError: if there are none.
    """
    large = [blob for blob in blobs if blob.area >= _SPECK * math.pi / 4 * thickness**2]
    whole = [blob for blob in large if blob.whole]
    if sum(blob.area for blob in whole) >= _ENOUGH * sum(blob.area for blob in large):
        large = whole
    chosen = [large[i] for i in np.unique(np.linspace(0, len(large) - 1, _MOST_SPLIT).astype(int))] if large else []
    areas = np.array([area for blob in chosen for area in _whole_parts(blob, _SUMMIT * thickness / 2)])
    if len(areas):
        return np.asarray(areas[areas >= _SPECK * _heavy(areas)])
    if large:
        raise CalibrationError(
            f"expected objects that fit into the frame, but its edges cut all {len(large)} that were seen"
        )
    raise CalibrationError("expected objects on the belt, but nothing larger than a speck differs from it")


def _heavy(areas: FloatArray) -> float:
    """Half of all foreground lies in parts of at least this area."""
    ordered = np.sort(areas)
    return float(ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)])


def _whole_parts(blob: Blob, smallest_radius: float) -> list[float]:
    """Areas of the parts of a blob that no edge of the picture cuts, px²."""
    parts = neck_split(blob.mask, neck=_NECK, smallest_radius=smallest_radius)
    rims = (parts[:, 1], parts[1], parts[:, -2], parts[-2])  # the outermost pixels are padding
    areas = np.bincount(parts.ravel()).astype(np.float64)
    areas[0] = 0.0
    for cut, rim in zip(blob.edges, rims, strict=True):
        if cut:
            areas[np.unique(rim)] = 0.0
    return [area for area in areas.tolist() if area]


def smaller_kind(blobs: Sequence[Blob], single: float, /, *, axis: int) -> float | None:
    """Area of a second, much smaller product that comes by as well, px²; None when there is none.

    Crumbs and fragments are small too, but of all sizes, or close to one another; and what is not belt in one place
    only does not travel. ``axis`` is that of the travel, 0 for x and 1 for y.
    """
    limit = _ALONE * equal_disc(single)
    least = max(_LEAST_KIND, single / _MOST_KIND_RATIO)
    alone = [blob for blob in blobs if blob.whole and blob.area >= least and blob.gap > limit]
    small = [blob for blob in alone if blob.area < single / _KIND_RATIO]
    if len(small) < max(_FEWEST_OF_KIND, _KIND_SHARE * len(alone)):
        return None
    low, typical, high = np.percentile([blob.area for blob in small], (25, 50, 75)).tolist()
    thirds = np.histogram([blob.place[axis] for blob in small], bins=3, range=(0, 1))[0]
    travels = thirds.min() >= _LEAST_IN_A_THIRD * len(small)
    return float(typical) if high <= _KIND_SPREAD * low and travels else None
