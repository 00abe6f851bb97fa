"""Whether the right objects were found, followed and counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core import Boxes, FloatArray, IntArray, as_boxes, read_only
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import assign, box_area, box_intersection, box_iou
from conveyorqc.metrics._classification import Scores, precision_recall_f1
from conveyorqc.metrics._estimate import Estimate, clopper_pearson

__all__ = ["CountError", "ObjectBoxes", "ObjectScores", "count_error", "match_boxes", "match_objects", "object_scores"]


@dataclass(frozen=True, slots=True, eq=False)
class ObjectBoxes:
    """Where objects were, one row per object and frame: ground truth and tracks alike.

    Attributes:
        frames: (N,) int64 indices of frames, in any order.
        ids: (N,) int64, whose box it is; an object comes at most once in a frame.
        boxes: (N, 4) float64, px.

    Raises:
        InvalidInput: if the lengths differ, a box is malformed or an object comes twice in a frame.
    """

    frames: IntArray
    ids: IntArray
    boxes: Boxes

    def __init__(self, frames: ArrayLike, ids: ArrayLike, boxes: ArrayLike) -> None:
        columns = {"frames": np.array(frames, dtype=np.int64), "ids": np.array(ids, dtype=np.int64)}
        checked = as_boxes(boxes)
        for name, column in columns.items():
            if column.shape != (len(checked),):
                raise InvalidInput(f"{name}: expected {len(checked)}, one per box, got shape {column.shape}")
            object.__setattr__(self, name, read_only(column))
        object.__setattr__(self, "boxes", checked)
        if len(np.unique(np.column_stack([self.frames, self.ids]), axis=0)) != len(checked):
            raise InvalidInput("ids: expected each object at most once in a frame, got one twice")

    def __len__(self) -> int:
        return len(self.boxes)

    def lasting(self, min_frames: int, /) -> ObjectBoxes:
        """Only the objects that are there in ``min_frames`` frames or more."""
        ids, counts = np.unique(self.ids, return_counts=True)
        kept = np.isin(self.ids, ids[counts >= min_frames])
        return ObjectBoxes(self.frames[kept], self.ids[kept], self.boxes[kept])


@dataclass(frozen=True, slots=True)
class ObjectScores:
    """How well tracks follow objects.

    Attributes:
        scores: precision (of tracks), recall (of objects) and F1.
        merges: tracks that hold several objects in one box. They miss all but one of these.
        splits: objects that lie in several boxes at a time.
    """

    scores: Scores
    merges: int
    splits: int


@dataclass(frozen=True, slots=True)
class CountError:
    """``difference`` is counted less true; ``relative`` its size as a share of the true count, at most 1."""

    difference: int
    relative: Estimate


def match_boxes(truth: Boxes, predicted: Boxes, /, *, iou: float = 0.5) -> tuple[IntArray, IntArray]:
    """One-to-one pairs of boxes in one frame that overlap by ``iou`` or more: rows of ``truth`` and of ``predicted``.

    As many pairs as possible, then those that overlap most. A higher ``iou`` asks for tighter boxes.

    >>> import numpy as np
    >>> rows, columns = match_boxes(np.array([[0.0, 0, 10, 10]]), np.array([[50.0, 0, 60, 10], [1, 0, 11, 10]]))
    >>> rows.tolist(), columns.tolist()
    ([0], [1])
    """
    _check_share("iou", iou)
    return assign(1 - box_iou(truth, predicted), max_cost=1 - iou)


def match_objects(
    truth: ObjectBoxes, predicted: ObjectBoxes, /, *, iou: float = 0.5, min_share: float = 0.3
) -> dict[int, int]:
    """Which true object each track follows: predicted id to true id, one to one.

    Boxes are paired frame by frame (`match_boxes`); then tracks and objects are paired that share most frames. Tracks
    that follow no object, or one that another track follows better, are left out. Labels of true objects reach
    crops of tracks this way.

    Args:
        truth: the true boxes. Leave out those that nobody can be expected to find, such as barely visible ones.
        predicted: the boxes of the tracks.
        iou: overlap at which a box counts as found.
        min_share: share of the object's frames in which the track must have found it. Lower forgives late and
            interrupted tracks.

    Raises:
        InvalidInput: if ``iou`` or ``min_share`` is not above 0 and at most 1.
    """
    _check_share("iou", iou)
    _check_share("min_share", min_share)
    true_ids, lives = np.unique(truth.ids, return_counts=True)
    track_ids = np.unique(predicted.ids)
    shared = np.zeros((len(true_ids), len(track_ids)))
    for actual, found in _by_frame(truth, predicted):
        rows, columns = match_boxes(truth.boxes[actual], predicted.boxes[found], iou=iou)
        objects = np.searchsorted(true_ids, truth.ids[actual[rows]])
        shared[objects, np.searchsorted(track_ids, predicted.ids[found[columns]])] += 1
    rows, columns = assign(1 - shared / lives[:, None], max_cost=1 - min_share)
    return {int(track_ids[column]): int(true_ids[row]) for row, column in zip(rows, columns, strict=True)}


def object_scores(
    truth: ObjectBoxes,
    predicted: ObjectBoxes,
    /,
    *,
    iou: float = 0.5,
    min_share: float = 0.3,
    cover: float = 0.75,
    level: float = 0.95,
) -> ObjectScores:
    """Precision, recall and F1 of tracks against objects, with the merges and splits that a count would hide.

    Args:
        truth: as in `match_objects`.
        predicted: the boxes of the tracks; `ObjectBoxes.lasting` leaves out short ones.
        iou: as in `match_objects`.
        min_share: as in `match_objects`; also the share of a track's frames in which it must hold several objects to
            be a merge, and of an object's frames in which several boxes must lie in it to be a split.
        cover: share of the area of one box inside another from which the one lies in the other.
        level: of confidence of the intervals.

    Raises:
        InvalidInput: if ``iou``, ``min_share`` or ``cover`` is not above 0 and at most 1.
    """
    _check_share("cover", cover)
    matched = len(match_objects(truth, predicted, iou=iou, min_share=min_share))
    objects, tracks = len(np.unique(truth.ids)), len(np.unique(predicted.ids))
    holds_many, lies_in_many = np.zeros(len(predicted), np.bool_), np.zeros(len(truth), np.bool_)
    for actual, found in _by_frame(truth, predicted):
        shared = box_intersection(truth.boxes[actual], predicted.boxes[found])
        holds_many[found] = (_fractions(shared, box_area(truth.boxes[actual])[:, None]) >= cover).sum(axis=0) > 1
        lies_in_many[actual] = (_fractions(shared, box_area(predicted.boxes[found])[None]) >= cover).sum(axis=1) > 1
    return ObjectScores(
        precision_recall_f1(matched, tracks - matched, objects - matched, level=level),
        merges=_count_often(predicted.ids, holds_many, min_share),
        splits=_count_often(truth.ids, lies_in_many, min_share),
    )


def count_error(counted: int, truth: int, /, *, level: float = 0.95) -> CountError:
    """How far a count is off. Missed and doubled objects cancel out here: see `object_scores`.

    Raises:
        InvalidInput: if a count is negative.

    >>> error = count_error(102, 104)
    >>> error.difference, str(error.relative)
    (-2, '0.019 [0.002, 0.068] (n=104)')
    """
    if counted < 0 or truth < 0:
        raise InvalidInput(f"counts: expected 0 or more, got {counted} and {truth}")
    difference = counted - truth
    return CountError(difference, clopper_pearson(min(abs(difference), truth), truth, level=level))


def _by_frame(truth: ObjectBoxes, predicted: ObjectBoxes) -> Iterator[tuple[IntArray, IntArray]]:
    """Row numbers of both, for each frame in which both have boxes."""
    rows_of = _rows_by_frame(predicted.frames)
    for frame, actual in _rows_by_frame(truth.frames).items():
        if frame in rows_of:
            yield actual, rows_of[frame]


def _rows_by_frame(frames: IntArray) -> dict[int, IntArray]:
    order = np.argsort(frames, kind="stable")
    values, starts = np.unique(frames[order], return_index=True)
    return dict(zip(values.tolist(), np.split(order, starts[1:]), strict=True)) if len(values) else {}


def _fractions(shared: FloatArray, area: FloatArray) -> FloatArray:
    return np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)


def _count_often(ids: IntArray, happens: NDArray[np.bool_], min_share: float) -> int:
    _, places, frames = np.unique(ids, return_inverse=True, return_counts=True)
    times = np.bincount(places, weights=happens, minlength=len(frames))
    return int(np.sum(times >= min_share * frames)) if len(frames) else 0


def _check_share(name: str, value: float) -> None:
    if not 0 < value <= 1:
        raise InvalidInput(f"{name}: expected a number above 0 and at most 1, got {value}")
