"""Whether a line still looks as it did: light, colour, sharpness, size and scores of its objects, one by one."""

from conveyorqc.drift._appearance import FEATURES, Appearance, Feature, appearance_of
from conveyorqc.drift._event import DriftEvent, DriftLog
from conveyorqc.drift._inspector import WatchedInspector
from conveyorqc.drift._monitor import DriftMonitor
from conveyorqc.drift._tolerances import Tolerances

__all__ = [
    "FEATURES",
    "Appearance",
    "DriftEvent",
    "DriftLog",
    "DriftMonitor",
    "Feature",
    "Tolerances",
    "WatchedInspector",
    "appearance_of",
]
