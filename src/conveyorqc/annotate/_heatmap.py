"""Heat maps of an anomaly score laid over the picture they belong to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, as_image
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import heat_colors, mixed, warp_affine

__all__ = ["overlay_heatmap"]


def overlay_heatmap(
    image: ImageU8,
    heatmap: NDArray[np.float32],
    /,
    *,
    strength: float = 0.7,
    low: float | None = None,
    high: float | None = None,
) -> ImageU8:
    """``image`` with the hot parts of ``heatmap`` coloured; cold parts stay as they are.

    Args:
        image: (H, W, 3) uint8 BGR.
        heatmap: (h, w) floats of any size, higher is worse; stretched over the picture.
        strength: how much of the picture the hottest part covers, 0-1.
        low: value that is cold; None takes the lowest of this map.
        high: value that is hottest; None takes the highest. Give both to compare pictures on one scale.

    Returns:
        A new (H, W, 3) uint8 BGR picture.

    Raises:
        InvalidInput: if the map is empty or not finite, or strength is not in [0, 1].

    >>> picture = np.full((4, 4, 3), 100, np.uint8)
    >>> hot = overlay_heatmap(picture, np.array([[0.0, 1.0]], np.float32), strength=1.0)
    >>> hot[0, 0].tolist() == [100, 100, 100], hot[0, 3].tolist() == [100, 100, 100]
    (True, False)
    """
    picture = as_image(image)
    values = np.asarray(heatmap, dtype=np.float32)
    if values.ndim != 2 or not values.size or not np.isfinite(values).all():
        raise InvalidInput(f"heatmap: expected (h, w) finite numbers, got shape {values.shape} or NaN")
    if not 0 <= strength <= 1:
        raise InvalidInput(f"strength: expected a number in [0, 1], got {strength}")
    coldest = float(values.min()) if low is None else low
    hottest = float(values.max()) if high is None else high
    span = hottest - coldest
    scaled = np.clip((values - coldest) / span, 0, 1) if span > 0 else np.zeros_like(values)
    heat = _stretched(scaled.astype(np.float32), width=picture.shape[1], height=picture.shape[0])
    return mixed(picture, heat_colors(heat), heat * np.float32(strength))


def _stretched(values: NDArray[np.float32], /, *, width: int, height: int) -> NDArray[np.float32]:
    x, y = width / values.shape[1], height / values.shape[0]
    # Pixel centres are whole numbers: half a pixel is added before scaling and taken off after it.
    return warp_affine(values, [[x, 0, (x - 1) / 2], [0, y, (y - 1) / 2]], width=width, height=height, method="linear")
