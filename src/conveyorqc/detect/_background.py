"""`BackgroundDetector`: objects are what the empty belt does not look like."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Detections, Frame, Mask, Region
from conveyorqc.detect._belt import BeltAppearance, BeltComparison
from conveyorqc.detect._blobs import BlobFinder
from conveyorqc.detect._finder import ObjectFinder, Seen
from conveyorqc.detect._strip import EntryStrip
from conveyorqc.imgproc import blur, majority, resize, small_planes, small_ycrcb

__all__ = ["BackgroundDetector"]

_SMOOTHING = 0.15
"""Standard deviation, in working px, of the blur at full resolution: more takes noise away and rounds outlines."""


class BackgroundDetector:
    """Finds objects on a belt that no colour range describes: textured, unevenly lit, with walls and rails in view.

    Each frame is brought to the resolution of the learned belt and compared with it pixel by pixel; a shadow (less
    light, same tint) is belt. What differs becomes objects through a `BlobFinder`.

    Args:
        belt: the empty belt, from `learn_belt`.
        blobs: what counts as one object.
        sensitivity: standard deviations of the belt's own noise that a pixel must differ by. Lower finds objects
            that look like the belt, and begins to find the belt's texture.
        reach: working px, 0-100, by which the picture may shake before fixed edges count as objects. Higher tolerates
            more shake and eats more of the objects' rims where the belt is not even.
        strip: look only where objects come in; None looks everywhere.

    Raises:
        InvalidInput: if ``sensitivity`` is not above 0, or ``reach`` is outside its range.
    """

    def __init__(
        self,
        belt: BeltAppearance,
        *,
        blobs: BlobFinder,
        sensitivity: float = 4.0,
        reach: int = 1,
        strip: EntryStrip | None = None,
    ) -> None:
        self._finder = ObjectFinder(_BeltMasker(belt, sensitivity, reach), blobs=blobs, strip=strip)

    def detect(self, frame: Frame, /) -> Detections:
        """Every object in ``frame`` (or in the entry strip), boxes in full-frame px."""
        return self._finder.detect(frame)

    def segment(self, frame: Frame, box: Boxes, /) -> Mask:
        """The pixels of the object that fills ``box`` most, at full resolution."""
        return self._finder.segment(frame, box)


class _BeltMasker:
    """Object is what differs from the belt; both masks come from one comparison at two resolutions."""

    def __init__(self, belt: BeltAppearance, sensitivity: float, reach: int) -> None:
        self._belt = belt
        self._sensitivity = sensitivity
        self._reach = reach
        self._comparison = BeltComparison.of(belt, sensitivity=sensitivity, reach=reach)

    def coarse(self, frame: Frame, region: Region, /) -> Seen:
        part = self._to_belt(frame, region)
        small = small_planes(frame, width=part[2] - part[0], height=part[3] - part[1], region=region)
        comparison = self._comparison.part(part)
        difference = comparison.difference(small)
        return Seen(comparison.objects(difference), difference)

    def fine(self, frame: Frame, region: Region, /) -> Mask:
        """The belt is enlarged to the frame, whose noise, which coarse averages away, is taken out by other means."""
        x0, y0, x1, y1 = self._to_belt(frame, region)
        width, height = region[2] - region[0], region[3] - region[1]
        enlarged = resize(self._belt.picture[y0:y1, x0:x1], width=width, height=height, method="linear")
        comparison = BeltComparison.of(
            BeltAppearance(enlarged, self._belt.noise), sensitivity=self._sensitivity, reach=self._reach
        )
        return majority(comparison.foreground(self._smooth(frame, region)), size=3)

    def _smooth(self, frame: Frame, region: Region) -> NDArray[np.uint8]:
        """Y Cr Cb of ``region``, pixel for pixel, blurred the more the coarser the belt is than the frame."""
        picture = small_ycrcb(frame, width=region[2] - region[0], height=region[3] - region[1], region=region)
        coarser = frame.width / self._belt.size[0]
        return np.rint(blur(picture, sigma=_SMOOTHING * coarser)).astype(np.uint8) if coarser > 1 else picture

    def _to_belt(self, frame: Frame, region: Region) -> Region:
        """``region`` in px of the belt's picture, at least one of them."""
        width, height = self._belt.size
        x0 = min(round(region[0] * width / frame.width), width - 1)
        y0 = min(round(region[1] * height / frame.height), height - 1)
        x1 = max(round(region[2] * width / frame.width), x0 + 1)
        y1 = max(round(region[3] * height / frame.height), y0 + 1)
        return x0, y0, x1, y1
