"""Defects that never happened, painted on sound objects: what a model without anomalies can be tried on."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.imgproc._morphology import dilation, erosion
from conveyorqc.imgproc._opencv import cv2

__all__ = ["Piece", "spoiled"]

_Map = NDArray[np.float32]


class Piece(NamedTuple):
    """A view and its object: (S, S, 3) uint8 BGR and (S, S) bool with at least one pixel."""

    image: ImageU8
    mask: Mask


def spoiled(piece: Piece, donor: Piece, /, *, rng: np.random.Generator, on_belt: bool) -> Piece:
    """The object with one defect of a random kind, place and strength.

    After the idea of synthetic anomalies (C.-L. Li et al. 2021, "CutPaste", DOI 10.1109/CVPR46437.2021.00954; V.
    Zavrtanik et al. 2021, "DRAEM", DOI 10.1109/ICCV48922.2021.00822); the kinds are those of piece goods: material
    torn away, a crack, a scratch, a stain, a strange or a misplaced patch, a blank one, a second piece on top.

    Args:
        piece: a sound object.
        donor: another one, for strange texture.
        rng: chooses.
        on_belt: whether there is a belt around it that can show where material is missing.
    """
    makers = [_crack, _stain, _strange, _blank, _misplaced, _scratch]
    if on_belt:
        makers += [_bite, _bite, _torn, _torn, _stacked]
    for _ in range(8):
        found = makers[rng.integers(len(makers))](piece, donor, rng)
        if found.mask.sum() > 0.2 * piece.mask.sum() and _differs(found, piece):
            return found
    return _stain(piece, donor, rng)


def _differs(one: Piece, other: Piece) -> bool:
    change = np.abs(one.image.astype(np.int16) - other.image).max(axis=2) > 12
    return float(change.sum()) > 0.002 * float(other.mask.sum())


def _bite(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    """A round piece is missing at the rim."""
    x, y, unit = _place(piece.mask, rng, at="rim")
    return _removed(piece, _blob(rng, piece.mask.shape[0], x, y, unit * rng.uniform(0.08, 0.28), rough=0.3), rng)


def _torn(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    """Broken along a ragged line; the smaller part is gone."""
    x, y, unit = _place(piece.mask, rng, at="rim")
    ys, xs = np.nonzero(piece.mask)
    way = np.arctan2(ys.mean() - y, xs.mean() - x) + rng.normal(0, 0.5)
    grid_y, grid_x = np.mgrid[0 : piece.mask.shape[0], 0 : piece.mask.shape[1]]
    depth = (
        (grid_x - x) * np.cos(way) + (grid_y - y) * np.sin(way) + unit * 0.04 * _cloud(rng, piece.mask.shape[0], 0.03)
    )
    return _removed(piece, depth < unit * rng.uniform(0.1, 0.5), rng)


def _removed(piece: Piece, gone: Mask, rng: np.random.Generator) -> Piece:
    """The belt shows where material is gone."""
    belt = ~dilation(piece.mask, size=5)
    color = np.median(piece.image[belt], axis=0) if belt.sum() > 50 else piece.image.reshape(-1, 3).min(axis=0)
    gone = gone & dilation(piece.mask, size=5)
    ground = color + rng.normal(0, 3, (*piece.mask.shape, 1))
    left = piece.mask & ~gone
    return Piece(_mixed(piece.image, ground, gone), left if left.any() else piece.mask)


def _crack(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    dark = piece.image * rng.uniform(0.2, 0.65)
    return Piece(_mixed(piece.image, dark, _line(piece.mask, rng, bend=0.45)), piece.mask)


def _scratch(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    bright = piece.image * rng.uniform(1.15, 1.6) + 10
    return Piece(_mixed(piece.image, bright, _line(piece.mask, rng, bend=0.1)), piece.mask)


def _stain(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    factor = np.exp(rng.choice([-1, 1]) * rng.uniform(0.2, 0.7) + rng.normal(0, 0.25, 3))
    return Piece(_mixed(piece.image, piece.image * factor, _spot(piece.mask, rng)), piece.mask)


def _strange(piece: Piece, donor: Piece, rng: np.random.Generator) -> Piece:
    """A patch of another piece, from elsewhere on it, turned."""
    other = np.rot90(donor.image, int(rng.integers(1, 4)))
    patch = np.roll(other, rng.integers(0, 60, 2), (0, 1))
    return Piece(_mixed(piece.image, patch, _spot(piece.mask, rng)), piece.mask)


def _misplaced(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    reach = 0.25 * np.sqrt(piece.mask.sum())
    step = rng.choice([-1, 1], 2) * rng.uniform(0.3, 1, 2) * reach
    patch = np.roll(piece.image, step.astype(int), (0, 1))
    return Piece(_mixed(piece.image, patch, _spot(piece.mask, rng)), piece.mask)


def _blank(piece: Piece, _donor: Piece, rng: np.random.Generator) -> Piece:
    """A place without its print or relief."""
    smooth = cv2.GaussianBlur(piece.image, (0, 0), 0.06 * np.sqrt(piece.mask.sum()))
    return Piece(_mixed(piece.image, smooth, _spot(piece.mask, rng)), piece.mask)


def _stacked(piece: Piece, donor: Piece, rng: np.random.Generator) -> Piece:
    """Another piece lies on it, with the shadow of its rim; the view shrinks so that both fit."""
    size = piece.mask.shape[0]
    turn, way = rng.uniform(0, 360), rng.uniform(0, 2 * np.pi)
    reach = np.sqrt(donor.mask.sum()) * rng.uniform(0.2, 0.6) * 0.7
    shift = reach * np.array([np.cos(way), np.sin(way)]) / 2
    lower, upper = (_moved(one, size, angle, move) for one, angle, move in ((piece, 0.0, -shift), (donor, turn, shift)))
    shadow = dilation(upper.mask, size=5) & ~upper.mask & lower.mask
    image = _mixed(lower.image, lower.image * rng.uniform(0.5, 0.8), shadow)
    return Piece(_mixed(image, upper.image, upper.mask), lower.mask | upper.mask)


def _moved(piece: Piece, size: int, angle: float, shift: NDArray[np.float64]) -> Piece:
    matrix = cv2.getRotationMatrix2D(((size - 1) / 2, (size - 1) / 2), angle, 0.72)
    matrix = matrix + np.array([[0, 0, shift[0]], [0, 0, shift[1]]])
    image = cv2.warpAffine(piece.image, matrix, (size, size), borderMode=cv2.BORDER_REPLICATE)
    cover = cv2.warpAffine(piece.mask.astype(np.float32), matrix, (size, size))
    return Piece(np.asarray(image, dtype=np.uint8), np.asarray(cover > 0.5))


def _place(mask: Mask, rng: np.random.Generator, *, at: str) -> tuple[float, float, float]:
    """X and y of a pixel at the rim or inside, and the root of the area."""
    where = mask & ~erosion(np.pad(mask, 1), size=3)[1:-1, 1:-1] if at == "rim" else mask
    y, x = np.nonzero(where if where.any() else mask)
    chosen = rng.integers(len(x))
    return float(x[chosen]), float(y[chosen]), float(np.sqrt(mask.sum()))


def _spot(mask: Mask, rng: np.random.Generator) -> Mask:
    x, y, unit = _place(mask, rng, at="inside")
    return _blob(rng, mask.shape[0], x, y, unit * rng.uniform(0.04, 0.16), rough=0.5) & mask


def _blob(rng: np.random.Generator, size: int, x: float, y: float, radius: float, *, rough: float) -> Mask:
    grid_y, grid_x = np.mgrid[0:size, 0:size]
    distance = np.hypot(grid_x - x, grid_y - y) / max(radius, 1.5)
    return np.asarray(distance * (1 + rough * np.tanh(_cloud(rng, size, 0.05)) * 0.7) < 1)


def _line(mask: Mask, rng: np.random.Generator, *, bend: float) -> Mask:
    x, y, unit = _place(mask, rng, at="inside")
    headings = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, bend, 8))
    steps = np.column_stack([np.cos(headings), np.sin(headings)]) * unit * rng.uniform(0.25, 0.8) / 8
    points = np.round(np.array([x, y]) + np.concatenate([[[0, 0]], np.cumsum(steps, axis=0)])).astype(np.int32)
    drawn = np.zeros(mask.shape, np.uint8)
    cv2.polylines(drawn, [points], isClosed=False, color=1, thickness=int(rng.integers(1, 4)))
    return np.asarray(drawn > 0) & mask


def _cloud(rng: np.random.Generator, size: int, scale: float) -> _Map:
    """(size, size) smooth noise of unit spread; ``scale`` is a share of the side."""
    cells = max(3, round(1 / scale))
    coarse = rng.normal(size=(cells, cells)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (size, size), interpolation=cv2.INTER_CUBIC), dtype=np.float32)


def _mixed(image: ImageU8, other: NDArray[Any], where: Mask) -> ImageU8:
    cover = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 0.7)[..., None]
    return _bytes(image + cover * (other - image.astype(np.float32)))


def _bytes(values: NDArray[Any]) -> ImageU8:
    return np.asarray(np.clip(values, 0, 255), dtype=np.uint8)
