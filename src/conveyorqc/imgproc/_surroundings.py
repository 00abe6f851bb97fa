"""What a picture shows beside its object: figures that must not tell a label."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8, Mask, as_image, as_mask
from conveyorqc.imgproc._morphology import dilation
from conveyorqc.imgproc._opencv import cv2, mask_u8

__all__ = ["background_features"]

_WORKING = 192
_MARGIN = 0.12
"""How far around the object counts as the object, as a share of the longer side. Its shadow and its soft rim do: with
a third of it crops of one belt, broken and whole, still differed (AUROC .87 of nothing but the shadow)."""

_GRID = 4
_FIGURES = 4 * _GRID**2 + 7


def background_features(image: ImageU8, mask: Mask, /) -> FloatArray:
    """(71,) float64: colour and unrest of the picture around its object, place by place.

    CIELAB means and gradients of the cells of a 4 x 4 grid, of what is left when the object and 12 % of the longer
    side around it are taken out; then mean, standard deviation and mean gradient of all that is left. A cell without
    any background has the figures of the whole, so that the outline of the object tells nothing. Neither the size of
    the object nor its share of the picture is among the figures.

    Args:
        image: (H, W, 3) uint8 BGR.
        mask: (H, W) bool, True on the object.

    Returns:
        All 0 when the object fills the picture.

    Raises:
        InvalidInput: if image or mask are not such arrays.
    """
    lab, around = _small(as_image(image), as_mask(mask, image.shape[:2]))
    rows, columns = (np.arange(size) * _GRID // size for size in around.shape)
    cells = (rows[:, None] * _GRID + columns)[around]
    colors = lab[around].astype(np.float64)
    if not len(colors):
        return np.zeros(_FIGURES)
    counts = np.bincount(cells, minlength=_GRID**2)
    mean = colors.mean(axis=0)
    sums = np.stack([np.bincount(cells, colors[:, k], minlength=_GRID**2) for k in range(3)], axis=1)
    means = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], mean)
    unrest = _gradient(lab[..., 0])[around]
    rough = np.bincount(cells, unrest, minlength=_GRID**2) / np.maximum(counts, 1)
    rough = np.where(counts > 0, rough, unrest.mean())
    return np.concatenate([means.ravel(), rough, mean, colors.std(axis=0), [unrest.mean()]])


def _small(image: ImageU8, mask: Mask) -> tuple[NDArray[np.float32], Mask]:
    height, width = mask.shape
    ratio = min(1.0, _WORKING / max(height, width))
    size = max(_GRID, round(width * ratio)), max(_GRID, round(height * ratio))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    inside = cv2.resize(mask_u8(mask), size, interpolation=cv2.INTER_NEAREST).astype(np.bool_)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2Lab), dtype=np.float32)
    return lab, ~dilation(inside, size=2 * round(_MARGIN * max(size)) + 1)


def _gradient(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    across, down = cv2.Sobel(plane, cv2.CV_32F, 1, 0), cv2.Sobel(plane, cv2.CV_32F, 0, 1)
    return np.asarray(np.hypot(across, down), dtype=np.float32)
