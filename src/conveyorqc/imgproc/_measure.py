"""Measurements on pictures: edges, sharpness, connected parts, displacement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, ImageU8, IntArray, Mask, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._color import luma_of
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["blur", "canny_edges", "components", "hann_window", "high_pass", "phase_shift", "sharpness"]


def blur(image: NDArray[np.generic], /, *, sigma: float) -> NDArray[np.float32]:
    """Gaussian mean of ``image`` (H, W) or (H, W, C) with standard deviation ``sigma`` px, above 0, as float32."""
    if not sigma > 0:
        raise InvalidInput(f"sigma: expected px above 0, got {sigma}")
    return np.asarray(cv2.GaussianBlur(image.astype(np.float32), (0, 0), sigma), dtype=np.float32)


def canny_edges(image: ImageU8, /, *, low: float, high: float) -> Mask:
    """(H, W) bool edges of a BGR picture after Canny (1986), DOI 10.1109/TPAMI.1986.4767851.

    Args:
        image: (H, W, 3) uint8 BGR.
        low: hysteresis limit below which a gradient is no edge.
        high: limit above which it surely is one. Lower limits find more edges, texture included.
    """
    return np.asarray(cv2.Canny(luma_of(image), low, high), dtype=np.bool_)


def sharpness(image: ImageU8, /, *, mask: Mask | None = None) -> float:
    """Variance of the Laplacian of the luma, 0 or more; higher is sharper.

    ``mask`` (H, W) limits it to the object, so that a textured belt does not count; an empty one limits nothing.
    Pech-Pacheco et al. (2000), DOI 10.1109/ICPR.2000.903548.
    """
    values = cv2.Laplacian(luma_of(image), cv2.CV_32F)
    chosen = values if mask is None or not mask.any() else values[as_mask(mask, values.shape)]
    return float(np.var(chosen))


def components(mask: Mask, /) -> tuple[IntArray, Boxes, FloatArray]:
    """Connected parts of ``mask`` (8-neighbourhood).

    Returns:
        labels (H, W) int64 with 0 for belt and i + 1 for part i; boxes (N, 4); areas (N,) px².
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask_u8(mask), connectivity=8)
    found = stats[1:].astype(np.float64)
    boxes = np.column_stack([found[:, 0], found[:, 1], found[:, 0] + found[:, 2], found[:, 1] + found[:, 3]])
    return labels.astype(np.int64), boxes.reshape(-1, 4), found[:, 4]


def high_pass(image: NDArray[np.uint8], /, *, sigma: float) -> NDArray[np.float32]:
    """``image`` less its Gaussian mean: texture and outlines without lighting, float32 around 0."""
    return image.astype(np.float32) - blur(image, sigma=sigma)


def hann_window(width: int, height: int, /) -> NDArray[np.float32]:
    """(height, width) float32 Hann window: 1 in the middle, 0 at the edges, against the jump from edge to edge.

    Raises:
        InvalidInput: if a side is below 2 px.
    """
    if width < 2 or height < 2:
        raise InvalidInput(f"window: expected 2x2 px or more, got {width}x{height}")
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), dtype=np.float32)


def phase_shift(
    before: NDArray[np.float32], after: NDArray[np.float32], /, *, window: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Displacement dx, dy of ``after`` against ``before`` by phase correlation, px, and the response of its peak.

    All arrays (H, W) float32; ``window`` damps the edges (a Hann window). The response is in [0, 1]: near 1 for
    pictures that differ by their shift alone; at 0 the displacement means nothing. Shifts of half a side and more
    come out as their complement.
    C. Kuglin and D. Hines, The phase correlation image alignment method (1975);
    https://docs.opencv.org/4.x/d7/df3/group__imgproc__motion.html
    """
    if not before.shape == after.shape == window.shape:
        raise InvalidInput(f"expected one shape, got {before.shape}, {after.shape} and a window of {window.shape}")
    (dx, dy), response = cv2.phaseCorrelate(before, after, window)
    return float(dx), float(dy), float(min(max(response, 0.0), 1.0))
