"""For those who write plug-ins or test a line: stand-ins, a small belt, and one contract suite per Protocol.

A suite is a plain function: call it with your own class, from pytest or anywhere else. It returns None, or raises
AssertionError with the promise of `conveyorqc.core` that was broken.
"""

from conveyorqc.testing._fakes import (
    FailingSink,
    ManualClock,
    ScriptedDetector,
    ScriptedMotion,
    ScriptedTracker,
    SequentialRunIds,
)
from conveyorqc.testing._following import check_propagator, check_single_object_tracker, check_tracker
from conveyorqc.testing._judging import check_backend, check_inspector, check_policy
from conveyorqc.testing._looking import check_detector, check_motion, check_schedule, check_segmenter
from conveyorqc.testing._resuming import check_resumable
from conveyorqc.testing._scene import BeltScene, belt_scene
from conveyorqc.testing._storing import check_sink, example_event
from conveyorqc.testing._telling import check_clock, check_run_ids
from conveyorqc.testing._viewing import check_cropper, check_view_selector

__all__ = [
    "BeltScene",
    "FailingSink",
    "ManualClock",
    "ScriptedDetector",
    "ScriptedMotion",
    "ScriptedTracker",
    "SequentialRunIds",
    "belt_scene",
    "check_backend",
    "check_clock",
    "check_cropper",
    "check_detector",
    "check_inspector",
    "check_motion",
    "check_policy",
    "check_propagator",
    "check_resumable",
    "check_run_ids",
    "check_schedule",
    "check_segmenter",
    "check_single_object_tracker",
    "check_sink",
    "check_tracker",
    "check_view_selector",
    "example_event",
]
