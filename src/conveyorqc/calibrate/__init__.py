"""A line's configuration from a clip alone."""

from conveyorqc.calibrate._calibrate import calibrate

__all__ = ["calibrate"]
