"""How the picture looks: belt colour and everything that makes it hard to read without changing what happens."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

from conveyorqc.errors import InvalidInput

__all__ = ["BELT_COLORS", "BeltColor", "Look"]

BeltColor: TypeAlias = Literal["blue", "green", "dark", "light", "grey"]

BELT_COLORS: dict[BeltColor, tuple[int, int, int]] = {
    "blue": (170, 148, 118),
    "green": (96, 132, 72),
    "dark": (50, 47, 45),
    "light": (212, 217, 216),
    "grey": (142, 141, 138),
}
"""BGR of each belt, 0-255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """Appearance of a simulated clip. Every number but ``shutter`` and ``belt`` may be 0, which turns it off.

    Attributes:
        belt: colour of the belt.
        texture: contrast of grain, stains, scratches and the seam, which move with the belt; 1 is usual.
        shadow: how dark the shadows of the objects are, 0-1.
        crumbs: average number of crumbs around a broken cookie.
        lighting: how much darker the dimmest corner of the picture is than the brightest spot, 0-0.9.
        flicker: amplitude of slow changes of brightness, as a fraction, 0-0.5.
        noise: standard deviation of the sensor noise in grey levels, 0-40.
        shutter: share of the frame time for which the shutter is open, 0-1; longer smears moving objects more.
        shake_px: how far the camera shakes (standard deviation, at most twice as far), 0-16 px.

    >>> Look(belt="green", shake_px=1.5).noise
    2.5

    Raises:
        InvalidInput: if a number is outside its range or there is no belt of that colour.
    """

    belt: BeltColor = "blue"
    texture: float = 1.0
    shadow: float = 0.6
    crumbs: int = 4
    lighting: float = 0.16
    flicker: float = 0.012
    noise: float = 2.5
    shutter: float = 0.25
    shake_px: float = 0.0

    def __post_init__(self) -> None:
        if self.belt not in get_args(BeltColor):
            raise InvalidInput(f"belt: expected one of {', '.join(get_args(BeltColor))}, got {self.belt!r}")
        for field in fields(self)[1:]:
            value, most = getattr(self, field.name), _MOST[field.name]
            if not (math.isfinite(value) and 0 <= value <= most):
                raise InvalidInput(f"{field.name}: expected a number in 0-{most}, got {value}")

    @classmethod
    def plain(cls, *, belt: BeltColor = "blue") -> Look:
        """Nothing but objects on an even belt: what detectors find hard is left out."""
        return cls(belt=belt, texture=0, shadow=0, crumbs=0, lighting=0, flicker=0, noise=0, shutter=0)


_MOST = {
    "texture": 3.0,
    "shadow": 1.0,
    "crumbs": 50,
    "lighting": 0.9,
    "flicker": 0.5,
    "noise": 40.0,
    "shutter": 1.0,
    "shake_px": 16.0,
}
