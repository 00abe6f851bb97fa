"""What flows between the stages: boxes, identities, views, verdicts. Frozen, checked when made."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from conveyorqc.core._arrays import (
    as_box,
    as_boxes,
    as_ids,
    as_image,
    as_mask,
    as_number,
    as_scores,
    mask_shape,
    read_only,
)
from conveyorqc.core._types import Boxes, FloatArray, ImageU8, IntArray, Mask
from conveyorqc.errors import InvalidInput

__all__ = ["Anomaly", "BeltShift", "Crop", "Detections", "Direction", "PastBoxes", "Tracks", "Verdict"]


class Direction(str, Enum):
    """Which way the belt carries objects through the frame.

    >>> Direction("left_to_right").unit
    (1.0, 0.0)
    """

    LEFT_TO_RIGHT = "left_to_right"
    RIGHT_TO_LEFT = "right_to_left"
    TOP_TO_BOTTOM = "top_to_bottom"
    BOTTOM_TO_TOP = "bottom_to_top"

    @property
    def unit(self) -> tuple[float, float]:
        """(x, y) of one step along the belt; y points down."""
        return {
            Direction.LEFT_TO_RIGHT: (1.0, 0.0),
            Direction.RIGHT_TO_LEFT: (-1.0, 0.0),
            Direction.TOP_TO_BOTTOM: (0.0, 1.0),
            Direction.BOTTOM_TO_TOP: (0.0, -1.0),
        }[self]

    @property
    def horizontal(self) -> bool:
        """Whether objects travel along x."""
        return self in (Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT)


@dataclass(frozen=True, slots=True)
class BeltShift:
    """How far the belt moved since the frame before.

    ``dx``, ``dy`` in full-frame px (sub-pixel; y points down); ``confidence`` in [0, 1], where 0 means that
    the picture told nothing and the last speed was assumed.
    """

    dx: float
    dy: float
    confidence: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "dx", as_number(self.dx, name="dx"))
        object.__setattr__(self, "dy", as_number(self.dy, name="dy"))
        object.__setattr__(self, "confidence", _as_fraction(self.confidence, "confidence"))


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """The objects found in one frame, columnar.

    Attributes:
        boxes: (N, 4) float64 ``x0 y0 x1 y1``, full-frame px, half-open.
        scores: (N,) float64; ones when None is given.
        masks: None, or one bool array per box, the object's pixels within ``floor(x0, y0) .. ceil(x1, y1)``.

    >>> len(Detections([[0, 0, 10, 20]])), len(Detections([]))
    (1, 0)
    """

    boxes: Boxes
    scores: FloatArray
    masks: tuple[Mask, ...] | None = None

    def __init__(self, boxes: ArrayLike, scores: ArrayLike | None = None, masks: Sequence[Mask] | None = None) -> None:
        checked = as_boxes(boxes)
        object.__setattr__(self, "boxes", checked)
        object.__setattr__(self, "scores", as_scores(scores, len(checked)))
        if masks is not None and len(masks) != len(checked):
            raise InvalidInput(f"masks: expected one for each of {len(checked)} boxes, got {len(masks)}")
        if masks is not None:
            masks = tuple(as_mask(mask, mask_shape(box)) for mask, box in zip(masks, checked, strict=True))
        object.__setattr__(self, "masks", masks)

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True, slots=True, eq=False)
class PastBoxes:
    """Where an object that was confirmed only now had been before: its boxes on earlier frames.

    ``frame_indices`` (K,) int64 ascending, ``boxes`` (K, 4) in full-frame px, clipped to the frame.
    """

    object_id: int
    frame_indices: IntArray
    boxes: Boxes

    def __post_init__(self) -> None:
        object.__setattr__(self, "frame_indices", as_ids(self.frame_indices, name="frame_indices"))
        object.__setattr__(self, "boxes", as_boxes(self.boxes))
        if len(self.frame_indices) != len(self.boxes):
            raise InvalidInput(f"boxes: expected {len(self.frame_indices)}, got {len(self.boxes)}")
        if (np.diff(self.frame_indices) < 0).any():
            raise InvalidInput(f"frame_indices: expected them to ascend, got {self.frame_indices.tolist()}")


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The objects on the belt at one frame, each with its identity.

    Attributes:
        ids: (N,) int64. Dense per line (1, 2, 3, …), given in ascending order, never reused.
        boxes: (N, 4) float64 in full-frame px, clipped to the frame; row i belongs to ``ids[i]``.
        entered: ids that were confirmed at this frame; each id appears here exactly once in a run.
        ended: ids that left (or were lost) at this frame; they are no longer in ``ids``, now or later: what a belt
            that runs backwards brings back over the exit is recognised and kept quiet about.
        past: boxes of newly ``entered`` ids on the frames before they were confirmed.
        removed: those of ``ended`` that vanished inside the frame: taken away, instead of leaving over an edge.
    """

    ids: IntArray
    boxes: Boxes
    entered: tuple[int, ...] = ()
    ended: tuple[int, ...] = ()
    past: tuple[PastBoxes, ...] = ()
    removed: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", as_ids(self.ids))
        object.__setattr__(self, "boxes", as_boxes(self.boxes))
        if len(self.ids) != len(self.boxes):
            raise InvalidInput(f"boxes: expected {len(self.ids)}, one per id, got {len(self.boxes)}")
        if self.ended and not set(self.ended).isdisjoint(self.ids.tolist()):
            raise InvalidInput(f"ended: expected ids that left, got {self.ended} of which some are still in ids")
        if not set(self.removed) <= set(self.ended):
            raise InvalidInput(f"removed: expected some of {self.ended}, which ended, got {self.removed}")

    def __len__(self) -> int:
        return len(self.ids)

    def only(self, ids: Collection[int], /) -> Tracks:
        """The same frame with none but the objects in ``ids``; ``entered``, ``ended`` and ``past`` stay."""
        kept = np.isin(self.ids, np.fromiter(ids, np.int64, len(ids)))
        return self if kept.all() else replace(self, ids=self.ids[kept], boxes=self.boxes[kept])


@dataclass(frozen=True, slots=True, eq=False)
class Crop:
    """One view of one object, aspect kept, padded to a square.

    Attributes:
        object_id: the identity in `Tracks`.
        frame_index: the frame it was cut from.
        box: (4,) float64, the object in that frame, px.
        image: (S, S, 3) uint8 BGR.
        mask: (S, S) bool, True on the object, or None when nobody could tell.
        complete: the object touched no edge of the frame.
    """

    object_id: int
    frame_index: int
    box: Boxes
    image: ImageU8
    mask: Mask | None
    complete: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "image", as_image(self.image))
        height, width = self.image.shape[:2]
        if height != width:
            raise InvalidInput(f"image: expected a square, got {width}x{height} px")
        object.__setattr__(self, "box", as_box(self.box))
        if self.mask is not None:
            object.__setattr__(self, "mask", as_mask(self.mask, (height, width)))


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One class of defect in a picture.

    ``area_fraction`` in [0, 1] of the picture; ``color`` as ``#RRGGBB``, the colour of its pixels in a mask image.
    """

    name: str
    area_fraction: float
    color: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "area_fraction", _as_fraction(self.area_fraction, "area_fraction"))
        if not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.color):
            raise InvalidInput(f"color: expected #RRGGBB, got {self.color!r}")


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a backend says of one picture.

    Attributes:
        is_anomalous: the label.
        confidence: in [0, 1], how sure the backend is **of that label** (the meaning Lookout for Vision gave it).
        score: higher is worse, or None when the backend has none.
        anomalies: the classes of defect that were found.
        heatmap: (H, W) float32, higher is worse, or None.
        mask: (H, W) bool, True on the defect, or None.
        model: which model said so.

    >>> Verdict(is_anomalous=False, confidence=0.98).model
    ''
    """

    is_anomalous: bool
    confidence: float
    score: float | None = None
    anomalies: tuple[Anomaly, ...] = ()
    heatmap: NDArray[np.float32] | None = None
    mask: Mask | None = None
    model: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.is_anomalous, bool | np.bool_):
            raise InvalidInput(f"is_anomalous: expected a bool, got {self.is_anomalous!r}")
        object.__setattr__(self, "is_anomalous", bool(self.is_anomalous))
        object.__setattr__(self, "confidence", _as_fraction(self.confidence, "confidence"))
        if self.score is not None:
            object.__setattr__(self, "score", as_number(self.score, name="score"))
        for name in ("heatmap", "mask"):
            array = getattr(self, name)
            if array is not None:
                object.__setattr__(self, name, read_only(array))


def _as_fraction(value: object, name: str) -> float:
    fraction = as_number(value, name=name)
    if not 0.0 <= fraction <= 1.0:
        raise InvalidInput(f"{name}: expected a number in [0, 1], got {fraction}")
    return fraction
