"""Data sets come back as they were written, and whatever a file holds, it is read or refused with its place."""

from __future__ import annotations

import copy
import json
import re
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.dataset import (
    BadLines,
    LabelledImage,
    MaskFile,
    MaskRegions,
    Polygons,
    RunLengths,
    read_coco_pictures,
    read_dataset,
    read_manifest,
    read_table,
    write_dataset,
)
from conveyorqc.dataset._regions import region_at, runs_of
from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.imgproc import write_png

WIDTH, HEIGHT = 5, 4
masks = st.lists(st.booleans(), min_size=WIDTH * HEIGHT, max_size=WIDTH * HEIGHT).map(
    lambda flags: np.array(flags, np.bool_).reshape(HEIGHT, WIDTH)
)
words = st.text(st.characters(categories=("L", "N", "P", "S", "Zs"), exclude_characters=";"), min_size=1, max_size=9)
words = words.filter(lambda word: word.isprintable() and word.strip())
defects = words.filter(lambda word: word.lower() not in ("anomaly", "normal", "good", "ok", "object", "background"))
records = st.fixed_dictionaries(
    {
        "object_id": words,
        "label": st.sampled_from(["normal", "anomaly"]),
        "split": st.sampled_from([None, "train", "test"]),
        "outline": st.none() | masks,
        "defect": st.none() | defects,
        "marks": st.none() | masks.filter(np.any),
    }
)


def written(record, folder, number):
    """The record as a `LabelledImage` with its files."""
    picture = np.full((HEIGHT, WIDTH, 3), number, np.uint8)
    write_png(folder / f"{number}.png", picture)
    more = {}
    for name, key in (("object_mask", "outline"), ("defect_mask", "marks")):
        if record[key] is not None and (record["label"] == "anomaly" or key == "outline"):
            path = folder / f"{number}-{key}.png"
            write_png(path, np.repeat(record[key][:, :, None], 3, axis=2).astype(np.uint8) * 255)
            more[name] = MaskFile(path)
    if record["label"] == "anomaly":
        more["defect"] = record["defect"]
    return LabelledImage(folder / f"{number}.png", record["object_id"], record["label"], split=record["split"], **more)


def known(image):
    pixels, outline, marks = image.load()
    return (
        int(pixels[0, 0, 0]),
        image.object_id,
        image.label,
        image.split,
        None if outline is None else outline.tolist(),
        None if marks is None else marks.tolist(),
        image.defect if image.defect_mask is None else None,
    )


@settings(max_examples=25)
@given(st.lists(records, min_size=1, max_size=5), st.sampled_from(["manifest", "csv", "coco", "folders"]))
def test_a_data_set_comes_back_as_it_was_written(given_records, to):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = [written(record, folder, number) for number, record in enumerate(given_records)]
        assert len(images) == write_dataset(images, folder / "out", to=to)
        back = read_dataset(folder / "out")

        dropped = slice(0, 6) if to == "folders" else slice(0, 7)
        assert sorted(map(repr, (known(i)[dropped] for i in images))) == sorted(
            map(repr, (known(i)[dropped] for i in back))
        )


@given(masks)
def test_run_lengths_come_back_as_they_were(mask):
    region = region_at({"size": [HEIGHT, WIDTH], "counts": list(runs_of(mask).counts)}, "x")

    assert mask.tolist() == region.pixels(width=WIDTH, height=HEIGHT).tolist()


corners = st.tuples(st.floats(-2, 12), st.floats(-2, 12))


@given(st.lists(corners, min_size=3, max_size=8))
def test_a_pixel_is_inside_where_a_ray_from_its_centre_crosses_an_odd_number_of_edges(outline):
    found = Polygons((tuple(value for corner in outline for value in corner),)).pixels(width=10, height=9)

    edges = list(zip(outline, [*outline[1:], outline[0]], strict=True))
    for row in range(9):
        for column in range(10):
            x, y, inside = column + 0.5, row + 0.5, False
            for (x0, y0), (x1, y1) in edges:
                low, high = min(y0, y1), max(y0, y1)
                if low <= y < high and x0 + (y - y0) * (x1 - x0) / (y1 - y0) <= x:
                    inside = not inside
            assert inside == found[row, column]


HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6),
    st.sampled_from(["../a.png", "/etc/passwd", "s3://b/a.png", "a\0.png", "a.png", "x" * 5000]),
    st.sampled_from([10**400, [], {}, [[[]]]]),
)  # fmt: skip
LABEL = {"class-name": "anomaly", "type": "groundtruth/image-classification"}
COLORS = {"internal-color-map": {"0": {"class-name": "crack", "hex-color": "#23A436"}}}
LINE = {
    "source-ref": "a.png", "l": 1, "l-metadata": LABEL, "m-ref": "m.png", "m-ref-metadata": COLORS,
    "conveyorqc": {"object-id": "1", "defect": "d", "object-mask-ref": "m.png"},
}  # fmt: skip
COCO = {
    "images": [{"id": 1, "file_name": "a.png", "object_id": "1", "split": "test"}],
    "annotations": [
        {"image_id": 1, "category_id": 1, "segmentation": [[0, 0, 3, 0, 3, 3]]},
        {"image_id": 1, "category_id": 2, "segmentation": {"size": [4, 5], "counts": [3, 17]}},
    ],
    "categories": [{"id": 1, "name": "crack"}, {"id": 2, "name": "good"}],
}


def places_in(data, at=()):
    """The way to every value in nested lists and dicts."""
    yield at
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from places_in(value, (*at, key))


def changed(document, data):
    """The document with another value, or without it, in one place."""
    *where, last = data.draw(st.sampled_from([place for place in places_in(document) if place]))
    inner = result = copy.deepcopy(document)
    for key in where:
        inner = inner[key]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        del inner[last]
    else:
        inner[last] = data.draw(HOSTILE)
    return result


def outcome(read, name, content: bytes):
    """What came of reading it: records, or the text of the error."""
    with tempfile.TemporaryDirectory() as folder:
        for picture in ("a.png", "m.png"):
            write_png(Path(folder) / picture, np.zeros((HEIGHT, WIDTH, 3), np.uint8))
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            found = read(path)
        except DatasetError as error:
            return str(error)
        root = Path(folder).resolve()
        for image in found:
            assert image.path.is_relative_to(root)
            for mask in (image.object_mask, image.defect_mask):
                assert mask is None or mask.path.resolve().is_relative_to(root)
                assert isinstance(mask, MaskFile | MaskRegions | None)
        return found


@given(st.data())
def test_a_line_of_a_manifest_with_any_other_value_is_taken_or_refused_by_its_number(data):
    line = json.dumps(changed(LINE, data)).encode()

    found = outcome(read_manifest, "m.manifest", b"\n" + line)

    assert not isinstance(found, str) or re.search(r"m\.manifest, line 2: ", found)


@given(st.data())
def test_a_coco_file_with_any_other_value_is_taken_or_refused(data):
    found = outcome(read_coco_pictures, "c.json", json.dumps(changed(COCO, data)).encode())

    assert not isinstance(found, str) or "c.json: " in found


@given(st.lists(st.text(max_size=12), max_size=6), st.booleans())
def test_a_table_of_any_cells_is_taken_or_refused_by_its_number(cells, with_header):
    header = "file,label,split,object_id,defect,mask\n" if with_header else ""
    found = outcome(read_table, "t.csv", (header + ",".join(cells)).encode("utf-8", "surrogatepass"))

    assert not isinstance(found, str) or re.search(r"t\.csv, line \d+: ", found)


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_refused_or_read_as_nothing(content):
    for read, name in ((read_manifest, "m.manifest"), (read_table, "t.csv"), (read_coco_pictures, "c.json")):
        found = outcome(read, name, content)
        assert isinstance(found, str) or 0 == len(found)
    bad = BadLines(most=1000)
    assert 0 == len(outcome(lambda path: read_manifest(path, bad=bad), "m.manifest", content))


@given(HOSTILE)
def test_any_region_is_taken_or_refused(value):
    try:
        region, said = region_at(value, "x"), "x"
    except InvalidInput as error:
        region, said = None, str(error)

    assert said.startswith("x")
    assert isinstance(region, Polygons | RunLengths | None)
