"""`Appearance`: the few numbers of one object that are watched."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import ImageU8, Mask, as_boxes
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import photometry

__all__ = ["FEATURES", "Appearance", "Feature", "appearance_of"]

Feature: TypeAlias = Literal["brightness", "red", "blue", "sharpness", "size", "score"]
"""What is watched."""

FEATURES: tuple[Feature, ...] = get_args(Feature)


@dataclass(frozen=True, slots=True)
class Appearance:
    """How one object looked. All but ``score`` are natural logarithms: a difference of 0.1 is about 10 %.

    Attributes:
        brightness: of the object's mean luma.
        red: of red against green in the object's mean colour; brighter light does not change it.
        blue: of blue against green.
        sharpness: of the steepest edges of the picture against those at a quarter of its size.
        size: of the side of a square as large as the object, px; None when unknown.
        score: the backend's, higher is worse; None when there is none.

    Raises:
        InvalidInput: if one is not finite.
    """

    brightness: float
    red: float
    blue: float
    sharpness: float
    size: float | None = None
    score: float | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None and field.name in ("size", "score"):
                continue
            if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not math.isfinite(value):
                raise InvalidInput(f"{field.name}: expected a finite number, got {value!r}")
            object.__setattr__(self, field.name, float(value))


def appearance_of(
    image: ImageU8, /, mask: Mask | None = None, *, score: float | None = None, box: ArrayLike | None = None
) -> Appearance:
    """Measure one view of an object.

    Args:
        image: (H, W, 3) uint8 BGR, at the resolution at which it is judged.
        mask: (H, W) bool, True on the object, so that the belt does not count for light and colour; all when None.
        score: the backend's, higher is worse.
        box: (4,) the object in the frame, px, for its size. Without it the size is that of the mask, which tells
            nothing where crops are scaled to the object.

    Raises:
        InvalidInput: if one of them is not what it should be.

    >>> grey = appearance_of(np.full((8, 8, 3), 98, np.uint8), box=[0, 0, 40, 10])
    >>> round(grey.brightness, 3), round(grey.size, 3)
    (4.605, 2.996)
    """
    seen = photometry(image, mask=mask)
    return Appearance(seen.light, seen.red, seen.blue, seen.sharpness, _size(mask, box), score)


def _size(mask: Mask | None, box: ArrayLike | None) -> float | None:
    if box is not None:
        x0, y0, x1, y1 = as_boxes(np.reshape(np.asarray(box, dtype=np.float64), (1, -1)), name="box")[0].tolist()
        area = (x1 - x0) * (y1 - y0)
    else:
        area = 0.0 if mask is None else float(np.count_nonzero(mask))
    return math.log(area) / 2 if area > 0 else None
