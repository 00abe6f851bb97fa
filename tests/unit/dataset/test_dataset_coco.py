"""COCO boxes: what is written, and that it reads back."""

from __future__ import annotations

import json

import pytest

from conveyorqc.dataset import MotRow, read_boxes, write_coco
from conveyorqc.errors import DatasetError, InvalidInput

ROWS = [MotRow(4, 2, (10.0, 20.5, 30.25, 40.0), 0.87654), MotRow(1, 7, (0, 0, 12, 7)), MotRow(4, 1, (1, 1, 2, 2))]


@pytest.fixture
def written(tmp_path):
    assert 3 == write_coco(ROWS, tmp_path / "förderband.json", width=64, height=48, frames=range(3), category="bun")
    return tmp_path / "förderband.json"


def test_each_frame_is_an_image_and_each_box_an_annotation(written):
    data = json.loads(written.read_bytes())

    assert ["images", "annotations", "categories"] == list(data)
    assert [{"id": 1, "name": "bun"}] == data["categories"]
    assert {"id": 5, "file_name": "frame_000004.png", "frame_index": 4, "width": 64, "height": 48} == data["images"][-1]
    assert [0, 1, 2, 4] == [image["frame_index"] for image in data["images"]]
    assert [(1, 2, 7), (2, 5, 1), (3, 5, 2)] == [
        (entry["id"], entry["image_id"], entry["track_id"]) for entry in data["annotations"]
    ]
    assert {
        "id": 3, "image_id": 5, "category_id": 1, "bbox": [10.0, 20.5, 20.25, 19.5], "area": 394.875,
        "segmentation": [], "iscrowd": 0, "score": 0.87654, "track_id": 2, "attributes": {"track_id": 2},
    } == data["annotations"][-1]  # fmt: skip


def test_it_reads_back_with_its_empty_frames(written):
    labels = read_boxes(written)

    assert (0, 1, 2, 4) == labels.frames
    assert [1, 2] == labels.at(4).ids.tolist()
    assert [10.0, 20.5, 30.25, 40.0] == labels.at(4).boxes[1].tolist()


def test_file_names_alone_tell_the_frames_of_a_whole_clip(tmp_path, written):
    data = json.loads(written.read_bytes())
    data["images"] = [{key: v for key, v in image.items() if key != "frame_index"} for image in data["images"]]
    (tmp_path / "bare.json").write_text(json.dumps(data), encoding="utf-8")
    assert (0, 1, 2, 3) == read_boxes(tmp_path / "bare.json").frames


def test_a_box_without_identity_stays_so(tmp_path):
    write_coco([MotRow(0, -1, (0, 0, 1, 1)), MotRow(0, -1, (2, 2, 3, 3))], tmp_path / "a.json", width=9, height=9)
    assert [-2, -1] == read_boxes(tmp_path / "a.json").at(0).ids.tolist()


def test_no_rows_make_an_empty_file_of_the_format(tmp_path):
    assert 0 == write_coco([], tmp_path / "a.json", width=9, height=9)
    assert () == read_boxes(tmp_path / "a.json").frames


def test_what_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="expected 1 px or more, got 0x9"):
        write_coco([], tmp_path / "a.json", width=0, height=9)
    with pytest.raises(DatasetError, match=r"a\.json: cannot be written"):
        write_coco([MotRow(0, 1, (0, 0, float("nan"), 1))], tmp_path / "a.json", width=9, height=9)
    with pytest.raises(DatasetError, match="cannot be written"):
        write_coco([], tmp_path, width=9, height=9)
