"""The empty belt behind the objects of a clip: for each pixel the commonest colour that goes with its surroundings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, IntArray, Mask, as_image
from conveyorqc.detect._belt import BeltAppearance
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.imgproc import blur, local_range

__all__ = ["learn_belt"]

_FEWEST_SAMPLES = 5

_LEAST_NOISE = (2.5, 1.0, 1.0)
"""Standard deviation of Y, Cr, Cb below which a measured noise is not believed: compression hides it."""

_LEAST_TOLERANCE = (8.0, 4.0, 4.0)
"""Levels of Y, Cr, Cb by which one and the same surface may always differ from sample to sample."""

_TOLERANCE = 2.9
"""Standard deviations of the noise by which it may otherwise differ."""

_ROWS_AT_ONCE = 8
"""Rows of all samples that are worked on together, so that they stay in the processor's cache."""

_PIXEL_STEP = 4
"""Every how many rows and columns a pixel tells of the noise."""

_COLORS = 3
"""Different colours of a pixel that are candidates for the belt."""

_SURE = 0.7
"""Share of the samples that show one colour, above which a pixel is asked no more: it is belt, or fixed."""

_LEAST_SUPPORT = 0.04
"""Share of the samples below which a colour is taken for chance."""

_UNSEEN = 0.003
"""Share that a colour seen nearby is taken to have at a pixel which never showed it: less than any that was seen."""

_FIXED = 0.97
"""Share of the samples that show one colour, above which nothing passes here, so that it says nothing of the belt."""

_VOUCHING = 0.8
"""The same, above which a pixel also speaks for those beside it."""

_BESIDE = 9
"""Px of the square in which a sure pixel's colour vouches for the same colour: an edge of something fixed shakes."""

_WIDEST = 5.0
"""Tolerances beyond which a colour is simply different from its surroundings."""

_SURROUNDINGS = (4, 8, 16, 16)
"""The frame's longer side by the standard deviations of the neighbourhoods that are asked, in turn."""


def learn_belt(samples: Sequence[NDArray[np.uint8]], /) -> BeltAppearance:
    """The belt behind the objects of ``samples``.

    For each pixel it takes the colour that most samples agree on, not the median: objects differ from each other
    more than the belt differs from itself, so the belt wins also where objects cover a pixel half of the time. On a
    crowded belt the commonest colour of a pixel may still be that of the products. So where no colour is sure, that one
    is taken which goes with the pixel's surroundings: a belt looks alike all along, and between the objects it shows.
    A pixel that never shows such a colour gets that of its surroundings.

    Args:
        samples: (h, w, 3) uint8 Y Cr Cb pictures of one size, spread over the belt's travel; 5 at least, 30-60
            are good.

    Raises:
        CalibrationError: if there are fewer than 5.
        InvalidInput: if they are no such pictures, or of different sizes.
    """
    if len(samples) < _FEWEST_SAMPLES:
        raise CalibrationError(f"expected at least {_FEWEST_SAMPLES} pictures of the belt, got {len(samples)}")
    checked = [as_image(sample, name="samples") for sample in samples]
    if len({sample.shape for sample in checked}) > 1:
        raise InvalidInput(f"samples: expected one size, got {sorted({sample.shape[:2] for sample in checked})}")
    planes = np.stack(checked).transpose(3, 0, 1, 2)
    tolerance = _tolerance(planes)
    parts = [
        _commonest(planes[:, :, row : row + _ROWS_AT_ONCE].astype(np.int16, order="C"), tolerance)
        for row in range(0, planes.shape[2], _ROWS_AT_ONCE)
    ]
    colors, variances, support = (np.concatenate(part, axis=-2) for part in zip(*parts, strict=True))
    picture, chosen = _fitting(colors, support, tolerance)
    seen = chosen < len(colors)
    variance = _of(variances, np.where(seen, chosen, 0))[:, seen]
    sigma = np.sqrt(np.percentile(variance, 75, axis=1)) if seen.any() else np.zeros(3)
    luma, red, blue = np.maximum(sigma, _LEAST_NOISE).tolist()
    return BeltAppearance(np.rint(picture.transpose(1, 2, 0)).astype(np.uint8, order="C"), (luma, red, blue))


def _tolerance(planes: NDArray[np.uint8]) -> IntArray:
    """(3,) how much Y, Cr, Cb of one and the same surface differ between samples; ``planes`` is (3, N, h, w).

    From the narrowest range that holds a third of a pixel's samples, so that objects need not be rare.
    """
    ordered = np.sort(planes[:, :, ::_PIXEL_STEP, ::_PIXEL_STEP].astype(np.int16), axis=1)
    third = -(-ordered.shape[1] // 3)
    narrowest = (ordered[:, third:] - ordered[:, :-third]).min(axis=1)
    sigma = np.percentile(narrowest.reshape(3, -1), 25, axis=1) / 0.86  # the middle third of a normal distribution
    return np.asarray(np.maximum(_TOLERANCE * sigma, _LEAST_TOLERANCE), dtype=np.int64)


def _commonest(planes: NDArray[np.int16], tolerance: IntArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each pixel of ``planes`` (3, N, h, w) the colours that most samples agree on, commonest first.

    Returns:
        mean and variance (K, 3, h, w) of each group that agrees, and its share of the samples (K, h, w).
    """
    agreeing = _support(planes, tolerance)
    groups = []
    for _ in range(_COLORS):
        best = np.take_along_axis(planes, agreeing.argmax(axis=0)[None, None], axis=1)
        group = _near(planes, best, tolerance)
        count = group.sum(axis=0)
        mean = np.where(group, planes, 0).sum(axis=1, dtype=np.int64) / count
        variance = np.where(group, (planes - mean[:, None]) ** 2, 0.0).sum(axis=1) / count
        groups.append((mean, variance, np.where(agreeing.max(axis=0) < 0, 0.0, count / planes.shape[1])))
        agreeing[_near(planes, best, 2 * tolerance)] = -1
    mean, variance, share = (np.stack(values) for values in zip(*groups, strict=True))
    return mean, variance, share


def _support(planes: NDArray[np.int16], tolerance: IntArray) -> NDArray[np.int16]:
    """(N, h, w) how many other samples agree with each."""
    support = np.zeros(planes.shape[1:], np.int16)
    for i in range(1, planes.shape[1]):
        agree = _near(planes[:, :i], planes[:, i, None], tolerance)
        support[:i] += agree
        support[i] += agree.sum(axis=0, dtype=np.int16)
    return support


def _near(planes: NDArray[np.int16], others: NDArray[np.int16], tolerance: IntArray) -> Mask:
    """(N, h, w) whether all three of Y, Cr, Cb agree."""
    luma, red, blue = (np.abs(planes[c] - others[c]) <= tolerance[c] for c in range(3))
    return np.asarray(luma & red & blue, dtype=np.bool_)


def _fitting(colors: FloatArray, support: FloatArray, tolerance: IntArray) -> tuple[FloatArray, IntArray]:
    """The belt (3, h, w): of ``colors`` (K, 3, h, w) one that is common at its pixel and like its surroundings.

    Also (h, w) which of the colours it is; K where it is that of the surroundings.
    """
    picture, chosen = colors[0], np.zeros(support.shape[1:], np.int64)
    sure = support[0] >= _SURE
    sure |= _vouched_for(colors[0], support[0] >= _VOUCHING, tolerance)
    share = np.concatenate([support, np.full((1, *sure.shape), _UNSEEN)])
    nearby = tolerance * (2, 1, 1)  # light differs from place to place more than colour does
    passed = support[0] < _FIXED
    trust = np.where(passed, support[0] ** 4, 0.0)
    for part in _SURROUNDINGS:
        around = _weighted_mean(picture, trust, sigma=max(sure.shape) / part)
        candidates = np.concatenate([colors, around[None]])
        apart = (np.abs(candidates - around) / nearby[:, None, None]).max(axis=1)
        score = np.log(np.maximum(share, 1e-9)) - np.minimum(apart, _WIDEST)
        score[:-1][support < _LEAST_SUPPORT] = -np.inf
        score[0, sure] = np.inf
        chosen = score.argmax(axis=0)
        picture, own = _of(candidates, chosen), _of(share, chosen)
        trust = np.where(_of(apart, chosen) < 1, np.maximum(own, 0.5), own) ** 4 * passed
    return picture, chosen


def _vouched_for(picture: FloatArray, sure: Mask, tolerance: IntArray) -> Mask:
    """(h, w) where ``picture`` (3, h, w) shows a colour that sure pixels close by show too, or one between theirs."""
    levels = np.rint(picture.transpose(1, 2, 0)).astype(np.uint8)
    low, _ = local_range(np.where(sure[..., None], levels, np.uint8(255)), size=_BESIDE)
    _, high = local_range(np.where(sure[..., None], levels, np.uint8(0)), size=_BESIDE)
    inside = (levels >= low - tolerance) & (levels <= high + tolerance)
    return np.asarray(inside.all(axis=-1), dtype=np.bool_)


def _of(values: FloatArray, chosen: IntArray) -> FloatArray:
    """Of ``values`` (K, …, h, w) those that ``chosen`` (h, w) names, (…, h, w)."""
    index = chosen.reshape((1,) * (values.ndim - 2) + chosen.shape)
    return np.asarray(np.take_along_axis(values, index, axis=0)[0])


def _weighted_mean(picture: FloatArray, weight: FloatArray, *, sigma: float) -> FloatArray:
    """Gaussian mean of ``picture`` (3, h, w), in which pixels count by ``weight`` (h, w)."""
    total = np.maximum(blur(weight, sigma=sigma), 1e-9)
    return np.stack([blur(plane * weight, sigma=sigma) / total for plane in picture]).astype(np.float64)
