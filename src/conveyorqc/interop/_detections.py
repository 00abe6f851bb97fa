"""`supervision.Detections` made of our records, and our records made of them.

https://supervision.roboflow.com/latest/detection/core/
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, Detections, Mask, Tracks, as_boxes, mask_shape
from conveyorqc.errors import InvalidInput, MissingExtraError

if TYPE_CHECKING:
    import supervision as sv

__all__ = ["from_supervision", "to_supervision", "tracks_from_supervision"]


def to_supervision(
    found: Detections | Tracks,
    /,
    *,
    width: int | None = None,
    height: int | None = None,
    class_id: int = 0,
    class_name: str = "object",
) -> sv.Detections:
    """The objects of one frame as ``supervision`` has them, row by row.

    ``xyxy`` is (N, 4) float32. `Detections` give their scores as ``confidence``, `Tracks` their ids as
    ``tracker_id``; what a record does not know is None.

    Args:
        found: of one frame.
        width: of the frame, px; with ``height`` it makes the masks of `Detections` (N, height, width) bool, in
            N times the memory of a frame. Without, masks are left out.
        height: of the frame, px.
        class_id: of all objects: a line knows one class.
        class_name: of all objects, in ``data``, where the label annotators look for it.

    Raises:
        MissingExtraError: if ``supervision`` is not installed.
        InvalidInput: if only one of ``width`` and ``height`` is given, or one is not positive.
    """
    detections = _detections_class()
    size = _frame_size(width, height)
    known: dict[str, Any] = (
        {"tracker_id": found.ids.copy()}
        if isinstance(found, Tracks)
        else {"confidence": found.scores.astype(np.float32), "mask": _whole_masks(found, size)}
    )
    return detections(
        xyxy=found.boxes.astype(np.float32),
        class_id=np.full(len(found), class_id),
        data={"class_name": np.full(len(found), class_name)},
        **known,
    )


def from_supervision(found: sv.Detections, /) -> Detections:
    """Boxes, confidences and masks of ``supervision`` as `Detections`; where it has no confidence, the score is 1.

    Masks are cut out at their boxes. Classes, ids and ``data`` have no place in the record.

    Raises:
        InvalidInput: if a box is not finite or turned inside out, or a mask is not that of a frame.
    """
    boxes = as_boxes(found.xyxy, name="xyxy")
    if found.mask is None:
        return Detections(boxes, found.confidence)
    whole = np.asarray(found.mask)
    if whole.ndim != 3 or len(whole) != len(boxes):
        raise InvalidInput(f"mask: expected shape ({len(boxes)}, H, W), got {whole.shape}")
    return Detections(boxes, found.confidence, [_cut(mask, box) for mask, box in zip(whole, boxes, strict=True)])


def tracks_from_supervision(found: sv.Detections, /) -> Tracks:
    """Boxes of ``supervision`` that have an identity as `Tracks`; negative ids, those of the unconfirmed, are left out.

    One frame does not tell who ``entered`` or ``ended``: `SupervisionTracker` does.

    Raises:
        InvalidInput: if ``tracker_id`` is missing or holds an id twice, or a box is malformed.
    """
    ids, boxes = identified(found)
    return Tracks(ids, boxes)


def identified(found: sv.Detections, /) -> tuple[NDArray[np.int64], Boxes]:
    """Ids (N,) of 0 or more, ascending, and their boxes (N, 4)."""
    boxes = as_boxes(found.xyxy, name="xyxy")
    # Some trackers leave the ids out where there is no box.
    ids = np.empty(0, np.int64) if found.tracker_id is None and not len(boxes) else np.array(found.tracker_id)
    if ids.shape != (len(boxes),) or not (np.issubdtype(ids.dtype, np.integer) or not ids.size):
        raise InvalidInput(f"tracker_id: expected {len(boxes)} integers, one per box, got {found.tracker_id!r:.200}")
    confirmed = np.flatnonzero(ids >= 0)
    order = confirmed[np.argsort(ids[confirmed], kind="stable")]
    if (np.diff(ids[order]) == 0).any():
        raise InvalidInput(f"tracker_id: expected each id once, got {ids.tolist()}")
    return ids[order].astype(np.int64), boxes[order]


def _detections_class() -> type[sv.Detections]:
    try:
        from supervision import Detections as Found  # noqa: PLC0415 (takes a second, and is an extra)
    except ModuleNotFoundError as error:
        raise MissingExtraError("supervision", extra="supervision") from error
    return Found


def _frame_size(width: int | None, height: int | None) -> tuple[int, int] | None:
    if width is None and height is None:
        return None
    if width is None or height is None or width < 1 or height < 1:
        raise InvalidInput(f"width, height: expected both or neither, 1 px or more, got {width} and {height}")
    return height, width


def _whole_masks(found: Detections, size: tuple[int, int] | None) -> NDArray[np.bool_] | None:
    """(N, H, W) bool: each mask at its place in the frame."""
    if found.masks is None or size is None:
        return None
    whole = np.zeros((len(found), *size), np.bool_)
    for canvas, mask, box in zip(whole, found.masks, found.boxes, strict=True):
        there, part = _overlap(size, mask.shape, box)
        canvas[there] = mask[part]
    return whole


def _cut(whole: NDArray[Any], box: Boxes) -> Mask:
    """The part of an (H, W) mask in the whole pixels that ``box`` touches; False outside the frame."""
    mask = np.zeros(mask_shape(box), np.bool_)
    there, part = _overlap(whole.shape, mask.shape, box)
    mask[part] = whole[there]
    return mask


_Slices = tuple[slice, slice]


def _overlap(frame: tuple[int, ...], mask: tuple[int, ...], box: Boxes) -> tuple[_Slices, _Slices]:
    """The rows and columns that a mask at ``box`` shares with a frame of this shape: in the frame, and in the mask."""
    pairs = []
    for start, length, limit in zip((box[1], box[0]), mask, frame, strict=True):
        first = math.floor(start)
        low = min(max(first, 0), limit)
        high = max(min(first + length, limit), low)
        pairs.append((slice(low, high), slice(low - first, high - first)))
    (rows, mask_rows), (columns, mask_columns) = pairs
    return (rows, columns), (mask_rows, mask_columns)
