"""Visual quality control on conveyor lines: find, follow, count, crop, judge; one event per object.

This is the public door. Its names are loaded when they are first used, so that ``import conveyorqc`` alone
costs next to nothing; each room (``conveyorqc.detect``, ``conveyorqc.metrics``, …) has a door of its own with more.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conveyorqc.annotate import FrameAnnotator
    from conveyorqc.anomaly import LocalBackend, StubBackend
    from conveyorqc.augment import Augmenter
    from conveyorqc.config import LineConfig, load_config
    from conveyorqc.core import (
        AnomalyBackend,
        Crop,
        Detections,
        Direction,
        Disposition,
        Frame,
        InspectionEvent,
        Sink,
        Tracks,
        Verdict,
    )
    from conveyorqc.crop import BestViews, SquarePadCropper
    from conveyorqc.dataset import read_dataset, split_by_object
    from conveyorqc.detect import BackgroundDetector, ByTravel, ColorThresholdDetector, EveryFrames
    from conveyorqc.errors import ConveyorQCError
    from conveyorqc.imgproc import ColorRange
    from conveyorqc.line import Background, InspectionLine
    from conveyorqc.policy import KOfN, MaxPolicy, MeanPolicy
    from conveyorqc.simulate import BeltSimulator
    from conveyorqc.sinks import JsonlSink, MemorySink, SQLiteSink
    from conveyorqc.track import CentroidTracker, PhaseMotion
    from conveyorqc.video import VideoWriter, frames_from, open_video

__version__ = "0.1.0"

__all__ = [
    "AnomalyBackend",
    "Augmenter",
    "Background",
    "BackgroundDetector",
    "BeltSimulator",
    "BestViews",
    "ByTravel",
    "CentroidTracker",
    "ColorRange",
    "ColorThresholdDetector",
    "ConveyorQCError",
    "Crop",
    "Detections",
    "Direction",
    "Disposition",
    "EveryFrames",
    "Frame",
    "FrameAnnotator",
    "InspectionEvent",
    "InspectionLine",
    "JsonlSink",
    "KOfN",
    "LineConfig",
    "LocalBackend",
    "MaxPolicy",
    "MeanPolicy",
    "MemorySink",
    "PhaseMotion",
    "SQLiteSink",
    "Sink",
    "SquarePadCropper",
    "StubBackend",
    "Tracks",
    "Verdict",
    "VideoWriter",
    "frames_from",
    "load_config",
    "open_video",
    "read_dataset",
    "split_by_object",
]

_NAMES_OF = {
    "annotate": ("FrameAnnotator",),
    "anomaly": ("LocalBackend", "StubBackend"),
    "augment": ("Augmenter",),
    "config": ("LineConfig", "load_config"),
    "core": (
        "AnomalyBackend",
        "Crop",
        "Detections",
        "Direction",
        "Disposition",
        "Frame",
        "InspectionEvent",
        "Sink",
        "Tracks",
        "Verdict",
    ),
    "crop": ("BestViews", "SquarePadCropper"),
    "dataset": ("read_dataset", "split_by_object"),
    "detect": ("BackgroundDetector", "ByTravel", "ColorThresholdDetector", "EveryFrames"),
    "errors": ("ConveyorQCError",),
    "imgproc": ("ColorRange",),
    "line": ("Background", "InspectionLine"),
    "policy": ("KOfN", "MaxPolicy", "MeanPolicy"),
    "simulate": ("BeltSimulator",),
    "sinks": ("JsonlSink", "MemorySink", "SQLiteSink"),
    "track": ("CentroidTracker", "PhaseMotion"),
    "video": ("VideoWriter", "frames_from", "open_video"),
}
_ROOM_OF = {name: room for room, names in _NAMES_OF.items() for name in names}


def __getattr__(name: str) -> Any:
    """Load a public name from its room when it is first used (PEP 562)."""
    if name not in _ROOM_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_ROOM_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
