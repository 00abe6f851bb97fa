"""Measurements on pictures: edges, sharpness, connected parts, displacement."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, ImageU8, IntArray, Mask
from conveyorqc.imgproc._color import luma_of
from conveyorqc.imgproc._opencv import cv2

__all__ = ["blur", "canny_edges", "components", "hann_window", "high_pass", "phase_shift", "sharpness"]


def blur(image: NDArray[np.generic], /, *, sigma: float) -> NDArray[np.float32]:
    """Gaussian mean of ``image`` with standard deviation ``sigma`` px, as float32."""
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

    ``mask`` (H, W) limits it to the object, so that a textured belt does not count.
    Pech-Pacheco et al. (2000), DOI 10.1109/ICPR.2000.903548.
    """
    values = cv2.Laplacian(luma_of(image), cv2.CV_32F)
    chosen = values if mask is None or not mask.any() else values[mask]
    return float(np.var(chosen))


def components(mask: Mask, /) -> tuple[IntArray, Boxes, FloatArray]:
    """Connected parts of ``mask`` (8-neighbourhood).

    Returns:
        labels (H, W) int64 with 0 for belt and i + 1 for part i; boxes (N, 4); areas (N,) px².
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(np.ascontiguousarray(mask).view(np.uint8), connectivity=8)
    found = stats[1:].astype(np.float64)
    boxes = np.column_stack([found[:, 0], found[:, 1], found[:, 0] + found[:, 2], found[:, 1] + found[:, 3]])
    return labels.astype(np.int64), boxes.reshape(-1, 4), found[:, 4]


def high_pass(image: NDArray[np.uint8], /, *, sigma: float) -> NDArray[np.float32]:
    """``image`` less its Gaussian mean: texture and outlines without lighting, float32 around 0."""
    values = image.astype(np.float32)
    return values - np.asarray(cv2.GaussianBlur(values, (0, 0), sigma), dtype=np.float32)


def hann_window(width: int, height: int, /) -> NDArray[np.float32]:
    """(height, width) float32 Hann window: 1 in the middle, 0 at the edges, against the jump at the picture's border."""
    return np.asarray(cv2.createHanningWindow((width, height), cv2.CV_32F), dtype=np.float32)


def phase_shift(
    before: NDArray[np.float32], after: NDArray[np.float32], /, *, window: NDArray[np.float32]
) -> tuple[float, float, float]:
    """Displacement of ``after`` against ``before`` by phase correlation, px, and the response of its peak in [0, 1].

    All arrays (H, W) float32; ``window`` damps the edges (a Hann window).
    Kuglin and Hines (1975); https://docs.opencv.org/4.x/d7/df3/group__imgproc__motion.html
    """
    (dx, dy), response = cv2.phaseCorrelate(before, after, window)
    return float(dx), float(dy), float(min(max(response, 0.0), 1.0))
