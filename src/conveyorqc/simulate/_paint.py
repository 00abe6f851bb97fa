"""What a cookie looks like: baked colour, crumb, wrinkles and chips, lit from one side."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.simulate._noise import periodic_noise
from conveyorqc.simulate._shape import CookieShape

__all__ = ["CookiePainter"]

_Plane: TypeAlias = NDArray[np.float32]

# BGR 0-255: the middle of a cookie, its baked rim and bumps, the pale inside of a break, a chip.
_DOUGH = np.array([128, 183, 222], np.float32)
_BAKED = np.array([62, 122, 186], np.float32)
_INSIDE = np.array([138, 196, 232], np.float32)
_CHIP = np.array([34, 42, 66], np.float32)
_LIGHT = np.array([-0.42, -0.5, 0.76], np.float32)  # from the upper left; x, y, z towards the camera


class CookiePainter:
    """Paints cookies of one batch: the same dough, each cookie its own tone, bake and chips.

    Args:
        rng: draws the dough once; each cookie has a generator of its own.
        diameter_px: of the cookies, which scales crumb, wrinkles and chips.
    """

    def __init__(self, rng: np.random.Generator, /, *, diameter_px: float) -> None:
        self._diameter = diameter_px
        self._side = 2 * math.ceil(diameter_px * 1.5)
        fine, lump, wrinkle = diameter_px * 0.022, diameter_px * 0.12, diameter_px * 0.2
        self._crumb = periodic_noise(rng, self._side, self._side, bands=((max(fine, 1.6), 0.6), (fine * 3, 0.8)))
        self._lumps = periodic_noise(rng, self._side, self._side, bands=((lump, 1.0), (lump * 3, 0.7)))
        self._folds = periodic_noise(rng, self._side, self._side, bands=((wrinkle, 1.0), (fine * 2.5, 0.22)))

    def paint(self, shape: CookieShape, rng: np.random.Generator, /) -> _Plane:
        """(S, S, 3) float32 BGR 0-255 for every pixel of ``shape``, also outside of it."""
        size, depth, fresh = self._diameter, shape.depth, shape.fresh
        crumb, lumps, folds = (
            self._piece(field, rng, depth.shape) for field in (self._crumb, self._lumps, self._folds)
        )
        broken = np.exp(-np.clip(fresh, 0, None) / (0.035 * size))
        wrinkles = np.exp(-np.square(folds / 0.16)) * np.clip(depth / (0.12 * size) - 0.35, 0, 1)
        chips, bulge = _chips(rng, shape, size=size)
        rim = 1.0 - np.clip(depth / (0.13 * size), 0.0, 1.0)
        height = size * (
            0.062 * np.sqrt(1.0 - rim**2)
            + 0.010 * lumps
            + (0.005 + 0.005 * broken) * crumb
            - 0.011 * wrinkles
            + 0.022 * bulge
        )
        baked = 0.30 + 0.55 * np.exp(-np.clip(depth, 0, None) / (0.10 * size)) + 0.13 * lumps - 0.05 * crumb
        baked = np.clip(baked + 0.3 * wrinkles + rng.normal(0.0, 0.10), 0.0, 1.0) * (1.0 - 0.8 * broken)
        color = _between(_DOUGH, _BAKED, baked)
        color = color + (_INSIDE - color) * (0.8 * broken)[..., None]
        color *= (1.0 + 0.03 * rng.normal()) * (1.0 + 0.035 * crumb - 0.11 * wrinkles)[..., None]
        color += (_CHIP * (1.0 + 0.15 * rng.normal()) - color) * chips[..., None]
        return np.asarray(np.clip(color * _shading(height)[..., None], 0.0, 255.0), dtype=np.float32)

    def _piece(self, field: _Plane, rng: np.random.Generator, shape: tuple[int, ...]) -> _Plane:
        """A random part of a periodic field, turned over at random."""
        top, left = rng.integers(0, self._side, 2)
        rows = np.arange(top, top + shape[0]) % self._side
        columns = np.arange(left, left + shape[1]) % self._side
        part: _Plane = field[np.ix_(rows, columns if rng.random() < 0.5 else columns[::-1])]
        return part


def _between(first: _Plane, second: _Plane, weight: _Plane) -> _Plane:
    return np.asarray(first + (second - first) * weight[..., None], dtype=np.float32)


def _shading(height: _Plane) -> _Plane:
    """Light on a surface of this height, 1 where it is flat (Lambert, with light from all around in the shade)."""
    slope_y, slope_x = np.gradient(height)
    facing = (_LIGHT[2] - _LIGHT[0] * slope_x - _LIGHT[1] * slope_y) / np.sqrt(1.0 + slope_x**2 + slope_y**2)
    return np.asarray(0.42 + 0.58 * np.clip(facing, 0.0, None) / _LIGHT[2], dtype=np.float32)


def _chips(rng: np.random.Generator, shape: CookieShape, /, *, size: float) -> tuple[_Plane, _Plane]:
    """Chocolate chips: how much of each pixel is chip, 0-1, and how far it stands out, 0-1."""
    cover, bulge = np.zeros_like(shape.depth), np.zeros_like(shape.depth)
    middle = shape.depth.shape[0] // 2
    for _ in range(rng.integers(5, 13)):
        away, angle = 0.42 * size * math.sqrt(rng.random()), rng.uniform(0, 2 * math.pi)
        radius, aspect = size * rng.uniform(0.025, 0.058), rng.uniform(0.6, 1.0)
        turn, dents = rng.uniform(0, math.pi), rng.normal(0, 0.13, 3)
        reach = math.ceil(radius * 1.8) + 1
        row = int(np.clip(middle + away * math.sin(angle), reach, 2 * middle - reach))
        column = int(np.clip(middle + away * math.cos(angle), reach, 2 * middle - reach))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1].astype(np.float32)
        along, across = x * math.cos(turn) + y * math.sin(turn), (y * math.cos(turn) - x * math.sin(turn)) / aspect
        theta = np.arctan2(across, along)
        edge = radius * (1.0 + sum(dent * np.cos((k + 2) * theta + k) for k, dent in enumerate(dents)))
        inside = edge - np.hypot(along, across)
        window = np.s_[row - reach : row + reach + 1, column - reach : column + reach + 1]
        cover[window] = np.maximum(cover[window], np.clip(inside * 0.7 + 0.5, 0, 1))
        bulge[window] = np.maximum(bulge[window], np.sqrt(np.clip(inside / radius, 0, 1)))
    return np.asarray(cover * 0.92, np.float32), np.asarray(bulge, np.float32)
