"""The belt with everything on it is one long picture, painted piece by piece as it comes into view."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8
from conveyorqc.imgproc import blur
from conveyorqc.simulate._layout import Placed
from conveyorqc.simulate._paint import CookiePainter
from conveyorqc.simulate._product import Sprite, paint_product

__all__ = ["Strip"]

_Plane: TypeAlias = NDArray[np.float32]

_CRUMB = np.array([70, 140, 196], np.float32)


class Strip:
    """Any window of the belt, the same pixels each time; only pieces near the last window are kept.

    Args:
        surface: (H, P, 3) uint8, one turn of the empty belt.
        placed: the objects in belt px; rows count from the top of ``surface``.
        painter: gives them colour.
        shadow: darkness of their shadows, 0-1.
        diameter_px: of a cookie; shadows and pieces are sized by it.
    """

    def __init__(
        self,
        surface: ImageU8,
        placed: Sequence[Placed],
        painter: CookiePainter,
        /,
        *,
        shadow: float,
        diameter_px: float,
    ) -> None:
        self._surface = surface
        self._placed = tuple(placed)
        self._painter = painter
        self._shadow = shadow
        self._soft = 0.05 * diameter_px
        self._reach = math.ceil(0.45 * diameter_px) + 3  # crumbs and shadows lie no farther from their object
        self._piece = max(64, math.ceil(2 * diameter_px))
        self._starts = np.array([one.x for one in placed], dtype=np.int64)
        self._ends = np.array([one.x + one.product.width for one in placed], dtype=np.int64)
        self._pieces: dict[int, ImageU8] = {}
        self._sprites: dict[int, Sprite] = {}

    def window(self, start: int, width: int, /) -> ImageU8:
        """(H, width, 3) uint8 BGR: columns ``start`` to ``start + width`` of the belt, which may be negative."""
        first, last = start // self._piece, (start + width - 1) // self._piece
        self._pieces = {key: piece for key, piece in self._pieces.items() if first - 1 <= key <= last + 1}
        for key in range(first, last + 1):
            if key not in self._pieces:
                self._pieces[key] = self._painted(key * self._piece)
        whole = np.concatenate([self._pieces[key] for key in range(first, last + 1)], axis=1)
        offset = start - first * self._piece
        return whole[:, offset : offset + width]

    def _painted(self, start: int) -> ImageU8:
        columns = np.arange(start, start + self._piece) % self._surface.shape[1]
        piece = self._surface[:, columns].astype(np.float32)
        near = np.flatnonzero((self._starts < start + self._piece + self._reach) & (self._ends > start - self._reach))
        sprites = {i: self._sprite(i) for i in near.tolist()}
        # Those that are out of reach here come back only if the belt does; they are painted again then.
        self._sprites = sprites
        for i, sprite in sprites.items():
            self._cast_shadow(piece, self._placed[i], sprite, start)
            self._drop_crumbs(piece, self._placed[i], start)
        for i, sprite in sprites.items():
            one = self._placed[i]
            _blend(piece, sprite.bgr, sprite.cover, one.x - sprite.margin - start, one.y - sprite.margin)
        return np.rint(piece).astype(np.uint8)

    def _sprite(self, index: int) -> Sprite:
        known = self._sprites.get(index)
        return known if known is not None else paint_product(self._placed[index].product, self._painter)

    def _cast_shadow(self, piece: _Plane, one: Placed, sprite: Sprite, start: int) -> None:
        """A soft shadow towards the lower right, and a dark line where the object lies on the belt."""
        if self._shadow == 0:
            return
        pad = self._reach - sprite.margin
        cover = np.pad(sprite.cover, pad)
        thickness = 1.0 + 0.6 * (len(one.product.layers) - 1)
        step = round(1.1 * self._soft * thickness)
        cast = np.roll(blur(cover, sigma=self._soft * thickness), (round(1.25 * step), step), axis=(0, 1))
        contact = blur(cover, sigma=max(0.3 * self._soft, 0.5))
        weight = np.clip(0.72 * cast + 0.28 * contact, 0, 1) * np.float32(self._shadow)
        black = np.zeros((*weight.shape, 3), np.float32)
        _blend(piece, black, weight, one.x - self._reach - start, one.y - self._reach)

    def _drop_crumbs(self, piece: _Plane, one: Placed, start: int) -> None:
        middle_x, middle_y = one.x + one.product.width / 2 - start, one.y + one.product.height / 2
        for x, y, radius in one.product.crumbs.tolist():
            half = math.ceil(radius) + 1
            left, top = math.floor(middle_x + x), math.floor(middle_y + y)
            rows, columns = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float32)
            cover = np.clip(radius + 0.5 - np.hypot(rows, columns), 0, 1).astype(np.float32)
            color = _CRUMB * (1.0 - 0.12 * (rows + columns) / half)[..., None].astype(np.float32)
            _blend(piece, color, cover, left - half, top - half)


def _blend(piece: _Plane, color: NDArray[np.uint8] | _Plane, cover: _Plane, x: int, y: int) -> None:
    """Lay ``color`` over ``piece`` with its corner at (x, y), as far as it lies inside; the piece is ours to change."""
    left, right = max(0, x), min(piece.shape[1], x + cover.shape[1])
    top, bottom = max(0, y), min(piece.shape[0], y + cover.shape[0])
    if left >= right or top >= bottom:
        return
    source = np.s_[top - y : bottom - y, left - x : right - x]
    under = piece[top:bottom, left:right]
    under += (color[source] - under) * cover[source][..., None]
