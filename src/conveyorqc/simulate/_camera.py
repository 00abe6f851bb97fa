"""What the camera makes of the belt: rails at the sides, light, shake and sensor noise."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8
from conveyorqc.imgproc import LIGHT_UNIT, add_signed, lit, warp_affine
from conveyorqc.simulate._belt import rail
from conveyorqc.simulate._look import Look

__all__ = ["Camera", "camera_shake"]

_NOISE_SLACK = 64
_NOISE_FIELDS = 2


def camera_shake(rng: np.random.Generator, frames: int, /, *, shake_px: float) -> FloatArray:
    """(frames, 2) px by which the picture is off, along and across the belt; at most twice ``shake_px``."""
    jolts = rng.standard_normal((frames + 2, 2))
    swing = (jolts[:-2] + 2 * jolts[1:-1] + jolts[2:]) / math.sqrt(6)
    return np.asarray(np.clip(swing, -2.0, 2.0) * shake_px)


class Camera:
    """Turns windows of the belt into frames.

    Args:
        rng: draws light, flicker and noise.
        length: of the frame along the belt, px.
        breadth: of the frame across the belt, px.
        rail_px: width of each rail.
        look: how the picture looks.
    """

    def __init__(self, rng: np.random.Generator, /, *, length: int, breadth: int, rail_px: int, look: Look) -> None:
        self._length = length
        self._breadth = breadth
        self._rail = rail_px
        self._look = look
        self.margin = math.ceil(2 * look.shake_px) + 1 if look.shake_px else 0
        columns = length + 2 * self.margin
        steel = rail(columns, rail_px, bolt_every=max(8, round(0.32 * breadth)))
        upper = np.concatenate([np.repeat(steel[:1], self.margin, axis=0), steel])
        self._rails = (upper, np.ascontiguousarray(upper[::-1]))
        self._light = self._light_map(rng, columns)
        self._phases = rng.uniform(0, 2 * math.pi, 2)
        self._noise = [self._noise_field(rng) for _ in range(_NOISE_FIELDS)] if look.noise else []

    def expose(self, belt: ImageU8, rng: np.random.Generator, /, *, time_s: float, shake: FloatArray) -> ImageU8:
        """(breadth, length, 3) uint8 BGR of ``belt``, which is ``margin`` px longer than the frame at either end.

        ``shake`` (2,) px is what `camera_shake` gave for this frame.
        """
        canvas = np.concatenate([self._rails[0], belt, self._rails[1]])
        canvas = lit(canvas, self._light, gain=self._flicker(time_s))
        if self.margin:
            move = [[1.0, 0.0, shake[0] - self.margin], [0.0, 1.0, shake[1] - self.margin]]
            canvas = warp_affine(canvas, move, width=self._length, height=self._breadth)
        if not self._noise:
            return canvas
        field = self._noise[int(rng.integers(_NOISE_FIELDS))]
        top, left = rng.integers(0, _NOISE_SLACK, 2)
        window = np.s_[top : top + self._breadth, left : left + self._length]
        return add_signed(canvas, field[0][window], field[1][window])

    def _flicker(self, time_s: float) -> float:
        slow = math.sin(2 * math.pi * time_s / 2.3 + self._phases[0])
        quick = math.sin(2 * math.pi * time_s / 0.61 + self._phases[1])
        return 1.0 + self._look.flicker * (0.6 * slow + 0.4 * quick)

    def _light_map(self, rng: np.random.Generator, columns: int) -> NDArray[np.uint8]:
        """Brightest above some spot of the belt, dimmer with the distance, dark beside the rails."""
        rows = self._breadth + 2 * self.margin
        y = np.linspace(-0.5, 0.5, rows)[:, None] - rng.uniform(-0.3, 0.3)
        x = np.linspace(-0.5, 0.5, columns)[None, :] - rng.uniform(-0.3, 0.3)
        away = np.hypot(x, 0.8 * y)
        light = 1.0 + self._look.lighting * (0.35 - (away / away.max()) ** 1.5)
        edge = self._rail + self.margin
        inside = np.minimum(np.arange(rows) - edge, rows - 1 - edge - np.arange(rows))[:, None]
        shade = np.where(inside >= 0, np.exp(-np.clip(inside, 0, None) / (0.3 * self._rail)), 0.0)
        light = light * (1.0 - 0.6 * self._look.shadow * shade)
        levels = np.clip(np.rint(light * LIGHT_UNIT), 0, 255).astype(np.uint8)
        return np.repeat(levels[..., None], 3, axis=2)

    def _noise_field(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """What noise adds, and what it takes away; larger than a frame, so that each frame gets another part."""
        shape = (self._breadth + _NOISE_SLACK, self._length + _NOISE_SLACK, 3)
        noise = np.rint(rng.standard_normal(shape, dtype=np.float32) * np.float32(self._look.noise))
        return np.clip(noise, 0, 255).astype(np.uint8), np.clip(-noise, 0, 255).astype(np.uint8)
