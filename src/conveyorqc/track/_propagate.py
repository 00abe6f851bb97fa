"""Carrying boxes from frame to frame: all with the belt, or each with a tracker of its own."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from conveyorqc.core import BeltMotion, Boxes, Frame, IntArray, SingleObjectTracker, as_boxes
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import clip_boxes, shift_boxes
from conveyorqc.imgproc import MilTracker

__all__ = ["BeltFollower", "BeltPropagator", "EachObject", "MilFollower"]


_ROUNDING = 1e-6
"""Px by which a box may differ from the one that was given before and still be the same."""


class BeltPropagator:
    """Carries every box by the belt's shift: one measurement for all objects, right also where they look alike.

    Args:
        motion: the belt's motion, shared with the schedule.
    """

    def __init__(self, motion: BeltMotion) -> None:
        self._motion = motion

    def carry(self, frame: Frame, _ids: IntArray, boxes: Boxes, /) -> Boxes:
        """``boxes`` (N, 4) moved with the belt to ``frame``."""
        shift = self._motion.measure(frame)
        return shift_boxes(boxes, dx=shift.dx, dy=shift.dy)


class BeltFollower:
    """A `SingleObjectTracker` that trusts the belt: the object goes where the belt goes.

    Args:
        motion: the belt's motion, shared with the schedule.
    """

    def __init__(self, motion: BeltMotion) -> None:
        self._motion = motion
        self._box: Boxes | None = None

    def start(self, frame: Frame, box: Boxes, /) -> None:
        """Begin at ``box`` (4,)."""
        self._motion.measure(frame)
        self._box = np.array([box], dtype=np.float64)

    def follow(self, frame: Frame, /) -> Boxes | None:
        """The box moved with the belt; None before `start`."""
        if self._box is None:
            return None
        shift = self._motion.measure(frame)
        self._box = shift_boxes(self._box, dx=shift.dx, dy=shift.dy)
        return np.array(self._box[0])


class MilFollower:
    """A `SingleObjectTracker` around OpenCV's MIL tracker, the one that every OpenCV wheel holds.

    It learns the look of one object and searches for it around its last place. Slow (tens of ms per object and
    frame), lost when the object jumps, and never twice quite the same, because OpenCV draws its features by the
    clock; `BeltPropagator` is better on a belt.

    Reference: B. Babenko, M.-H. Yang and S. Belongie, Visual tracking with online multiple instance learning (2009),
    DOI 10.1109/CVPR.2009.5206737.
    """

    def __init__(self) -> None:
        self._tracker: MilTracker | None = None

    def start(self, frame: Frame, box: Boxes, /) -> None:
        """Begin at ``box`` (4,); the part inside the frame is learned, and is lost at once if it is only a sliver."""
        inside = clip_boxes(as_boxes([box]), width=frame.width, height=frame.height)[0]
        try:
            self._tracker = MilTracker(frame.bgr, inside)
        except InvalidInput:  # too little of the object to learn from, or of the belt around it
            self._tracker = None

    def follow(self, frame: Frame, /) -> Boxes | None:
        """Where the look is found again, or None."""
        return None if self._tracker is None else self._tracker.update(frame.bgr)


class EachObject:
    """Carries each object with a tracker of its own, as the article does.

    Args:
        new_tracker: makes a tracker for one object.
    """

    def __init__(self, new_tracker: Callable[[], SingleObjectTracker]) -> None:
        self._new_tracker = new_tracker
        self._trackers: dict[int, SingleObjectTracker] = {}
        self._boxes: dict[int, Boxes] = {}
        self._frame: Frame | None = None

    def carry(self, frame: Frame, ids: IntArray, boxes: Boxes, /) -> Boxes:
        """Each of ``boxes`` (N, 4) where its own tracker finds it; one that is lost stays where it was.

        A tracker starts anew when its box is not the one that it gave: somebody corrected it.
        """
        before, self._frame = self._frame, frame
        followed = ids.tolist()
        self._trackers = {i: self._trackers[i] for i in followed if i in self._trackers}
        carried = np.array(boxes)
        for row, object_id in enumerate(followed):
            known = self._boxes.get(object_id)
            if known is None or np.abs(known - boxes[row]).max() > _ROUNDING:
                self._trackers[object_id] = self._new_tracker()
                self._trackers[object_id].start(frame if before is None else before, boxes[row])
            found = self._trackers[object_id].follow(frame)
            if found is not None:
                carried[row] = found
        self._boxes = dict(zip(followed, carried.copy(), strict=True))
        return carried
