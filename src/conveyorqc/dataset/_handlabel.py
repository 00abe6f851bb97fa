"""Boxes drawn by hand on a few frames, in the format ``conveyor-handlabel/1``."""

from __future__ import annotations

from pathlib import Path

from conveyorqc.dataset._fields import NUMBER, Fields
from conveyorqc.dataset._labelled_boxes import BoxRows, LabelledBoxes
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["HANDLABEL_FORMAT", "handlabel_from"]

HANDLABEL_FORMAT = "conveyor-handlabel/1"


def handlabel_from(fields: Fields, path: Path, /) -> LabelledBoxes:
    """The boxes of the file: ``boxes[{frame, objects[{id, box[x, y, w, h]}]}]``, frames from 0, px.

    ``count`` says how many objects the clip has, also those in no labelled frame, and ``box_tolerance_px`` how exact
    the boxes are; either may be missing. What else there is (``events``, ``rule``, ``source``, …) is for people.

    Raises:
        InvalidInput: naming the field that is not as the format has it.
        DatasetError: if an object comes twice in a frame.
    """
    rows = BoxRows(lambda place, text: DatasetError(f"{path}: boxes[{place}].objects: {text}"))
    frames = set[int]()
    for number, entry in enumerate(fields.each("boxes")):
        frame_index = entry.frame_index("frame")
        if frame_index in frames:
            raise InvalidInput(f"{entry.place('frame')}: expected each frame once, got {frame_index} again")
        frames.add(frame_index)
        for drawn in entry.each("objects"):
            rows.add(frame_index, drawn.object_id("id"), drawn.box("box"), place=number)
    tolerance_px, count = fields.given("box_tolerance_px", NUMBER), fields.given("count", int)
    return rows.labelled(frames=frames, tolerance_px=tolerance_px or 0.0, count=count)
