"""How well a detector finds labelled boxes, frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import Boxes, Detector, FloatArray, Frame
from conveyorqc.dataset import LabelledBoxes
from conveyorqc.geometry import assign, box_area, box_intersection, clip_boxes
from conveyorqc.metrics import Estimate, precision_recall_f1

__all__ = ["Score", "score_detector"]

_IOU = 0.5
_VISIBLE = 0.5
"""Share of an object that must be in view before anyone is expected to find it."""

_COVER = 0.75
"""Share of one box inside another from which the one lies in the other."""


@dataclass(frozen=True, slots=True)
class Score:
    """Boxes of single frames against labels at IoU 0.5.

    Attributes:
        f1, precision, recall: over all frames together.
        merges: boxes that hold several objects.
        splits: objects that hold several boxes.
    """

    f1: Estimate
    precision: Estimate
    recall: Estimate
    merges: int
    splits: int


def score_detector(detector: Detector, frames: Sequence[Frame], truth: LabelledBoxes, /) -> Score:
    """Detect on each of ``frames``, which are labelled, and compare.

    Objects of which less than half can be seen need not be found, and may be.
    """
    right = found = true = merges = splits = 0
    for frame in frames:
        labelled = truth.at(frame.index)
        boxes = clip_boxes(labelled.boxes, width=frame.width, height=frame.height)
        wanted = labelled.visible >= _VISIBLE
        detected = _without(detector.detect(frame).boxes, boxes[~wanted], boxes[wanted])
        overlap = _forgiving_iou(boxes[wanted], detected, tolerance=truth.tolerance_px)
        right += len(assign(1 - overlap, max_cost=1 - _IOU)[0])
        found += len(detected)
        true += int(wanted.sum())
        shared = box_intersection(boxes[wanted], detected)
        merges += _several(_share(shared, box_area(boxes[wanted])[:, None]), axis=0)
        splits += _several(_share(shared, box_area(detected)[None]), axis=1)
    scores = precision_recall_f1(right, found - right, true - right)
    return Score(scores.f1, scores.precision, scores.recall, merges, splits)


def _without(detected: Boxes, ignored: Boxes, wanted: Boxes) -> Boxes:
    """``detected`` less what lies on an object that is hardly in view, unless it overlaps another one more."""
    on_ignored = box_intersection(ignored, detected).max(axis=0, initial=0.0)
    on_wanted = box_intersection(wanted, detected).max(axis=0, initial=0.0)
    kept = (on_ignored < _IOU * box_area(detected)) | (on_wanted >= on_ignored)
    return np.asarray(detected[kept], dtype=np.float64)


def _forgiving_iou(truth: Boxes, detected: Boxes, *, tolerance: float) -> FloatArray:
    """(N, M) intersection over union; each true edge may lie up to ``tolerance`` px nearer to the detected one."""
    first, second = truth[:, None], detected[None]
    first = first + np.clip(second - first, -tolerance, tolerance)
    sides = np.minimum(first[..., 2:], second[..., 2:]) - np.maximum(first[..., :2], second[..., :2])
    shared: FloatArray = np.maximum(sides, 0.0).prod(axis=-1)
    areas: FloatArray = (first[..., 2:] - first[..., :2]).prod(axis=-1) + box_area(detected)[None]
    return _share(shared, areas - shared)


def _share(part: FloatArray, whole: FloatArray) -> FloatArray:
    whole = np.broadcast_to(whole, part.shape)
    shares: FloatArray = np.divide(part, whole, out=np.zeros(part.shape), where=whole > 0)
    return shares


def _several(shares: FloatArray, *, axis: int) -> int:
    """How many rows or columns hold two or more."""
    return int(((shares >= _COVER).sum(axis=axis) > 1).sum())
