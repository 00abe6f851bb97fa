"""What looks tell of a box, side by side: each side is the mean of the looks that showed it, carried by the belt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray

__all__ = ["common_slip", "complete", "cut_by_edge", "improve", "part_in_sight", "sides_shown"]

_MOST = 7.0
"""Looks that a side remembers: noise falls with its root, and a slip of the object is followed within as many."""

_OUTWARD = np.array([0.0, -1.0, 0.0, 1.0])
"""Which way a side across the belt widens its box."""

_FEWEST = 3
"""Boxes of which a majority says something."""

_EDGE_MARGIN = 2.0
"""Px from an edge of the frame within which a detection counts as cut by it: working px are coarser than full ones."""


def cut_by_edge(found: Boxes, /, *, length: float) -> NDArray[np.bool_]:
    """(N, 2) whether the entry edge and the exit edge cut each of ``found`` (N, 4), in the belt view."""
    cut = np.empty((len(found), 2), np.bool_)
    cut[:, 0] = found[:, 0] <= _EDGE_MARGIN
    cut[:, 1] = found[:, 2] >= length - _EDGE_MARGIN
    return cut


def sides_shown(cut: NDArray[np.bool_], /) -> NDArray[np.bool_]:
    """(N, 4) which sides a look shows of boxes of which edges ``cut`` (N, 2) a part."""
    shown = np.empty((len(cut), 4), np.bool_)
    shown[:, ::2] = ~cut
    shown[:, 1::2] = (shown[:, 0] & shown[:, 2])[:, None]
    return shown


def improve(
    boxes: Boxes, known: FloatArray, found: Boxes, /, *, cut: NDArray[np.bool_], tolerance: float
) -> tuple[Boxes, FloatArray]:
    """Boxes and the looks behind their sides after one more look.

    Args:
        boxes: (N, 4) what is known of each object.
        known: (N, 4) looks behind each side.
        found: (N, 4) what the look shows of it.
        cut: (N, 2) as `cut_by_edge` says of ``found``.
        tolerance: px by which a look may differ from a side that two looks have shown. One that differs by more
            (a neighbour in the same box, a piece torn off) is not believed until about as many looks speak against
            the side as did for it.
    """
    shown = sides_shown(cut)
    step = found - boxes
    counts = known + shown
    # The part in sight may be narrower than the object, so that it only widens what no look has shown.
    wider = (known == 0) & (step * _OUTWARD > 0)
    gain = np.where(shown, 1.0 / np.maximum(counts, 1.0), wider)
    np.minimum(counts, _MOST, out=counts)
    far = np.abs(step) > tolerance
    if far.any():
        odd = far & shown & (known >= 2)
        gain[odd] = 0.0
        counts[odd] = np.where(known >= 3, known - 1.0, 0.0)[odd]
    improved = boxes + gain * step
    improved[:, 2:] = np.maximum(improved[:, 2:], improved[:, :2])
    return improved, counts


def complete(boxes: Boxes, known: FloatArray, cut: NDArray[np.bool_], /, *, size: float | None, length: float) -> Boxes:
    """``boxes`` (N, 4) with a guess where the frame hides the rear or the front, and no look has shown it before.

    An object is as long as others (``size`` px), or as long as broad where nothing is known of others; the hidden
    side is outside the frame of ``length`` px in any case.
    """
    guess = boxes.copy()
    rears = (cut[:, 0] & (known[:, 0] == 0)).nonzero()[0]
    if len(rears):
        long = boxes[rears, 3] - boxes[rears, 1] if size is None else size
        guess[rears, 0] = np.minimum(boxes[rears, 2] - long, 0.0)
    fronts = (cut[:, 1] & (known[:, 2] == 0)).nonzero()[0]
    if len(fronts):
        long = boxes[fronts, 3] - boxes[fronts, 1] if size is None else size
        guess[fronts, 2] = np.maximum(boxes[fronts, 0] + long, length)
    return guess


def part_in_sight(boxes: Boxes, known: FloatArray, /, *, length: float) -> FloatArray:
    """(N,) by which part to know each box: 0 by its front, 1 by its rear, 0.5 by its middle.

    What an edge of the frame of ``length`` px hides, or no look has shown, is a guess.
    """
    by_front = (boxes[:, 0] < 0) | (known[:, 0] == 0)
    return np.where(by_front, 0.0, np.where((boxes[:, 2] > length) | (known[:, 2] == 0), 1.0, 0.5))


def common_slip(boxes: Boxes, known: FloatArray, found: Boxes, /, *, length: float) -> FloatArray | None:
    """(2,) px by which most boxes are off alike; None where fewer than three are known well and whole."""
    sure = (known[:, 0] >= 2) & (known[:, 2] >= 2) & (boxes[:, 0] > 0) & (boxes[:, 2] < length)
    if np.count_nonzero(sure) < _FEWEST:
        return None
    off = (found - boxes)[sure]
    off = off[:, :2] + off[:, 2:]
    off.sort(axis=0)
    return np.asarray(off[len(off) // 2] / 2)
