"""Measurements on pictures: edges, sharpness, connected parts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, ImageU8, Mask, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._color import luma_of
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["blur", "canny_edges", "components", "sharpness"]


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


def components(mask: Mask, /) -> tuple[NDArray[np.int32], Boxes, FloatArray]:
    """Connected parts of ``mask`` (8-neighbourhood).

    Returns:
        labels (H, W) int32 with 0 for belt and i + 1 for part i; boxes (N, 4); areas (N,) px².
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask_u8(mask),
        8,
        cv2.CV_32S,
        cv2.CCL_GRANA,  # twice as fast as the default
    )
    found = stats[1:].astype(np.float64)
    boxes = np.column_stack([found[:, 0], found[:, 1], found[:, 0] + found[:, 2], found[:, 1] + found[:, 3]])
    return np.asarray(labels, dtype=np.int32), boxes.reshape(-1, 4), found[:, 4]
