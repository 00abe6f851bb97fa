"""`Frame`: one picture of the belt, decoded to BGR only when someone asks."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core._arrays import as_image, read_only
from conveyorqc.core._types import ImageU8
from conveyorqc.errors import InvalidInput

__all__ = ["Frame", "Planes", "Region"]

Region: TypeAlias = tuple[int, int, int, int]
"""``x0 y0 x1 y1`` in whole pixels, half-open."""


@dataclass(frozen=True, slots=True, eq=False)
class Planes:
    """The decoded planes of a 4:2:0 frame, as views into the decoder's memory.

    ``luma`` is (H, W) uint8; ``cb`` and ``cr`` are (ceil(H/2), ceil(W/2)) uint8. ``full_range`` says whether values
    span 0-255; else luma spans 16-235 and chroma 16-240, as in most video.
    """

    luma: NDArray[np.uint8]
    cb: NDArray[np.uint8]
    cr: NDArray[np.uint8]
    full_range: bool = False

    def __post_init__(self) -> None:
        if self.luma.ndim != 2 or not self.luma.size:
            raise InvalidInput(f"luma: expected shape (H, W) with at least one pixel, got {self.luma.shape}")
        height, width = self.luma.shape
        expected = ((height + 1) // 2, (width + 1) // 2)
        for name in ("cb", "cr"):
            shape = getattr(self, name).shape
            if shape != expected:
                raise InvalidInput(f"{name}: expected shape {expected} for luma {self.luma.shape}, got {shape}")
        for name in ("luma", "cb", "cr"):
            object.__setattr__(self, name, read_only(getattr(self, name)))


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One picture of the belt.

    Made by a source (`conveyorqc.open_video`) or with `Frame.from_bgr` from any array.

    Attributes:
        index: 0-based position in the source.
        time_s: seconds since the start of the source, as the container or the camera gives it (never
            ``index / fps``), so that gaps and variable frame rates stay visible.
        width, height: in pixels.
        planes: luma and chroma at their native size when the source has them, else None.

    >>> import numpy as np
    >>> frame = Frame.from_bgr(np.zeros((4, 6, 3), np.uint8), index=0, time_s=0.0)
    >>> frame.width, frame.height, frame.bgr.shape
    (6, 4, (4, 6, 3))
    """

    index: int
    time_s: float
    width: int
    height: int
    planes: Planes | None
    _to_bgr: Callable[[Region], ImageU8] = field(repr=False)
    _cache: list[ImageU8] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if self.index < 0:
            raise InvalidInput(f"index: expected 0 or more, got {self.index}")
        if not math.isfinite(self.time_s):
            raise InvalidInput(f"time_s: expected a finite time, got {self.time_s}")
        if self.width < 1 or self.height < 1:
            raise InvalidInput(f"frame: expected at least one pixel, got {self.width}x{self.height}")

    @classmethod
    def from_bgr(cls, image: ImageU8, /, *, index: int, time_s: float) -> Frame:
        """A frame around an (H, W, 3) uint8 BGR array; the array is not copied.

        Raises:
            InvalidInput: if it is not such an array.
        """
        bgr = as_image(image)

        def whole(region: Region) -> ImageU8:
            return bgr[region[1] : region[3], region[0] : region[2]]

        return cls(index, time_s, bgr.shape[1], bgr.shape[0], None, whole, [bgr])

    @classmethod
    def from_planes(cls, planes: Planes, /, *, index: int, time_s: float, to_bgr: Callable[[Region], ImageU8]) -> Frame:
        """A frame around decoded planes; ``to_bgr`` converts a region when someone asks for colour."""
        height, width = planes.luma.shape
        return cls(index, time_s, width, height, planes, to_bgr)

    @classmethod
    def deferred(
        cls, width: int, height: int, /, *, index: int, time_s: float, to_bgr: Callable[[Region], ImageU8]
    ) -> Frame:
        """A frame whose source has no 4:2:0 planes but still converts to BGR only on demand."""
        return cls(index, time_s, width, height, None, to_bgr)

    @property
    def bgr(self) -> ImageU8:
        """The whole picture, (H, W, 3) uint8 BGR, read-only; converted at the first call and kept."""
        if not self._cache:
            self._cache.append(read_only(self._to_bgr((0, 0, self.width, self.height))))
        return self._cache[0]

    def bgr_in(self, region: Region, /) -> ImageU8:
        """The picture inside ``region``, (h, w, 3) uint8 BGR; only this rectangle is converted.

        Raises:
            InvalidInput: if the region is empty or reaches outside the frame.
        """
        x0, y0, x1, y1 = region
        if not (0 <= x0 < x1 <= self.width and 0 <= y0 < y1 <= self.height):
            raise InvalidInput(f"region: expected a part of {self.width}x{self.height} px, got {region}")
        if self._cache:
            return self._cache[0][y0:y1, x0:x1]
        return read_only(self._to_bgr(region))
