"""Outlines of cookies, whole and broken, as fields of depth: px inside the edge, negative outside."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, Mask

__all__ = ["BREAKS", "Break", "CookieShape", "Damage", "cookie_shape"]

Break: TypeAlias = Literal["cut_bite", "cut_wedge", "cut_half", "cut_third", "torn_edge", "cracked"]
"""Ways to break: bitten off, a wedge missing, half or a third gone, an edge torn off, cracked in two pieces."""

Damage: TypeAlias = Literal["intact"] | Break

BREAKS: tuple[Break, ...] = ("cut_bite", "cut_wedge", "cut_half", "cut_third", "torn_edge", "cracked")

# Where the cut runs, from .. to, and how rough it is, in parts of the diameter.
_STRAIGHT_CUTS = {"cut_half": (-0.08, 0.08, 0.02), "cut_third": (-0.2, -0.13, 0.02), "torn_edge": (-0.37, -0.29, 0.035)}
_FAR = 1e3  # px to a broken edge where there is none
_TURN = 2 * math.pi


@dataclass(frozen=True, slots=True, eq=False)
class CookieShape:
    """One cookie on a square canvas.

    ``depth`` (S, S) float32 px inside the outline, positive where there is cookie; ``fresh`` (S, S) float32 px to the
    nearest broken edge, large where nothing broke.
    """

    depth: NDArray[np.float32]
    fresh: NDArray[np.float32]

    @property
    def mask(self) -> Mask:
        """(S, S) bool, True on the cookie."""
        return self.depth >= 0


def cookie_shape(rng: np.random.Generator, /, *, damage: Damage, diameter_px: float) -> CookieShape:
    """A random cookie about ``diameter_px`` wide with this damage; the same generator state gives the same cookie."""
    half = math.ceil(diameter_px * 0.75)
    y, x = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    outline = _Outline.random(rng, radius=diameter_px / 2)
    if damage == "intact":
        depth = outline.depth(x, y)
        return CookieShape(depth.astype(np.float32), np.full(depth.shape, _FAR, np.float32))
    if damage == "cracked":
        depth, fresh = _cracked(rng, outline, x, y, diameter_px)
    else:
        fresh = _kept(rng, damage, x, y, diameter_px)
        depth = np.minimum(outline.depth(x, y), fresh)
    return CookieShape(depth.astype(np.float32), fresh.astype(np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class _Outline:
    """A closed line around the origin, radius by angle, tabulated over one turn."""

    radii: FloatArray

    @classmethod
    def random(cls, rng: np.random.Generator, /, *, radius: float, crumbly: float = 0.006) -> _Outline:
        """Between round and a rounded rectangle, dented a little; its edge varies by ``crumbly`` of the radius."""
        theta = np.linspace(0, _TURN, 721)
        aspect, power = 1.0 - 0.28 * rng.beta(1.2, 2.5), rng.uniform(2.0, 2.7)
        a, b = radius / math.sqrt(aspect), radius * math.sqrt(aspect)
        turned = theta - rng.uniform(0, _TURN)
        base = (np.abs(np.cos(turned) / a) ** power + np.abs(np.sin(turned) / b) ** power) ** (-1 / power)
        slow = _waves(rng, theta, orders=range(2, 7), amplitude=0.026)
        crumbs = _waves(rng, theta, orders=range(9, 48), amplitude=crumbly)
        return cls(base * (1.0 + slow + crumbs))

    def depth(self, x: FloatArray, y: FloatArray, /) -> FloatArray:
        """Px from each point outwards to the line, along the ray from the origin."""
        angle = np.arctan2(y, x) % _TURN
        return np.asarray(np.interp(angle * (720 / _TURN), np.arange(721), self.radii) - np.hypot(x, y))


def _waves(rng: np.random.Generator, theta: FloatArray, /, *, orders: range, amplitude: float) -> FloatArray:
    """A sum of waves around the turn, standard deviation about ``amplitude``, slow ones stronger."""
    k = np.array(orders, dtype=np.float64)
    weights = rng.normal(size=len(k)) * amplitude / (k * math.sqrt(float(np.sum(1 / k**2)) / 2))
    phases = rng.uniform(0, _TURN, len(k))
    return np.asarray((weights[:, None] * np.cos(k[:, None] * theta + phases[:, None])).sum(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class _BrokenLine:
    """A straight break that wavers as dough does; ``wobble`` (721,) px along one turn of its course."""

    normal: tuple[float, float]
    offset: float
    period: float
    wobble: FloatArray

    @classmethod
    def random(
        cls, rng: np.random.Generator, /, *, angle: float, offset: float, size: float, rough: float
    ) -> _BrokenLine:
        """The normal points to ``angle`` at ``offset`` px; the line wavers by ``rough`` of the cookie's ``size``."""
        wobble = size * _waves(rng, np.linspace(0, _TURN, 721), orders=range(2, 40), amplitude=rough)
        return cls((math.cos(angle), math.sin(angle)), offset, 2.2 * size, wobble)

    def beyond(self, x: FloatArray, y: FloatArray, /) -> FloatArray:
        """Px of each point beyond the line, in the direction of its normal; negative before it."""
        course = (self.normal[0] * y - self.normal[1] * x) % self.period
        wobble = np.interp(course * (720 / self.period), np.arange(721), self.wobble)
        return np.asarray(self.normal[0] * x + self.normal[1] * y - self.offset + wobble)


def _kept(rng: np.random.Generator, damage: Break, x: FloatArray, y: FloatArray, size: float, /) -> FloatArray:
    """Px inside what a cut leaves, negative where the cookie is gone."""
    angle = rng.uniform(0, _TURN)
    if damage == "cut_bite":
        away = size * rng.uniform(0.42, 0.5)
        bite = _Outline.random(rng, radius=size * rng.uniform(0.17, 0.28), crumbly=0.02)
        return -bite.depth(x - away * math.cos(angle), y - away * math.sin(angle))
    if damage == "cut_wedge":
        opening, back = rng.uniform(0.22, 0.42), size * rng.uniform(-0.12, 0.08)
        tip_x, tip_y = x - back * math.cos(angle), y - back * math.sin(angle)
        turns = (-opening - math.pi / 2, opening + math.pi / 2)
        sides = [_BrokenLine.random(rng, angle=angle + turn, offset=0.0, size=size, rough=0.012) for turn in turns]
        return np.maximum(sides[0].beyond(tip_x, tip_y), sides[1].beyond(tip_x, tip_y))
    nearest, farthest, rough = _STRAIGHT_CUTS[damage]
    offset = size * rng.uniform(nearest, farthest)
    return _BrokenLine.random(rng, angle=angle, offset=offset, size=size, rough=rough).beyond(x, y)


def _cracked(
    rng: np.random.Generator, outline: _Outline, x: FloatArray, y: FloatArray, size: float, /
) -> tuple[FloatArray, FloatArray]:
    """Two pieces with a gap, the second one pushed away and turned a little: depth, and px to the crack."""
    angle, turn, gap = rng.uniform(0, _TURN), rng.uniform(-0.14, 0.14), size * rng.uniform(0.035, 0.09)
    crack = _BrokenLine.random(rng, angle=angle, offset=size * rng.uniform(-0.14, 0.14), size=size, rough=0.018)
    pushed_x, pushed_y = x + gap * math.cos(angle), y + gap * math.sin(angle)
    turned_x = pushed_x * math.cos(turn) + pushed_y * math.sin(turn)
    turned_y = pushed_y * math.cos(turn) - pushed_x * math.sin(turn)
    first, second = crack.beyond(x, y), -crack.beyond(turned_x, turned_y)
    depth_first = np.minimum(outline.depth(x, y), first)
    depth_second = np.minimum(outline.depth(turned_x, turned_y), second)
    return np.maximum(depth_first, depth_second), np.where(depth_first > depth_second, first, second)
