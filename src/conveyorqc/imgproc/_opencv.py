"""The one place that imports OpenCV, with a clear error when its wheel is broken."""

from __future__ import annotations

from conveyorqc.errors import BrokenInstallError

__all__ = ["cv2"]

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
