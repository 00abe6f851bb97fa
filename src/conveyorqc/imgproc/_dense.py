"""A map of numbers over a view: what each place looks like, whichever way the object lies."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask, as_image, as_mask
from conveyorqc.imgproc._opencv import cv2

__all__ = ["DENSE_CHANNELS", "box_context", "dense_features"]

DENSE_CHANNELS = 37
"""9 colours, 6 spreads of colour, 8 contrasts, 10 of edges and their directions, 4 of the outline."""

_STEP = 4
_Map = NDArray[np.float32]


def dense_features(view: ImageU8, mask: Mask, /) -> _Map:
    """What is at each place of a view, on a grid of one cell per 4 x 4 px.

    Colour in CIELAB at three scales and its local spread at two; contrast in four octave bands of lightness, and of
    the bright details alone; strength of edges and how much they agree on a direction, by the circular harmonics of
    the doubled angle (one direction, a corner, a crossing); and the share of object around, which tells outline from
    inside. None of them changes when the view is turned or mirrored, beyond resampling.

    Args:
        view: (S, S, 3) uint8 BGR, S a multiple of 4; see `object_view`.
        mask: (S, S) bool, True on the object.

    Returns:
        (S / 4, S / 4, 37) float32, all of the order of one.

    Raises:
        InvalidInput: if the shapes do not fit.
    """
    image = as_image(view)
    own = as_mask(mask, image.shape[:2])
    plain = cv2.cvtColor(image.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
    lab = np.asarray(plain / np.array([100, 60, 60], np.float32), dtype=np.float32)
    lightness = np.ascontiguousarray(lab[..., 0])
    return np.concatenate([_colors(lab), _contrasts(lightness), _edges(lightness), _outline(own)], axis=2)


def box_context(features: _Map, /) -> _Map:
    """(h, w, 2 d) the features of each cell and their mean over the 5 x 5 cells around it."""
    return np.concatenate([features, cv2.blur(features, (5, 5))], axis=2)


def _colors(lab: _Map) -> _Map:
    means, squares = _pooled(lab), _pooled(lab * lab)
    scales = [_spread(means, sigma) for sigma in (0.4, 1.0, 2.0)]
    spreads = [
        np.sqrt(np.maximum(_spread(squares, sigma) - _spread(means, sigma) ** 2, 0)) * 4 for sigma in (0.75, 1.75)
    ]
    return np.concatenate([*scales, *spreads], axis=2)


def _contrasts(lightness: _Map) -> _Map:
    """Bands between blurs of .7, 1.4, 2.8 and 5.6 px, the two coarse ones at half the size."""
    channels, finer = [], lightness
    fine = cv2.GaussianBlur(lightness, (0, 0), 0.7)
    middle = cv2.GaussianBlur(lightness, (0, 0), 1.4)
    half = cv2.resize(middle, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    coarse = cv2.GaussianBlur(half, (0, 0), 1.2)
    bands = (finer - fine, fine - middle, half - coarse, coarse - cv2.GaussianBlur(coarse, (0, 0), 2.4))
    for band, sigma in zip(bands, (0.5, 0.75, 1.25, 1.75), strict=True):
        both = np.dstack([np.abs(band), np.maximum(band, 0)])
        channels.append(_spread(_pooled(both, by=_STEP * band.shape[0] // lightness.shape[0]), sigma) * 4)
    return np.concatenate(channels, axis=2)


def _edges(lightness: _Map) -> _Map:
    smooth = cv2.GaussianBlur(lightness, (0, 0), 0.7)
    dx, dy = cv2.Sobel(smooth, cv2.CV_32F, 1, 0) / 4, cv2.Sobel(smooth, cv2.CV_32F, 0, 1) / 4
    strength = np.sqrt(dx * dx + dy * dy) + np.float32(1e-6)
    cos, sin = dx / strength, dy / strength
    waves: list[NDArray[Any]] = [strength, dx, dy]
    real, imaginary = cos * cos - sin * sin, 2 * cos * sin
    cos2, sin2 = real, imaginary
    for order in (1, 2, 3):
        waves += [strength * real, strength * imaginary]
        if order < 3:
            real, imaginary = real * cos2 - imaginary * sin2, real * sin2 + imaginary * cos2
    pooled = _pooled(np.dstack(waves))
    channels = []
    for sigma in (0.75, 1.5):
        mean = _spread(pooled, sigma)
        agreed = np.sqrt(mean[..., 1::2] ** 2 + mean[..., 2::2] ** 2)
        channels += [mean[..., :1], agreed]
    return np.concatenate(channels, axis=2) * 3


def _outline(own: Mask) -> _Map:
    share = _pooled(own.astype(np.float32)[..., None])
    return np.concatenate([_spread(share, sigma) for sigma in (0.5, 1.25, 2.5, 5.0)], axis=2)


def _pooled(planes: NDArray[Any], *, by: int = _STEP) -> _Map:
    height, width = planes.shape[:2]
    small = cv2.resize(planes, (width // by, height // by), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.float32).reshape(height // by, width // by, -1)


def _spread(grid: _Map, sigma: float) -> _Map:
    smooth = cv2.GaussianBlur(grid, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(smooth, dtype=np.float32).reshape(grid.shape)
