"""Ground truth of a belt clip: which objects there were, and where each one was in every frame."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from conveyorqc.core import Boxes, Direction, FloatArray, IntArray
from conveyorqc.dataset._fields import NUMBER, Fields, box_at, checked, id_at, kind_of, parse_json
from conveyorqc.dataset._labelled_boxes import LabelledBoxes
from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.geometry import clip_boxes

__all__ = ["GROUND_TRUTH_FORMAT", "GroundTruth", "TruthBox", "TruthObject", "truth_from"]

GROUND_TRUTH_FORMAT = "conveyor-gt/1"
_LABELS = ("normal", "broken", "stacked")
_BOX_COLUMNS = ["id", "x", "y", "w", "h", "visible_fraction"]


class TruthBox(NamedTuple):
    """Where one object was in one frame: the part of it inside the frame, in px.

    ``visible_fraction`` in [0, 1] is the share of the object's own pixels inside the frame.
    """

    id: int
    x: float
    y: float
    w: float
    h: float
    visible_fraction: float


@dataclass(frozen=True, slots=True)
class TruthObject:
    """One object of a clip. Frame indices count from 0; None is what did not happen while the clip ran.

    Attributes:
        id: unique in the clip.
        label: ``normal``, ``broken`` or ``stacked`` in the cookie clips.
        anomaly: whether it ought to be rejected.
        kind: how it came to its label, such as ``intact``, ``cut_bite`` or ``stack2``.
        cookies: how many cookies it consists of.
        first_frame: first frame with any of its pixels.
        fully_in_frame: first frame with all of its pixels.
        crosses_centre_frame: first frame with the centre of its box past the middle of the picture along the belt.
        gone_frame: first frame after the last one with any of its pixels.
        touching: ids of the objects it lies against.
        sources: names of the pictures it was made from, if any.

    Raises:
        InvalidInput: if it is gone before it comes, or whole outside the time it is there, or holds no cookie.
    """

    id: int
    label: str
    anomaly: bool
    kind: str
    cookies: int
    first_frame: int
    fully_in_frame: int | None
    crosses_centre_frame: int | None
    gone_frame: int | None
    touching: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        times = [self.first_frame, self.fully_in_frame, self.gone_frame]
        known = [time for time in times if time is not None]
        if known != sorted(known) or known[0] < 0:
            raise InvalidInput(
                f"object {self.id}: expected 0 <= first_frame <= fully_in_frame <= gone_frame, got {times}"
            )
        if self.cookies < 1:
            raise InvalidInput(f"object {self.id}: expected 1 cookie or more, got {self.cookies}")


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """What really happened in a clip, in the format ``conveyor-gt/1``.

    Attributes:
        clip: its name.
        seed: of the simulation it comes from.
        width, height: of the frames, px.
        fps: frames per second.
        direction: of travel.
        belt: name of the belt's colour.
        speed_px_s: nominal speed of the belt.
        objects: in order of entry.
        frames: the boxes of each frame, clipped to it.

    Raises:
        InvalidInput: if sizes or rates are not positive, an id comes twice or a box belongs to no object.
    """

    clip: str
    seed: int
    width: int
    height: int
    fps: float
    direction: Direction
    belt: str
    speed_px_s: float
    objects: tuple[TruthObject, ...]
    frames: tuple[tuple[TruthBox, ...], ...]

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1 or not (self.fps > 0 and math.isfinite(self.fps)):
            raise InvalidInput(
                f"clip: expected positive size and rate, got {self.width}x{self.height} px at {self.fps} fps"
            )
        ids = {found.id for found in self.objects}
        if len(ids) != len(self.objects):
            raise InvalidInput(f"objects: expected each id once, got {[found.id for found in self.objects]}")
        strangers = {box.id for boxes in self.frames for box in boxes} - ids
        if strangers:
            raise InvalidInput(f"frames: expected boxes of listed objects, got unknown ids {sorted(strangers)}")

    @property
    def frames_total(self) -> int:
        """Number of frames of the clip."""
        return len(self.frames)

    @property
    def counts(self) -> dict[str, int]:
        """Objects, objects per label, cookies, touching pairs and objects that crossed the middle."""
        labels = Counter(found.label for found in self.objects)
        pairs = {frozenset((found.id, other)) for found in self.objects for other in found.touching}
        return {
            "objects": len(self.objects),
            **{label: labels[label] for label in dict.fromkeys((*_LABELS, *labels))},
            "cookies": sum(found.cookies for found in self.objects),
            "touching_pairs": len(pairs),
            "crossed_centre": sum(found.crosses_centre_frame is not None for found in self.objects),
        }

    def boxes_at(self, frame_index: int, /) -> tuple[IntArray, Boxes, FloatArray]:
        """The objects in one frame: ids (N,), boxes (N, 4) clipped to the frame, visible fractions (N,) in [0, 1].

        Raises:
            InvalidInput: if the clip has no such frame.
        """
        if not 0 <= frame_index < len(self.frames):
            raise InvalidInput(f"frame_index: expected 0-{len(self.frames) - 1}, got {frame_index}")
        return self._boxes_of(self.frames[frame_index])

    def labelled(self) -> LabelledBoxes:
        """All boxes, clipped to the frame, as tuning and scores take them.

        `conveyorqc.metrics` compares with ``ObjectBoxes(*truth.labelled().columns())``.
        """
        ids, boxes, visible = self._boxes_of([box for boxes in self.frames for box in boxes])
        frame_indices = np.repeat(np.arange(self.frames_total), [len(boxes) for boxes in self.frames])
        frames = range(self.frames_total)
        return LabelledBoxes(frame_indices, ids, boxes, visible, frames=frames, count=len(self.objects))

    def _boxes_of(self, rows: Sequence[TruthBox]) -> tuple[IntArray, Boxes, FloatArray]:
        numbers = np.array(rows, dtype=np.float64).reshape(-1, 6)
        boxes = np.column_stack([numbers[:, 1:3], numbers[:, 1:3] + numbers[:, 3:5]])
        return numbers[:, 0].astype(np.int64), clip_boxes(boxes, width=self.width, height=self.height), numbers[:, 5]

    @classmethod
    def load(cls, path: Path | str, /) -> GroundTruth:
        """Read a ``conveyor-gt/1`` file; fields that the format does not know are ignored.

        Raises:
            DatasetError: if the file is missing, cut short or malformed; the text names the file and the field.
        """
        data = parse_json(path)
        try:
            return truth_from(Fields(data))
        except InvalidInput as error:
            raise DatasetError(f"{path}: {error}") from error

    def save(self, path: Path | str, /) -> None:
        """Write the file that `load` and every other reader of the format understand.

        Raises:
            DatasetError: if the file cannot be written.
        """
        data = {
            "format": GROUND_TRUTH_FORMAT,
            "clip": self.clip,
            "seed": self.seed,
            "width": self.width,
            "height": self.height,
            "fps": self.fps,
            "frames_total": self.frames_total,
            "direction": self.direction.value,
            "belt": self.belt,
            "speed_px_s": self.speed_px_s,
            "counts": self.counts,
            "box_columns": _BOX_COLUMNS,
            "objects": [_object_dict(found) for found in self.objects],
            "frames": self.frames,
        }
        try:
            Path(path).write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")
        except OSError as error:
            raise DatasetError(f"{path}: cannot be written: {error.strerror or error}") from error


_BOX_COLUMNS = list(TruthBox._fields)


def _object_dict(found: TruthObject) -> dict[str, Any]:
    # The order of the format: `sources` stand after `cookies`, and only where there are any.
    fields = asdict(found)
    sources = fields.pop("sources")
    head = {name: fields.pop(name) for name in ("id", "label", "anomaly", "kind", "cookies")}
    return {**head, **({"sources": sources} if sources else {}), **fields}


def truth_from(fields: Fields, /) -> GroundTruth:
    """The ground truth that the fields of a file tell.

    Raises:
        InvalidInput: naming the field that is not as the format has it.
    """
    if fields.take("format", str) != GROUND_TRUTH_FORMAT:
        raise InvalidInput(f"format: expected {GROUND_TRUTH_FORMAT!r}, got {fields.take('format', str)!r}")
    if fields.listed("box_columns", str) != _BOX_COLUMNS:
        raise InvalidInput(f"box_columns: expected {_BOX_COLUMNS}, got {fields.take('box_columns', list)}")
    directions = [direction.value for direction in Direction]
    if fields.take("direction", str) not in directions:
        raise InvalidInput(f"direction: expected one of {directions}, got {fields.take('direction', str)!r}")
    objects = tuple(map(_object_from, fields.each("objects")))
    frames = tuple(_boxes_from(rows, f"frames[{i}]") for i, rows in enumerate(fields.listed("frames", list)))
    declared = {
        "frames_total": (fields.take("frames_total", int), len(frames)),
        "counts.objects": (Fields(fields.take("counts", dict), "counts").take("objects", int), len(objects)),
    }
    for name, (promised, found) in declared.items():
        if promised != found:
            raise InvalidInput(f"{name}: expected {promised} as declared, got {found}")
    return GroundTruth(
        clip=fields.take("clip", str),
        seed=fields.take("seed", int),
        width=fields.take("width", int),
        height=fields.take("height", int),
        fps=fields.take("fps", NUMBER),
        direction=Direction(fields.take("direction", str)),
        belt=fields.take("belt", str),
        speed_px_s=fields.take("speed_px_s", NUMBER),
        objects=objects,
        frames=frames,
    )


def _object_from(fields: Fields) -> TruthObject:
    moment = (int, type(None))
    return TruthObject(
        id=fields.object_id("id"),
        label=fields.take("label", str),
        anomaly=fields.take("anomaly", bool),
        kind=fields.take("kind", str),
        cookies=fields.take("cookies", int),
        first_frame=fields.take("first_frame", int),
        fully_in_frame=fields.take("fully_in_frame", moment),
        crosses_centre_frame=fields.take("crosses_centre_frame", moment),
        gone_frame=fields.take("gone_frame", moment),
        touching=tuple(fields.listed("touching", int)),
        sources=tuple(fields.listed("sources", str)) if "sources" in fields else (),
    )


def _boxes_from(rows: list[Any], where: str) -> tuple[TruthBox, ...]:
    boxes = []
    ids = set[int]()
    for i, row in enumerate(rows):
        place = f"{where}[{i}]"
        if not isinstance(row, list) or len(row) != len(_BOX_COLUMNS):
            raise InvalidInput(f"{place}: expected {len(_BOX_COLUMNS)} numbers, got {kind_of(row)}")
        if id_at(row[0], f"{place}.id") in ids:
            raise InvalidInput(f"{place}.id: expected each object once in a frame, got {row[0]} again")
        ids.add(row[0])
        box_at(row[1:5], place)
        if not 0 <= checked(row[5], NUMBER, f"{place}.{_BOX_COLUMNS[5]}") <= 1:
            raise InvalidInput(f"{place}.{_BOX_COLUMNS[5]}: expected a share in [0, 1], got {row[5]}")
        boxes.append(TruthBox(*row))
    return tuple(boxes)
