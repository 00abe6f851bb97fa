"""The objects in the pictures that were kept: where, how large, of which colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, IntArray, Mask
from conveyorqc.detect import BeltAppearance, BlobFinder
from conveyorqc.geometry import touches_edge
from conveyorqc.imgproc import Bgr, ycrcb_to_bgr

__all__ = ["ColorShare", "Sightings", "kinds_of_color", "sightings", "typical_color"]

_ALIKE = 24.0
"""Levels of Y, Cr and Cb within which two objects have one colour, as a distance."""

_MOST_COLORS, _LEAST_SHARE = 4, 0.08
_MOST_ASKED = 400


@dataclass(frozen=True, slots=True)
class ColorShare:
    """A colour and the share of the objects that have it.

    Attributes:
        bgr: blue, green, red, 0-255 each.
        share: 0-1.
    """

    bgr: Bgr
    share: float


@dataclass(frozen=True, slots=True, eq=False)
class Sightings:
    """One row for each object and picture, objects that the picture's edges cut included.

    Attributes:
        looked: positions of the pictures that were looked at, in order.
        pictures: (N,) which of the pictures.
        boxes: (N, 4) px of the picture.
        areas: (N,) px².
        whole: (N,) whether no edge of the picture cuts it.
        colors: (N, 3) mean Y Cr Cb.
        contrasts: (N,) how much the object differs from the belt below it, in standard deviations of the belt's noise.
        swept: (h, w) whether any object covered the pixel.
    """

    looked: range
    pictures: IntArray
    boxes: Boxes
    areas: FloatArray
    whole: Mask
    colors: FloatArray
    contrasts: FloatArray
    swept: Mask


def sightings(
    pictures: Sequence[NDArray[np.uint8]],
    masks: Sequence[Mask],
    finder: BlobFinder,
    /,
    *,
    belt: BeltAppearance,
    scale: float,
    every: int = 1,
) -> Sightings:
    """What ``finder`` makes of the foreground of the pictures.

    Args:
        pictures: (h, w, 3) uint8 Y Cr Cb each, at least one.
        masks: (h, w) bool each, True on objects.
        finder: what counts as one object, in full-frame px.
        belt: at the resolution of the pictures.
        scale: full-frame px per px of the pictures.
        every: look at one in so many pictures only.
    """
    rows = []
    looked = range(0, len(pictures), every)
    swept = np.zeros(belt.picture.shape[:2], np.bool_)
    for number in looked:
        picture, mask = pictures[number], masks[number]
        labels, boxes = finder.find(mask, scale=scale)
        areas = np.bincount(labels.ravel(), minlength=len(boxes) + 1)[1:].astype(np.float64)
        colors, below = _means(picture, labels, areas), _means(belt.picture, labels, areas)
        contrasts = np.linalg.norm((colors - below) / belt.noise, axis=1)
        whole = ~touches_edge(boxes, width=mask.shape[1], height=mask.shape[0]).any(axis=1)
        rows.append((np.full(len(boxes), number), boxes, areas, whole, colors, contrasts))
        swept |= labels > 0
    numbers, boxes, areas, whole, colors, contrasts = (np.concatenate(column) for column in zip(*rows, strict=True))
    return Sightings(looked, numbers, boxes, areas, whole, colors, contrasts, swept)


def _means(picture: NDArray[np.uint8], labels: NDArray[np.integer], areas: FloatArray) -> FloatArray:
    """(N, 3) mean of each channel over each label."""
    inside = labels > 0
    which, values = labels[inside] - 1, picture[inside]
    sums = [np.bincount(which, weights=values[:, channel], minlength=len(areas)) for channel in range(3)]
    return np.stack(sums, axis=1) / areas[:, None]


def kinds_of_color(colors: FloatArray, /) -> tuple[ColorShare, ...]:
    """The colours that most of (N, 3) Y Cr Cb have, the commonest first; colours that few have are left out.

    >>> [one.share for one in kinds_of_color(np.array([[90.0, 120, 140], [92, 120, 140], [200, 128, 128]]))]
    [0.6666666666666666, 0.3333333333333333]
    """
    asked = left = colors[np.unique(np.linspace(0, len(colors) - 1, min(len(colors), _MOST_ASKED)).astype(int))]
    found: list[ColorShare] = []
    while len(left) and len(found) < _MOST_COLORS:
        alike = np.linalg.norm(left[:, None] - left[None], axis=2) <= _ALIKE
        own = alike[alike.sum(axis=1).argmax()]
        share = float(own.sum() / len(asked))
        if share < _LEAST_SHARE and found:
            break
        found.append(ColorShare(typical_color(left[own]), share))
        left = left[~own]
    return tuple(found)


def typical_color(colors: FloatArray | NDArray[np.uint8], /) -> Bgr:
    """The median of (N, 3) Y Cr Cb, as blue, green, red."""
    median = np.rint(np.median(colors, axis=0)).astype(np.uint8)
    blue, green, red = ycrcb_to_bgr(median[None, None])[0, 0].tolist()
    return blue, green, red
