"""Where the objects are: colour threshold or belt appearance, shadow and edge masks, separation, schedules."""

from conveyorqc.detect._background import BackgroundDetector
from conveyorqc.detect._belt import BeltAppearance, BeltComparison
from conveyorqc.detect._blobs import BlobFinder
from conveyorqc.detect._color import (
    Closing,
    ColorThresholdDetector,
    Dilation,
    EdgeMask,
    Erosion,
    FillHoles,
    MaskOp,
    Opening,
    ShadowMask,
)
from conveyorqc.detect._learn import learn_belt
from conveyorqc.detect._schedule import ByTravel, EveryFrames
from conveyorqc.detect._strip import EntryStrip

__all__ = [
    "BackgroundDetector",
    "BeltAppearance",
    "BeltComparison",
    "BlobFinder",
    "ByTravel",
    "Closing",
    "ColorThresholdDetector",
    "Dilation",
    "EdgeMask",
    "EntryStrip",
    "Erosion",
    "EveryFrames",
    "FillHoles",
    "MaskOp",
    "Opening",
    "ShadowMask",
    "learn_belt",
]
