"""Pictures that are there twice: the same pixels, or a copy that was saved again, scaled or brightened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.dataset._facts import PictureFacts
from conveyorqc.imgproc import HASH_BITS

__all__ = ["Likeness", "Twins", "find_twins"]

Likeness: TypeAlias = Literal["same", "copy", "alike"]
"""The same pixels; a copy beyond doubt; or so much alike that it may be one."""

_MOST_BITS = 32
"""Differing bits of the hash up to which two pictures may be copies: copies of conveyor crops and photographs differed
in up to 24 of 256, pictures of different objects in 58 or more."""

_FAR, _NEAR = 0.025, 0.001
"""One minus the correlation of gists: above the first no copy, below the second surely one."""

_COPY, _STANDS_OUT = 0.03, 0.1
"""Of the typical distance between two pictures of the set: parts in one jig are all alike, and a copy is more so."""

_SAMPLE = 400
_CHUNK = 1024
_MOST_PAIRS = 10_000


class Twins(NamedTuple):
    """Two pictures, by their rows, that are the same or nearly."""

    first: int
    second: int
    likeness: Likeness


def find_twins(facts: Sequence[PictureFacts], /) -> list[Twins]:
    """Pairs of pictures of different objects that are the same pixel by pixel, or copies of each other.

    Pairs of one object are left out: views of it are alike. What counts as alike depends on how alike the pictures of
    the set are anyway. Time grows with the square of the number of pictures: 16,000 take seconds. Of each
    kind the first 10,000 pairs are given.
    """
    if len(facts) < 2:
        return []
    gists = np.stack([one.gist for one in facts])
    signs = np.where(np.stack([one.bits for one in facts]), 1, -1).astype(np.float32)
    typical = _typical_distance(gists)
    surely, farthest = (float(np.clip(share * typical, _NEAR, _FAR)) for share in (_COPY, _STANDS_OUT))
    numbers = {name: number for number, name in enumerate(dict.fromkeys(one.image.object_id for one in facts))}
    objects = np.array([numbers[one.image.object_id] for one in facts])
    found = {(a, b): Twins(a, b, "same") for a, b in islice(_same_pixels(facts), _MOST_PAIRS)}
    for a, b in islice(_alike(gists, signs, objects, farthest), _MOST_PAIRS):
        copied = 1 - float(gists[a] @ gists[b]) <= surely
        found.setdefault((a, b), Twins(a, b, "copy" if copied else "alike"))
    return sorted(found.values())


def _same_pixels(facts: Sequence[PictureFacts]) -> Iterator[tuple[int, int]]:
    rows_of: dict[bytes, list[int]] = {}
    for row, one in enumerate(facts):
        rows_of.setdefault(one.digest, []).append(row)
    for rows in rows_of.values():
        for a, b in combinations(rows, 2):
            if facts[a].image.object_id != facts[b].image.object_id:
                yield a, b


def _typical_distance(gists: NDArray[np.float32]) -> float:
    """One minus the correlation of two pictures of the set, in the middle."""
    sample = gists[np.linspace(0, len(gists) - 1, min(len(gists), _SAMPLE)).astype(np.int64)]
    above = np.triu_indices(len(sample), 1)
    return float(np.median(1 - (sample @ sample.T)[above]))


def _alike(
    gists: NDArray[np.float32], signs: NDArray[np.float32], objects: NDArray[np.int64], farthest: float
) -> Iterator[tuple[int, int]]:
    """Rows a < b of different objects that are near by hash and by gist."""
    for start in range(0, len(gists), _CHUNK):
        part = slice(start, start + _CHUNK)
        near = (signs[part] @ signs.T >= HASH_BITS - 2 * _MOST_BITS) & (gists[part] @ gists.T >= 1 - farthest)
        for a, b in np.argwhere(near & (objects[part, None] != objects)):
            if start + a < b:
                yield int(start + a), int(b)
