"""The one place that imports OpenCV, with a clear error when its wheel is broken, and masks as it wants them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from conveyorqc.errors import BrokenInstallError, InvalidInput

__all__ = ["cv2", "mask_u8"]

_NEEDED = ("cvtColor", "findContours", "phaseCorrelate", "distanceTransform", "TrackerMIL")
_MENDING = (
    "Two OpenCV wheels in one environment overwrite each other. Mend it with: "
    "pip uninstall -y opencv-python opencv-python-headless opencv-contrib-python opencv-contrib-python-headless "
    "&& pip install opencv-python (on a machine without libGL: opencv-python-headless)"
)

try:
    import cv2
except ImportError as error:
    raise BrokenInstallError(f"OpenCV cannot be loaded: {error}. {_MENDING}") from error

_missing = [name for name in _NEEDED if not hasattr(cv2, name)]
if _missing:
    raise BrokenInstallError(f"OpenCV is installed without {', '.join(_missing)}. {_MENDING}")


def mask_u8(mask: object, /) -> NDArray[np.uint8]:
    """``mask`` (H, W) bool as uint8 of 0 and 1, sharing its memory where that is contiguous.

    Raises:
        InvalidInput: if it is no such mask; a picture of 0 and 255 would be taken for something else silently.
    """
    if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.ndim != 2 or not mask.size:
        actual = f"{mask.dtype} of shape {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
        raise InvalidInput(f"mask: expected (H, W) bool with at least one pixel, got {actual}")
    return np.ascontiguousarray(mask).view(np.uint8)
