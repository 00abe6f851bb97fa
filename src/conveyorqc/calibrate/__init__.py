"""A line's configuration from a clip alone, and what it rests on."""

from conveyorqc.calibrate._calibrate import calibrate, examine
from conveyorqc.calibrate._calibration import Calibration
from conveyorqc.calibrate._measured import Measured
from conveyorqc.calibrate._picture import calibration_picture
from conveyorqc.calibrate._sightings import ColorShare
from conveyorqc.calibrate._words import as_data, figures_of

__all__ = [
    "Calibration",
    "ColorShare",
    "Measured",
    "as_data",
    "calibrate",
    "calibration_picture",
    "examine",
    "figures_of",
]
