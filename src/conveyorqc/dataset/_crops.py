"""Crops on disk: ``images/*.png`` and one line of ``crops.jsonl`` for each."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from conveyorqc.core import Boxes, Crop, ImageU8, Mask, as_boxes, read_only
from conveyorqc.dataset._lines import Place, contained_file, json_lines
from conveyorqc.errors import DatasetError, ImageError, InvalidInput
from conveyorqc.imgproc import write_png

__all__ = ["CROPS_FILE", "CropWriter", "StoredCrop", "read_crops", "write_crops"]

CROPS_FILE = "crops.jsonl"


@dataclass(frozen=True, slots=True, eq=False)
class StoredCrop:
    """A crop on disk: the fields of `conveyorqc.Crop` with files in place of pixels."""

    path: Path
    object_id: int
    frame_index: int
    box: Boxes
    complete: bool
    mask_path: Path | None


class CropWriter:
    """Writes crops into ``folder``, as they come.

    Each becomes ``images/OBJECT_FRAME.png``, ``masks/OBJECT_FRAME.png`` (white on the object) when it has a mask, and
    a line in ``crops.jsonl``: ``{"file", "object_id", "frame", "box": [x0, y0, x1, y1], "complete"}`` and ``"mask"``
    when there is one. The line is written after the files, so what is listed is there, even after a crash.
    A list that is already there is replaced; ``labels.csv`` stays.

    Use it as a context manager, or call `close`.

    Raises:
        DatasetError: if the folder cannot be made or written.
    """

    def __init__(self, folder: Path | str, /) -> None:
        self._folder = Path(folder)
        try:
            (self._folder / "images").mkdir(parents=True, exist_ok=True)
            self._list = (self._folder / CROPS_FILE).open("w", encoding="utf-8", newline="\n", buffering=1)
        except OSError as error:
            raise DatasetError(f"{folder}: cannot hold crops: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, crop: Crop, /) -> Path:
        """Store one crop; returns the path of its picture.

        Raises:
            DatasetError: if a file cannot be written.
        """
        name = f"{crop.object_id:06d}_{crop.frame_index:06d}.png"
        row = {
            "file": f"images/{name}",
            "object_id": crop.object_id,
            "frame": crop.frame_index,
            "box": [round(value, 3) for value in crop.box.tolist()],
            "complete": crop.complete,
        }
        try:
            write_png(self._folder / "images" / name, crop.image)
            if crop.mask is not None:
                (self._folder / "masks").mkdir(exist_ok=True)
                write_png(self._folder / "masks" / name, _as_picture(crop.mask))
                row["mask"] = f"masks/{name}"
            self._list.write(json.dumps(row) + "\n")
        except (OSError, ImageError) as error:
            raise DatasetError(f"{self._folder}: crop {name} cannot be written: {error}") from error
        return self._folder / "images" / name

    def close(self) -> None:
        """Close the list; what was written stays."""
        self._list.close()


def write_crops(crops: Iterable[Crop], folder: Path | str, /) -> int:
    """Write all ``crops`` with a `CropWriter`; returns how many.

    Raises:
        DatasetError: if a file cannot be written.
    """
    with CropWriter(folder) as writer:
        return len([writer.write(crop) for crop in crops])


def read_crops(folder: Path | str, /) -> tuple[StoredCrop, ...]:
    """The crops that a `CropWriter` stored in ``folder``, in order; their pictures are not read yet.

    Raises:
        DatasetError: if the list is missing or malformed, or a file that it names is not there.
    """
    folder = Path(folder)
    return tuple(_stored(row, folder, place) for place, row in json_lines(folder / CROPS_FILE))


def _stored(row: dict[str, Any], folder: Path, place: Place) -> StoredCrop:
    for key, kind in (("file", str), ("object_id", int), ("frame", int), ("complete", bool)):
        if type(row.get(key)) is not kind:
            raise place.error(f"{key}: expected {kind.__name__}, got {row.get(key)!r:.80}")
    try:
        box = read_only(as_boxes(np.reshape(np.asarray(row.get("box"), dtype=np.float64), (1, 4)), name="box")[0])
    except (InvalidInput, ValueError, TypeError) as error:
        raise place.error(f"box: expected x0, y0, x1, y1 in px, got {row.get('box')!r:.80}") from error
    mask = row.get("mask")
    if not isinstance(mask, str | None):
        raise place.error(f"mask: expected the name of a file, got {mask!r:.80}")
    return StoredCrop(
        path=contained_file(row["file"], folder=folder, root=folder, place=place),
        object_id=row["object_id"],
        frame_index=row["frame"],
        box=box,
        complete=row["complete"],
        mask_path=None if mask is None else contained_file(mask, folder=folder, root=folder, place=place),
    )


def _as_picture(mask: Mask) -> ImageU8:
    return np.repeat(mask[:, :, None].view(np.uint8) * np.uint8(255), 3, axis=2)
