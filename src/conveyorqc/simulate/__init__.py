"""A belt simulator with exact ground truth: test a line, or train one, before a camera hangs over the belt."""

from conveyorqc.simulate._clip import simulate_clip
from conveyorqc.simulate._look import BELT_COLORS, BeltColor, Look
from conveyorqc.simulate._program import BeltProgram
from conveyorqc.simulate._simulator import BeltSimulator

__all__ = ["BELT_COLORS", "BeltColor", "BeltProgram", "BeltSimulator", "Look", "simulate_clip"]
