"""Tracks as COCO boxes with identities, for pycocotools and for labelling tools.

https://cocodataset.org/#format-data
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conveyorqc.dataset._mot import MotRow
from conveyorqc.errors import DatasetError, InvalidInput

__all__ = ["write_coco"]

_CATEGORY = 1


def write_coco(
    rows: Iterable[MotRow],
    path: Path | str,
    /,
    *,
    width: int,
    height: int,
    frames: Iterable[int] = (),
    category: str = "object",
) -> int:
    """Write ``rows`` as COCO images and annotations, sorted by frame and id; returns how many.

    Each frame becomes an image with a ``frame_index`` from 0 and a file name that ends in it; whoever needs the
    pictures writes them under these names. Each row becomes an annotation that has its identity twice: as
    ``track_id``, and among its ``attributes``, where CVAT looks for it. Negative ids stand for none and are left out.
    `conveyorqc.dataset.read_boxes` reads it all back.

    Args:
        rows: the boxes, as `conveyorqc.dataset.mot_rows` gives them.
        path: of the JSON file.
        width: of the frames, px.
        height: of the frames, px.
        frames: indices of frames to list, besides those of ``rows``: what was looked at and showed nothing is an
            image too, and finding something in it counts as wrong.
        category: the name of what all boxes show.

    Raises:
        InvalidInput: if the size is not positive.
        DatasetError: if the file cannot be written or a number is not finite.
    """
    if width < 1 or height < 1:
        raise InvalidInput(f"width, height: expected 1 px or more, got {width}x{height}")
    ordered = sorted(rows, key=lambda row: (row.frame_index, row.object_id))
    listed = sorted({*frames, *(row.frame_index for row in ordered)})
    data = {
        "images": [_image(index, width, height) for index in listed],
        "annotations": [_annotation(number, row) for number, row in enumerate(ordered, start=1)],
        "categories": [{"id": _CATEGORY, "name": category}],
    }
    try:
        text = json.dumps(data, separators=(",", ":"), allow_nan=False)
        Path(path).write_text(text, encoding="ascii")
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error
    return len(ordered)


def _image(frame_index: int, width: int, height: int) -> dict[str, Any]:
    # Ids of COCO count from 1: pycocotools takes 0 for "none" in places.
    return {
        "id": frame_index + 1,
        "file_name": f"frame_{frame_index:06}.png",
        "frame_index": frame_index,
        "width": width,
        "height": height,
    }


def _annotation(number: int, row: MotRow) -> dict[str, Any]:
    x0, y0, x1, y1 = row.box
    box = [round(float(value), 6) for value in (x0, y0, x1 - x0, y1 - y0)]
    tracked = {"track_id": row.object_id} if row.object_id >= 0 else {}
    return {
        "id": number,
        "image_id": row.frame_index + 1,
        "category_id": _CATEGORY,
        "bbox": box,
        "area": round(box[2] * box[3], 6),
        "segmentation": [],
        "iscrowd": 0,
        "score": round(float(row.score), 6),
        **tracked,
        "attributes": tracked,
    }
