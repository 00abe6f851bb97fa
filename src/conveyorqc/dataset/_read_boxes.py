"""True boxes from whatever file holds them; its content tells the format, not its name."""

from __future__ import annotations

from pathlib import Path

from conveyorqc.dataset._coco import coco_from
from conveyorqc.dataset._fields import Fields, kind_of, parse_json
from conveyorqc.dataset._ground_truth import GROUND_TRUTH_FORMAT, truth_from
from conveyorqc.dataset._handlabel import HANDLABEL_FORMAT, handlabel_from
from conveyorqc.dataset._labelled_boxes import LabelledBoxes
from conveyorqc.dataset._mot import mot_boxes
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["read_boxes"]

_BEGINNING = 4096
_BOM = b"\xef\xbb\xbf"


def read_boxes(path: Path | str, /) -> LabelledBoxes:
    """The true boxes of a clip, in any of four formats.

    - ``conveyor-gt/1``, as `GroundTruth.save` and the simulator write it: all frames and the count are known.
    - ``conveyor-handlabel/1``: some frames, drawn by hand with a tolerance, and the count.
    - MOTChallenge, 7 to 10 columns, frames from 1: rows whose score is 0 are not considered; frames without a row
      are not labelled; the ninth of nine columns is the visibility. https://motchallenge.net/instructions/
    - COCO boxes: every image is a labelled frame. Its index is ``frame_index`` or ``frame_id`` (from 0) or, where no
      image has one, its rank by the number at the end of its file name. Identities are ``track_id`` or
      ``instance_id``, in the annotation or among its ``attributes``, as CVAT writes them. Crowds are left out.
      https://cocodataset.org/#format-data

    Classes are not told apart, and boxes may reach outside the frame as they do in the file (those of
    ``conveyor-gt/1`` are clipped). JSON is read whole and may have 512 MiB, a MOTChallenge file is read line by line.

    Raises:
        DatasetError: if the file cannot be read or holds none of these; the text names the line or the JSON field.
    """
    path = Path(path)
    beginning = _beginning_of(path)
    if not beginning:
        raise DatasetError(f"{path}: expected labelled boxes, got an empty file")
    if beginning[:1] not in b"{[":
        return mot_boxes(path)
    data = parse_json(path)
    try:
        return _boxes_in(Fields(data), path)
    except InvalidInput as error:
        raise DatasetError(f"{path}: {error}") from error


def _beginning_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_BEGINNING).removeprefix(_BOM).lstrip()
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error


def _boxes_in(fields: Fields, path: Path) -> LabelledBoxes:
    if "format" in fields:
        name = fields.take("format", str)
        if name == GROUND_TRUTH_FORMAT:
            return truth_from(fields).labelled()
        if name == HANDLABEL_FORMAT:
            return handlabel_from(fields, path)
        raise InvalidInput(f"format: expected {GROUND_TRUTH_FORMAT!r} or {HANDLABEL_FORMAT!r}, got {kind_of(name)}")
    if "images" in fields and "annotations" in fields:
        return coco_from(fields, path)
    raise InvalidInput("expected a format, or images and annotations as COCO has them, got neither")
