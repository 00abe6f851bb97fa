"""`CentroidTracker`: one identity per object, by the distance between centroids in belt coordinates."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import (
    BeltMotion,
    Boxes,
    Detections,
    Direction,
    FloatArray,
    Frame,
    IntArray,
    PastBoxes,
    Propagator,
    Tracks,
    as_boxes,
)
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import (
    assign,
    box_area,
    box_centers,
    box_intersection,
    clip_boxes,
    touches_edge,
    visible_fraction,
)
from conveyorqc.track._book import Book
from conveyorqc.track._past import BeltHistory
from conveyorqc.track._propagate import BeltPropagator

__all__ = ["CentroidTracker"]

_ENTRY_EDGE = {
    Direction.LEFT_TO_RIGHT: 0,
    Direction.TOP_TO_BOTTOM: 1,
    Direction.RIGHT_TO_LEFT: 2,
    Direction.BOTTOM_TO_TOP: 3,
}
"""Column of x0 y0 x1 y1, and of `touches_edge`, at which objects come in; the exit is the opposite one."""

_EDGE_MARGIN = 2.0
"""Px from an edge of the frame within which a detection counts as cut by it: working px are coarser than full ones."""

_HIDDEN = 0.3
"""Of a miss: what a look counts that hides an unconfirmed object in a larger one."""

_LONGEST_PAST = 1000
"""Frames for which it is remembered where the belt was. On a belt that stopped longer, the past of an object that was
not confirmed yet begins later; it is bounded memory that this buys."""


class CentroidTracker:
    """Follows all objects of a belt: carries their boxes to each frame, and matches detections by centroid distance.

    An object cannot jump, so a detection near the place where a known object must be is that object; any other is
    new. While an object is entering, its box may grow. It gets its id once it was found ``confirm_hits`` times and
    has moved with the belt: what stands still or moves otherwise (a hand, a reflection) never gets one. Between
    looks, and where a detection fails, boxes go on with the belt. An object ends when it has left the frame, or was
    not found on ``lost_after`` looks in a row.

    Args:
        motion: the belt's motion, shared with the schedule.
        direction: travel of the belt.
        max_distance: px, the article's threshold: detections farther than this from where an object must be are
            not that object. About half an object is good; more confuses neighbours, less loses objects when the
            motion is imprecise.
        min_travel: px that the belt must have moved between looks that found an object before it is confirmed; 0.6
            of ``max_distance`` when None. More is surer and later.
        confirm_hits: looks that must have found it. More is surer and later.
        lost_after: looks in a row without it, while it should be in view, until it is given up. More bridges longer
            gaps, and leaves boxes without objects on the belt for longer.
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
        look_fraction: float = 1.0,
        propagator: Propagator | None = None,
    ) -> None:
        if not (math.isfinite(max_distance) and max_distance > 0):
            raise InvalidInput(f"max_distance: expected px above 0, got {max_distance}")
        if min_travel is not None and not (math.isfinite(min_travel) and min_travel >= 0):
            raise InvalidInput(f"min_travel: expected px of 0 or more, or None, got {min_travel}")
        if not 0 < look_fraction <= 1:
            raise InvalidInput(f"look_fraction: expected a number above 0 and at most 1, got {look_fraction}")
        if confirm_hits < 1 or lost_after < 1:
            raise InvalidInput(f"confirm_hits, lost_after: expected 1 or more, got {confirm_hits} and {lost_after}")
        self._motion = motion
        self._direction = Direction(direction)
        self._rear = _ENTRY_EDGE[self._direction]
        self._front = (self._rear + 2) % 4
        self._max_distance = max_distance
        self._min_travel = 0.6 * max_distance if min_travel is None else min_travel
        self._confirm_hits = confirm_hits
        self._lost_after = lost_after
        self._look_fraction = look_fraction
        self._propagator = BeltPropagator(motion) if propagator is None else propagator
        self._book = Book()
        self._belt = BeltHistory(length=_LONGEST_PAST)
        self._next_key = 1
        self._next_id = 1

    def update(self, frame: Frame, detections: Detections | None, /) -> Tracks:
        """The objects at ``frame``; ``detections`` is None on frames where nobody looked."""
        self._carry(frame)
        if detections is not None:
            self._match(frame, detections.boxes)
        entered, past = self._confirm(frame)
        ended = self._end(frame)
        shown = self._book.confirmed & (self._visible(frame) > 0)
        boxes = clip_boxes(self._book.boxes[shown], width=frame.width, height=frame.height)
        ids = self._book.ids[shown]
        order = np.argsort(ids)
        return Tracks(ids[order], boxes[order], entered, ended, past)

    def _carry(self, frame: Frame) -> None:
        shift = self._motion.measure(frame)
        self._belt.add(frame.index, shift)
        book = self._book
        carried = as_boxes(self._propagator.carry(frame, book.keys, book.boxes), name="boxes of the propagator")
        if len(carried) != len(book):
            raise InvalidInput(f"boxes of the propagator: expected {len(book)}, one per object, got {len(carried)}")
        book.boxes = carried.copy()
        unit = self._direction.unit
        book.travel = book.travel + (shift.dx * unit[0] + shift.dy * unit[1])
        self._hold_rear_at_edge(frame)

    def _hold_rear_at_edge(self, frame: Frame) -> None:
        """The rear of an object that is still entering stays at the edge until a look shows where it is."""
        edge = (0.0, 0.0, float(frame.width), float(frame.height))[self._rear]
        outermost = np.minimum if self._rear < 2 else np.maximum
        rear = self._book.boxes[:, self._rear]
        self._book.boxes[:, self._rear] = np.where(self._book.entering, outermost(rear, edge), rear)

    def _match(self, frame: Frame, found: Boxes) -> None:
        book = self._book
        expected = clip_boxes(book.boxes, width=frame.width, height=frame.height)
        offset = box_centers(found)[None] - box_centers(expected)[:, None]
        distance = np.hypot(offset[..., 0], offset[..., 1])
        distance[self._visible(frame) <= 0] = np.inf
        rows, columns = assign(distance, max_cost=self._max_distance)
        book.drift[rows] += self._slip(frame, expected[rows], found[columns])
        more_rows, more_columns = _separated(rows, columns, expected, found)
        self._book.start_anew(more_rows[~book.confirmed[more_rows]])
        rows, columns = np.concatenate([rows, more_rows]), np.concatenate([columns, more_columns])
        # What a look did not show must not grow on until the next one: it would swallow whatever follows it in.
        book.entering[np.delete(np.arange(len(book)), rows)] = False
        self._correct(frame, rows, found[columns])
        self._count_misses(frame, rows, expected, found)
        self._open(frame, np.delete(found, columns, axis=0))

    def _slip(self, frame: Frame, expected: Boxes, found: Boxes) -> FloatArray:
        """(K, 2) px by which objects moved otherwise than the belt: by their front, which is seen while they enter.

        Their rear tells it where the front has left the frame.
        """
        slip = found - expected
        leaving = self._cut_at(frame, found)[:, self._front]
        along = np.where(leaving, slip[:, self._rear], slip[:, self._front])
        centers = box_centers(found) - box_centers(expected)
        across = centers[:, 1 if self._direction.horizontal else 0]
        return np.stack([along, across], axis=1)

    def _correct(self, frame: Frame, rows: IntArray, found: Boxes) -> None:
        """Take over what a look shows: all of a box that is whole, the visible side of one that is not."""
        book, front = self._book, self._front
        edges = self._cut_at(frame, found)
        entering, leaving = edges[:, self._rear], edges[:, front]
        known = book.boxes[rows]
        was_whole = ~book.entering[rows] & (book.hits[rows] > 1)
        # Half of what was known: looks differ from each other by some px.
        boxes = np.where(was_whole[:, None], (known + found) / 2, found)
        farther = np.maximum if front >= 2 else np.minimum
        # What has passed the exit is out of sight, not gone: the front stays where it was known to be.
        hidden = leaving & ~entering
        boxes[hidden, front] = farther(known, found)[hidden, front]
        book.boxes[rows] = boxes
        book.entering[rows] = entering
        book.hits[rows] += 1
        book.misses[rows] = 0
        book.seen_travel[rows] = book.travel[rows]

    def _count_misses(self, frame: Frame, rows: IntArray, expected: Boxes, found: Boxes) -> None:
        """A look that should have shown an object and did not; one hidden in a larger detection is not missed.

        While it is not confirmed that counts in part: it may be nothing but a piece torn off the larger one.
        """
        hidden = _share_inside(expected, found).max(axis=1, initial=0) >= 0.5
        missed = (self._visible(frame) >= 0.5) & self._looked_at(frame)
        missed[rows] = False
        weight = np.where(hidden, np.where(self._book.confirmed, 0.0, _HIDDEN), 1.0)
        self._book.misses += missed * weight

    def _open(self, frame: Frame, found: Boxes) -> None:
        """New rows, but not for pieces of known objects, nor for several of them in one box."""
        known = clip_boxes(self._book.boxes[self._book.confirmed], width=frame.width, height=frame.height)
        found = found[_share_inside(found, known).sum(axis=1) <= 0.6]
        keys = np.arange(self._next_key, self._next_key + len(found), dtype=np.int64)
        self._next_key += len(found)
        from_edge = self._cut_at(frame, found)[:, self._rear]
        self._book.append(found, keys=keys, frame_index=frame.index, from_edge=from_edge)

    def _confirm(self, frame: Frame) -> tuple[tuple[int, ...], tuple[PastBoxes, ...]]:
        """Give an id to what looks have shown to move with the belt; travel that no look has seen proves nothing."""
        book = self._book
        travel = np.abs(book.seen_travel)
        with_belt = np.hypot(book.drift[:, 0], book.drift[:, 1]) <= 0.3 * travel + 0.2 * self._max_distance
        ready = ~book.confirmed & with_belt & (book.hits >= self._confirm_hits) & (travel >= self._min_travel)
        past = []
        for row in np.flatnonzero(ready).tolist():
            book.ids[row] = self._next_id
            self._next_id += 1
            past.append(self._past_of(row, frame))
        return tuple(p.object_id for p in past), tuple(past)

    def _past_of(self, row: int, frame: Frame) -> PastBoxes:
        book = self._book
        return self._belt.past(
            int(book.ids[row]),
            book.boxes[row],
            first_frame=int(book.first_frame[row]),
            from_edge=bool(book.from_edge[row]),
            width=frame.width,
            height=frame.height,
        )

    def _end(self, frame: Frame) -> tuple[int, ...]:
        """Close the rows of objects that have left, were lost, or turned out to be nothing."""
        book = self._book
        gone = self._outside(frame)
        lost = book.misses >= np.where(book.confirmed, self._lost_after, 2)
        stray = ~book.confirmed & (np.hypot(book.drift[:, 0], book.drift[:, 1]) > 2 * self._max_distance)
        over = gone | lost | stray
        ended = tuple(sorted(book.ids[over & book.confirmed].tolist()))
        if over.any():
            book.keep(~over)
        return ended

    def _outside(self, frame: Frame) -> NDArray[np.bool_]:
        """Left for good: out at any side, but one object length beyond the entry, so that a creep back is forgiven."""
        boxes = self._book.boxes
        slack = np.zeros(4)
        slack[self._rear] = 2 * self._max_distance
        beyond = np.stack([-boxes[:, 2], -boxes[:, 3], boxes[:, 0] - frame.width, boxes[:, 1] - frame.height], axis=1)
        return np.asarray((beyond >= slack).any(axis=1), dtype=np.bool_)

    def _looked_at(self, frame: Frame) -> NDArray[np.bool_]:
        """(N,) whether each object lies wholly in the part of the frame that the detector looks at."""
        if self._look_fraction == 1:
            return np.ones(len(self._book), np.bool_)
        length = frame.width if self._direction.horizontal else frame.height
        front = self._book.boxes[:, self._front]
        passed = front if self._front >= 2 else length - front
        return np.asarray(passed <= self._look_fraction * length, dtype=np.bool_)

    def _cut_at(self, frame: Frame, boxes: Boxes) -> NDArray[np.bool_]:
        """(N, 4) which edges of the frame cut each of ``boxes``."""
        return touches_edge(boxes, width=frame.width, height=frame.height, margin=_EDGE_MARGIN)

    def _visible(self, frame: Frame) -> FloatArray:
        return visible_fraction(self._book.boxes, width=frame.width, height=frame.height)


def _separated(rows: IntArray, columns: IntArray, expected: Boxes, found: Boxes) -> tuple[IntArray, IntArray]:
    """Pairs besides those: an object that was two in one box goes on as the detection that lies inside its box."""
    free_rows = np.setdiff1d(np.arange(len(expected)), rows)
    free_columns = np.setdiff1d(np.arange(len(found)), columns)
    outside = 1.0 - _share_inside(found[free_columns], expected[free_rows]).T
    more_rows, more_columns = assign(outside, max_cost=0.4)
    return free_rows[more_rows], free_columns[more_columns]


def _share_inside(inner: Boxes, outer: Boxes) -> FloatArray:
    """(N, M) share of each of ``inner`` (N, 4) that lies in each of ``outer`` (M, 4)."""
    area = box_area(inner)[:, None]
    return np.divide(box_intersection(inner, outer), area, out=np.zeros((len(inner), len(outer))), where=area > 0)
