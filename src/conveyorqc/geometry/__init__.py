"""Pure functions on (N, 4) box arrays. numpy, and scipy for the assignment."""

from conveyorqc.geometry._assignment import assign
from conveyorqc.geometry._boxes import (
    box_area,
    box_centers,
    box_intersection,
    box_iou,
    box_sizes,
    clip_boxes,
    pixel_region,
    scale_boxes,
    shift_boxes,
    square_padding,
    touches_edge,
    union_box,
    visible_fraction,
)

__all__ = [
    "assign",
    "box_area",
    "box_centers",
    "box_intersection",
    "box_iou",
    "box_sizes",
    "clip_boxes",
    "pixel_region",
    "scale_boxes",
    "shift_boxes",
    "square_padding",
    "touches_edge",
    "union_box",
    "visible_fraction",
]
