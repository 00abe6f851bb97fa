"""The conveyor-gt/1 format: exact layout, round trip, and an error that names file and field for every bad file."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.dataset._ground_truth import GroundTruth, TruthBox, TruthObject
from conveyorqc.errors import DatasetError, InvalidInput


def truth() -> GroundTruth:
    whole = TruthObject(1, "normal", False, "intact", 1, 0, 1, 1, 2, (2,))
    stack = TruthObject(2, "stacked", True, "stack2", 2, 1, None, None, None, (1,), ("normal-9", "normal-15"))
    frames = (
        (TruthBox(1, 0.0, 4, 3.3, 11, 0.25),),
        (TruthBox(1, 2.0, 4, 11.0, 11, 1.0), TruthBox(2, 0.0, 1, 5.5, 12, 0.4)),
        (TruthBox(2, 0.0, 1, 7.5, 12, 0.6),),
        (),
    )
    return GroundTruth("small", 7, 20, 16, 25, Direction.LEFT_TO_RIGHT, "blue", 50.0, (whole, stack), frames)


@pytest.fixture
def data(tmp_path) -> dict:
    truth().save(tmp_path / "clip.gt.json")
    return json.loads((tmp_path / "clip.gt.json").read_text(encoding="utf-8"))


def test_a_saved_file_reads_back_equal_also_under_a_unicode_name(tmp_path):
    path = tmp_path / "förderband-曲奇.gt.json"
    truth().save(path)
    assert GroundTruth.load(path) == truth()


def test_the_file_has_the_layout_of_the_format(data):
    assert list(data) == [
        "format", "clip", "seed", "width", "height", "fps", "frames_total", "direction",
        "belt", "speed_px_s", "counts", "box_columns", "objects", "frames",
    ]  # fmt: skip
    assert data["format"] == "conveyor-gt/1"
    assert data["box_columns"] == ["id", "x", "y", "w", "h", "visible_fraction"]
    assert data["frames_total"] == 4
    assert data["frames"][0] == [[1, 0.0, 4, 3.3, 11, 0.25]]
    assert list(data["objects"][1]) == [
        "id", "label", "anomaly", "kind", "cookies", "sources", "first_frame", "fully_in_frame",
        "crosses_centre_frame", "gone_frame", "touching",
    ]  # fmt: skip
    assert "sources" not in data["objects"][0]


def test_counts_follow_from_the_objects():
    expected = {
        "objects": 2, "normal": 1, "broken": 0, "stacked": 1, "cookies": 3, "touching_pairs": 1, "crossed_centre": 1,
    }  # fmt: skip
    assert truth().counts == expected


def test_counts_hold_labels_of_other_products_too():
    bolt = TruthObject(3, "bent", True, "bent", 1, 0, None, None, None)
    counts = replace(truth(), objects=(*truth().objects, bolt)).counts
    assert list(counts)[:5] == ["objects", "normal", "broken", "stacked", "bent"]
    assert counts["bent"] == 1


def test_boxes_at_gives_corners_and_ids():
    ids, boxes, visible = truth().boxes_at(1)
    assert ids.tolist() == [1, 2]
    np.testing.assert_allclose(boxes, [[2, 4, 13, 15], [0, 1, 5.5, 13]])
    assert visible.tolist() == [1.0, 0.4]


def test_boxes_at_an_empty_frame_keeps_its_shape():
    ids, boxes, visible = truth().boxes_at(3)
    assert (ids.shape, boxes.shape, visible.shape) == ((0,), (0, 4), (0,))


def test_boxes_at_are_clipped_to_the_frame():
    outside = replace(truth(), width=10, height=14)
    np.testing.assert_allclose(outside.boxes_at(1)[1], [[2, 4, 10, 14], [0, 1, 5.5, 13]])


def test_labelled_are_the_boxes_of_all_frames():
    labels = truth().labelled()
    assert (labels.frames, labels.count, labels.tolerance_px) == ((0, 1, 2, 3), 2, 0.0)
    for index in labels.frames:
        ids, boxes, visible = truth().boxes_at(index)
        there = labels.at(index)
        assert there.ids.tolist() == ids.tolist()
        np.testing.assert_array_equal(there.boxes, boxes)
        np.testing.assert_array_equal(there.visible, visible)


def test_an_empty_clip_has_no_labels():
    nothing = replace(truth(), objects=(), frames=()).labelled()
    assert (nothing.frames, nothing.count, len(nothing)) == ((), 0, 0)


@pytest.mark.parametrize("index", [-1, 4])
def test_boxes_at_refuses_frames_that_are_not_there(index):
    with pytest.raises(InvalidInput, match="expected 0-3"):
        truth().boxes_at(index)


def test_fields_of_a_later_writer_are_ignored(tmp_path, data):
    data["weather"] = "fine"
    data["objects"][0]["mass_g"] = 12.5
    (tmp_path / "later.json").write_text(json.dumps(data), encoding="utf-8")
    assert GroundTruth.load(tmp_path / "later.json") == truth()


def _set(*path):
    *where, last, value = path

    def change(data):
        for step in where:
            data = data[step]
        data[last] = value

    return change


def _drop(*path):
    *where, last = path

    def change(data):
        for step in where:
            data = data[step]
        del data[last]

    return change


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (_set("format", "conveyor-gt/9"), "format: expected 'conveyor-gt/1'"),
        (_drop("format"), "format: expected this field, got none"),
        (_drop("width"), "width: expected this field"),
        (_set("width", "1280"), "width: expected int, got str '1280'"),
        (_set("width", 0), "expected positive size"),
        (_set("fps", float("nan")), "fps: expected a finite number"),
        (_set("fps", 0), "expected positive size and rate"),
        (_set("seed", True), "seed: expected int, got bool"),
        (_set("direction", "sideways"), "direction: expected one of"),
        (_set("box_columns", ["id"]), "box_columns: expected"),
        (_set("frames_total", 5), "frames_total: expected 5 as declared, got 4"),
        (_set("counts", "objects", 9), r"counts\.objects: expected 9 as declared, got 2"),
        (_drop("counts", "objects"), r"counts\.objects: expected this field"),
        (_set("objects", 0, None), r"objects\[0\]: expected an object"),
        (_drop("objects", 1, "kind"), r"objects\[1\]\.kind: expected this field"),
        (_set("objects", 0, "first_frame", 1.5), r"objects\[0\]\.first_frame: expected int, got float 1\.5"),
        (_set("objects", 0, "first_frame", 3), "object 1: expected 0 <= first_frame"),
        (_set("objects", 0, "cookies", 0), "object 1: expected 1 cookie"),
        (_set("objects", 0, "touching", ["2"]), r"objects\[0\]\.touching\[0\]: expected int"),
        (_set("objects", 1, "id", 1), "objects: expected each id once"),
        (_set("frames", 1, {}), r"frames\[1\]: expected list"),
        (_set("frames", 1, 0, [1, 2, 3]), r"frames\[1\]\[0\]: expected 6 numbers"),
        (_set("frames", 1, 0, 3, -2), r"frames\[1\]\[0\]: expected w and h of 0 or more"),
        (_set("frames", 1, 0, 4, None), r"frames\[1\]\[0\]\.h: expected int or float"),
        (_set("frames", 1, 0, 0, 99), r"unknown ids \[99\]"),
        (_set("frames", 1, 0, 0, 2), r"frames\[1\]\[1\]\.id: expected each object once in a frame, got 2 again"),
        (_set("frames", 1, 0, 0, 1.5), r"frames\[1\]\[0\]\.id: expected int, got float 1\.5"),
        (_set("frames", 1, 0, 0, 2**60), r"frames\[1\]\[0\]\.id: expected"),
        (_set("frames", 1, 0, 5, 1.01), r"frames\[1\]\[0\]\.visible_fraction: expected a share in \[0, 1\]"),
        (_set("frames", 1, 0, 1, 10**400), r"frames\[1\]\[0\]\.x: expected a finite number"),
        (_set("fps", 10**400), "fps: expected a finite number"),
        (_set("width", -(10**400)), "width: expected a finite number"),
    ],
)
def test_a_malformed_file_names_itself_and_the_field(tmp_path, data, change, text):
    change(data)
    path = tmp_path / "bad.gt.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(DatasetError, match=text) as caught:
        GroundTruth.load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"\xff\xfe\x00", b"[" * 100_000], ids=["empty", "list", "binary", "deep"]
)
def test_a_file_that_is_no_ground_truth_is_refused(tmp_path, content):
    (tmp_path / "x.json").write_bytes(content)
    with pytest.raises(DatasetError, match=r"x\.json"):
        GroundTruth.load(tmp_path / "x.json")


def test_a_truncated_file_is_refused(tmp_path):
    path = tmp_path / "cut.gt.json"
    truth().save(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(DatasetError, match="expected JSON"):
        GroundTruth.load(path)


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        GroundTruth.load(tmp_path / "none.json")
    with pytest.raises(DatasetError, match="cannot be written"):
        truth().save(tmp_path / "no" / "such.json")


@pytest.mark.real_data
def test_the_shared_clip_reads_and_is_written_back_byte_for_byte(tmp_path, data_dir):
    shared = data_dir / "cookies-video" / "cookies_train.gt.json"
    real = GroundTruth.load(shared)
    assert (real.frames_total, real.counts["objects"], real.counts["touching_pairs"]) == (900, 104, 8)
    real.save(tmp_path / "again.json")
    again = (tmp_path / "again.json").read_text(encoding="utf-8")
    assert shared.read_text(encoding="utf-8").strip() == again
