"""Which pixels of a picture of one object are the object, told from the picture alone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8, IntArray, Mask, as_image, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._morphology import dilation, erosion, opening
from conveyorqc.imgproc._necks import neck_split
from conveyorqc.imgproc._opencv import cv2

__all__ = ["foreground_mask"]

_RING = 0.03
"""Width of the border that is taken for belt, as a share of the longer side."""

_LEAST_CONTRAST = 5.0
"""Distance in Lab, of object from belt, below which there is nothing to tell apart."""

_CLEAR_CONTRAST = 36.0
"""Distance in Lab beyond which more makes no difference: vivid parts must not make pale ones look like belt."""

_VIVID = 8.0
"""Contrast in Lab units below which colour is noise: grey objects on grey belts differ in lightness alone."""

_LEAST_AREA = 0.002
"""Share of the picture below which a foreground is dirt and not the object."""

_AGREEMENT = 0.7
"""Intersection over union with a hint below which the colours are not believed."""

_NECK = 0.9
"""How thin, against the thinner of two parts, a neck between object and neighbour is at most."""

_BROAD_FRONT = 0.6
"""Length of contact with the border, against the root of the area, above which a part is cut by the border."""

_COLOR_BINS = (16, 24, 24)


def foreground_mask(image: ImageU8, /, *, hint: Mask | None = None, working_px: int = 192) -> Mask:
    """The object in a picture that shows one object whole on a background of its own colour.

    The background is learned from the border of the picture: a plane in CIELAB, so that a lighting gradient does
    no harm, fitted robustly, so that neighbours which reach in do no harm. Otsu's threshold on the distance from
    it gives a first mask; colour statistics of inside and outside then decide each pixel anew, which keeps dark
    inclusions on the rim in and cast shadows out. Lightness counts only where colour alone does not separate.
    Neighbours that the border cuts are dropped, also when they touch the object. N. Otsu (1979),
    DOI 10.1109/TSMC.1979.4310076.

    Args:
        image: (H, W, 3) uint8 BGR.
        hint: (H, W) bool, roughly the object, or None. Parts that lie outside it are left out. Where the colours
            say something else altogether, the hint is believed; one that is all True or all False says nothing.
        working_px: the longer side at which the mask is found. More follows fine gaps and takes longer (squared).

    Returns:
        (H, W) bool with at least one True. All True when nothing stands out and there is no hint: then the object
        is taken to fill the picture.

    Raises:
        InvalidInput: if image or hint are not such arrays, or ``working_px`` is below 16.

    >>> picture = np.full((64, 64, 3), (160, 120, 60), np.uint8)
    >>> picture[16:48, 16:48] = (60, 120, 200)
    >>> mask = foreground_mask(picture)
    >>> bool(mask[32, 32]), bool(mask[4, 4]), round(float(mask.mean()), 1)
    (True, False, 0.2)
    """
    checked = as_image(image)
    if working_px < 16:
        raise InvalidInput(f"working_px: expected 16 or more, got {working_px}")
    shape = checked.shape[:2]
    rough_object = None if hint is None else as_mask(hint, shape, name="hint")
    if rough_object is not None and (rough_object.all() or not rough_object.any()):
        rough_object = None
    found = _resized(_find(_small_lab(checked, working_px), rough_object), shape)
    if rough_object is None:
        return found if found.mean() >= _LEAST_AREA else np.ones(shape, np.bool_)
    agreement = (found & rough_object).sum() / (found | rough_object).sum()
    return found if agreement >= _AGREEMENT else rough_object


def _find(lab: NDArray[np.float32], hint: Mask | None) -> Mask:
    """The object at working size; empty when nothing stands out."""
    rough, contrast = _separate(lab - _belt_plane(lab))
    if contrast < _LEAST_CONTRAST:
        return np.zeros(rough.shape, np.bool_)
    small_hint = None if hint is None else _resized(hint, rough.shape)
    first = _fill_holes(_own_parts(rough, small_hint), largest=rough.size)
    neighbours = dilation(opening(rough & ~first, size=5), size=3)
    second = (_color_likelihood(lab, first, neighbours) > 0) & ~neighbours
    second = _select(opening(second, size=3), small_hint)
    return _fill_holes(second, largest=int(0.003 * second.sum()))


def _resized(mask: Mask, shape: tuple[int, int]) -> Mask:
    large = cv2.resize(mask.astype(np.float32), shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(large > 0.5, dtype=np.bool_)


def _small_lab(image: ImageU8, working_px: int) -> NDArray[np.float32]:
    """CIELAB (L 0-100, a and b around 0) of the picture, smoothed, longer side ``working_px``."""
    height, width = image.shape[:2]
    ratio = working_px / max(height, width)
    size = max(8, round(width * ratio)), max(8, round(height * ratio))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(smooth, cv2.COLOR_BGR2Lab), dtype=np.float32)


def _belt_plane(lab: NDArray[np.float32]) -> NDArray[np.float32]:
    """The colour that the belt would have at each pixel: a plane through the border, outliers weighted down."""
    height, width = lab.shape[:2]
    ring = max(1, round(_RING * max(height, width)))
    on_ring = np.ones((height, width), np.bool_)
    on_ring[ring:-ring, ring:-ring] = False
    down, right = np.arange(height) / height - 0.5, np.arange(width) / width - 0.5
    y, x = np.nonzero(on_ring)
    inputs, colors = np.stack([np.ones(len(x)), right[x], down[y]], axis=-1), lab[on_ring].astype(np.float64)
    plane = np.zeros((3, 3))
    plane[0] = np.median(colors, axis=0)
    spread = 1.5 + 1.4826 * np.median(np.abs(colors - plane[0]), axis=0)
    slope_damping = np.diag([0.0, 0.02, 0.02])
    for _ in range(4):
        weights = 1 / (1 + (((colors - inputs @ plane) / spread) ** 2).sum(axis=1) / 3) ** 2
        weighted = inputs * weights[:, None]
        plane = np.linalg.solve(inputs.T @ weighted + slope_damping * weights.sum(), weighted.T @ colors)
    start, along, across = plane.astype(np.float32)
    slopes = right[:, None].astype(np.float32) * along, down[:, None, None].astype(np.float32) * across
    return np.asarray(start + slopes[0] + slopes[1], dtype=np.float32)


def _separate(difference: NDArray[np.float32]) -> tuple[Mask, float]:
    """Otsu's mask on the distance from the belt, and the contrast of its two classes in Lab units.

    Shadows change lightness alone; so colour decides when it separates well.
    """
    color = np.hypot(difference[..., 1], difference[..., 2])
    both = np.sqrt(color**2 + (0.5 * difference[..., 0]) ** 2)
    by_color, by_both = _otsu(color), _otsu(both)
    vivid = by_color[1] >= max(0.75, by_both[1] - 0.1) and by_color[2] >= _VIVID
    mask, _, contrast = by_color if vivid else by_both
    return mask, contrast


def _otsu(distance: FloatArray | NDArray[np.float32]) -> tuple[Mask, float, float]:
    """Mask, separability in [0, 1] (between-class share of the variance) and contrast in Lab units."""
    top = min(max(float(np.percentile(distance, 99)), 8.0), _CLEAR_CONTRAST)
    levels = np.clip(distance / top * 255, 0, 255).astype(np.uint8)
    threshold, _ = cv2.threshold(levels, 0, 255, cv2.THRESH_OTSU)
    mask = levels > threshold
    if not mask.any() or mask.all():
        return mask, 0.0, 0.0
    share, gap = float(mask.mean()), float(levels[mask].mean() - levels[~mask].mean())
    return mask, share * (1 - share) * gap**2 / float(levels.var()), gap * top / 255


def _color_likelihood(lab: NDArray[np.float32], mask: Mask, neighbours: Mask) -> NDArray[np.float32]:
    """Log of how much more common each pixel's colour is inside ``mask`` than on the belt, smoothed."""
    rim = max(3, round(0.03 * max(mask.shape)))
    inside, outside = erosion(mask, size=rim), ~dilation(mask | neighbours, size=rim)
    if inside.sum() < 20 or outside.sum() < 20:
        return np.where(mask, np.float32(1), np.float32(-1))
    unit = (lab + np.array([0, 64, 64], np.float32)) / np.array([100, 128, 128], np.float32)
    bins = (np.clip(unit, 0, 0.999) * np.array(_COLOR_BINS)).astype(np.int64)
    index = np.ravel_multi_index((bins[..., 0], bins[..., 1], bins[..., 2]), _COLOR_BINS)
    ratio = np.log(_color_share(index[inside]) + 1e-5) - np.log(_color_share(index[outside]) + 1e-5)
    return np.asarray(cv2.GaussianBlur(ratio[index].astype(np.float32), (0, 0), 1.0), dtype=np.float32)


def _color_share(index: NDArray[np.int64]) -> FloatArray:
    """Smoothed histogram of colour bins that sums to 1."""
    counts = np.bincount(index.ravel(), minlength=int(np.prod(_COLOR_BINS))).reshape(_COLOR_BINS).astype(np.float64)
    for axis in range(3):
        counts = 0.5 * counts + 0.25 * (_shift(counts, 1, axis) + _shift(counts, -1, axis))
    return np.asarray(counts.ravel() / counts.sum())


def _shift(counts: FloatArray, step: int, axis: int) -> FloatArray:
    moved = np.roll(counts, step, axis=axis)
    edge = [slice(None)] * 3
    edge[axis] = slice(0, 1) if step > 0 else slice(-1, None)
    moved[tuple(edge)] = 0
    return moved


def _own_parts(mask: Mask, hint: Mask | None) -> Mask:
    """The object without specks and neighbours, also without neighbours that touch it.

    A neighbour that touches the object hangs on by a neck. It goes on outside the picture, so it is thought
    longer there: a corner of it then counts as a part and not as a spike.
    """
    kept = _select(opening(mask, size=3), hint)
    reach = max(3, round(0.06 * max(mask.shape)))
    suspect = _border(kept).any() if hint is None else (kept & ~dilation(hint, size=reach)).any()
    if not suspect:
        return kept
    margin = max(kept.shape) // 8
    longer = np.pad(kept, margin, mode="edge")
    parts = neck_split(longer, neck=_NECK, smallest_radius=0.025 * max(kept.shape))
    parts = parts[margin:-margin, margin:-margin]
    return kept & _own_labels(parts, hint)[parts]


def _select(mask: Mask, hint: Mask | None) -> Mask:
    """The connected parts that are the object."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    part = np.asarray(labels, dtype=np.int64)
    return np.asarray(_own_labels(part, hint)[part], dtype=np.bool_)


def _own_labels(labels: NDArray[np.int32] | IntArray, hint: Mask | None) -> Mask:
    """Which labels are the object; label 0 is belt.

    Not dirt, and mostly inside the hint. Without a hint: the main part, and pieces that the border of the picture
    does not cut along a broad front.
    """
    area = np.bincount(labels.ravel()).astype(np.float64)
    area[0] = 0
    if hint is not None:
        inside = np.bincount(labels[hint], minlength=len(area))
        return np.asarray((area > 0.001 * labels.size) & (inside > 0.5 * area))
    front = np.bincount(_border(labels), minlength=len(area)) / np.sqrt(np.maximum(area, 1))
    cut = front > _BROAD_FRONT
    main = int(np.argmax(area * np.where(cut, 0.35, 1.0)))
    own = ~cut & (area > max(0.02 * area[main], 0.001 * labels.size))
    own[main] = area[main] > 0
    return np.asarray(own, dtype=np.bool_)


def _border(array: NDArray[Any]) -> NDArray[Any]:
    """The outermost pixels, flat."""
    return np.concatenate([array[0], array[-1], array[1:-1, 0], array[1:-1, -1]])


def _fill_holes(mask: Mask, *, largest: int) -> Mask:
    """Holes of at most ``largest`` px filled; larger ones show the belt and stay."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats((~mask).astype(np.uint8), connectivity=8)
    height, width = mask.shape
    x, y, w, h = (stats[:, column] for column in range(4))
    open_side = (x == 0) | (y == 0) | (x + w == width) | (y + h == height)
    fill = ~open_side & (stats[:, cv2.CC_STAT_AREA] <= largest)
    fill[0] = False
    return mask | np.asarray(fill[labels], dtype=np.bool_) if count > 1 else mask
