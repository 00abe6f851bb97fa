"""Boxes, circles, arrows and text on a copy of a picture."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from conveyorqc.core import Boxes, ImageU8, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["Bgr", "Canvas", "text_size"]

Bgr: TypeAlias = tuple[int, int, int]
"""Blue, green, red, 0-255 each."""

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_CAPITAL_PX = 22.0  # height of a capital at font scale 1
_FARTHEST_PX = 30_000.0  # OpenCV's line drawing counts in 16 bits


def text_size(text: str, /, *, height_px: float) -> tuple[int, int]:
    """Width of ``text`` and depth of its descenders below the base line, px, when capitals are ``height_px`` high."""
    (width, _), below = cv2.getTextSize(_ascii(text), _FONT, height_px / _CAPITAL_PX, _stroke(height_px))
    return int(width), int(below)


class Canvas:
    """A copy of a picture that can be drawn on; what lies outside of it is cut off.

    Args:
        image: (H, W, 3) uint8 BGR, which stays as it is.

    >>> import numpy as np
    >>> canvas = Canvas(np.zeros((4, 6, 3), np.uint8))
    >>> canvas.fill((1, 1, 3, 2), color=(255, 255, 255))
    >>> int(canvas.image.sum() / 765)
    2
    """

    def __init__(self, image: ImageU8, /) -> None:
        self._image = as_image(image).copy()

    @property
    def image(self) -> ImageU8:
        """(H, W, 3) uint8 BGR: the drawing so far, itself and not a copy."""
        return self._image

    def fill(self, region: tuple[int, int, int, int], /, *, color: Bgr, opacity: float = 1.0) -> None:
        """Paint the pixels of ``region`` (x0 y0 x1 y1); ``opacity`` below 1 lets the picture shine through."""
        if not 0 <= opacity <= 1:
            raise InvalidInput(f"opacity: expected a number in [0, 1], got {opacity}")
        x0, y0, x1, y1 = region
        if x0 >= x1 or y0 >= y1:
            return
        if opacity == 1:
            cv2.rectangle(self._image, (x0, y0), (x1 - 1, y1 - 1), color, cv2.FILLED)
            return
        part = self._image[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)]
        if part.size:
            part[:] = cv2.addWeighted(part, 1 - opacity, np.full_like(part, color), opacity, 0)

    def box(self, box: Boxes, /, *, color: Bgr, line_px: int) -> None:
        """Outline of ``box`` (4,), its line inside the box; a thin black line on either side shows on any ground."""
        if line_px < 1:
            raise InvalidInput(f"line_px: expected 1 or more, got {line_px}")
        x0, y0, x1, y1 = np.rint(np.clip(box, -_FARTHEST_PX, _FARTHEST_PX)).astype(np.int64).tolist()
        self._frame((x0 - 1, y0 - 1, x1 + 1, y1 + 1), (0, 0, 0), line_px + 2)
        self._frame((x0, y0, x1, y1), color, line_px)

    def circle(self, center: tuple[float, float], /, *, radius: float, color: Bgr, line_px: int) -> None:
        """A circle around ``center`` (x, y), ``radius`` px to the middle of its line, with a thin black line beside."""
        if line_px < 1:
            raise InvalidInput(f"line_px: expected 1 or more, got {line_px}")
        if not 0 <= radius <= _FARTHEST_PX:
            raise InvalidInput(f"radius: expected px in 0-{_FARTHEST_PX:.0f}, got {radius}")
        middle = _pixel(center)
        for ink, width in (((0, 0, 0), line_px + 2), (color, line_px)):
            cv2.circle(self._image, middle, round(radius), ink, width, cv2.LINE_AA)

    def arrow(
        self, start: tuple[float, float], end: tuple[float, float], /, *, color: Bgr, line_px: int, head_px: float
    ) -> None:
        """An arrow from ``start`` to ``end`` (x, y), its head ``head_px`` long, with a thin black line beside."""
        if line_px < 1:
            raise InvalidInput(f"line_px: expected 1 or more, got {line_px}")
        length = max(math.hypot(end[0] - start[0], end[1] - start[1]), 1.0)
        for ink, width in (((0, 0, 0), line_px + 2), (color, line_px)):
            cv2.arrowedLine(
                self._image, _pixel(start), _pixel(end), ink, width, cv2.LINE_AA, tipLength=min(1.0, head_px / length)
            )

    def text(self, text: str, /, *, x: int, y: int, height_px: float, color: Bgr) -> None:
        """``text`` with its base line starting at (x, y), capitals ``height_px`` high.

        Only ASCII can be drawn with the fonts of every OpenCV version; other characters become question marks.
        """
        if not height_px > 0:
            raise InvalidInput(f"height_px: expected more than 0, got {height_px}")
        scale, stroke = height_px / _CAPITAL_PX, _stroke(height_px)
        cv2.putText(self._image, _ascii(text), (x, y), _FONT, scale, color, stroke, cv2.LINE_AA)

    def _frame(self, region: tuple[int, int, int, int], color: Bgr, line_px: int) -> None:
        x0, y0, x1, y1 = region
        inner_y0, inner_y1 = min(y0 + line_px, y1), max(y1 - line_px, y0)
        for side in (
            (x0, y0, x1, inner_y0),
            (x0, inner_y1, x1, y1),
            (x0, y0, min(x0 + line_px, x1), y1),
            (max(x1 - line_px, x0), y0, x1, y1),
        ):
            self.fill(side, color=color)


def _pixel(point: tuple[float, float]) -> tuple[int, int]:
    x, y = (round(min(max(value, -_FARTHEST_PX), _FARTHEST_PX)) for value in point)
    return x, y


def _stroke(height_px: float) -> int:
    return max(1, round(height_px / 11.0))


def _ascii(text: str) -> str:
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)
