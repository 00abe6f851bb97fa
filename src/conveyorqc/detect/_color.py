"""`ColorThresholdDetector`: the article's method, chroma key with shadow and edge masks taken away."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from conveyorqc.core import Boxes, Detections, Frame, ImageU8, Mask, Region, as_mask
from conveyorqc.detect._blobs import BlobFinder
from conveyorqc.detect._finder import ObjectFinder, Seen
from conveyorqc.detect._strip import EntryStrip
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import (
    ColorRange,
    canny_edges,
    closing,
    color_mask,
    dilation,
    erosion,
    fill_holes,
    opening,
    resize,
)

__all__ = [
    "Closing",
    "ColorThresholdDetector",
    "Dilation",
    "EdgeMask",
    "Erosion",
    "FillHoles",
    "MaskOp",
    "Opening",
    "ShadowMask",
]

MaskOp: TypeAlias = Callable[[Mask], Mask]
"""One step on an (H, W) bool mask; any function with this shape fits beside the ones below."""


@dataclass(frozen=True, slots=True)
class _Sized:
    """``size``: full width of the square neighbourhood, 1-255 px of the mask; even ones count as the next odd one."""

    size: int

    def __post_init__(self) -> None:
        if not 1 <= self.size <= 255:
            raise InvalidInput(f"size: expected 1-255 px, got {self.size}")


@dataclass(frozen=True, slots=True)
class Erosion(_Sized):
    """Shrink the objects by ``size // 2`` px: loosens objects that touch, removes noise.

    >>> mask = np.zeros((5, 5), bool)
    >>> mask[1:4, 1:4] = True
    >>> int(Erosion(3)(mask).sum())
    1
    """

    def __call__(self, mask: Mask, /) -> Mask:
        """The eroded copy of ``mask``."""
        return erosion(mask, size=self.size)


@dataclass(frozen=True, slots=True)
class Dilation(_Sized):
    """Grow the objects by ``size // 2`` px: closes cracks, and joins neighbours."""

    def __call__(self, mask: Mask, /) -> Mask:
        """The dilated copy of ``mask``."""
        return dilation(mask, size=self.size)


@dataclass(frozen=True, slots=True)
class Opening(_Sized):
    """Remove what is thinner than ``size`` px and keep the rest as large as it was."""

    def __call__(self, mask: Mask, /) -> Mask:
        """The opened copy of ``mask``."""
        return opening(mask, size=self.size)


@dataclass(frozen=True, slots=True)
class Closing(_Sized):
    """Fill gaps narrower than ``size`` px."""

    def __call__(self, mask: Mask, /) -> Mask:
        """The closed copy of ``mask``."""
        return closing(mask, size=self.size)


@dataclass(frozen=True, slots=True)
class FillHoles:
    """Make belt that is enclosed by object part of the object."""

    def __call__(self, mask: Mask, /) -> Mask:
        """The filled copy of ``mask``."""
        return fill_holes(mask)


@dataclass(frozen=True, slots=True)
class ShadowMask:
    """Shadows by colour threshold.

    Attributes:
        colors: ranges that shadows on this belt have, at least one; they are close to the belt's colour and darker.

    Raises:
        InvalidInput: if there is no range.

    >>> shadow = ShadowMask((ColorRange("hsv", (90, 30, 20), (130, 255, 90)),))
    >>> shadow(np.zeros((4, 4, 3), np.uint8)).any()
    np.False_
    """

    colors: tuple[ColorRange, ...]

    def __post_init__(self) -> None:
        if not self.colors:
            raise InvalidInput("colors: expected at least one range, got none")

    def __call__(self, image: ImageU8, /) -> Mask:
        """(H, W) bool, True on shadow, of an (H, W, 3) uint8 BGR picture."""
        return _any_of(image, self.colors)


@dataclass(frozen=True, slots=True)
class EdgeMask:
    """Outlines by Canny edge detection, to cut objects that touch.

    Attributes:
        low, high: limits of the hysteresis on the gradient. Lower cuts more, and tears objects that have edges
            inside (chips, cracks).
        width: px that the edges are made wide before they are taken away; even ones count as the next odd one. More
            cuts more surely, and takes more from the objects.

    Raises:
        InvalidInput: if ``low`` is negative or above ``high``, or ``width`` is not in 1-255.

    Reference: J. Canny, A computational approach to edge detection, 1986, DOI 10.1109/TPAMI.1986.4767851.
    """

    low: float = 60.0
    high: float = 160.0
    width: int = 1

    def __post_init__(self) -> None:
        if not (0 <= self.low <= self.high and math.isfinite(self.high)):
            raise InvalidInput(f"low, high: expected 0 <= low <= high, got {self.low} and {self.high}")
        if not 1 <= self.width <= 255:
            raise InvalidInput(f"width: expected 1-255 px, got {self.width}")

    def __call__(self, image: ImageU8, /) -> Mask:
        """(H, W) bool, True on edges, of an (H, W, 3) uint8 BGR picture."""
        return dilation(canny_edges(image, low=self.low, high=self.high), size=self.width)


class ColorThresholdDetector:
    """Finds objects by colour, as the article does.

    Mask = what has an object colour (or has no belt colour), less the shadow mask, less the edge mask, then the
    steps of ``cleaning`` in order, then a `BlobFinder`. The article's plain recipe is ``blobs`` without
    ``diameter`` (nothing is cut or joined) and an `EdgeMask`, which separates only part of the touching objects;
    with a ``diameter`` the blobs are cut at their necks and the edge mask is not needed.

    Args:
        belt: colour ranges of the belt; what is outside all of them is object. Give these or ``objects``.
        objects: colour ranges of the objects. With both, an object pixel must be in one of these and in none of
            ``belt``.
        blobs: what counts as one object.
        shadow: mask that is taken away, such as `ShadowMask`; any callable from an (H, W, 3) uint8 BGR picture to
            an (H, W) bool mask fits.
        edges: as ``shadow``, such as `EdgeMask`; it cuts objects for finding them, and is not cut out of what
            `segment` gives.
        cleaning: mask operations in working px, in this order. They serve the finding too.
        ratio: R of the article, 0-1: the frame is downscaled by this before anything else. Lower is faster and
            loses small objects.
        strip: look only where objects come in; None looks everywhere.

    Raises:
        InvalidInput: if neither ``belt`` nor ``objects`` is given, or ``ratio`` is outside (0, 1]. `detect` and
            `segment` raise it when a mask of ``shadow``, ``edges`` or ``cleaning`` is none or has another size.
    """

    def __init__(
        self,
        *,
        belt: Sequence[ColorRange] = (),
        objects: Sequence[ColorRange] = (),
        blobs: BlobFinder,
        shadow: Callable[[ImageU8], Mask] | None = None,
        edges: Callable[[ImageU8], Mask] | None = None,
        cleaning: Sequence[MaskOp] = (),
        ratio: float = 1.0,
        strip: EntryStrip | None = None,
    ) -> None:
        if not belt and not objects:
            raise InvalidInput("belt: expected colour ranges of the belt or of the objects, got neither")
        if not 0 < ratio <= 1:
            raise InvalidInput(f"ratio: expected a number above 0 and at most 1, got {ratio}")
        masker = _ColorMasker(tuple(belt), tuple(objects), shadow, edges, tuple(cleaning), ratio)
        self._finder = ObjectFinder(masker, blobs=blobs, strip=strip)

    def detect(self, frame: Frame, /) -> Detections:
        """Every object in ``frame`` (or in the entry strip), boxes in full-frame px."""
        return self._finder.detect(frame)

    def segment(self, frame: Frame, box: Boxes, /) -> Mask:
        """The pixels of the object that fills ``box`` most, at full resolution."""
        return self._finder.segment(frame, box)


@dataclass(frozen=True, slots=True)
class _ColorMasker:
    belt: tuple[ColorRange, ...]
    objects: tuple[ColorRange, ...]
    shadow: Callable[[ImageU8], Mask] | None
    edges: Callable[[ImageU8], Mask] | None
    cleaning: tuple[MaskOp, ...]
    ratio: float

    def coarse(self, frame: Frame, region: Region, /) -> Seen:
        image = frame.bgr_in(region)
        if self.ratio < 1:
            width, height = (max(1, round(side * self.ratio)) for side in (image.shape[1], image.shape[0]))
            image = resize(image, width=width, height=height, method="linear")
        mask = self._foreground(image)
        if self.edges is not None:
            mask &= ~as_mask(self.edges(image), mask.shape, name="edges")
        for number, operation in enumerate(self.cleaning):
            mask = as_mask(operation(mask), mask.shape, name=f"cleaning[{number}]")
        return Seen(mask)

    def fine(self, frame: Frame, region: Region, /) -> Mask:
        """Without edges and cleaning, whose sizes are meant for the working resolution."""
        return self._foreground(frame.bgr_in(region))

    def _foreground(self, image: ImageU8) -> Mask:
        mask = _any_of(image, self.objects) if self.objects else np.ones(image.shape[:2], np.bool_)
        if self.belt:
            mask &= ~_any_of(image, self.belt)
        if self.shadow is not None:
            mask &= ~as_mask(self.shadow(image), mask.shape, name="shadow")
        return mask


def _any_of(image: ImageU8, colors: Sequence[ColorRange]) -> Mask:
    """(H, W) bool, True where the colour lies in one of the ranges."""
    mask = np.zeros(image.shape[:2], np.bool_)
    for color in colors:
        mask |= color_mask(image, color=color)
    return mask
