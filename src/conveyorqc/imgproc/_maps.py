"""Resampling of maps of numbers, as neural networks give them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["resize_map"]

_AT_ONCE = 4
"""Channels that every version of OpenCV resizes together; some take more."""


def resize_map(values: NDArray[np.float32], /, *, width: int, height: int) -> NDArray[np.float32]:
    """``values`` (H, W) or (H, W, D) float32 at ``width`` x ``height``, bilinear, whatever number of channels.

    Raises:
        InvalidInput: if either map would be empty, or ``values`` is not such an array.

    >>> resize_map(np.array([[0.0, 1.0]], np.float32), width=4, height=1).tolist()
    [[0.0, 0.25, 0.75, 1.0]]
    """
    if values.ndim not in (2, 3) or values.dtype != np.float32 or not values.size or width < 1 or height < 1:
        raise InvalidInput(
            "map: expected (H, W) or (H, W, D) float32 to become 1x1 or more, "
            f"got {values.dtype} of shape {values.shape} to become {width}x{height}"
        )
    if values.shape[:2] == (height, width):
        return values
    channels = values.reshape((*values.shape[:2], -1))
    resized = np.empty((height, width, channels.shape[2]), np.float32)
    for first in range(0, channels.shape[2], _AT_ONCE):
        some = np.ascontiguousarray(channels[..., first : first + _AT_ONCE])
        result = cv2.resize(some, (width, height), interpolation=cv2.INTER_LINEAR)
        resized[..., first : first + _AT_ONCE] = result.reshape((height, width, -1))
    return resized.reshape((height, width, *values.shape[2:]))
