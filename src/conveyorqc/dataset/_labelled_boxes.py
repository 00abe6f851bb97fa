"""`LabelledBoxes`: where the true objects of a clip are, on the frames that somebody labelled."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from conveyorqc.core import Boxes, FloatArray, IntArray, as_boxes, read_only
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["BoxRows", "FrameBoxes", "LabelledBoxes"]


@dataclass(frozen=True, slots=True, eq=False)
class FrameBoxes:
    """The true objects in one frame, in ascending order of ids; all arrays are read-only.

    Attributes:
        ids: (N,) int64, each once. Negative where the file does not say whose box it is; see `LabelledBoxes`.
        boxes: (N, 4) float64 ``x0 y0 x1 y1``, full-frame px, as labelled: some formats let them reach outside it.
        visible: (N,) float64 in [0, 1], the share of the object that can be seen; 1 where the file does not say.
    """

    ids: IntArray
    boxes: Boxes
    visible: FloatArray

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LabelledBoxes:
    """True boxes of a clip, whatever file they come from: a frame that was not labelled says nothing about objects.

    Boxes that a file gives without an identity have the ids -1, -2, -3, … each its own: never two boxes of the
    same object, as far as anyone knows.

    Attributes:
        frames: indices of the labelled frames, from 0, ascending; also of those that show no object.
        tolerance_px: how far an edge of a box may be from the truth, px: 0 where labels are exact.
        count: how many objects the clip has, or None where the file does not say.

    >>> labels = LabelledBoxes([4, 2, 4], [1, 1, 2], [[5, 0, 9, 4], [1, 0, 5, 4], [0, 0, 4, 4]], frames=[3])
    >>> labels.frames, labels.at(4).ids.tolist(), len(labels.at(3))
    ((2, 3, 4), [1, 2], 0)
    """

    frames: tuple[int, ...]
    tolerance_px: float
    count: int | None
    _starts: IntArray
    _ids: IntArray
    _boxes: Boxes
    _visible: FloatArray

    def __init__(
        self,
        frame_indices: ArrayLike,
        ids: ArrayLike,
        boxes: ArrayLike,
        visible: ArrayLike | None = None,
        *,
        frames: Iterable[int] = (),
        tolerance_px: float = 0.0,
        count: int | None = None,
    ) -> None:
        """One row per object and frame, in any order.

        Args:
            frame_indices: (N,) whole numbers, the frame of each box.
            ids: (N,) whole numbers, whose box it is; an object comes at most once in a frame.
            boxes: (N, 4) ``x0 y0 x1 y1``, full-frame px.
            visible: (N,) in [0, 1]; all 1 when None.
            frames: labelled frames, those of ``frame_indices`` included or not.
            tolerance_px: of the labels; a larger one makes whoever compares more forgiving.
            count: objects in the clip.

        Raises:
            InvalidInput: if lengths or ranges do not fit, or an object comes twice in a frame.
        """
        checked = as_boxes(boxes)
        columns = [np.array(column, dtype=np.int64).reshape(-1) for column in (frame_indices, ids)]
        shares = np.ones(len(checked)) if visible is None else np.array(visible, dtype=np.float64).reshape(-1)
        lengths = [len(column) for column in (*columns, shares)]
        if lengths != [len(checked)] * 3:
            raise InvalidInput(f"frame_indices, ids, visible: expected {len(checked)}, one per box, got {lengths}")
        if not ((shares >= 0) & (shares <= 1)).all():
            raise InvalidInput(f"visible: expected shares in [0, 1], got {shares.min()} to {shares.max()}")
        if not (tolerance_px >= 0 and np.isfinite(tolerance_px)) or (count is not None and count < 0):
            raise InvalidInput(f"tolerance_px, count: expected 0 or more, got {tolerance_px} and {count}")
        labelled = np.union1d(columns[0], np.fromiter(frames, np.int64))
        if len(labelled) and labelled[0] < 0:
            raise InvalidInput(f"frames: expected indices from 0, got {labelled[0]}")
        order = np.lexsort(columns[::-1])
        if (twice := _repeated(columns[0], columns[1], order)) is not None:
            raise InvalidInput(f"ids: expected each once in a frame, got {columns[1][twice]} twice in one")
        self._keep(labelled, columns[0][order], columns[1][order], checked[order], shares[order])
        object.__setattr__(self, "tolerance_px", float(tolerance_px))
        object.__setattr__(self, "count", count)

    def _keep(
        self, labelled: IntArray, frame_indices: IntArray, ids: IntArray, boxes: Boxes, visible: FloatArray
    ) -> None:
        ends = np.searchsorted(frame_indices, labelled, side="right")
        object.__setattr__(self, "frames", tuple(labelled.tolist()))
        object.__setattr__(self, "_starts", read_only(np.concatenate([[0], ends])))
        object.__setattr__(self, "_ids", read_only(ids))
        object.__setattr__(self, "_boxes", read_only(boxes))
        object.__setattr__(self, "_visible", read_only(visible))

    def __len__(self) -> int:
        """Number of boxes in all frames."""
        return len(self._ids)

    def __repr__(self) -> str:
        spoken = f"{len(self)} boxes on {len(self.frames)} frames"
        return f"<LabelledBoxes: {spoken}, tolerance_px={self.tolerance_px}, count={self.count}>"

    def at(self, frame_index: int, /) -> FrameBoxes:
        """The objects in one frame.

        Raises:
            InvalidInput: if nobody labelled this frame.
        """
        place = bisect_left(self.frames, frame_index)
        if place == len(self.frames) or self.frames[place] != frame_index:
            raise InvalidInput(f"frame_index: expected a labelled frame, got {frame_index}, of which nothing is known")
        rows = slice(self._starts[place], self._starts[place + 1])
        return FrameBoxes(self._ids[rows], self._boxes[rows], self._visible[rows])

    def columns(self, *, min_visible: float = 0.5) -> tuple[IntArray, IntArray, Boxes]:
        """Frame indices (N,), ids (N,) and boxes (N, 4) of all objects, as `conveyorqc.metrics.ObjectBoxes` takes them.

        Args:
            min_visible: 0-1, leave out objects of which less can be seen: nobody can be expected to find them. Higher
                asks less of a detector at the edges of the frame.
        """
        kept = self._visible >= min_visible
        frame_indices = np.repeat(np.array(self.frames, dtype=np.int64), np.diff(self._starts))
        return frame_indices[kept], self._ids[kept], self._boxes[kept]


def _repeated(frame_indices: IntArray, ids: IntArray, order: IntArray) -> int | None:
    """The row of a box whose object was in its frame already; ``order`` sorts by frame and id, else as they came."""
    same = (np.diff(frame_indices[order]) == 0) & (np.diff(ids[order]) == 0)
    return int(order[1:][same].min()) if same.any() else None


class BoxRows:
    """Takes boxes one by one as a file gives them, in 64 bytes each; ``error_at`` makes the error for a place in it."""

    def __init__(self, error_at: Callable[[int, str], DatasetError], /) -> None:
        self._error_at = error_at
        self._whole = array("q")
        self._parts = array("d")
        self._nameless = 0

    def add(
        self,
        frame_index: int,
        object_id: int | None,
        box: tuple[float, float, float, float],
        *,
        place: int,
        visible: float = 1.0,
    ) -> None:
        """One box; ``object_id`` is None, or negative, where the file does not say whose it is."""
        if object_id is None or object_id < 0:
            self._nameless += 1
            object_id = -self._nameless
        self._whole.extend((frame_index, object_id, place))
        self._parts.extend((*box, visible))

    def labelled(
        self, *, frames: Iterable[int] = (), tolerance_px: float = 0.0, count: int | None = None
    ) -> LabelledBoxes:
        """All that were added.

        Raises:
            DatasetError: if an object comes twice in a frame.
        """
        whole = np.array(self._whole, dtype=np.int64).reshape(-1, 3)
        parts = np.array(self._parts, dtype=np.float64).reshape(-1, 5)
        frame_indices, ids, places = whole.T
        twice = _repeated(frame_indices, ids, np.lexsort([ids, frame_indices]))
        if twice is not None:
            raise self._error_at(int(places[twice]), f"object {ids[twice]} is in this frame already")
        return LabelledBoxes(
            frame_indices, ids, parts[:, :4], parts[:, 4], frames=frames, tolerance_px=tolerance_px, count=count
        )
