"""Array aliases: what each array is, in one place."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Boxes", "FloatArray", "ImageU8", "IntArray", "Mask"]

ImageU8: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8 picture in BGR order, or an (H, W) uint8 single channel where the name says so."""

Mask: TypeAlias = NDArray[np.bool_]
"""(H, W) bool, True on the object."""

Boxes: TypeAlias = NDArray[np.float64]
"""(N, 4) float64 ``x0 y0 x1 y1`` in full-frame pixels, half-open; a single box is (4,)."""

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
