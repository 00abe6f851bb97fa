"""Boxes in the format of COCO: ``images``, ``annotations`` and ``categories``, boxes as ``[x, y, w, h]`` in px.

https://cocodataset.org/#format-data
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

from conveyorqc.dataset._fields import Fields, kind_of
from conveyorqc.dataset._labelled_boxes import BoxRows, LabelledBoxes
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["coco_from"]

_log = logging.getLogger(__name__)

_FRAME_FIELDS = ("frame_index", "frame_id")
_TRACK_FIELDS = ("track_id", "instance_id")
_SUFFIX = re.compile(r"\.[0-9]*[A-Za-z][0-9A-Za-z]*$")
_TRAILING_NUMBER = re.compile(r"([0-9]{1,18})[^0-9]*$")


def coco_from(fields: Fields, path: Path, /) -> LabelledBoxes:
    """The boxes of the file, of all categories; crowds are left out, since they are boxes of nobody knows how many.

    The frame of an image is its ``frame_index`` or ``frame_id``, from 0. Where images have neither, they are taken
    to be all frames of the clip, in the order of the numbers at the end of their file names. The identity of a box is
    the ``track_id`` among its ``attributes`` (as CVAT writes), or its own ``track_id`` or ``instance_id``.

    Raises:
        InvalidInput: naming the field that is not as the format has it.
        DatasetError: if an object comes twice in a frame.
    """
    frame_of = _frames_of_images(list(fields.each("images")), path)
    rows = BoxRows(lambda place, text: DatasetError(f"{path}: annotations[{place}]: {text}"))
    for number, entry in enumerate(fields.each("annotations")):
        image_id = _image_id(entry, "image_id")
        if image_id not in frame_of:
            raise InvalidInput(f"{entry.place('image_id')}: expected the id of an image, got {kind_of(image_id)}")
        if not entry.given("iscrowd", (int, bool)):
            rows.add(frame_of[image_id], _track_of(entry), entry.box("bbox"), place=number)
    return rows.labelled(frames=frame_of.values())


def _frames_of_images(images: list[Fields], path: Path) -> dict[int | str, int]:
    ids = [_image_id(image, "id") for image in images]
    named = [name for name in _FRAME_FIELDS if any(image.given(name, int) is not None for image in images)]
    if named:
        name = named[0]
        frames = [image.frame_index(name) for image in images]
    else:
        frames = _in_order_of_names(images, path)
    for what, values in (("id", ids), (named[0] if named else "file_name", frames)):
        seen = set[int | str]()
        for image, value in zip(images, values, strict=True):
            if value in seen:
                raise InvalidInput(f"{image.place(what)}: expected each image once, got {kind_of(value)} again")
            seen.add(value)
    return dict(zip(ids, frames, strict=True))


def _in_order_of_names(images: list[Fields], path: Path) -> list[int]:
    """Images as the frames 0, 1, 2, …; two of the same number get the same frame."""
    numbers = [_number_of(image) for image in images]
    place_of = {number: place for place, number in enumerate(sorted(set(numbers)))}
    if place_of and max(place_of) - min(place_of) >= len(place_of):
        _log.warning(
            "%s: the numbers of the files have gaps; images are taken for frames 0 to %d in their order. Say which "
            "frame each shows in a field frame_index",
            path,
            len(place_of) - 1,
        )
    return [place_of[number] for number in numbers]


def _number_of(image: Fields) -> int:
    name = image.take("file_name", str)
    found = _TRAILING_NUMBER.search(_SUFFIX.sub("", re.split(r"[/\\]", name)[-1]))
    if found is None:
        fields = " or ".join(_FRAME_FIELDS)
        raise InvalidInput(f"{image.place('file_name')}: expected a number in it, or {fields}, got {name!r:.80}")
    return int(found[1])


def _image_id(fields: Fields, name: str) -> int | str:
    found: int | str = fields.take(name, (int, str))
    return found


def _track_of(entry: Fields) -> int | None:
    attributes = entry.given("attributes", dict)
    holders = [entry] if attributes is None else [Fields(attributes, entry.place("attributes")), entry]
    for holder in holders:
        for name in _TRACK_FIELDS:
            if holder.given(name, int) is not None:
                return holder.object_id(name)
    return None
