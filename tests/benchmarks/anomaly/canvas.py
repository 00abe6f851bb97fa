"""A canvas to draw products on: smooth masks, noise, and light that is never quite even."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

SIDE = 256
Plane = NDArray[np.float64]
Color = Sequence[float] | float

Y, X = np.mgrid[0:SIDE, 0:SIDE].astype(np.float64)


def soft(distance: Plane) -> Plane:
    """(S, S) 0-1 cover of where a signed distance is below zero, its edge one pixel wide."""
    return np.clip(0.5 - distance, 0, 1)


def around(x: float, y: float, turn: float = 0.0) -> tuple[Plane, Plane]:
    """Coordinates with their origin at (x, y), turned by ``turn`` radians."""
    cos, sin = np.cos(turn), np.sin(turn)
    return (X - x) * cos + (Y - y) * sin, (Y - y) * cos - (X - x) * sin


def ellipse(x: float, y: float, rx: float, ry: float, turn: float = 0.0) -> Plane:
    u, v = around(x, y, turn)
    return soft((np.hypot(u / rx, v / ry) - 1) * min(rx, ry))


def box(x: float, y: float, half_width: float, half_height: float, turn: float = 0.0) -> Plane:
    u, v = around(x, y, turn)
    return soft(np.maximum(np.abs(u) - half_width, np.abs(v) - half_height))


def stroke(points: NDArray[np.float64], width: float) -> Plane:
    """A line of ``width`` px through (N, 2) points x, y."""
    distance = np.full((SIDE, SIDE), np.inf)
    for (x0, y0), (x1, y1) in pairwise(points):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((X - x0) * dx + (Y - y0) * dy) / max(dx * dx + dy * dy, 1e-9), 0, 1)
        distance = np.minimum(distance, np.hypot(X - x0 - along * dx, Y - y0 - along * dy))
    return soft(distance - width / 2)


def wander(rng: np.random.Generator, x: float, y: float, length: float, bend: float = 0.5) -> NDArray[np.float64]:
    """(9, 2) points of a crooked line that starts at (x, y)."""
    headings = rng.uniform(0, 2 * np.pi) + np.cumsum(rng.normal(0, bend, 8))
    steps = np.column_stack([np.cos(headings), np.sin(headings)]) * length / 8
    return np.concatenate([[[x, y]], np.array([x, y]) + np.cumsum(steps, axis=0)])


def cloud(rng: np.random.Generator, scale: float | tuple[float, float]) -> Plane:
    """(S, S) smooth noise of zero mean and unit spread; ``scale`` in px."""
    noise = ndimage.gaussian_filter(rng.normal(size=(SIDE, SIDE)), scale, mode="wrap")
    return np.asarray((noise - noise.mean()) / noise.std())


def blob(rng: np.random.Generator, x: float, y: float, radius: float) -> Plane:
    """A roundish stain of irregular outline."""
    u, v = around(x, y)
    angle, wave = np.arctan2(v, u), np.zeros((SIDE, SIDE))
    for order in range(1, 5):
        wave += rng.normal(0, 0.25 / order) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
    return soft(np.hypot(u, v) - radius * (1 + np.clip(wave, -0.6, 0.8)))


class Canvas:
    """(S, S, 3) float picture, BGR 0-255, and what of it is a defect."""

    def __init__(self, color: Color) -> None:
        self.values = np.ones((SIDE, SIDE, 3)) * color
        self.defect = np.zeros((SIDE, SIDE), np.bool_)

    def paint(self, cover: Plane, color: Color | Plane) -> None:
        shade = np.asarray(color, dtype=np.float64)
        if shade.shape == (SIDE, SIDE):
            shade = shade[..., None]
        self.values += cover[..., None] * (shade - self.values)

    def shade(self, cover: Plane, change: float) -> None:
        """Lighter or darker by ``change`` grey levels where it covers."""
        self.values += cover[..., None] * change

    def spoil(self, cover: Plane, color: Color | Plane) -> None:
        """Paint a defect."""
        self.paint(cover, color)
        self.defect |= cover > 0.5

    def finish(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """(S, S, 3) uint8: lit unevenly, a little soft, with the noise of a sensor."""
        turn = rng.uniform(0, 2 * np.pi)
        light = 1 + rng.normal(0, 0.04) + rng.uniform(0, 0.08) * (X * np.cos(turn) + Y * np.sin(turn)) / SIDE
        blurred = ndimage.gaussian_filter(self.values * light[..., None], (0.7, 0.7, 0))
        return np.clip(blurred + rng.normal(0, 2.5, blurred.shape), 0, 255).astype(np.uint8)
