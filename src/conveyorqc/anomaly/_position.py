"""The positional expert: does each place look as that place does on normal objects, once they lie alike?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._gaussian import whitening_of
from conveyorqc.anomaly._recipe import Look
from conveyorqc.core import FloatArray
from conveyorqc.imgproc import base_pose, blur, posed, refined_pose

__all__ = ["GRID", "POSES", "Alignment", "Pose", "Positions", "fit_alignment", "fit_positions"]

GRID = 24
"""Places a side."""

Pose: TypeAlias = Literal["upright", "by-axis"]
"""Whether objects come as they lie, or are turned by their long axis."""

POSES: tuple[Pose, ...] = get_args(Pose)

_Grid = NDArray[np.float32]
_SHRINK = 0.05
_LOCAL = 0.75
"""How much the spread of a place is its own, and not that of all places."""

_TOP = 6
_FLOOR = 0.02
_SMOOTH = 1.0
_ENOUGH = 40


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """How views are laid over one another.

    Attributes:
        pose: where it starts from.
        side: of the common view, as a share of the picture's longer side.
        template: (h, h) float32, the mean lightness of normal objects, which a view is turned and shifted to fit;
            (0, 0) where that did not help.
    """

    pose: Pose
    side: float
    template: _Grid

    def lay(self, look: Look, /) -> NDArray[np.float16]:
        """(24, 24, d) the cells of a view on the common grid."""
        cells = look.cells.astype(np.float32)
        pose = base_pose(look.inside, scale=self.side / look.side, by_axis=self.pose == "by-axis")
        if self.template.size:
            pose = refined_pose(_plane(cells), pose, self.template)
        return posed(cells, pose, size=GRID).astype(np.float16)


@dataclass(frozen=True, slots=True, eq=False)
class Positions:
    """What is usual at each place.

    Attributes:
        whitening: (d, d) of what differs from place to place.
        mean: (24, 24, d) whitened.
        precision: (24, 24, d) one over the variance, whitened.
    """

    whitening: FloatArray
    mean: _Grid
    precision: _Grid

    def oddness(self, laid: NDArray[np.float16], /) -> FloatArray:
        """(N,) log of how odd the oddest places are of (N, 24, 24, d) cells laid on the common grid."""
        off = (laid.astype(np.float32) @ self.whitening.astype(np.float32) - self.mean) ** 2 * self.precision
        apart = np.stack([blur(plane, sigma=0.6) for plane in np.sqrt(off.mean(axis=3))])
        values = np.partition(apart.reshape(len(laid), -1), -_TOP, axis=1)[:, -_TOP:]
        return np.asarray(np.log(values.mean(axis=1) + _FLOOR), dtype=np.float64)


def fit_alignment(looks: Sequence[Look], /) -> Alignment:
    """The way of laying normal objects over one another that leaves the least difference between them."""
    some = looks[:: max(1, len(looks) // _ENOUGH)]
    side = float(np.median([look.side for look in some]))
    starts = [Alignment(pose, side, np.zeros((0, 0), np.float32)) for pose in POSES]
    ways = [way for start in starts for way in (start, _with_template(start, some))]
    differences = [float(np.var([way.lay(look) for look in some], axis=0, dtype=np.float64).mean()) for way in ways]
    # Of ways that are nearly alike the first, which is the simplest.
    return ways[int(np.argmax(np.array(differences) <= 1.02 * min(differences)))]


def _with_template(alignment: Alignment, looks: Sequence[Look]) -> Alignment:
    """Twice: the mean of what was laid by the mean is sharper."""
    size = looks[0].inside.shape[0]
    for _ in range(2):
        laid = []
        for look in looks:
            cells = look.cells.astype(np.float32)
            pose = base_pose(look.inside, scale=alignment.side / look.side, by_axis=alignment.pose == "by-axis")
            if alignment.template.size:
                pose = refined_pose(_plane(cells), pose, alignment.template)
            laid.append(posed(_plane(cells)[..., None], pose, size=size)[..., 0])
        alignment = Alignment(alignment.pose, alignment.side, np.mean(laid, axis=0, dtype=np.float32))
    return alignment


def _plane(cells: _Grid) -> _Grid:
    return blur(np.ascontiguousarray(cells[..., 0]), sigma=_SMOOTH)


def fit_positions(laid: NDArray[np.float16], /) -> Positions:
    """What is usual at each place of (N, 24, 24, d) normal objects.

    After T. Defard et al. (2021), "PaDiM", DOI 10.1007/978-3-030-68799-1_35, but with one covariance for all places
    and the variance of each in its axes, which a few pictures can tell.
    """
    count, depth = len(laid), laid.shape[-1]
    grids = laid.astype(np.float32)
    mean = grids.mean(axis=0)
    rest = (grids - mean).reshape(-1, depth).astype(np.float64) * np.sqrt(count / max(count - 1, 1))
    whitening = whitening_of(rest, shrink=_SHRINK)
    spread = ((grids - mean) @ whitening.astype(np.float32)).var(axis=0) * count / max(count - 1, 1)
    own = blur(spread, sigma=0.8)
    precision = 1 / (1 - _LOCAL + _LOCAL * own)
    return Positions(whitening, (mean @ whitening).astype(np.float32), precision.astype(np.float32))
