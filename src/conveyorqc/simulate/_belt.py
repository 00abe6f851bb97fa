"""The empty belt: a long picture that repeats without a seam of its own making, and the rails beside it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8
from conveyorqc.simulate._look import BELT_COLORS, BeltColor
from conveyorqc.simulate._noise import periodic_noise

__all__ = ["belt_surface", "rail"]

_LONGEST = 4096


def belt_surface(
    rng: np.random.Generator, /, *, height: int, frame_length: int, color: BeltColor, texture: float
) -> ImageU8:
    """(height, P, 3) uint8 BGR: one turn of the belt, whose right edge continues at its left edge.

    Args:
        rng: draws grain, stains, scratches and the seam.
        height: px across the belt.
        frame_length: px of the frame along the belt; a turn is longer than that.
        color: of the belt.
        texture: contrast, 0 is an even colour.
    """
    base = np.array(BELT_COLORS[color], np.float32)
    turn = min(_LONGEST, max(256, 2 * math.ceil(1.2 * frame_length)))
    if texture == 0:
        return np.broadcast_to(base.astype(np.uint8), (height, turn, 3)).copy()
    unit = height / 650  # sizes below are those of a 650 px wide belt
    grain = periodic_noise(rng, height, turn, bands=((2.2, 1.6), (7 * unit + 1, 1.1), (90 * unit, 2.6)), stretch=1.5)
    relief = grain + _wear(rng, height, unit) + _scratches(rng, height, turn, unit) + _stains(rng, height, turn, unit)
    relief += _seam(height, turn, unit)
    # A stain takes a share of the light, and grain shows on a black belt too.
    strength = texture * (0.25 + 0.75 * base / 150)
    return np.asarray(np.clip(base + relief[..., None] * strength, 0, 255), dtype=np.uint8)


def rail(length: int, width: int, /, *, bolt_every: int) -> ImageU8:
    """(width, length, 3) uint8 BGR: a steel rail along the upper edge of the picture, belt below it."""
    across = np.linspace(0, 1, width)
    steel = 168 + 26 * np.sin(across * math.pi) - 60 * np.clip((across - 0.86) / 0.14, 0, 1)
    picture = np.repeat(np.repeat(steel[:, None, None], length, axis=1), 3, axis=2)
    y, x = np.mgrid[0:width, 0:length]
    from_bolt = np.hypot((x - bolt_every * 0.4) % bolt_every - bolt_every / 2, y - width / 2) / max(width * 0.2, 1.0)
    head = np.clip((1.0 - from_bolt) * 4, 0, 1)[..., None]
    picture = picture * (1 - head) + (92 + 50 * (1 - from_bolt[..., None]).clip(0, 1)) * head
    return np.asarray(np.clip(picture, 0, 255), dtype=np.uint8)


def _wear(rng: np.random.Generator, height: int, unit: float) -> NDArray[np.float32]:
    """Polished and dirty tracks along the belt, (height, 1)."""
    profile = periodic_noise(rng, 1, height, bands=((24 * unit + 2, 1.5), (120 * unit + 2, 2.0)))
    return np.asarray(profile.reshape(height, 1), dtype=np.float32)


def _scratches(rng: np.random.Generator, height: int, turn: int, unit: float) -> NDArray[np.float32]:
    """Thin scratches, most of them along the belt, some bright, some dark."""
    relief = np.zeros((height, turn), np.float32)
    for _ in range(28):
        length = int(rng.uniform(40, 260) * unit) + 2
        slope, tone = rng.normal(0, 0.12), rng.choice([-9.0, 7.0]) * rng.uniform(0.4, 1.0)
        steps = np.arange(length)
        rows = np.rint(rng.uniform(0, height) + slope * steps).astype(np.int64)
        columns = (int(rng.integers(turn)) + steps) % turn
        seen = (rows >= 0) & (rows < height)
        relief[rows[seen], columns[seen]] += tone * np.sin(np.pi * (steps[seen] + 0.5) / length)
    return relief


def _stains(rng: np.random.Generator, height: int, turn: int, unit: float) -> NDArray[np.float32]:
    """Soft dark spots of grease and flour."""
    relief = np.zeros((height, turn), np.float32)
    for _ in range(7):
        radius = rng.uniform(14, 45) * unit
        y, x = rng.uniform(0, height), rng.uniform(0, turn)
        away_x = (np.arange(turn) - x + turn / 2) % turn - turn / 2
        away_y = (np.arange(height) - y) * rng.uniform(1.0, 2.0)
        spot = np.exp(-np.square(away_y / radius))[:, None] * np.exp(-np.square(away_x / radius))
        relief += np.float32(rng.uniform(-11, 5)) * spot.astype(np.float32)
    return relief


def _seam(height: int, turn: int, unit: float) -> NDArray[np.float32]:
    """The joint of the belt: a slanting groove with a bright edge, once a turn."""
    middle = 0.62 * turn + 0.14 * np.arange(height)[:, None]
    beyond = ((np.arange(turn)[None, :] - middle + turn / 2) % turn - turn / 2) / max(2.2 * unit, 1.0)
    groove = -17 * np.exp(-np.square(beyond)) + 8 * np.exp(-np.square(beyond - 2))
    return np.asarray(groove, dtype=np.float32)
