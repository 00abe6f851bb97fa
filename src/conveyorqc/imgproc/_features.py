"""Numbers that describe one object: its outline, its surface, and the relief on it, whatever way it lies.

All are invariant to shift and (up to resampling) to rotation and mirroring, and free of scale except ``size``.
Lengths are in units of the root of the object's area. Fractions, logs and Lab/100 keep all of them near one, so
that 0.01 is a small difference in any of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, ImageU8, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc._framing import cut_view, object_square
from conveyorqc.imgproc._morphology import erosion
from conveyorqc.imgproc._opencv import cv2

__all__ = ["object_features", "object_view", "outline_features", "relief_features", "surface_features"]

_CONTOUR_POINTS = 512
_SAMPLE = 5000


def object_view(image: ImageU8, mask: Mask, /, *, size: int = 256) -> tuple[ImageU8, Mask]:
    """The object alone in a square view of ``size`` px, whatever its place and size in the picture.

    Args:
        image: (H, W, 3) uint8 BGR.
        mask: (H, W) bool, True on the object; at least one pixel.
        size: side of the view. More keeps finer texture and takes longer (squared).

    Returns:
        (size, size, 3) uint8 BGR and (size, size) bool; pixels beyond the picture repeat its edge.

    Raises:
        InvalidInput: if the shapes do not fit or the mask is empty.
    """
    return cut_view(image, mask, object_square(mask), size=size)


def object_features(view: ImageU8, mask: Mask, /) -> tuple[dict[str, float], dict[str, float], dict[str, float]]:
    """`outline_features`, `surface_features` and `relief_features` of a view, a little quicker than one by one."""
    lab = _lab(view)
    return outline_features(mask), _surface(lab, mask), _relief(lab, mask)


def outline_features(mask: Mask, /) -> dict[str, float]:
    """Shape of a mask, as left by `object_view`: how round, how solid, how ragged, in how many parts.

    Args:
        mask: (S, S) bool with at least one pixel; the outermost rows and columns are belt.

    Elongation, fill and Hu's moments (1962), DOI 10.1109/TIT.1962.1057692; gaps of the convex hull; Fourier
    spectrum of the radius (Zahn and Roskies 1972, DOI 10.1109/TC.1972.5008949); raggedness against smoothed
    contours; and the share of object around each contour pixel, which is high in notches and low on spikes
    (integral invariants, Manay et al. 2006, DOI 10.1109/TPAMI.2006.208).
    """
    solid = np.ascontiguousarray(mask).astype(np.uint8)
    contours, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        raise InvalidInput("mask: expected at least one pixel of object, got none")
    unit = float(np.sqrt(solid.sum()))
    points = np.concatenate(contours)
    hull = cv2.convexHull(points)
    return {
        **_fills(solid, points, hull, unit),
        **_parts(solid, contours),
        **_hull_gaps(solid, hull, unit),
        **_hu_moments(solid),
        **_radius(solid, points, unit),
        **_raggedness(contours, unit),
        **_coverage(solid, contours, unit),
    }


def _fills(solid: NDArray[np.uint8], points: NDArray[Any], hull: NDArray[Any], unit: float) -> dict[str, float]:
    """How much of the simple figures around it the object fills."""
    area = unit**2
    _, (width, height), _ = cv2.minAreaRect(points)
    long, short = max(width, height) + 1, min(width, height) + 1
    _, radius = cv2.minEnclosingCircle(points)
    depth = cv2.distanceTransform(np.pad(solid, 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
    return {
        "solidity": min(area / max(cv2.contourArea(hull), 1.0), 1.5),
        "rectangle_fill": area / (long * short),
        "circle_fill": area / (np.pi * (radius + 0.5) ** 2),
        "elongation": float(np.log(long / short)),
        "hull_perimeter": float(np.log((cv2.arcLength(hull, closed=True) + 1) / unit)),
        "deepest": float(depth.max()) / unit,
        "mean_depth": float(depth[solid > 0].mean()) / unit,
    }


def _parts(solid: NDArray[np.uint8], contours: Any) -> dict[str, float]:
    """Pieces and holes."""
    filled = np.zeros_like(solid)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    areas = np.array([cv2.contourArea(contour) + 1 for contour in contours])
    share = areas / areas.sum()
    return {
        "pieces": float(np.log((share > 0.01).sum())),
        "main_piece": float(share.max()),
        "holes": 1 - float(solid.sum()) / float(filled.sum()),
    }


def _hull_gaps(solid: NDArray[np.uint8], hull: NDArray[Any], unit: float) -> dict[str, float]:
    """The three largest regions between object and convex hull: root of area, depth; and the widest gap."""
    inside_hull = np.zeros_like(solid)
    cv2.drawContours(inside_hull, [hull], -1, 1, cv2.FILLED)
    gap = inside_hull & (1 - solid)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(gap)
    depth = np.zeros(count + 3)
    np.maximum.at(depth, labels[gap > 0].astype(np.int64), cv2.distanceTransform(inside_hull, cv2.DIST_L2, 5)[gap > 0])
    areas = np.concatenate([stats[1:, cv2.CC_STAT_AREA], np.zeros(3)])
    features = {"gap_width": float(cv2.distanceTransform(gap, cv2.DIST_L2, 5).max()) / unit}
    for rank, (area, deep) in enumerate(zip(np.sort(areas)[::-1][:3], np.sort(depth)[::-1][:3], strict=True)):
        features[f"gap_{rank}_area"] = float(np.sqrt(area)) / unit
        features[f"gap_{rank}_depth"] = float(deep) / unit
    return features


def _hu_moments(solid: NDArray[np.uint8]) -> dict[str, float]:
    hu = cv2.HuMoments(cv2.moments(solid, binaryImage=True)).ravel()
    return {f"hu_{order}": float(np.log(abs(hu[order]) + 1e-7)) for order in range(4)}


def _radius(solid: NDArray[np.uint8], points: NDArray[Any], unit: float) -> dict[str, float]:
    """Outermost radius in 64 directions from the centroid: spectrum, minimum, jumps."""
    y, x = np.nonzero(solid)
    dx, dy = points[:, 0, 0] - x.mean(), points[:, 0, 1] - y.mean()
    direction = np.floor(np.arctan2(dy, dx) / (2 * np.pi) * 64).astype(np.int64) % 64
    profile = np.zeros(64)
    np.maximum.at(profile, direction, (np.hypot(dx, dy) + 0.5) / unit)
    seen = np.flatnonzero(profile)
    profile = np.interp(np.arange(64), seen, profile[seen], period=64)
    jumps = np.abs(np.diff(profile, append=profile[0]))
    spectrum = np.log(np.abs(np.fft.rfft(profile))[1:11] / 64 + 0.01)
    return {
        "radius_low": float(profile.min()),
        "radius_jump": float(jumps.max()),
        "radius_jump_90": float(np.quantile(jumps, 0.9)),
        **{f"radius_wave_{order}": float(value) for order, value in enumerate(spectrum, start=1)},
    }


def _raggedness(contours: Any, unit: float) -> dict[str, float]:
    """Length and deviation of the longest contour against itself smoothed by dropping its higher frequencies."""
    smooth = {order: [_low_pass(contour, order) for contour in contours] for order in (4, 8, 16, 40)}
    longest = int(np.argmax([len(contour) for contour in contours]))
    length = {order: [_length(curve) for curve in curves] for order, curves in smooth.items()}
    fine, coarse = length[40][longest], length[4][longest]
    features = {
        "circularity": float(np.log(4 * np.pi * unit**2 / sum(length[40]) ** 2)),
        "ragged": float(np.log(fine / coarse)),
        "ragged_coarse": float(np.log(length[16][longest] / coarse)),
        "ragged_fine": float(np.log(fine / length[16][longest])),
    }
    for order in (4, 8, 16):
        off = smooth[40][longest] - smooth[order][longest]
        features[f"deviation_{order}"] = float(np.sqrt(np.mean(np.abs(off) ** 2))) / unit
    return features


def _low_pass(contour: NDArray[Any], order: int) -> NDArray[np.complex128]:
    """A closed contour, evenly resampled, with only its ``order`` lowest frequencies."""
    curve = contour[:, 0, 0] + 1j * contour[:, 0, 1]
    closed = np.append(curve, curve[0])
    way = np.concatenate([[0.0], np.cumsum(np.abs(np.diff(closed)))])
    even = np.interp(np.linspace(0, way[-1], _CONTOUR_POINTS, endpoint=False), way, closed)
    waves = np.fft.fft(even)
    waves[order + 1 : -order] = 0
    return np.asarray(np.fft.ifft(waves), dtype=np.complex128)


def _length(curve: NDArray[np.complex128]) -> float:
    return float(np.abs(np.diff(curve, append=curve[:1])).sum()) + 1.0


def _coverage(solid: NDArray[np.uint8], contours: Any, unit: float) -> dict[str, float]:
    """Share of object around each contour pixel at three scales: quantiles and spread along the contour."""
    rim = np.zeros_like(solid)
    cv2.drawContours(rim, contours, -1, 1, 1)
    features: dict[str, float] = {}
    for scale in (4, 8, 16):
        around = _smooth(solid.astype(np.float32), scale / 100 * unit)[rim > 0]
        shares = _quantiles(around, (0.01, 0.1, 0.9, 0.99))
        for name, share in zip(("spike", "corner", "bay", "notch"), shares, strict=True):
            features[f"{name}_{scale}"] = float(share)
        features[f"coverage_spread_{scale}"] = float(around.std())
    return features


def surface_features(view: ImageU8, mask: Mask, /) -> dict[str, float]:
    """Colour and texture of the object, a little inside its outline.

    Args:
        view: (S, S, 3) uint8 BGR.
        mask: (S, S) bool with at least one pixel.

    CIELAB statistics; contrast in octave bands of lightness; local binary patterns, rotation invariant and
    uniform, at three radii (Ojala et al. 2002, DOI 10.1109/TPAMI.2002.1017623).
    """
    return _surface(_lab(view), mask)


def _surface(lab: NDArray[np.float32], mask: Mask) -> dict[str, float]:
    unit = float(np.sqrt(max(mask.sum(), 1)))
    inside = _inner(mask, 0.05 * unit)
    features: dict[str, float] = {}
    for channel, name in enumerate(("lightness", "green_red", "blue_yellow")):
        values = lab[..., channel][inside] / 100
        features[f"{name}_mean"], features[f"{name}_spread"] = float(values.mean()), float(values.std())
        for percent, value in zip((5, 25, 75, 95), _quantiles(values, (0.05, 0.25, 0.75, 0.95)), strict=True):
            features[f"{name}_{percent}"] = float(value)
    return {**features, **_bands(lab[..., 0], inside), **_binary_patterns(lab[..., 0], inside)}


def _bands(lightness: NDArray[np.float32], inside: Mask) -> dict[str, float]:
    """Log contrast in octave bands: overall, of the bright and of the dark details."""
    features: dict[str, float] = {}
    finer = _smooth(lightness, 0.7)
    for octave in range(4):
        coarser = _smooth(lightness, 1.4 * 2**octave)
        detail = (finer - coarser)[inside]
        dark, bright = _quantiles(detail, (0.02, 0.98))
        features[f"contrast_{octave}"] = float(np.log(detail.std() + 0.05))
        features[f"bright_{octave}"] = float(np.log(max(bright, 0.0) + 0.05))
        features[f"dark_{octave}"] = float(np.log(max(-dark, 0.0) + 0.05))
        finer = coarser
    return features


def _binary_patterns(lightness: NDArray[np.float32], inside: Mask) -> dict[str, float]:
    features: dict[str, float] = {}
    for radius in (1, 2, 4):
        # A step of a quarter of a Lab unit: sensor noise on a flat surface is no texture.
        levels = np.round(_smooth(lightness, 0.5 * radius) * 4)
        for kind, share in enumerate(_pattern_shares(levels, inside, radius)):
            features[f"pattern_{radius}_{kind}"] = float(share)
    return features


def _pattern_shares(levels: NDArray[np.float32], inside: Mask, radius: int) -> FloatArray:
    """Shares of the 10 kinds of pattern: number of brighter neighbours 0-8 in one run, or 9 for several runs."""
    height, width = levels.shape
    center = levels[radius : height - radius, radius : width - radius]
    code = np.zeros(center.shape, np.uint8)
    ring = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    for bit, (down, right) in enumerate(ring):
        y, x = radius * (1 + down), radius * (1 + right)
        brighter = levels[y : y + center.shape[0], x : x + center.shape[1]] >= center
        code |= brighter.astype(np.uint8) << bit
    counts = np.bincount(code[inside[radius : height - radius, radius : width - radius]], minlength=256)
    return np.asarray(np.bincount(_PATTERN_KINDS, counts, minlength=10) / max(counts.sum(), 1))


def _pattern_kinds() -> NDArray[np.int64]:
    """Kind of each of the 256 codes."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    runs = (bits != np.roll(bits, 1, axis=1)).sum(axis=1)
    return np.where(runs <= 2, bits.sum(axis=1), 9).astype(np.int64)


_PATTERN_KINDS = _pattern_kinds()


def relief_features(view: ImageU8, mask: Mask, /) -> dict[str, float]:
    """Contours on the object: long ones are rims of something that lies on it, or cracks.

    Edges of lightness well inside the outline, at two scales; their strength, and how far the longest connected
    ones reach. Plus slow changes of colour, as between two objects that overlap.

    Args:
        view: (S, S, 3) uint8 BGR.
        mask: (S, S) bool with at least one pixel.
    """
    return _relief(_lab(view), mask)


def _relief(lab: NDArray[np.float32], mask: Mask) -> dict[str, float]:
    unit = float(np.sqrt(max(mask.sum(), 1)))
    inside = _inner(mask, 0.12 * unit)
    features: dict[str, float] = {}
    for name, scale in (("fine", 0.012), ("coarse", 0.03)):
        features.update(_edges(lab[..., 0], inside, unit, scale * unit, name))
    for channel, name in enumerate(("lightness", "green_red", "blue_yellow")):
        slow = _smooth(lab[..., channel], 0.08 * unit)[inside]
        features[f"slow_{name}"] = float(np.log(slow.std() + 0.1))
    return features


def _edges(lightness: NDArray[np.float32], inside: Mask, unit: float, sigma: float, name: str) -> dict[str, float]:
    smooth = _smooth(lightness, sigma)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 8, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 8
    strength = (np.hypot(dx, dy) * unit)[inside]
    levels = np.log(_quantiles(strength, (0.5, 0.9, 0.98)) + 0.5)
    features = {f"{name}_edge_{percent}": float(level) for percent, level in zip((50, 90, 98), levels, strict=True)}
    low, high = _quantiles((np.abs(dx) + np.abs(dy))[inside], (0.8, 0.93)) * 64
    edges = cv2.Canny((dx * 64).astype(np.int16), (dy * 64).astype(np.int16), float(low), float(high))
    _, _, stats, _ = cv2.connectedComponentsWithStats(np.where(inside, edges, 0).astype(np.uint8))
    reach = np.hypot(stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_HEIGHT]) / unit
    longest = np.sort(np.append(reach, [0.0, 0.0]))[::-1]
    features[f"{name}_longest"], features[f"{name}_second"] = float(longest[0]), float(longest[1])
    features[f"{name}_reach"] = float(np.sqrt((reach**2).sum()))
    features[f"{name}_length"] = float(stats[1:, cv2.CC_STAT_AREA].sum()) / unit / 10
    return features


def _quantiles(values: NDArray[Any], shares: Sequence[float]) -> FloatArray:
    """Quantiles of flat values, of every k-th where there are very many: a sort of a sample is far quicker."""
    ordered = np.sort(values[:: max(1, len(values) // _SAMPLE)])
    return np.asarray(np.interp(np.array(shares) * (len(ordered) - 1), np.arange(len(ordered)), ordered))


def _smooth(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian mean; a wide one is taken at a coarser size, which costs far less and changes little."""
    step = 2 ** max(0, int(np.log2(max(sigma, 1.0) / 3)))
    if step == 1:
        return np.asarray(cv2.GaussianBlur(plane, (0, 0), max(0.3, sigma)), dtype=np.float32)
    height, width = plane.shape
    small = cv2.resize(plane, (max(1, width // step), max(1, height // step)), interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(small, (0, 0), sigma / step)
    return np.asarray(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _lab(view: ImageU8) -> NDArray[np.float32]:
    """CIELAB: L 0-100, a and b around 0."""
    return np.asarray(cv2.cvtColor(view.astype(np.float32) / 255, cv2.COLOR_BGR2Lab), dtype=np.float32)


def _inner(mask: Mask, depth: float) -> Mask:
    """The object without its rim of half ``depth`` px; the whole object where nothing would be left."""
    inner = erosion(np.pad(mask, 1), size=max(3, round(depth)))[1:-1, 1:-1]
    return inner if inner.sum() >= 50 else mask
