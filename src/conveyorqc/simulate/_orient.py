"""The scene is drawn for travel along +x and turned for the other directions, pixels and boxes alike."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import Boxes, Direction, ImageU8
from conveyorqc.imgproc import mirrored, transposed

__all__ = ["turned_boxes", "turned_image"]


def turned_image(image: ImageU8, /, *, direction: Direction) -> ImageU8:
    """``image`` (H, W, 3) of travel from left to right, for travel in ``direction``."""
    if direction is Direction.LEFT_TO_RIGHT:
        return image
    if direction is Direction.RIGHT_TO_LEFT:
        return mirrored(image, axis="x")
    down = transposed(image)
    return down if direction is Direction.TOP_TO_BOTTOM else mirrored(down, axis="y")


def turned_boxes(boxes: Boxes, /, *, direction: Direction, length: int) -> Boxes:
    """``boxes`` (N, 4) of the same scene; ``length`` is that of the frame along the belt, px."""
    x0, y0, x1, y1 = boxes.T
    if direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP):
        x0, x1 = length - x1, length - x0
    columns = (x0, y0, x1, y1) if direction.horizontal else (y0, x0, y1, x1)
    return np.column_stack(columns)
