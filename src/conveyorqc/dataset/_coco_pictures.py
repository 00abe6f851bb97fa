"""Labelled pictures in the format of COCO: what an annotation marks on a picture is what is wrong with it.

https://cocodataset.org/#format-data
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from conveyorqc.core import Mask
from conveyorqc.dataset._fields import Fields, kind_of, parse_json
from conveyorqc.dataset._labelled import LabelledDataset, LabelledImage
from conveyorqc.dataset._lines import BadLines, JsonPlace, passed_over
from conveyorqc.dataset._masks import UNNAMED, MaskRegions
from conveyorqc.dataset._names import object_of
from conveyorqc.dataset._references import References
from conveyorqc.dataset._regions import Region, region_at, runs_of
from conveyorqc.dataset._store import PictureStore, class_masks
from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.imgproc import image_header

__all__ = ["COCO_FILE", "NORMAL_CATEGORIES", "read_coco_pictures", "write_coco_pictures"]

COCO_FILE = "annotations.json"

NORMAL_CATEGORIES = frozenset({"normal", "good", "ok", "object"})
"""Names of categories that mean no defect."""

_Marks = list[tuple[str, Region | None]]


def read_coco_pictures(
    path: Path | str,
    /,
    *,
    root: Path | str | None = None,
    prefixes: Mapping[str, Path | str] | None = None,
    normal: Collection[str] = NORMAL_CATEGORIES,
    bad: BadLines | None = None,
) -> LabelledDataset:
    """The labelled pictures of a COCO file.

    A picture is anomalous if an annotation of it has a category that does not mean normal; one without annotations is
    normal. Polygons and run lengths, packed ones too, become masks: those of normal categories mark the object, the
    others the defect. A box alone marks no pixels. ``object_id`` and ``split`` of an image are read where they are.
    The file is read whole and may have 512 MiB.

    Args:
        path: of the JSON file. Files of images are taken from its folder.
        root: the folder that files must not leave; the JSON file's own when None.
        prefixes: where copies of remote pictures lie, as in `read_manifest`.
        normal: names of the categories that mean no defect, in small letters.
        bad: gathers what is wrong with single images; None stops at the first.

    Raises:
        DatasetError: if the file cannot be read or is no such JSON; the text names the field.
    """
    place = Path(path)
    data = parse_json(place)
    references = References(place.parent, root=root, prefixes=prefixes)
    try:
        fields = Fields(data)
        marks = _marks_of_images(fields)
        entries = list(fields.each("images"))
    except InvalidInput as error:
        raise DatasetError(f"{path}: {error}") from error
    images: dict[Path, LabelledImage] = {}
    for entry in entries:
        with passed_over(bad):
            image = _image(entry, marks, references, place, frozenset(normal))
            if image.path in images:
                raise JsonPlace(place, entry.where).error(f"{image.path.name!r} is listed before already")
            images[image.path] = image
    return LabelledDataset(tuple(images.values()), place)


def write_coco_pictures(images: Iterable[LabelledImage], folder: Path | str, /) -> int:
    """Write ``annotations.json`` and ``images/``; masks become run lengths, which pycocotools reads.

    A defect that no mask marks is a box around the whole picture. Pictures are copied one by one; the annotations are
    gathered in memory.

    Args:
        images: the pictures.
        folder: new or empty.

    Returns:
        How many pictures were written.

    Raises:
        ImageError: if a picture or a mask cannot be read.
        DatasetError: if a file cannot be written or a mask has another size than its picture.
    """
    store = PictureStore(folder)
    listed: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    categories = {"normal": 1}
    for number, image in enumerate(images, start=1):
        header = image_header(image.path)
        name = store.add_picture(image, "images")
        entry: dict[str, Any] = {"id": number, "file_name": name, "width": header.width, "height": header.height}
        own = {"object_id": image.object_id} if object_of(name) != image.object_id else {}
        listed.append({**entry, **own, **({} if image.split is None else {"split": image.split})})
        for category, mask in _marked(image, header.width, header.height):
            about = {
                "id": len(annotations) + 1,
                "image_id": number,
                "category_id": categories.setdefault(category, len(categories) + 1),
                "iscrowd": 0,
            }
            annotations.append({**about, **_shape(mask, header.width, header.height)})
    named = [{"id": number, "name": name} for name, number in categories.items()]
    store.write_json(COCO_FILE, {"images": listed, "annotations": annotations, "categories": named})
    return len(listed)


def _marks_of_images(fields: Fields) -> dict[int | str, _Marks]:
    """What is annotated on each image, by its id: category and region."""
    names: dict[int, str] = {}
    for category in fields.each("categories"):
        names[category.take("id", int)] = category.take("name", str)
    marks: dict[int | str, _Marks] = {image.take("id", (int, str)): [] for image in fields.each("images")}
    for entry in fields.each("annotations"):
        image_id, category_id = entry.take("image_id", (int, str)), entry.take("category_id", int)
        if image_id not in marks:
            raise InvalidInput(f"{entry.place('image_id')}: expected the id of an image, got {kind_of(image_id)}")
        if category_id not in names:
            raise InvalidInput(f"{entry.place('category_id')}: expected the id of a category, got {category_id}")
        region = region_at(entry.given("segmentation", (list, dict)), entry.place("segmentation"))
        marks[image_id].append((names[category_id], region))
    return marks


def _image(
    entry: Fields, marks: Mapping[int | str, _Marks], references: References, file: Path, normal: frozenset[str]
) -> LabelledImage:
    try:
        name, object_id = entry.take("file_name", str), entry.given("object_id", (str, int))
        split, found = entry.given("split", str), marks[entry.take("id", (int, str))]
        path = references.path(name, JsonPlace(file, entry.place("file_name")))
        defects = [(category, region) for category, region in found if category.lower() not in normal]
        outlines = [(category, region) for category, region in found if category.lower() in normal]
        unmarked = {category for category, region in defects if region is None} - {UNNAMED}
        return LabelledImage(
            path,
            object_of(name) if object_id is None else str(object_id),
            "anomaly" if defects else "normal",
            object_mask=_regions(outlines, file),
            defect_mask=_regions(defects, file),
            defect=unmarked.pop() if len({category for category, _ in defects}) == len(unmarked) == 1 else None,
            split=split,
        )
    except InvalidInput as error:
        where = "" if str(error).startswith(entry.where) else f"{entry.where}: "
        raise DatasetError(f"{file}: {where}{error}") from error


def _regions(marks: _Marks, path: Path) -> MaskRegions | None:
    regions = tuple((category, region) for category, region in marks if region is not None)
    return MaskRegions(path, regions) if regions else None


def _marked(image: LabelledImage, width: int, height: int) -> Iterator[tuple[str, Mask | None]]:
    """Category and mask of each annotation of ``image``."""
    if image.object_mask is not None:
        yield "normal", image.object_mask.load(width=width, height=height)
    if image.is_anomalous:
        for name, mask in class_masks(image).items() or [(image.defect or UNNAMED, None)]:
            yield (f"{name} defect" if name.lower() in NORMAL_CATEGORIES else name), mask


def _shape(mask: Mask | None, width: int, height: int) -> dict[str, Any]:
    if mask is None:
        return {"bbox": [0, 0, width, height], "area": width * height, "segmentation": []}
    rows, columns = (np.flatnonzero(np.any(mask, axis=axis)) for axis in (1, 0))
    box = [int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1] if len(rows) else [0, 0, 0, 0]
    runs = {"size": [height, width], "counts": list(runs_of(mask).counts)}
    return {"bbox": [*box[:2], box[2] - box[0], box[3] - box[1]], "area": int(mask.sum()), "segmentation": runs}
