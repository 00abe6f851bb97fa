"""True boxes from each format: what is taken, what is left out, and an error with its place for every bad file."""

from __future__ import annotations

import copy
import json
import logging

import pytest

from conveyorqc.core import Direction
from conveyorqc.dataset import GroundTruth, TruthBox, TruthObject, read_boxes
from conveyorqc.errors import DatasetError

HAND = {
    "format": "conveyor-handlabel/1",
    "count": 3,
    "box_tolerance_px": 4,
    "rule": "objects entering the frame",
    "events": [{"id": 1, "label": "apple", "enter": 2, "centre": 17, "exit": None}],
    "boxes": [
        {"frame": 24, "objects": [{"id": 2, "box": [316, 145.5, 147, 72]}, {"id": 1, "box": [98, 142, 67, 65]}]},
        {"frame": 12, "objects": [{"id": 1, "box": [294, 140, 66, 64]}]},
        {"frame": 30, "objects": []},
    ],
}
COCO = {
    "images": [
        {"id": 11, "file_name": "a.png", "frame_index": 20},
        {"id": "b", "file_name": "b.png", "frame_index": 10, "frame_id": 99},
        {"id": 13, "file_name": "c.png", "frame_index": 30},
    ],
    "annotations": [
        {"id": 1, "image_id": 11, "category_id": 1, "bbox": [1, 2, 3, 4], "attributes": {"track_id": 5}},
        {"id": 2, "image_id": 11, "category_id": 2, "bbox": [9, 2, 3.5, 4], "track_id": 0},
        {
            "id": 3,
            "image_id": "b",
            "category_id": 1,
            "bbox": [5, 6, 7, 8],
            "instance_id": 5,
            "attributes": {"by": "me"},
        },
        {"id": 4, "image_id": "b", "category_id": 1, "bbox": [0, 0, 90, 90], "iscrowd": 1},
    ],
    "categories": [{"id": 1, "name": "cookie"}, {"id": 2, "name": "stack"}],
}


@pytest.fixture
def file_with(tmp_path):
    def write(content):
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        path = tmp_path / "förderband-曲奇.labels"
        path.write_bytes(data)
        return path

    return write


def changed(data, *path_and_value):
    *where, last, value = path_and_value
    fresh = copy.deepcopy(data)
    inner = fresh
    for step in where:
        inner = inner[step]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return fresh


def told(labels):
    """Everything that labels say: frame to rows of id, x0, y0, x1, y1, visible."""
    return {index: rows_of(labels.at(index)) for index in labels.frames}


def rows_of(there):
    columns = there.ids.tolist(), there.boxes.tolist(), there.visible.tolist()
    return [(number, *box, visible) for number, box, visible in zip(*columns, strict=True)]


def test_ground_truth_knows_all_frames_and_the_count(tmp_path):
    one = TruthObject(7, "normal", False, "intact", 1, 1, None, None, None)
    frames = ((), (TruthBox(7, -1.0, 4, 5.0, 30, 0.25),), ())
    truth = GroundTruth("c", 1, 20, 16, 25, Direction.LEFT_TO_RIGHT, "blue", 50.0, (one,), frames)
    truth.save(tmp_path / "clip.gt.json")

    labels = read_boxes(tmp_path / "clip.gt.json")

    assert {0: [], 1: [(7, 0, 4, 4, 16, 0.25)], 2: []} == told(labels)
    assert (1, 0.0) == (labels.count, labels.tolerance_px)


def test_labels_by_hand_have_a_tolerance_and_a_count(file_with):
    labels = read_boxes(file_with(HAND))

    assert (12, 24, 30) == labels.frames
    assert [(1, 98, 142, 165, 207, 1), (2, 316, 145.5, 463, 217.5, 1)] == told(labels)[24]
    assert (3, 4.0) == (labels.count, labels.tolerance_px)


def test_labels_by_hand_need_neither_tolerance_nor_count(file_with):
    labels = read_boxes(file_with(changed(changed(HAND, "box_tolerance_px", ...), "count", None)))
    assert (None, 0.0) == (labels.count, labels.tolerance_px)


def test_motchallenge_ground_truth_has_flag_class_and_visibility(file_with):
    text = b"3, 2, 10, 20, 30, 40, 1, 7, 0.5\r\n\r\n3,1,0,0,5,5,1,1,-1\n5,1,0,0,5,5,0,1,1\n1,4,1.5,2,3,4,1,1,0\n"

    labels = read_boxes(file_with(text))

    assert {0: [(4, 1.5, 2, 4.5, 6, 0)], 2: [(1, 0, 0, 5, 5, 1), (2, 10, 20, 40, 60, 0.5)], 4: []} == told(labels)
    assert labels.count is None


@pytest.mark.parametrize(
    "row", ["1,3,0,0,5,5,1", "1,3,0,0,5,5,1,-1", "1.0,3.0,0,0,5,5,1e0,-1,-1,-1", "1,3,0,0,5,5,.5,7,8,9"]
)
def test_motchallenge_rows_without_visibility_are_in_full_view(file_with, row):
    assert {0: [(3, 0, 0, 5, 5, 1)]} == told(read_boxes(file_with(row.encode())))


def test_boxes_without_identity_get_one_each(file_with):
    labels = read_boxes(file_with(b"1,-1,0,0,5,5,.9\n2,-1,0,0,5,5,.8\n2,-1,9,9,1,1,.7\n"))
    assert [-1, -3, -2] == [row[0] for index in labels.frames for row in told(labels)[index]]


def test_coco_gives_every_image_as_a_frame_and_no_crowds(file_with):
    labels = read_boxes(file_with(COCO))

    assert {
        10: [(5, 5, 6, 12, 14, 1)],
        20: [(0, 9, 2, 12.5, 6, 1), (5, 1, 2, 4, 6, 1)],
        30: [],
    } == told(labels)
    assert (None, 0.0) == (labels.count, labels.tolerance_px)


def test_coco_frame_id_serves_where_there_is_no_frame_index(file_with):
    images = [{"id": n, "file_name": "x", "frame_id": n * 2, "frame_index": None} for n in (3, 1)]
    assert (2, 6) == read_boxes(file_with({"images": images, "annotations": []})).frames


@pytest.mark.parametrize(
    "names",
    [
        ["f_11.png", "f_9.png", "f_10.png"],
        ["seq2\\0002.jp2", "seq2/0000.jp2", "seq2/0001.jp2"],
        ["clip.3", "clip.1", "clip.2"],
        ["7b.tar.gz", "5b.tar.gz", "6b.tar.gz"],
    ],
)
def test_coco_images_are_ordered_by_the_number_at_the_end_of_their_names(file_with, names, caplog):
    images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
    boxes = [{"image_id": n, "bbox": [n, 0, 1, 1], "track_id": 1} for n in range(3)]

    labels = read_boxes(file_with({"images": images, "annotations": boxes}))

    assert [(0, 1.0), (1, 2.0), (2, 0.0)] == [(index, rows[0][1]) for index, rows in told(labels).items()]
    assert not caplog.records


def test_gaps_between_the_numbers_of_coco_images_are_told(file_with, caplog):
    images = [{"id": n, "file_name": f"{n:05}.png"} for n in (10, 30, 20)]
    with caplog.at_level(logging.WARNING):
        labels = read_boxes(file_with({"images": images, "annotations": []}))
    assert (0, 1, 2) == labels.frames
    assert "taken for frames 0 to 2" in caplog.text


def test_a_byte_order_mark_and_leading_space_are_nothing(file_with):
    bom = b"\xef\xbb\xbf"
    assert (12, 24, 30) == read_boxes(file_with(bom + b"\r\n " + json.dumps(HAND).encode())).frames
    assert (0,) == read_boxes(file_with(bom + b"1,3,0,0,5,5,1\n")).frames


DEEP = b'{"format":' * 50_000
NESTED = b'{"format": "conveyor-handlabel/1", "boxes": ' + b"[" * 400 + b"]" * 400 + b"}"
HUGE = int("9" * 400)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "expected labelled boxes, got an empty file"),
        (b" \n\n", "empty file"),
        (b"[1, 2]", "file: expected an object, got list"),
        (b"{}", "expected a format, or images and annotations"),
        pytest.param(DEEP, "expected JSON", id="deep"),
        pytest.param(NESTED, r"boxes\[0\]: expected an object, got list", id="nested"),
        (json.dumps(HAND).encode()[:-30], "expected JSON"),
        (b'{"format": "x", "format": "y"}', "the key 'format' twice in one object"),
        (b'{"format": "\xff"}', "expected JSON in UTF-8"),
        (b"\xff\xfe1\x00", "line 1: expected UTF-8"),
        (b"\x00\x00\x00\x18ftypmp42", "line 1"),
        pytest.param(b"1" * 100_000, "line 1: expected at most 8192 characters", id="long"),
        (changed(HAND, "format", "conveyor-gt/9"), "format: expected 'conveyor-gt/1' or 'conveyor-handlabel/1'"),
        (changed(HAND, "format", 3), "format: expected str, got int 3"),
        (changed(HAND, "boxes", ...), "boxes: expected this field"),
        (changed(HAND, "boxes", 1, "frame", 24), r"boxes\[1\].frame: expected each frame once, got 24 again"),
        (changed(HAND, "boxes", 1, "frame", -1), r"boxes\[1\].frame: expected 0 to 100000000, got -1"),
        (changed(HAND, "boxes", 1, "frame", 10**9), r"boxes\[1\].frame: expected 0 to"),
        (changed(HAND, "boxes", 1, "frame", 1.0), r"boxes\[1\].frame: expected int, got float"),
        (changed(HAND, "boxes", 0, "objects", 1, "id", 2), r"boxes\[0\].objects: object 2 is in this frame already"),
        (changed(HAND, "boxes", 0, "objects", 1, "id", True), r"boxes\[0\].objects\[1\].id: expected int, got bool"),
        (changed(HAND, "boxes", 0, "objects", 1, "id", 2**60), r"boxes\[0\].objects\[1\].id: expected -"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1, 2, 3]), r"objects\[1\].box: expected \[x, y, w, h\]"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1, 2, "3", 4]), r"objects\[1\].box.w: expected int or float"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1, 2, 3, -4]), r"objects\[1\].box: expected w and h of 0"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1, float("nan"), 3, 4]), r"box.y: expected a finite number"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1, HUGE, 3, 4]), r"box.y: expected a finite number"),
        (changed(HAND, "boxes", 0, "objects", 1, "box", [1e308, 2, 1e308, 4]), r"box: expected px"),
        (changed(HAND, "count", -1), "tolerance_px, count: expected 0 or more"),
        (changed(HAND, "count", HUGE), "count: expected a finite number"),
        (changed(HAND, "box_tolerance_px", float("inf")), "box_tolerance_px: expected a finite number"),
        (changed(COCO, "images", {}), "images: expected list, got dict"),
        (changed(COCO, "images", 1, "id", 11), r"images\[1\].id: expected each image once, got int 11 again"),
        (changed(COCO, "images", 1, "frame_index", 20), r"images\[1\].frame_index: expected each image once"),
        (changed(COCO, "images", 1, "frame_index", ...), r"images\[1\].frame_index: expected this field"),
        (changed(COCO, "annotations", 1, "image_id", 12), r"annotations\[1\].image_id: expected the id of an image"),
        (changed(COCO, "annotations", 1, "image_id", [1]), r"annotations\[1\].image_id: expected int or str"),
        (changed(COCO, "annotations", 1, "bbox", ...), r"annotations\[1\].bbox: expected this field"),
        (changed(COCO, "annotations", 1, "track_id", 5), r"annotations\[1\]: object 5 is in this frame already"),
        (changed(COCO, "annotations", 1, "track_id", "5"), r"annotations\[1\].track_id: expected int"),
        (changed(COCO, "annotations", 0, "attributes", [5]), r"annotations\[0\].attributes: expected dict"),
        ({"images": [{"id": 1, "file_name": "a.png"}], "annotations": []}, r"images\[0\].file_name: expected a number"),
        (
            {"images": [{"id": n, "file_name": f"{n}/7.png"} for n in (1, 2)], "annotations": []},
            r"images\[1\].file_name: expected each image once, got int 0 again",
        ),
        (b"1,1,0,0,9,9,1\n1,1,3,3,9,9,1\n", "line 2: object 1 is in this frame already"),
        (b"1,1,0,0,9,9,1\n2,1,3\n", "line 2: expected 7 to 10 columns, got 3"),
        (b"1,1,0,0,9,9,1,1,1.5", r"line 1: expected a visibility in \[0, 1\] or -1, got 1.5"),
        (b"1000000001,1,0,0,9,9,1", "line 1: frame - 1: expected 0 to"),
        (b"1.5,1,0,0,9,9,1", "line 1: expected numbers"),
        (b"1,nan,0,0,9,9,1", "line 1: expected numbers"),
        (b"1,1e999,0,0,9,9,1", "line 1: expected numbers"),
        (b"1,1,1e308,0,1e308,9,1", "line 1: expected a frame from 1 and a finite box"),
        (b"1,1,0,0,9,9,1,nan", "line 1: expected a frame from 1 and a finite box"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_place(file_with, content, complaint):
    path = file_with(content)
    with pytest.raises(DatasetError, match=complaint) as caught:
        read_boxes(path)
    assert str(path) in str(caught.value)


def test_a_file_too_large_to_be_read_whole_is_refused(tmp_path):
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.write(b"{")
        file.truncate(2**29 + 1)  # sparse: takes no room
    with pytest.raises(DatasetError, match="expected at most 536870912 bytes of JSON, got 536870913"):
        read_boxes(path)


@pytest.mark.parametrize("name", ["missing.json", ".", "nul\0"])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(DatasetError, match="cannot be read"):
        read_boxes(tmp_path / name)


@pytest.mark.real_data
def test_the_labels_of_the_real_clips_are_read(data_dir):
    counts = {path.name: read_boxes(path).count for path in (data_dir / "clips").glob("*.gt.json")}
    assert {"bolt_dark_ltr.gt.json": 1, "fruit_side_rtl.gt.json": 4, "packs_green_rtl.gt.json": 3} == counts
