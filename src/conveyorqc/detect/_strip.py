"""The side of the frame where objects come in."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Direction, Region
from conveyorqc.errors import InvalidInput

__all__ = ["EntryStrip"]


@dataclass(frozen=True, slots=True)
class EntryStrip:
    """Look only at the part of the frame where objects enter, as the article does.

    Attributes:
        direction: travel of the belt; a belt that runs left to right brings objects in at the left.
        fraction: 0-1 of the frame along the belt. It must hold one object and the travel between two looks,
            otherwise objects slip through; smaller is faster.

    Raises:
        InvalidInput: if ``fraction`` is not above 0 and at most 1.

    >>> EntryStrip(Direction.RIGHT_TO_LEFT, 0.25).region(400, 300)
    (300, 0, 400, 300)
    """

    direction: Direction
    fraction: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.fraction) and 0 < self.fraction <= 1):
            raise InvalidInput(f"fraction: expected a number above 0 and at most 1, got {self.fraction}")

    def region(self, width: int, height: int, /) -> Region:
        """The strip of a ``width`` x ``height`` frame."""
        across = max(1, round(self.fraction * width))
        along = max(1, round(self.fraction * height))
        return {
            Direction.LEFT_TO_RIGHT: (0, 0, across, height),
            Direction.RIGHT_TO_LEFT: (width - across, 0, width, height),
            Direction.TOP_TO_BOTTOM: (0, 0, width, along),
            Direction.BOTTOM_TO_TOP: (0, height - along, width, height),
        }[self.direction]

    def inside(self, boxes: Boxes, /, *, width: int, height: int, margin: float) -> NDArray[np.bool_]:
        """(N,) whether each box ends ``margin`` px before the inner edge of the strip.

        One that reaches it is cut there; it was seen whole before. A strip that is the whole frame has no inner edge.
        """
        x0, y0, x1, y1 = self.region(width, height)
        if (x0, y0, x1, y1) == (0, 0, width, height):
            return np.ones(len(boxes), np.bool_)
        return {
            Direction.LEFT_TO_RIGHT: boxes[:, 2] < x1 - margin,
            Direction.RIGHT_TO_LEFT: boxes[:, 0] > x0 + margin,
            Direction.TOP_TO_BOTTOM: boxes[:, 3] < y1 - margin,
            Direction.BOTTOM_TO_TOP: boxes[:, 1] > y0 + margin,
        }[self.direction]
