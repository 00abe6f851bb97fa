"""`SupervisionTracker`: a tracker written for ``supervision`` takes the place of ours."""

from __future__ import annotations

import inspect
from collections import deque
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from conveyorqc.core import BeltMotion, Boxes, Detections, Frame, IntArray, Tracks
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_area, clip_boxes
from conveyorqc.interop._detections import identified, to_supervision

__all__ = ["SupervisionTracker"]

_VERBS = ("update", "update_with_detections")
_ENDED_KEPT = 1000
"""How many ids that ended are remembered: trackers bring objects back after tens of frames, if at all."""


class SupervisionTracker:
    """Makes a `Tracker` of an object that takes and gives ``supervision.Detections``, such as those of ``trackers``.

    The other tracker is asked on every frame on which somebody looked. It gets boxes and scores, and says which box
    has which ``tracker_id``; -1 is a box that it has not confirmed. Its ids become 1, 2, 3, … in the order in which
    they appear, so that they are dense and unique on a line whatever numbers it gives.

    On frames on which nobody looked, the other tracker is not asked, for it would count them as misses, and its
    boxes stay where they are. Give ``motion``, and they go on with the belt, also those that were not found at a look;
    what the belt has carried out of the frame ends. Trackers that guess the motion themselves expect a look at every
    frame (`conveyorqc.detect.EveryFrames`); tell them the time when looks are irregular.

    An id ends once, and stays ended if the other tracker gives it again. ``past`` and ``removed`` of its `Tracks` are
    always empty: where an object was before it was confirmed, and why it is gone, the other tracker does not tell.

    Args:
        tracker: has ``update(detections, …)`` or ``update_with_detections(detections)``, and a state of its own:
            make one for each line.
        lost_after: looks in a row without an object until it ends. Give it what the other tracker bridges, its
            ``lost_track_buffer``: with fewer, an object that is found again is lost all the same; with more, it is
            decided later.
        motion: the belt's motion, shared with the schedule.
        give: what else ``update`` is told, by keyword: ``"frame"``, the picture, for those that compensate the
            motion of the camera (it costs the conversion to BGR), and ``"timestamp"``, in seconds.
        alive: asked after each look which ids the other tracker still has; all others end at once. Without it,
            ``lost_after`` alone decides.

    Raises:
        MissingExtraError: if ``supervision`` is not installed.
        InvalidInput: if the tracker has no such method or does not take what it is to be given, or ``lost_after``
            is below 1; later, if it answers with malformed boxes or ids.

    Reference: https://trackers.roboflow.com
    """

    def __init__(
        self,
        tracker: object,
        *,
        lost_after: int = 30,
        motion: BeltMotion | None = None,
        give: Collection[Literal["frame", "timestamp"]] = (),
        alive: Callable[[], Collection[int]] | None = None,
    ) -> None:
        if lost_after < 1:
            raise InvalidInput(f"lost_after: expected 1 or more, got {lost_after}")
        to_supervision(Detections([]))  # complains now where the package is missing
        self._ask = _verb_of(tracker, give)
        self._give = tuple(give)
        self._lost_after = lost_after
        self._motion = motion
        self._alive = alive
        self._next_id = 1
        self._followed: dict[int, _Followed] = {}  # by what the other tracker calls them, in the order of our ids
        self._ended = deque[int](maxlen=_ENDED_KEPT)

    def update(self, frame: Frame, detections: Detections | None, /) -> Tracks:
        """The objects at ``frame``; ``detections`` is None on frames where nobody looked."""
        self._carry(frame)
        entered: tuple[int, ...] = ()
        gone = set[int]()
        if detections is not None:
            entered = self._match(*identified(self._answer(frame, detections)))
            gone = self._given_up()
        ended = self._end(gone | self._out_of(frame))
        # Where the belt does not tell, nobody knows where those are that were not found.
        shown = [one for one in self._followed.values() if self._motion is not None or not one.missed]
        boxes = np.array([one.box for one in shown]).reshape(-1, 4)
        clipped = clip_boxes(boxes, width=frame.width, height=frame.height)
        visible = box_area(clipped) > 0
        ids = np.array([one.object_id for one in shown], dtype=np.int64)
        return Tracks(ids[visible], clipped[visible], entered, ended)

    def _carry(self, frame: Frame) -> None:
        if self._motion is None:
            return
        shift = self._motion.measure(frame)
        moved = np.array([shift.dx, shift.dy, shift.dx, shift.dy])
        for one in self._followed.values():
            one.box = one.box + moved

    def _answer(self, frame: Frame, detections: Detections) -> Any:
        told = {name: frame.bgr if name == "frame" else frame.time_s for name in self._give}
        return self._ask(to_supervision(detections), **told)

    def _match(self, foreign: IntArray, boxes: Boxes) -> tuple[int, ...]:
        """Take over what the other tracker says; returns our ids of the objects that it says for the first time."""
        found = dict(zip(foreign.tolist(), boxes, strict=True))
        for name, one in self._followed.items():
            one.missed = 0 if name in found else one.missed + 1
            one.box = found.get(name, one.box)
        new = [name for name in found if name not in self._followed and name not in self._ended]
        ids = range(self._next_id, self._next_id + len(new))
        self._followed |= {name: _Followed(number, found[name]) for name, number in zip(new, ids, strict=True)}
        self._next_id += len(new)
        return tuple(ids)

    def _given_up(self) -> set[int]:
        """Those that were not found for too long, or that the other tracker has no more."""
        missing = {name for name, one in self._followed.items() if one.missed}
        too_long = {name for name in missing if self._followed[name].missed >= self._lost_after}
        return too_long if self._alive is None else too_long | missing.difference(self._alive())

    def _out_of(self, frame: Frame) -> set[int]:
        """Those that the belt has carried out of the frame."""
        if self._motion is None:
            return set()
        return {
            name
            for name, one in self._followed.items()
            if not box_area(clip_boxes(one.box[None], width=frame.width, height=frame.height)).all()
        }

    def _end(self, names: set[int]) -> tuple[int, ...]:
        self._ended.extend(names)
        return tuple(sorted(self._followed.pop(name).object_id for name in names))


@dataclass(slots=True)
class _Followed:
    """One object of the other tracker: our id, its last box (4,), and how many looks in a row did not find it."""

    object_id: int
    box: Boxes
    missed: int = 0


def _verb_of(tracker: object, give: Collection[str]) -> Callable[..., Any]:
    verbs: list[Callable[..., Any]] = [getattr(tracker, name) for name in _VERBS if callable(getattr(tracker, name, 0))]
    if not verbs:
        raise InvalidInput(f"tracker: expected a method {' or '.join(_VERBS)}, got {type(tracker).__name__}")
    verb = verbs[0]
    try:
        parameters = inspect.signature(verb).parameters
    except (TypeError, ValueError):  # written in C: it will complain itself
        return verb
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters.values())
    refused = [name for name in give if name not in {"frame", "timestamp"} or not (takes_any or name in parameters)]
    if refused:
        raise InvalidInput(f"give: expected arguments that {type(tracker).__name__} takes, got {refused}")
    return verb
