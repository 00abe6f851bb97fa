"""Regions as COCO writes them: polygons, and run lengths of the columns, plain or packed into text.

https://cocodataset.org/#format-data and https://github.com/cocodataset/cocoapi (``maskApi.c``) define both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from conveyorqc.core import FloatArray, IntArray, Mask
from conveyorqc.dataset._fields import NUMBER, Fields, checked, kind_of
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["Polygons", "Region", "RunLengths", "region_at", "runs_of"]

_MOST_CORNERS = 100_000
_FARTHEST = 1e6


@dataclass(frozen=True, slots=True)
class Polygons:
    """Outlines x0, y0, x1, y1, … in px; a pixel counts when its centre lies in one of them."""

    outlines: tuple[tuple[float, ...], ...]

    def pixels(self, *, width: int, height: int) -> Mask:
        """(height, width) bool, True inside."""
        marked = np.zeros((height, width), np.bool_)
        for outline in self.outlines:
            marked |= _inside(np.array(outline, dtype=np.float64).reshape(-1, 2), width, height)
        return marked


@dataclass(frozen=True, slots=True)
class RunLengths:
    """Lengths of the runs of unmarked and marked pixels in turn, down the columns of a picture."""

    width: int
    height: int
    counts: tuple[int, ...]

    def pixels(self, *, width: int, height: int) -> Mask:
        """(height, width) bool, True on the marked runs.

        Raises:
            DatasetError: if they are those of a picture of another size.
        """
        if (width, height) != (self.width, self.height):
            raise DatasetError(f"expected runs of {width}x{height} px, as the picture, got {self.width}x{self.height}")
        values = np.arange(len(self.counts)) % 2 == 1
        return np.repeat(values, self.counts).reshape(width, height).T


Region: TypeAlias = Polygons | RunLengths


def runs_of(mask: Mask, /) -> RunLengths:
    """The run lengths of ``mask`` (H, W) bool.

    >>> runs_of(np.array([[False, True], [True, True]])).counts
    (1, 3)
    """
    height, width = mask.shape
    flat = np.concatenate([[False], mask.T.ravel()])
    changes = np.flatnonzero(flat[1:] != flat[:-1])
    ends = np.concatenate([[0], changes, [mask.size]])
    return RunLengths(width, height, tuple(np.diff(ends).tolist()))


def region_at(value: object, place: str, /) -> Region | None:
    """The region in a field ``segmentation``; None when it holds none.

    Raises:
        InvalidInput: naming the place, if it is neither polygons nor run lengths.
    """
    if value is None or value == []:
        return None
    if isinstance(value, list):
        return Polygons(tuple(_outline(outline, f"{place}[{i}]") for i, outline in enumerate(value)))
    fields = Fields(value, place)
    size = fields.listed("size", int)
    if len(size) != 2 or not all(0 < side <= 2**16 for side in size):
        raise InvalidInput(f"{place}.size: expected height and width in px, got {kind_of(size)}")
    height, width = size
    counts = fields.take("counts", (list, str))
    runs = _unpacked(counts, f"{place}.counts") if isinstance(counts, str) else fields.listed("counts", int)
    if any(not 0 <= run <= width * height for run in runs) or sum(runs) != width * height:
        raise InvalidInput(f"{place}.counts: expected runs that add up to {width * height} px, got {kind_of(counts)}")
    return RunLengths(width, height, tuple(runs))


def _outline(value: Any, place: str) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) < 6 or len(value) % 2 or len(value) > 2 * _MOST_CORNERS:
        raise InvalidInput(f"{place}: expected x, y of 3 to {_MOST_CORNERS} corners, got {kind_of(value)}")
    numbers = tuple(float(checked(number, NUMBER, place)) for number in value)
    if max(map(abs, numbers)) > _FARTHEST:
        raise InvalidInput(f"{place}: expected px, got {max(numbers, key=abs):g}")
    return numbers


def _unpacked(text: str, place: str) -> list[int]:
    """COCO's own packing: six bits to a letter, and from the fourth run on the difference to the last but one."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise InvalidInput(f"{place}: expected packed run lengths, got {text!r:.40}")
        value |= (bits & 0x1F) << shift
        shift += 5
        if not bits & 0x20:
            if bits & 0x10:
                value -= 1 << shift
            runs.append(value + (runs[-2] if len(runs) > 2 else 0))
            value = shift = 0
    if shift:
        raise InvalidInput(f"{place}: expected packed run lengths, got some that are cut off: {text!r:.40}")
    return runs


def _inside(corners: FloatArray, width: int, height: int) -> Mask:
    """Even-odd rule at the centres of pixels: each edge toggles what lies right of it in the rows that it crosses."""
    (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
    columns, rows = _centres(left, right, width), _centres(top, bottom, height)
    marked = np.zeros((height, width), np.bool_)
    if not (len(rows) and len(columns)):
        return marked
    toggles = np.zeros((len(rows), len(columns) + 1), np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crossed = _centres(min(y0, y1), max(y0, y1), height)
            crossings = np.ceil(x0 + (crossed + 0.5 - y0) * (x1 - x0) / (y1 - y0) - 0.5) - columns[0]
            toggles[crossed - rows[0], np.clip(crossings, 0, len(columns)).astype(np.int64)] ^= True
    inside = np.logical_xor.accumulate(toggles[:, :-1], axis=1)
    marked[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = inside
    return marked


def _centres(low: float, high: float, size: int) -> IntArray:
    """The pixels of ``size`` in a row whose centres lie in [low, high)."""
    first, end = (int(np.clip(np.ceil(value - 0.5), 0, size)) for value in (low, high))
    return np.arange(first, end)
