"""Where objects lie on the belt: all of them enter in time, none overlap, and pairs that should touch do.

The scene is always laid out for travel along +x. Belt coordinates are the pixels of the frame while the belt has not
moved: an object at column ``-q`` reaches the left edge of the picture when the belt has travelled ``q`` px.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from conveyorqc.core import FloatArray, IntArray, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.simulate._product import Product

__all__ = ["Placed", "place"]

_Rows: TypeAlias = Callable[[int], IntArray]  # rows where something of this height may lie

_TRIES = 12
_PACKINGS = 4
_GAPS = (4, 2, 1)  # first with room to spare, in multiples of the least gap
_SQUEEZES = (1.0, 0.97, 0.94)  # where all wished entries end, as a share of the travel


@dataclass(frozen=True, slots=True, eq=False)
class Placed:
    """A product on the belt: its id, the top left corner of its mask in belt px, and the ids it lies against."""

    id: int
    product: Product
    x: int
    y: int
    touching: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Products that are placed as one: a single one, or two in contact, each with its corner in the group."""

    members: tuple[tuple[Product, int, int], ...]
    width: int
    height: int

    @property
    def lag(self) -> int:
        """How much later than the group its last member enters, px of travel."""
        return max(self.width - x - product.width for product, x, _ in self.members)


def place(
    rng: np.random.Generator,
    products: Sequence[Product],
    /,
    *,
    pairs: int,
    top: int,
    bottom: int,
    travel: int,
    gap: int,
    lanes: int | None,
) -> tuple[Placed, ...]:
    """Every product at a place of its own, numbered from 1 in the order in which they enter.

    Args:
        rng: draws the places.
        products: what to place.
        pairs: how many touching pairs to form of them.
        top: first row that may be used.
        bottom: row after the last one.
        travel: px of belt that come in; all must enter within.
        gap: least distance between objects that do not touch, px.
        lanes: number of lanes to keep to, or None to lie anywhere.

    Raises:
        InvalidInput: if they do not all fit; the text says how many do.
    """
    groups = _grouped(rng, products, pairs=pairs, room=bottom - top)
    most = 0
    for squeeze, clear, rows in _attempts(rng, top=top, bottom=bottom, gap=gap, lanes=lanes):
        groups = [groups[i] for i in rng.permutation(len(groups))]
        lags = np.array([group.lag for group in groups])
        wishes = (np.arange(len(groups)) + rng.random(len(groups))) / len(groups) * (travel - lags)
        corners = _sweep(groups, wishes * squeeze, rows, bottom=bottom, gap=clear)
        in_time = [q + group.lag <= travel for group, (q, _) in zip(groups, corners, strict=True)]
        if all(in_time):
            return _numbered(groups, corners)
        most = max(most, sum(len(group.members) for group, fits in zip(groups, in_time, strict=True) if fits))
    raise InvalidInput(f"objects: expected at most about {most} on {travel} px of belt, got {len(products)}")


def _attempts(
    rng: np.random.Generator, /, *, top: int, bottom: int, gap: int, lanes: int | None
) -> Iterator[tuple[float, int, _Rows]]:
    """Ways to lay things out, from loose to packed: how early all should be in, the gap, and which rows to try."""

    def anywhere(height: int) -> IntArray:
        return rng.integers(top, bottom - height + 1, _TRIES)

    def everywhere(height: int) -> IntArray:
        return np.arange(top, bottom - height + 1, 3)

    def in_lanes(height: int) -> IntArray:
        middles = top + (rng.permutation(lanes or 1) + 0.5) * (bottom - top) / (lanes or 1)
        return np.clip(np.rint(middles - height / 2).astype(np.int64), top, bottom - height)

    for times in _GAPS:
        for squeeze in _SQUEEZES:
            yield squeeze, times * gap, anywhere if lanes is None else in_lanes
    for _ in range(_PACKINGS):
        yield 0.0, gap, everywhere if lanes is None else in_lanes


def _sweep(
    groups: Sequence[_Group],
    entries: FloatArray,
    rows: _Rows,
    /,
    *,
    bottom: int,
    gap: int,
) -> list[tuple[int, int]]:
    """Travel at entry and row of each group: not before its wished entry, nor before its rows are free.

    Skyline packing: ``free[row]`` is the travel from which a row has nothing on it.
    """
    free = np.zeros(bottom + gap)
    corners = []
    for group, entry in zip(groups, entries.tolist(), strict=True):
        best_entry, best_row = math.inf, 0
        for row in rows(group.height).tolist():
            possible = max(entry, float(free[max(0, row - gap) : row + group.height + gap].max()))
            if possible < best_entry:
                best_entry, best_row = possible, row
        start = math.ceil(best_entry)
        free[best_row : best_row + group.height] = start + group.width + gap
        corners.append((start, best_row))
    return corners


def _numbered(groups: Sequence[_Group], corners: Sequence[tuple[int, int]], /) -> tuple[Placed, ...]:
    found = [
        (start + group.width - x - product.width, row + y, number, product, x)
        for number, (group, (start, row)) in enumerate(zip(groups, corners, strict=True))
        for product, x, y in group.members
    ]
    order = sorted(range(len(found)), key=lambda i: found[i][:3])
    ids = {i: rank + 1 for rank, i in enumerate(order)}
    numbers = [entry[2] for entry in found]
    return tuple(
        Placed(
            id=ids[i],
            product=found[i][3],
            x=-found[i][0] - found[i][3].width,
            y=found[i][1],
            touching=tuple(sorted(ids[j] for j in _partners(numbers, i))),
        )
        for i in order
    )


def _partners(numbers: Sequence[int], index: int, /) -> list[int]:
    """Members of the same group stand next to each other."""
    near = range(max(0, index - 1), min(len(numbers), index + 2))
    return [j for j in near if j != index and numbers[j] == numbers[index]]


def _grouped(rng: np.random.Generator, products: Sequence[Product], /, *, pairs: int, room: int) -> list[_Group]:
    order = rng.permutation(len(products)).tolist()
    joined = [_pair(rng, products[order[2 * i]], products[order[2 * i + 1]], room=room) for i in range(pairs)]
    singles = [products[i] for i in order[2 * pairs :]]
    return joined + [_Group(((one, 0, 0),), one.width, one.height) for one in singles]


def _pair(rng: np.random.Generator, first: Product, second: Product, /, *, room: int) -> _Group:
    """Two products in contact, side by side at a random angle, or one behind the other where there is no room."""
    for angle in (*rng.uniform(0, 2 * math.pi, 8).tolist(), 0.0):
        x, y = _contact(first, second, angle)
        left, top = min(0, x), min(0, y)
        width = max(first.width, x + second.width) - left
        height = max(first.height, y + second.height) - top
        if height <= room:
            break
    return _Group(((first, -left, -top), (second, x - left, y - top)), width, height)


def _contact(first: Product, second: Product, angle: float, /) -> tuple[int, int]:
    """Corner of ``second`` relative to ``first`` when it was pushed towards it from ``angle`` until they met."""
    middle_x, middle_y = (first.width - second.width) / 2, (first.height - second.height) / 2
    distance = math.hypot(first.width + second.width, first.height + second.height) / 2
    corner = (0, 0)
    while distance > 0:
        nearer = (round(middle_x + distance * math.cos(angle)), round(middle_y + distance * math.sin(angle)))
        if _overlap(first.mask, second.mask, *nearer):
            break
        corner = nearer
        distance -= 0.5
    return corner


def _overlap(first: Mask, second: Mask, x: int, y: int, /) -> bool:
    """Whether two masks share a pixel when the corner of ``second`` lies at (x, y) of ``first``."""
    left, right = max(0, x), min(first.shape[1], x + second.shape[1])
    top, bottom = max(0, y), min(first.shape[0], y + second.shape[0])
    if left >= right or top >= bottom:
        return False
    return bool((first[top:bottom, left:right] & second[top - y : bottom - y, left - x : right - x]).any())
