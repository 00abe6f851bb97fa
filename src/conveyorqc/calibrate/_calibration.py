"""`Calibration`: a line's configuration and what it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conveyorqc.calibrate._measured import Measured
from conveyorqc.calibrate._sightings import ColorShare
from conveyorqc.config import LineConfig
from conveyorqc.core import Boxes, ImageU8
from conveyorqc.imgproc import Bgr

__all__ = ["Calibration"]


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """What a clip shows of its line. Lengths are full-frame px.

    Attributes:
        line: the configuration, without backend and sinks; it holds the picture of the empty belt.
        size: width and height of the frames.
        frames: how many were looked at.
        moving: 0-1, share of the frames in which the belt was seen to move.
        agreement: 0-1, how much the frames agree about the way; 1 when all went the same way.
        speed: px per second while the belt runs.
        step: 0-1 of the frame along the belt that the belt moves from frame to frame, where it is fast.
        diameter: of the disc as large as an object, over all whole objects that were seen.
        other_diameter: the same of a second, much smaller product; None when there is none. The configuration is made
            for the smaller one then.
        sightings: how many whole objects were measured; one object is sighted in several pictures.
        objects: how many objects came by, roughly: from how densely they lie and how far the belt went.
        shake_px: how far the picture moves across the belt; nine in ten pictures move less.
        belt_color: typical of the belt where objects pass.
        object_colors: the commonest first.
        contrast: how much objects differ from the belt, in standard deviations of the belt's noise.
        entry_strip: 0-1 of the frame along the belt that would do as ``detector.strip.fraction``: it holds a large
            object and the travel between two looks. It makes detection faster, and blind for what is put down or taken
            away further on; `line` looks everywhere.
        doubts: what is not sure, by the name of the figure: a sentence that says why, and what would help.
        view: (h, w, 3) uint8 BGR, the picture with most objects.
        view_boxes: (N, 4) where they are, px of ``view``.
        view_frame: index of the frame that ``view`` shows.
    """

    line: LineConfig
    size: tuple[int, int]
    frames: int
    moving: float
    agreement: float
    speed: Measured
    step: float
    diameter: Measured
    other_diameter: float | None
    sightings: int
    objects: int
    shake_px: float
    belt_color: Bgr
    object_colors: tuple[ColorShare, ...]
    contrast: float
    entry_strip: float
    doubts: Mapping[str, str]
    view: ImageU8
    view_boxes: Boxes
    view_frame: int
