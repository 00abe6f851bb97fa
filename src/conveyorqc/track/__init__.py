"""Which object is which: the belt's motion, carrying boxes with it, one identity per object, counting."""

from conveyorqc.track._centroid import CentroidTracker
from conveyorqc.track._count import CrossingCounter
from conveyorqc.track._log import End, TrackedObject, TrackLog
from conveyorqc.track._motion import ConstantMotion, PhaseMotion
from conveyorqc.track._propagate import BeltFollower, BeltPropagator, EachObject, MilFollower
from conveyorqc.track._save import load_state, save_state

__all__ = [
    "BeltFollower",
    "BeltPropagator",
    "CentroidTracker",
    "ConstantMotion",
    "CrossingCounter",
    "EachObject",
    "End",
    "MilFollower",
    "PhaseMotion",
    "TrackLog",
    "TrackedObject",
    "load_state",
    "save_state",
]
