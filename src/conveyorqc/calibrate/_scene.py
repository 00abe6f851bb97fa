"""What the kept pictures show at one resolution: the empty belt, how much the camera shakes, what is not belt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from conveyorqc.calibrate._survey import Sample, Survey
from conveyorqc.core import FloatArray, IntArray, Mask
from conveyorqc.detect import BeltAppearance, BeltComparison, learn_belt
from conveyorqc.imgproc import resize, working_size

__all__ = ["SENSITIVITY", "Scene"]

SENSITIVITY = 4.0

_MOST_PICTURES, _FEWEST_PICTURES = 48, 24
_MOST_BELT_PICTURES, _FEWEST_BELT_PICTURES = 41, 25
_USUAL_PIXELS = 320 * 180
"""With more of them, fewer pictures do: learning a belt takes pixels times pictures squared."""

_FARTHEST = 8
"""Px by which pictures are looked for beside the belt."""

_EDGE = 16
"""Grey levels from one row to the next but one that make an edge."""

_FEWEST_EDGES = 0.5
"""Of the picture's length: edges that fewer pixels show may be the remains of an object."""

_MOST_EDGE_PIXELS = 2000
_MOST_DIFFERENCE = 48
"""Grey levels beyond which a difference counts no more: an object covers the edge."""

_MOST_REACH = 6


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The belt of a clip, and its foreground.

    Attributes:
        samples: what the pictures were made from, in order.
        pictures: (h, w, 3) uint8 Y Cr Cb each.
        masks: (h, w) bool each, True where a picture is neither belt nor shadow.
        belt: the empty belt.
        shake: px of the pictures by which what is fixed moves across the belt: nine in ten pictures move less.
        reach: px of the pictures that detection must forgive for it.
        scale: full-frame px per px of the pictures.
    """

    samples: tuple[Sample, ...]
    pictures: tuple[NDArray[np.uint8], ...]
    masks: tuple[Mask, ...]
    belt: BeltAppearance
    shake: float
    reach: int
    scale: float

    @classmethod
    def of(cls, seen: Survey, /, *, working_width: int, across: int) -> Self:
        """The scene at ``working_width`` px of the longer side; ``across`` is the axis (0 x, 1 y) across the belt.

        Raises:
            CalibrationError: if there are too few pictures.
        """
        width, height = working_size(seen.width, seen.height, working_width=working_width)
        fewer = min(1.0, math.sqrt(_USUAL_PIXELS / (width * height)))
        chosen = seen.spread(max(_FEWEST_PICTURES, round(_MOST_PICTURES * fewer)))
        pictures = tuple(resize(sample.picture, width=width, height=height, method="area") for sample in chosen)
        most = max(_FEWEST_BELT_PICTURES, round(_MOST_BELT_PICTURES * fewer))
        rows = np.unique(np.linspace(0, len(pictures) - 1, most).astype(int)).tolist()
        belt = learn_belt([pictures[i] for i in rows])
        shake = _shake(pictures, belt.picture, axis=across)
        reach = min(max(1, math.ceil(shake - 0.25)), _MOST_REACH)
        comparison = BeltComparison.of(belt, sensitivity=SENSITIVITY, reach=reach)
        masks = tuple(comparison.foreground(picture) for picture in pictures)
        scale = max(seen.width, seen.height) / max(width, height)
        return cls(tuple(chosen), pictures, masks, belt, shake, reach, scale)


def _shake(pictures: tuple[NDArray[np.uint8], ...], belt: NDArray[np.uint8], *, axis: int) -> float:
    """How far the pictures lie beside the belt, px across its travel; 0 where nothing fixed can be recognised.

    Looked for at edges that run along the belt, such as those of rails: nine in ten pictures lie no further away.
    """
    fixed = (belt[..., 0] if axis == 1 else belt[..., 0].T).astype(np.int16)
    rows, columns = _edges_along(fixed)
    if not len(rows):
        return 0.0
    shifts = np.arange(-_FARTHEST, _FARTHEST + 1)
    padded = np.pad(fixed, ((_FARTHEST, _FARTHEST), (0, 0)), mode="edge")
    models = padded[rows[None] + _FARTHEST - shifts[:, None], columns]
    found = []
    for picture in pictures:
        values = (picture[..., 0] if axis == 1 else picture[..., 0].T)[rows, columns].astype(np.int16)
        costs = np.minimum(np.abs(values - models), _MOST_DIFFERENCE).mean(axis=1)
        found.append(_lowest(costs) - _FARTHEST)
    away = np.abs(np.array(found) - np.median(found))
    return float(np.percentile(away, 90))


def _edges_along(fixed: NDArray[np.int16]) -> tuple[IntArray, IntArray]:
    """Rows and columns of the clearest edges between one row and the next; none when there are few."""
    steep = np.abs(fixed[2:] - fixed[:-2])
    steep = np.where(steep >= _EDGE, steep, 0)
    if np.count_nonzero(steep) < max(_FEWEST_EDGES * steep.shape[1], 1):
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows, columns = np.nonzero(steep)
    chosen = np.linspace(0, len(rows) - 1, min(len(rows), _MOST_EDGE_PIXELS)).astype(np.int64)
    return rows[chosen] + 1, columns[chosen]


def _lowest(costs: FloatArray) -> float:
    """Place of the lowest of ``costs``, between its neighbours by the parabola through them."""
    best = int(costs.argmin())
    if not 0 < best < len(costs) - 1:
        return float(best)
    before, here, after = costs[best - 1 : best + 2].tolist()
    bend = before - 2 * here + after
    return best + (0.5 * (before - after) / bend if bend > 0 else 0.0)
