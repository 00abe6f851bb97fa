"""`CentroidTracker`: one identity per object, by the distance between centroids in belt coordinates."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import (
    BeltMotion,
    BeltShift,
    Boxes,
    Detections,
    Direction,
    FloatArray,
    Frame,
    IntArray,
    PastBoxes,
    Propagator,
    StateFields,
    Tracks,
    as_boxes,
)
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_area, box_intersection
from conveyorqc.track._book import ROW, Rows, new_rows, places, start_anew
from conveyorqc.track._departed import Departed
from conveyorqc.track._lifecycle import Patience, has_left, is_proven, is_stray
from conveyorqc.track._match import match, match_inside, share_inside
from conveyorqc.track._past import BeltHistory
from conveyorqc.track._rows_json import (
    DEPARTED_COLUMNS,
    ROW_COLUMNS,
    departed_from_table,
    departed_lists,
    row_lists,
    rows_from_table,
)
from conveyorqc.track._shape import common_slip, complete, cut_by_edge, improve, part_in_sight, sides_shown
from conveyorqc.track._view import BeltView

__all__ = ["CentroidTracker"]

_HIDDEN = 0.3
"""Of a miss: what a look counts that hides an unconfirmed object in a larger one."""

_PIECE = 0.7
"""Share of a box inside another object's from which it is a piece of that."""

_LONGEST_PAST = 1000
"""Frames for which it is remembered where the belt was. On a belt that stopped longer, the past of an object that was
not confirmed yet begins later; it is bounded memory that this buys."""

_SAVED_PAST = 40
"""Of these, how many go into a saved state."""

_STATE_VERSION = 1


class CentroidTracker:
    """Follows all objects of a belt: carries their boxes to each frame, and matches detections by centroid distance.

    An object cannot jump, so a detection near the place where a known object must be is that object; any other is
    new. Each side of a box is the mean of the looks that showed it. An object gets its id once it was found
    ``confirm_hits`` times and has moved with the belt: what stands still or moves otherwise (a hand, a reflection)
    never gets one. Between looks, and where a detection fails, boxes go on with the belt.

    An object ends when it has left over the exit or a side, or was not found for long enough; the latter are in
    `Tracks.removed`. Behind the entry it does not end: it is the same object when the belt brings it back. One that
    left over the exit has ended for good: when a belt that runs backwards brings it back, within one length of the
    frame, it is recognised, gets no new id and is not among ``ids`` again.

    Args:
        motion: the belt's motion, shared with the schedule.
        direction: travel of the belt.
        max_distance: px, the article's threshold: detections farther than this from where an object must be are
            not that object. About half an object is good; more confuses neighbours, less loses objects when the
            motion is imprecise.
        min_travel: px that the belt must have moved between looks that found an object before it is confirmed; 0.2
            of ``max_distance`` when None. More is surer and later.
        confirm_hits: looks that must have found it. More is surer and later.
        lost_after: looks in a row without it, while it should be in view, before it may be given up.
        lost_travel: px that the belt must have moved since it was found before it is given up; 3 times
            ``max_distance`` when None. More bridges longer gaps, and leaves boxes without objects for longer.
        lost_s: seconds after which it is given up in any case, for belts that stand or creep.
        look_fraction: 0-1, share of the frame along the belt, from where objects come in, that the detector looks
            at (its `EntryStrip`). Beyond it objects go on with the belt and are not missed.
        propagator: how boxes are carried; by the belt when None. `EachObject` follows each with its own tracker.

    Raises:
        InvalidInput: if a number is outside its range.

    Reference: the article's section Object tracking.
    """

    def __init__(
        self,
        motion: BeltMotion,
        *,
        direction: Direction,
        max_distance: float,
        min_travel: float | None = None,
        confirm_hits: int = 2,
        lost_after: int = 6,
        lost_travel: float | None = None,
        lost_s: float = 2.0,
        look_fraction: float = 1.0,
        propagator: Propagator | None = None,
    ) -> None:
        if not (math.isfinite(max_distance) and max_distance > 0):
            raise InvalidInput(f"max_distance: expected px above 0, got {max_distance}")
        for name, px in (("min_travel", min_travel), ("lost_travel", lost_travel)):
            if px is not None and not (math.isfinite(px) and px >= 0):
                raise InvalidInput(f"{name}: expected px of 0 or more, or None, got {px}")
        if not lost_s > 0:
            raise InvalidInput(f"lost_s: expected seconds above 0, got {lost_s}")
        if not 0 < look_fraction <= 1:
            raise InvalidInput(f"look_fraction: expected a number above 0 and at most 1, got {look_fraction}")
        if confirm_hits < 1 or lost_after < 1:
            raise InvalidInput(f"confirm_hits, lost_after: expected 1 or more, got {confirm_hits} and {lost_after}")
        self._motion = motion
        self._view = BeltView(direction)
        self._gate = max_distance
        self._min_travel = 0.2 * max_distance if min_travel is None else min_travel
        self._confirm_hits = confirm_hits
        self._patience = Patience(lost_after, 3 * max_distance if lost_travel is None else lost_travel, lost_s)
        self._look_fraction = look_fraction
        self._propagator = propagator
        self._rows: Rows = np.empty(0, ROW)
        self._departed = Departed()
        self._history = BeltHistory(length=_LONGEST_PAST)
        self._belt = np.zeros(2)
        self._looked_at: float | None = None
        self._size: float | None = None
        self._next_key = 1
        self._next_id = 1

    def update(self, frame: Frame, detections: Detections | None, /) -> Tracks:
        """The objects at ``frame``; ``detections`` is None on frames where nobody looked."""
        self._carry(frame, self._motion.measure(frame))
        if detections is not None:
            self._look(frame, self._view.turned(detections.boxes, frame))
        self._history.add(frame.index, self._belt)
        past = () if detections is None else self._confirm(frame)
        boxes, visible = self._in_view(frame)
        ended = removed = tuple[int, ...]()
        over = self._find_over(frame, visible, looked=detections is not None)
        if over is not None:
            ended, removed = self._close(frame, *over)
            boxes, visible = self._in_view(frame)
        ids, boxes = self._shown(frame, boxes, visible)
        return Tracks(ids, boxes, tuple(known.object_id for known in past), ended, past, removed)

    def state(self) -> dict[str, object]:
        """All that is known of the objects, as JSON: at most 200 bytes for each, px rounded to 0.01."""
        belt = self._belt
        return {
            "version": _STATE_VERSION,
            "belt": [belt.tolist()],
            "looked_at": self._looked_at,
            "size": self._size,
            "next_key": self._next_key,
            "next_id": self._next_id,
            "rows": row_lists(self._rows, belt),
            "departed": departed_lists(self._departed.rows, belt),
            "history": self._history.state(most=_SAVED_PAST),
        }

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on where another tracker of the same settings stood when it gave ``state``; its frames go on too.

        Of an object that is not confirmed yet, boxes from before the last 40 frames are no longer known.

        Raises:
            InvalidInput: if it is not such a state; the tracker stays as it was.
        """
        fields = StateFields(state, kind="CentroidTracker", version=_STATE_VERSION)
        belts = fields.table("belt", columns=2)
        if len(belts) != 1:
            raise InvalidInput(f"state of CentroidTracker: belt: expected one place, got {len(belts)}")
        belt = belts[0]
        rows = rows_from_table(fields.table("rows", columns=ROW_COLUMNS), belt)
        departed = departed_from_table(fields.table("departed", columns=DEPARTED_COLUMNS), belt)
        history = fields.table("history", columns=3)
        next_key, next_id = fields.whole("next_key"), fields.whole("next_id")
        if rows["key"].max(initial=0) >= next_key or rows["id"].max(initial=0) >= next_id:
            raise InvalidInput(f"state of CentroidTracker: expected ids below {next_id} and keys below {next_key}")
        self._looked_at, self._size = fields.number_or_none("looked_at"), fields.number_or_none("size")
        self._belt, self._rows, self._departed.rows = belt, rows, departed
        self._next_key, self._next_id = next_key, next_id
        self._history.restore(history)

    def _carry(self, frame: Frame, shift: BeltShift) -> None:
        moved = self._view.shift(shift)
        if self._propagator is None:
            self._move(moved)
        else:
            self._belt = self._belt + moved
            self._rows["box"] = self._view.turned(self._propagated(frame, self._propagator), frame)
        if moved[0] < 0 and len(self._departed.rows):
            back = self._departed.back(belt_along=self._belt[0], length=self._view.size(frame)[0])
            self._rows = np.concatenate([self._rows, back])

    def _propagated(self, frame: Frame, propagator: Propagator) -> Boxes:
        boxes = self._view.turned_back(self._rows["box"], frame)
        carried = as_boxes(propagator.carry(frame, self._rows["key"].copy(), boxes), name="boxes of the propagator")
        if len(carried) != len(boxes):
            raise InvalidInput(f"boxes of the propagator: expected {len(boxes)}, one per object, got {len(carried)}")
        return carried

    def _look(self, frame: Frame, found: Boxes) -> None:
        """Take over what a look found."""
        rows, length = self._rows, self._view.size(frame)[0]
        expected = self._view.inside(rows["box"], frame)
        by_rear = part_in_sight(rows["box"], rows["known"], length=length)
        hit, column = match(expected, found, by_rear=by_rear, gate=self._gate)
        self._follow_belt(rows[hit], found[column], length)
        unseen, fresh = _rest(len(rows), hit), _rest(len(found), column)
        if len(unseen) and len(fresh):
            # An object that was two in one box goes on as the detection that lies inside its box.
            part, part_column = match_inside(expected[unseen], found[fresh], least=0.6)
            start_anew(rows, unseen[part], found[fresh[part_column]], belt=self._belt)
            hit, column = np.concatenate([hit, unseen[part]]), np.concatenate([column, fresh[part_column]])
            unseen, fresh = np.delete(unseen, part), np.delete(fresh, part_column)
        self._correct(frame, hit, found[column])
        if len(unseen):
            self._miss(unseen, expected[unseen], found, length)
        if len(fresh):
            self._open(frame, found[fresh])
        self._looked_at = float(self._belt[0])

    def _follow_belt(self, rows: Rows, found: Boxes, length: float) -> None:
        """Where several proven objects are off by the same, it is the belt that was measured wrong."""
        proven = rows["id"] > 0
        if self._propagator is None:
            slip = common_slip(rows["box"][proven], rows["known"][proven], found[proven], length=length)
            if slip is not None:
                self._move(slip)

    def _move(self, way: FloatArray) -> None:
        self._belt = self._belt + way
        boxes = self._rows["box"]
        boxes[:, ::2] += way[0]
        boxes[:, 1::2] += way[1]

    def _correct(self, frame: Frame, hit: IntArray, found: Boxes) -> None:
        """Rows ``hit`` (K,) after a look that shows them as ``found`` (K, 4)."""
        rows, length = self._rows[hit], self._view.size(frame)[0]
        cut = cut_by_edge(found, length=length)
        unproven = (rows["id"] == 0).nonzero()[0]
        if len(unproven):
            rows["drift"][unproven] = self._drift(rows[unproven], found[unproven], cut[unproven])
        boxes, known = improve(rows["box"], rows["known"], found, cut=cut, tolerance=0.25 * self._gate)
        whole = ((known[:, 0] > 0) & (known[:, 2] > 0)).nonzero()[0]
        if len(whole):
            self._size = _middle(boxes[whole, 2] - boxes[whole, 0])
        rows["box"] = complete(boxes, known, cut, size=self._size, length=length)
        rows["known"] = known
        rows["hits"] += 1
        rows["misses"] = 0
        rows["seen_at"] = self._belt[0]
        rows["seen_s"] = frame.time_s
        self._rows[hit] = rows

    def _drift(self, rows: Rows, found: Boxes, cut: NDArray[np.bool_]) -> FloatArray:
        """(K,) px by which ``rows`` have moved otherwise than the belt since they were first seen."""
        off = places(found, self._belt) - rows["origin"]
        # The front shows also while the rear is not in yet; where the front is out, the rear tells.
        return np.asarray(np.hypot(np.where(cut[:, 1], off[:, 0], off[:, 1]), off[:, 2]))

    def _miss(self, unseen: IntArray, expected: Boxes, found: Boxes, length: float) -> None:
        """A look that should have shown rows ``unseen`` (K,) and did not; what a larger detection hides is not missed.

        What is not confirmed is in part: it may be nothing but a piece torn off the larger one. What lies in another
        object is altogether: it is one.
        """
        box, confirmed = self._rows["box"][unseen], self._rows["id"][unseen] > 0
        expects = box_area(expected) >= 0.5 * box_area(box)
        if self._look_fraction < 1:
            expects &= box[:, 2] <= self._look_fraction * length
        hidden = share_inside(expected, found).max(axis=1, initial=0.0) >= 0.5
        weight = np.where(hidden, np.where(confirmed, 0.0, _HIDDEN), 1.0)
        if (hidden & confirmed).any():
            weight[self._are_pieces(unseen)] = 1.0
        self._rows["misses"][unseen] += expects * weight

    def _are_pieces(self, which: IntArray) -> NDArray[np.bool_]:
        """(K,) which of the rows ``which`` lie in the box of another object; objects do not lie in each other."""
        confirmed = (self._rows["id"] > 0).nonzero()[0]
        inside = share_inside(self._rows["box"][which], self._rows["box"][confirmed])
        return np.asarray(((inside >= _PIECE) & (which[:, None] != confirmed)).any(axis=1), np.bool_)

    def _open(self, frame: Frame, found: Boxes) -> None:
        """New rows, but not for pieces of known objects, nor for boxes that hold one."""
        known = self._view.inside(self._rows["box"][self._rows["id"] > 0], frame)
        shared = box_intersection(found, known)
        piece = shared.sum(axis=1) > 0.6 * box_area(found)
        holds = (shared > 0.6 * np.maximum(box_area(known), 1.0)).any(axis=1)
        found = found[~(piece | holds)]
        rows = new_rows(found, first_key=self._next_key, belt=self._belt, frame_index=frame.index, time_s=frame.time_s)
        self._next_key += len(found)
        length = self._view.size(frame)[0]
        cut = cut_by_edge(found, length=length)
        rows["known"] = sides_shown(cut)
        rows["box"] = complete(found, rows["known"], cut, size=self._size, length=length)
        rows["came_in"] = cut[:, 0] | self._came_in(found)
        self._rows = np.concatenate([self._rows, rows])

    def _came_in(self, found: Boxes) -> NDArray[np.bool_]:
        """(K,) which of ``found`` (K, 4) could not be seen well at the look before: they were outside, or mostly."""
        moved = 0.0 if self._looked_at is None else float(self._belt[0]) - self._looked_at
        return np.asarray(found[:, 2] - moved <= 0.6 * (found[:, 2] - found[:, 0]), dtype=np.bool_)

    def _confirm(self, frame: Frame) -> tuple[PastBoxes, ...]:
        """Give an id to what looks have shown to ride with the belt; travel that no look has seen proves nothing."""
        rows = self._rows
        unproven = (rows["id"] == 0).nonzero()[0]
        if not len(unproven):
            return ()
        proven = is_proven(rows[unproven], hits=self._confirm_hits, travel=self._min_travel, gate=self._gate)
        chosen = unproven[proven]
        if not len(chosen):
            return ()
        chosen = chosen[~self._are_pieces(chosen)]
        rows["id"][chosen] = np.arange(self._next_id, self._next_id + len(chosen))
        self._next_id += len(chosen)
        return tuple(self._past_of(rows[row], frame) for row in chosen.tolist())

    def _past_of(self, row: np.void, frame: Frame) -> PastBoxes:
        frames, boxes = self._history.past(
            row["box"],
            first_frame=int(row["first_frame"]),
            came_in=bool(row["came_in"]),
            length=self._view.size(frame)[0],
        )
        return PastBoxes(int(row["id"]), frames, self._view.turned_back(self._view.inside(boxes, frame), frame))

    def _in_view(self, frame: Frame) -> tuple[Boxes, NDArray[np.bool_]]:
        """(N, 4) the part of each row inside the frame, and (N,) whether there is any."""
        boxes = self._view.inside(self._rows["box"], frame)
        extent = boxes[:, 2:] > boxes[:, :2]
        return boxes, extent[:, 0] & extent[:, 1]

    def _find_over(
        self, frame: Frame, visible: NDArray[np.bool_], *, looked: bool
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]] | None:
        """(N,) which rows have left, and (N,) which were lost or turned out to be nothing; None where none did."""
        rows = self._rows
        left = lost = np.zeros(len(rows), np.bool_)
        if not visible.all():
            length, breadth = self._view.size(frame)
            left = has_left(rows, length=length, breadth=breadth)
        if looked and len(rows) and (rows["misses"].max() > 0 or rows["id"].min() == 0):
            lost = self._patience.is_over(rows, belt_along=float(self._belt[0]), time_s=frame.time_s)
            lost = (lost | is_stray(rows, gate=self._gate)) & ~left
        return (left, lost) if left.any() or lost.any() else None

    def _close(
        self, frame: Frame, left: NDArray[np.bool_], lost: NDArray[np.bool_]
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Close those rows; ids that ended with them, and of these the ones that vanished inside the frame."""
        rows, length = self._rows, self._view.size(frame)[0]
        known = (rows["id"] > 0) & ~rows["gone"]
        away = left & (rows["id"] > 0) & (rows["box"][:, 0] >= length)
        self._departed.add(rows[away], belt_along=float(self._belt[0]), length=length)
        vanished = (lost & known).nonzero()[0]
        removed = vanished[~self._are_pieces(vanished)] if len(vanished) else vanished
        self._rows = rows[~(left | lost)]
        return _sorted(rows["id"][(left | lost) & known]), _sorted(rows["id"][removed])

    def _shown(self, frame: Frame, boxes: Boxes, visible: NDArray[np.bool_]) -> tuple[IntArray, Boxes]:
        """Ids in ascending order and boxes of the objects that are in the frame."""
        ids = self._rows["id"]
        order = ids.argsort()
        order = order[(visible & (ids > 0) & ~self._rows["gone"])[order]]
        return ids[order], self._view.turned_back(boxes[order], frame)


def _rest(count: int, taken: IntArray) -> IntArray:
    """The numbers below ``count`` that are not in ``taken``, which holds each once."""
    if len(taken) == count:
        return np.empty(0, np.int64)
    free = np.ones(count, np.bool_)
    free[taken] = False
    return free.nonzero()[0]


def _middle(values: FloatArray) -> float:
    return float(np.sort(values)[len(values) // 2])


def _sorted(ids: IntArray) -> tuple[int, ...]:
    return tuple(sorted(ids.tolist()))
