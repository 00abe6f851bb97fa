"""Crops on disk: what was written is read back, and nothing else is believed."""

import json

import numpy as np
import pytest

from conveyorqc.core import Crop
from conveyorqc.dataset import CropWriter, read_crops, write_crops
from conveyorqc.errors import DatasetError
from conveyorqc.imgproc import read_image


def crop(object_id=12, frame_index=345, *, mask=None, complete=True):
    image = np.random.default_rng(object_id).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Crop(object_id, frame_index, [1.5, 2, 30.25, 40], image, mask, complete)


def line_of(**changes):
    return {"file": "images/a.png", "object_id": 1, "frame": 2, "box": [0, 0, 1, 1], "complete": True, **changes}


def write_line(folder, row):
    (folder / "images").mkdir(exist_ok=True)
    (folder / "images" / "a.png").write_bytes(b"")
    (folder / "crops.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    return folder


def test_the_list_is_the_one_that_the_documentation_promises(tmp_path):
    written = write_crops([crop()], tmp_path)

    assert written == 1
    assert json.loads((tmp_path / "crops.jsonl").read_text(encoding="utf-8")) == {
        "file": "images/000012_000345.png",
        "object_id": 12,
        "frame": 345,
        "box": [1.5, 2.0, 30.25, 40.0],
        "complete": True,
    }


def test_crops_come_back_as_they_were(tmp_path):
    mask = np.eye(8, dtype=np.bool_)
    first, second = crop(1, 5, mask=mask), crop(2, 7, complete=False)
    folder = tmp_path / "Käse 🍪"
    write_crops([first, second], folder)

    one, two = read_crops(folder)

    assert (one.object_id, one.frame_index, one.box.tolist(), one.complete) == (1, 5, first.box.tolist(), True)
    assert (two.object_id, two.frame_index, two.complete, two.mask_path) == (2, 7, False, None)
    assert np.array_equal(read_image(one.path), first.image)
    assert np.array_equal(read_image(one.mask_path)[:, :, 0] == 255, mask)


def test_a_crop_is_listed_as_soon_as_it_is_written(tmp_path):
    with CropWriter(tmp_path) as writer:
        path = writer.write(crop())
        listed = read_crops(tmp_path)

    assert [stored.path for stored in listed] == [path.resolve()]


def test_a_second_run_replaces_the_list_and_leaves_the_labels(tmp_path):
    write_crops([crop(1), crop(2)], tmp_path)
    (tmp_path / "labels.csv").write_text("object_id,label\n", encoding="utf-8")
    write_crops([crop(3)], tmp_path)

    assert [stored.object_id for stored in read_crops(tmp_path)] == [3]
    assert (tmp_path / "labels.csv").is_file()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_bytes(b"")

    with pytest.raises(DatasetError, match="taken: cannot hold crops"):
        CropWriter(tmp_path / "taken")


def test_a_crop_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "images" / "000012_000345.png").mkdir(parents=True)

    with (
        CropWriter(tmp_path) as writer,
        pytest.raises(DatasetError, match=r"crop 000012_000345\.png cannot be written"),
    ):
        writer.write(crop())


def test_a_missing_list_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"crops\.jsonl: cannot be read"):
        read_crops(tmp_path)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"object_id": "1"}, "object_id: expected int, got '1'"),
        ({"frame": True}, "frame: expected int, got True"),
        ({"complete": 1}, "complete: expected bool, got 1"),
        ({"file": None}, "file: expected str, got None"),
        ({"box": [0, 0, 1]}, r"box: expected x0, y0, x1, y1 in px, got \[0, 0, 1\]"),
        ({"box": [5, 0, 1, 1]}, "box"),
        ({"box": "all"}, "box"),
        ({"mask": 3}, "mask: expected the name of a file, got 3"),
        ({"mask": "images/b.png"}, "expected a file, but there is no"),
        ({"file": "../a.png"}, "lies outside"),
        ({"file": "/etc/hostname"}, "lies outside"),
        ({"file": "a\0.png"}, "expected the name of a file"),
    ],
)
def test_a_line_that_is_not_as_it_should_be_is_refused_by_its_number(tmp_path, changes, complaint):
    with pytest.raises(DatasetError, match=rf"crops\.jsonl, line 1: .*{complaint}"):
        read_crops(write_line(tmp_path, line_of(**changes)))
