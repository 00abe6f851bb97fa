"""`read_dataset`: three kinds of data set, one kind of answer."""

import numpy as np
import pytest

from conveyorqc.core import Crop
from conveyorqc.dataset import LabelledImage, MaskFile, read_dataset, write_crops, write_labels
from conveyorqc.errors import DatasetError, ImageError, InvalidInput
from conveyorqc.imgproc import write_png


def shade(level, side=4):
    return np.full((side, side, 3), level, np.uint8)


def put(path, level=50):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, shade(level))


def crop(object_id, frame_index, *, complete=True, mask=None):
    return Crop(object_id, frame_index, [0, 0, 4, 4], shade(object_id), mask, complete)


def test_a_crops_folder_gives_the_views_of_labelled_objects(tmp_path):
    write_crops([crop(1, 5, mask=np.eye(4, dtype=np.bool_)), crop(2, 6), crop(1, 9), crop(3, 9)], tmp_path)
    write_labels(tmp_path, {1: "normal", 2: "anomaly"})

    dataset = read_dataset(tmp_path)

    assert dataset.object_ids == ("1", "2", "1")
    assert dataset.anomalous.tolist() == [False, True, False]
    assert [loaded.image[0, 0, 0] for loaded in dataset.load_images()] == [1, 2, 1]
    assert dataset[0].load().object_mask.tolist() == np.eye(4, dtype=bool).tolist()
    assert dataset[1].load().object_mask is None


def test_cut_views_serve_only_where_there_is_no_complete_one(tmp_path):
    write_crops([crop(1, 5, complete=False), crop(1, 6), crop(2, 7, complete=False)], tmp_path)
    write_labels(tmp_path, {1: "normal", 2: "anomaly"})

    assert [image.path.stem for image in read_dataset(tmp_path)] == ["000001_000006", "000002_000007"]


def test_a_label_without_a_crop_is_refused_by_its_line(tmp_path):
    write_crops([crop(1, 5)], tmp_path)
    write_labels(tmp_path, {1: "normal", 7: "anomaly"})

    with pytest.raises(DatasetError, match=r"labels\.csv, line 3: expected an object of crops\.jsonl, got 7"):
        read_dataset(tmp_path)


def test_crops_without_labels_say_what_is_missing(tmp_path):
    write_crops([crop(1, 5)], tmp_path)

    with pytest.raises(DatasetError, match=r"labels\.csv: cannot be read"):
        read_dataset(tmp_path)


def test_folders_named_after_labels_are_read_sorted_by_name(tmp_path):
    for name in ("normal/b.png", "normal/a.PNG", "anomaly/bites/a.png", "normal/.hidden.png"):
        put(tmp_path / name)
    (tmp_path / "normal" / "notes.txt").write_text("no picture", encoding="utf-8")

    dataset = read_dataset(tmp_path)

    assert [(image.object_id, image.label) for image in dataset] == [
        ("normal/a", "normal"),
        ("normal/b", "normal"),
        ("anomaly/bites/a", "anomaly"),
    ]


def test_masks_belong_to_anomalies_of_their_name(tmp_path, caplog):
    for name in ("normal/a.png", "anomaly/a.png", "anomaly/bites/b.png", "anomaly/c.png"):
        put(tmp_path / name)
    put(tmp_path / "masks/a.png", level=255)
    put(tmp_path / "masks/bites/b.png", level=0)
    put(tmp_path / "masks/c_mask.png")

    dataset = read_dataset(tmp_path)
    marked = {image.object_id: image.load().defect_mask for image in dataset}

    assert marked["normal/a"] is None
    assert marked["anomaly/a"].all()
    assert not marked["anomaly/bites/b"].any()
    assert marked["anomaly/c"] is None
    assert "1 masks have no picture of their name" in caplog.text


def test_crops_sorted_into_folders_by_hand_keep_their_object(tmp_path):
    for name in ("normal/000012_000005.png", "anomaly/000012_000345.png", "anomaly/000007_000001.png"):
        put(tmp_path / name)

    assert read_dataset(tmp_path).object_ids == ("12", "7", "12")


def test_normal_pictures_alone_are_a_data_set(tmp_path):
    put(tmp_path / "normal/a.png")

    assert len(read_dataset(tmp_path)) == 1


def test_folders_without_a_picture_are_refused(tmp_path):
    (tmp_path / "normal").mkdir()

    with pytest.raises(DatasetError, match="expected pictures in normal/ and anomaly/, got none"):
        read_dataset(tmp_path)


@pytest.mark.parametrize(
    ("name", "actual"), [("gone", "nothing there"), (".", "a folder without them"), ("f", "a file")]
)
def test_anything_else_says_what_a_data_set_is(tmp_path, name, actual):
    (tmp_path / "f").write_bytes(b"")

    with pytest.raises(DatasetError, match=rf"crops\.jsonl and labels\.csv.*normal/.*manifest.*; got {actual}"):
        read_dataset(tmp_path / name)


def test_a_part_of_a_data_set_keeps_the_order_asked_for(tmp_path):
    for name in ("normal/a.png", "normal/b.png", "anomaly/c.png"):
        put(tmp_path / name)

    assert read_dataset(tmp_path).rows([2, 0]).object_ids == ("anomaly/c", "normal/a")


def test_pictures_are_read_one_at_a_time(tmp_path):
    put(tmp_path / "normal/a.png")
    put(tmp_path / "normal/b.png")
    images = read_dataset(tmp_path).load_images()
    first = next(images)
    (tmp_path / "normal/b.png").unlink()

    assert first.image.shape == (4, 4, 3)
    with pytest.raises(ImageError, match=r"b\.png: cannot be read"):
        next(images)


def test_a_mask_file_without_classes_marks_nothing(tmp_path):
    put(tmp_path / "m.png", level=255)

    assert not MaskFile(tmp_path / "m.png", {}).load(width=4, height=4).any()


def test_an_unknown_label_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="label: expected normal or anomaly, got 'broken'"):
        LabelledImage(tmp_path / "a.png", "a", "broken")
