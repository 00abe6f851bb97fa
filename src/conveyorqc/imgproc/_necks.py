"""Where a blob is two: parts of the distance transform, and the necks between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import IntArray, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._morphology import distance_inside
from conveyorqc.imgproc._opencv import cv2

__all__ = ["neck_split"]

_LEVELS = 24


def neck_split(mask: Mask, /, *, neck: float, smallest_radius: float) -> IntArray:
    """Cut a blob where it is thin compared with the parts on both sides.

    The distance transform has a summit in each roundish part, and a pass where two parts meet. Cutting it at rising
    levels separates parts at the level of their pass. Two parts are two objects when the pass is at most ``neck``
    times the lower summit: a pair that merely touches has a low pass, a stack or an elongated object a high one.
    Pixels between the parts go to the nearest one.

    Args:
        mask: (H, W) bool, one blob.
        neck: above 0, at most 1. Higher cuts more: it separates objects that press against each other, and begins
            to tear stacks and waisted objects.
        smallest_radius: px. A summit lower than this is no object of its own (a crumb, a spike of the outline).

    Returns:
        (H, W) int64 labels, 0 outside ``mask`` and 1, 2, … for the parts.

    Raises:
        InvalidInput: if ``neck`` or ``smallest_radius`` is out of range.

    The distance transform as separator of touching blobs: S. Beucher and F. Meyer, The morphological approach to
    segmentation (1993); the criterion by relative pass height is ours.
    """
    if not (0 < neck <= 1 and smallest_radius >= 0):
        raise InvalidInput(f"neck, smallest_radius: expected 0-1 and px of 0 or more, got {neck} and {smallest_radius}")
    distance = distance_inside(np.pad(mask, 1))[1:-1, 1:-1]
    cores = _cores(distance, neck, smallest_radius)
    if len(cores) < 2:
        return mask.astype(np.int64)
    seeds = np.ones(mask.shape, np.uint8)
    for core in cores:
        seeds[core] = 0
    _, nearest = cv2.distanceTransformWithLabels(seeds, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_CCOMP)
    return np.where(mask, nearest, 0).astype(np.int64)


def _cores(distance: NDArray[np.float32], neck: float, smallest_radius: float) -> list[Mask]:
    """One connected core for each part of the blob."""
    levels = np.linspace(0.0, neck * float(distance.max()), _LEVELS)
    pending: list[tuple[Mask, int]] = [(distance > 0, 0)]
    done: list[Mask] = []
    while pending:
        region, first = pending.pop()
        for index in range(first, _LEVELS):
            parts = _parts(distance, region, float(levels[index]), neck, smallest_radius)
            if len(parts) > 1:
                pending += [(part, index) for part in parts]
                break
        else:
            done.append(region)
    return done


def _parts(
    distance: NDArray[np.float32], region: Mask, level: float, neck: float, smallest_radius: float
) -> list[Mask]:
    """The connected pieces of ``region`` above ``level`` that are high enough to be objects of their own."""
    lowest = max(smallest_radius, level / neck)
    count, labels = cv2.connectedComponents((region & (distance > level)).astype(np.uint8))
    pieces = [labels == label for label in range(1, count)]
    return [piece for piece in pieces if float(distance[piece].max()) >= lowest]
