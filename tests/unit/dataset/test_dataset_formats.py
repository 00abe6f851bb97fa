"""Data sets written by one format and read by it again, and what others' files of that format look like."""

import json
import logging
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from conveyorqc.dataset import (
    BadLines,
    LabelledImage,
    MaskFile,
    iter_manifest,
    iter_table,
    read_coco_pictures,
    read_dataset,
    read_label_folders,
    read_manifest,
    read_mvtec,
    read_table,
    write_dataset,
    write_manifest,
    write_mvtec,
)
from conveyorqc.dataset._store import Palette
from conveyorqc.errors import DatasetError, ImageError, InvalidInput
from conveyorqc.imgproc import encode_jpeg, read_image, write_png

FORMATS = ("manifest", "csv", "coco", "folders", "mvtec")


def picture(level, width=6, height=4):
    return np.full((height, width, 3), level, np.uint8)


def put(path, pixels=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, picture(80) if pixels is None else pixels)
    return path


@pytest.fixture
def images(tmp_path):
    """Four pictures of three objects, with every kind of mask and a defect that nothing marks."""
    source = tmp_path / "source"
    marks = picture(0)
    marks[:, :2], marks[1, 4] = (54, 164, 35), (0, 0, 255)
    mask = put(source / "marks.png", marks)
    outline = put(source / "outline.png", picture(0) + np.arange(6, dtype=np.uint8)[None, :, None])
    names = {"#23A436": "crack", "#FF0000": "burn"}
    return [
        LabelledImage(put(source / "a" / "x.png", picture(1)), "one", "normal", split="train"),
        LabelledImage(put(source / "b" / "x.png", picture(2)), "one", "normal", MaskFile(outline), split="train"),
        LabelledImage(
            put(source / "c.PNG", picture(3)), "two", "anomaly", MaskFile(outline), MaskFile(mask, names), split="test"
        ),
        LabelledImage(put(source / "d.png", picture(4)), "d: three", "anomaly", defect="dull", split="test"),
    ]


def known(image):
    """All that is known of a picture, by values."""
    loaded = image.load()
    height, width = loaded.image.shape[:2]
    by_class = {} if image.defect_mask is None else image.defect_mask.by_class(width=width, height=height)
    return {
        "pixel": int(loaded.image[0, 0, 0]),
        "object": image.object_id,
        "label": image.label,
        "split": image.split,
        "defect": image.defect,
        "classes": {name: mask.tolist() for name, mask in by_class.items()},
        "outline": None if loaded.object_mask is None else loaded.object_mask.tolist(),
    }


@pytest.mark.parametrize("to", ["manifest", "csv", "coco"])
def test_what_is_written_is_read_again_in_full(images, tmp_path, to):
    count = write_dataset(images, tmp_path / "out", to=to)

    assert 4 == count
    assert [known(image) for image in images] == [known(image) for image in read_dataset(tmp_path / "out")]


@pytest.mark.parametrize(
    ("to", "lost"),
    [("folders", {"defect", "classes"}), ("mvtec", {"outline", "classes", "defect"})],
)
def test_folders_keep_all_but_the_names_that_have_no_place(images, tmp_path, to, lost):
    write_dataset(images, tmp_path / "out", to=to)

    back = sorted(read_dataset(tmp_path / "out"), key=lambda image: known(image)["pixel"])

    def kept(image):
        return {key: value for key, value in known(image).items() if key not in lost}

    assert [kept(image) for image in images] == [kept(image) for image in back]
    assert images[2].load().defect_mask.tolist() == back[2].load().defect_mask.tolist()


def test_mvtec_calls_several_defects_combined_and_trains_on_normals_alone(images, tmp_path, caplog):
    train = [LabelledImage(image.path, image.object_id, image.label, split="train") for image in images[2:]]
    write_mvtec([*images, *train], tmp_path / "out")

    found = sorted(path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.png"))

    assert [
        "ground_truth/combined/c_mask.png", "test/anomaly/c.png", "test/anomaly/d.png", "test/combined/c.png",
        "test/dull/d.png", "train/good/x-2.png", "train/good/x.png",
    ] == found  # fmt: skip
    assert "2 anomalous pictures of the train part are in test/" in caplog.text


def test_mvtec_folders_as_they_are_published(tmp_path):
    for name in ("train/good/000.png", "test/good/000.png", "test/crack/000.png", "test/crack/001.png"):
        put(tmp_path / name)
    put(tmp_path / "ground_truth" / "crack" / "000_mask.png", picture(255))
    put(tmp_path / "train" / "notes.png")

    found = [(i.object_id, i.label, i.split, i.defect, i.defect_mask is None) for i in read_dataset(tmp_path)]

    assert [
        ("train/good/000", "normal", "train", None, True),
        ("test/crack/000", "anomaly", "test", "crack", False),
        ("test/crack/001", "anomaly", "test", "crack", True),
        ("test/good/000", "normal", "test", None, True),
    ] == found


def test_mvtec_without_a_picture_is_refused(tmp_path):
    with pytest.raises(DatasetError, match=r"expected pictures in train/good/ and test/\*/"):
        read_mvtec(tmp_path)


def test_a_manifest_is_as_lookout_for_vision_wants_it(images, tmp_path):
    write_manifest(images, tmp_path / "out", prefix="s3://b/c/", created_at=datetime(2026, 1, 2, tzinfo=UTC))

    lines = (tmp_path / "out" / "test.manifest").read_text(encoding="utf-8").splitlines()
    row = json.loads(lines[0])

    assert "s3://b/c/images/c.png" == row["source-ref"]
    assert 1 == row["anomaly-label"]
    assert {
        "class-name": "anomaly", "confidence": 1, "type": "groundtruth/image-classification",
        "human-annotated": "yes", "job-name": "conveyorqc/labels", "creation-date": "2026-01-02T00:00:00+00:00",
    } == row["anomaly-label-metadata"]  # fmt: skip
    assert "s3://b/c/masks/c.png" == row["anomaly-mask-ref"]
    colors = row["anomaly-mask-ref-metadata"]["internal-color-map"]
    assert ["BACKGROUND", "crack", "burn"] == [colors[key]["class-name"] for key in "012"]
    assert {"object-id": "d: three", "defect": "dull"} == json.loads(lines[1])["conveyorqc"]
    mapped = read_dataset(tmp_path / "out", prefixes={"s3://b/c/": "."})
    assert [known(image) for image in images] == [known(image) for image in mapped]


def test_a_picture_that_is_no_png_keeps_its_bytes_and_gets_a_fit_name(tmp_path):
    source = tmp_path / 'what?: "x".dat'
    source.write_bytes(encode_jpeg(picture(7)))
    write_dataset([LabelledImage(source, "o", "normal")], tmp_path / "out", to="folders")

    [image] = read_label_folders(tmp_path / "out")

    assert ("what__ _x_.jpg", "o") == (image.path.name, image.object_id)
    assert source.read_bytes() == image.path.read_bytes()


@pytest.mark.parametrize("to", FORMATS)
def test_a_folder_with_files_is_not_written_to(images, tmp_path, to):
    put(tmp_path / "out" / "mine.png")

    with pytest.raises(DatasetError, match="expected a new or an empty folder"):
        write_dataset(images, tmp_path / "out", to=to)


@pytest.mark.parametrize("to", FORMATS)
def test_what_is_no_picture_is_not_copied(tmp_path, to):
    (tmp_path / "a.png").write_text("text")

    with pytest.raises(ImageError, match=r"a\.png: expected PNG, JPEG"):
        write_dataset([LabelledImage(tmp_path / "a.png", "a", "normal")], tmp_path / "out", to=to)


def test_an_unknown_format_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="to: expected manifest, folders, mvtec, coco, csv, got 'yolo'"):
        write_dataset([], tmp_path, to="yolo")


def test_a_line_that_would_be_too_long_is_not_written(tmp_path):
    image = LabelledImage(put(tmp_path / "a.png"), "x" * 8200, "normal")

    with pytest.raises(DatasetError, match="expected a line of at most 8192 characters"):
        write_manifest([image], tmp_path / "out")


def test_a_folder_below_a_file_cannot_be_made(images, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(DatasetError, match="cannot hold a data set"):
        write_dataset(images, tmp_path / "file" / "out", to="csv")


@pytest.mark.parametrize("name", ["copyfile", "mkdir", "open"])
def test_what_cannot_be_written_is_named(images, tmp_path, monkeypatch, name):
    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    (tmp_path / "out").mkdir()
    owner = shutil if name == "copyfile" else Path
    if name == "open":
        real = Path.open
        monkeypatch.setattr(
            Path, "open", lambda path, *a, **m: (full if path.suffix == ".csv" else real)(path, *a, **m)
        )
    else:
        monkeypatch.setattr(owner, name, lambda path, *a, **m: None if path == tmp_path / "out" else full())

    with pytest.raises(DatasetError, match=r"out.*cannot be .*No space left on device"):
        write_dataset(images, tmp_path / "out", to="csv")


def test_every_class_has_a_colour_of_its_own():
    palette = Palette()
    colors = [palette.color(f"class {number}") for number in range(300)]

    assert 300 == len(set(colors))
    assert not {"#000000", "#FFFFFF"} & set(colors)
    assert all(re.fullmatch("#[0-9A-F]{6}", color) for color in colors)


# Tables


def table(folder, *lines):
    path = folder / "t.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_table_without_a_header_is_a_file_and_a_label_per_line(tmp_path):
    put(tmp_path / "a.png")
    put(tmp_path / "pics" / "b.png")

    found = read_table(table(tmp_path, "a.png,normal", "s3://x/b.png, Anomaly"), prefixes={"s3://x/": "pics"})

    assert [("a", "normal"), ("s3:/x/b", "anomaly")] == [(image.object_id, image.label) for image in found]


def test_views_of_an_object_share_its_id_and_other_columns_are_passed_over(tmp_path):
    for name in ("a", "b"):
        put(tmp_path / f"{name}.png")

    found = read_dataset(table(tmp_path, "note,Object_ID,FILE,label", "hm,7,a.png,normal", ",7,b.png,normal"))

    assert ("7", "7") == found.object_ids


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (["x,y", "a.png,normal"], "line 1: expected a header with file and label"),
        (["file,label,file", "a"], "line 1: expected a header with file and label, each once"),
        (["file,label", "a.png"], "line 2: expected 2 cells, got 1"),
        (["file,label", "a.png,broken"], "line 2: label: expected normal or anomaly, got 'broken'"),
        (["file,label,split", "a.png,normal,dev"], "line 2: split: expected train or test or nothing, got 'dev'"),
        (["file,label", "../a.png,normal"], "line 2: expected a file within .*, which lies outside"),
        (["file,label", "b.png,normal"], "line 2: expected a file, but there is no"),
        (["file,label", "a.png,normal", "./a.png,normal"], "line 3: 'a.png' is listed in line 2 already"),
        (["file,label", '"a.png,normal'], "line 2: expected one line of CSV"),
        (["file,label,defect", "a.png,normal,crack"], "line 2: defect: expected none of a normal object"),
        (["file,label,mask,mask_classes", "a.png,anomaly,a.png,red"], r"line 2: mask_classes: expected #RRGGBB=NAME"),
    ],
)
def test_a_line_of_a_table_that_is_not_as_it_should_be_is_refused_by_its_number(tmp_path, lines, complaint):
    put(tmp_path / "a.png")

    with pytest.raises(DatasetError, match=rf"t\.csv, {complaint}"):
        read_table(table(tmp_path, *lines))


# COCO


def coco(folder, **changes):
    data = {
        "images": [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png", "split": "test"}],
        "annotations": [
            {"image_id": 1, "category_id": 5, "segmentation": [[1, 1, 4, 1, 4, 3, 1, 3]], "bbox": [1, 1, 3, 2]},
            {"image_id": 2, "category_id": 9, "segmentation": {"size": [4, 6], "counts": "48<"}},
        ],
        "categories": [{"id": 5, "name": "crack"}, {"id": 9, "name": "Good"}],
        **changes,
    }
    path = folder / "c.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.fixture
def two(tmp_path):
    for name in ("a.png", "b.png"):
        put(tmp_path / name)
    return tmp_path


def test_polygons_of_defects_and_packed_runs_of_objects_become_masks(two):
    first, second = read_dataset(coco(two))

    expected = np.zeros((4, 6), bool)
    expected[1:3, 1:4] = True
    assert ("anomaly", None, "normal", "test") == (first.label, first.split, second.label, second.split)
    assert expected.tolist() == first.load().defect_mask.tolist()
    down_the_columns = [[False, *[True] * 2, False, False, False]] * 4
    assert down_the_columns == second.load().object_mask.tolist()


def test_packed_runs_count_from_the_fourth_on_as_differences(two):
    runs = {"size": [4, 6], "counts": "44404"}
    first, _ = read_coco_pictures(coco(two, annotations=[{"image_id": 1, "category_id": 5, "segmentation": runs}]))

    assert [[False, True, False, True, False, False]] * 4 == first.load().defect_mask.tolist()


def test_a_category_without_pixels_names_the_defect(two):
    first, second = read_coco_pictures(coco(two, annotations=[{"image_id": 1, "category_id": 5, "bbox": [0, 0, 2, 2]}]))

    assert ("anomaly", "crack", None) == (first.label, first.defect, first.defect_mask)
    assert "normal" == second.label


def test_which_categories_are_normal_can_be_said(two):
    assert ["normal", "anomaly"] == [image.label for image in read_coco_pictures(coco(two), normal=["crack"])]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"annotations": [], "images": [{"id": 1}]}, r"images\[0\]\.file_name: expected this field"),
        ({"images": [{"id": 1, "file_name": "../a.png"}]}, r"annotations\[1\]\.image_id: expected the id of an image"),
        ({"annotations": [], "images": [{"id": 1, "file_name": "../a.png"}]}, r"images\[0\]\.file_name: .*outside"),
        ({"annotations": [], "images": [{"id": 1, "file_name": "a.png", "split": "x"}]}, r"images\[0\]: split: "),
        ({"annotations": [], "images": [{"id": i, "file_name": "a.png"} for i in (1, 2)]}, r"images\[1\]: .*already"),
        ({"categories": []}, r"annotations\[0\]\.category_id: expected the id of a category, got 5"),
        ({"annotations": [{"image_id": 1, "category_id": 5, "segmentation": [[1, 2]]}]}, "expected x, y of 3 to"),
        ({"annotations": [{"image_id": 1, "category_id": 5, "segmentation": [[1e9, 2] * 3]}]}, "expected px, got 1e"),
        ({"annotations": [{"image_id": 1, "category_id": 5, "segmentation": {"size": [4]}}]}, "expected height and"),
        (
            {"annotations": [{"image_id": 1, "category_id": 5, "segmentation": {"size": [4, 6], "counts": [3]}}]},
            "expected runs that add up to 24 px",
        ),
        (
            {"annotations": [{"image_id": 1, "category_id": 5, "segmentation": {"size": [4, 6], "counts": "é"}}]},
            "expected packed run lengths",
        ),
        (
            {"annotations": [{"image_id": 1, "category_id": 5, "segmentation": {"size": [4, 6], "counts": "P"}}]},
            "expected packed run lengths, got some that are cut off",
        ),
    ],
)  # fmt: skip
def test_a_coco_field_that_is_not_as_it_should_be_is_refused_by_its_place(two, changes, complaint):
    with pytest.raises(DatasetError, match=rf"c\.json: .*{complaint}|c\.json: {complaint}"):
        read_coco_pictures(coco(two, **changes))


def test_runs_of_a_picture_of_another_size_are_refused_when_they_are_read(two):
    runs = {"size": [2, 2], "counts": [4]}
    marks = [{"image_id": 1, "category_id": 5, "segmentation": runs}]
    first, _ = read_coco_pictures(coco(two, annotations=marks))

    with pytest.raises(DatasetError, match=r"c\.json: expected runs of 6x4 px, as the picture, got 2x2"):
        first.load()


def test_a_defect_called_normal_stays_a_defect(two, tmp_path):
    image = LabelledImage(two / "a.png", "a", "anomaly", defect="Normal")
    write_dataset([image], tmp_path / "out", to="coco")

    assert [("anomaly", "Normal defect")] == [(i.label, i.defect) for i in read_dataset(tmp_path / "out")]


# What goes on after a bad line


def test_bad_lines_are_gathered_up_to_a_limit_and_the_rest_is_read(two):
    good = {"source-ref": "a.png", "l": 0, "l-metadata": {"class-name": "normal"}}
    lines = ["{", json.dumps(good), "x" * 70_000, json.dumps({**good, "source-ref": "gone.png"}), "\xff",
             json.dumps({**good, "source-ref": "b.png"})]  # fmt: skip
    path = two / "m.manifest"
    path.write_bytes("\n".join(lines).encode("latin-1"))
    bad = BadLines(most=4)

    assert ["a.png", "b.png"] == [image.path.name for image in iter_manifest(path, bad=bad)]
    assert [1, 3, 4, 5] == [int(str(error).split("line ")[1].split(":")[0]) for error in bad.errors]
    with pytest.raises(DatasetError, match="line 4"):
        read_manifest(path, bad=BadLines(most=2))


def test_tables_and_coco_go_on_too(two):
    bad = BadLines()
    list(iter_table(table(two, "file,label", "a.png,huh", "b.png,normal"), bad=bad))
    images = read_coco_pictures(
        coco(two, annotations=[], images=[{"id": 1, "file_name": "x.png"}, {"id": 2, "file_name": "a.png"}]), bad=bad
    )

    assert ["a.png"] == [image.path.name for image in images]
    assert 2 == len(bad.errors)


def test_a_negative_number_of_bad_lines_is_refused():
    with pytest.raises(InvalidInput, match="most: expected 0 or more"):
        BadLines(most=-1)


# Manifests, beyond what test_dataset_manifest holds


def test_what_a_model_said_in_the_manifest_of_an_evaluation_is_no_label(two):
    row = {
        "source-ref": "a.png", "source-ref-metadata": {"creation-date": "2022"},
        "anomaly-label": 0, "anomaly-label-metadata": {"class-name": "normal"},
        "anomaly-label-detected": 1, "anomaly-label-detected-metadata": {"class-name": "anomaly", "confidence": 0.9},
    }  # fmt: skip
    path = two / "m.manifest"
    path.write_text(json.dumps(row) + "\n" + json.dumps({"source-ref": "b.png", "source-ref-metadata": {}}))

    assert ["normal"] == [image.label for image in read_manifest(path)]


@pytest.mark.parametrize("own", ["text", {"object-id": 7}, {"object-id": ""}, {"defect": "a\nb"}])
def test_own_fields_are_checked(two, own):
    row = {"source-ref": "a.png", "l": 0, "l-metadata": {"class-name": "anomaly"}, "conveyorqc": own}
    path = two / "m.manifest"
    path.write_text(json.dumps(row))

    with pytest.raises(DatasetError, match="line 1: conveyorqc"):
        read_manifest(path)


# Folders


def test_parts_and_objects_of_label_folders(tmp_path):
    put(tmp_path / "train" / "normal" / "a.png")
    put(tmp_path / "test" / "anomaly" / "b.png")
    put(tmp_path / "test" / "masks" / "b.png", picture(255))
    (tmp_path / "objects.csv").write_text("file,object_id\ntrain/normal/a.png,seven\n", encoding="utf-8")

    found = [(i.object_id, i.split, i.defect_mask is None) for i in read_dataset(tmp_path)]

    assert [("seven", "train", True), ("test/anomaly/b", "test", False)] == found


@pytest.mark.parametrize("text", ["a.png\n", "a.png,\n", "a.png,x\na.png,y\n"])
def test_a_line_of_objects_that_is_wrong_is_named(tmp_path, text):
    put(tmp_path / "normal" / "a.png")
    (tmp_path / "objects.csv").write_text(text, encoding="utf-8")

    with pytest.raises(DatasetError, match=r"objects\.csv, line"):
        read_label_folders(tmp_path)


def test_masks_without_a_picture_are_logged(tmp_path, caplog):
    put(tmp_path / "normal" / "a.png")
    put(tmp_path / "masks" / "b.png")

    with caplog.at_level(logging.WARNING):
        read_label_folders(tmp_path)
    assert "1 masks have no picture" in caplog.text


@pytest.mark.parametrize("layout", ["normal", "train/good"])
def test_links_that_lead_out_are_refused_unless_a_wider_root_is_given(tmp_path, layout):
    put(tmp_path / "secret" / "s.png")
    folder = tmp_path / "data" / layout
    folder.mkdir(parents=True)
    try:
        (folder / "x.png").symlink_to(tmp_path / "secret" / "s.png")
    except OSError:  # Windows without the right to make links: nothing can lead out
        return

    with pytest.raises(DatasetError, match=r"expected a file within .*, got a link to"):
        read_dataset(tmp_path / "data")
    assert 1 == len(read_dataset(tmp_path / "data", root=tmp_path))


# Records


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"split": "dev"}, "split: expected train or test or None"),
        ({"defect": "crack"}, "defect: expected none of a normal object"),
        ({"object_id": ""}, "object_id: expected text"),
        ({"label": "anomaly", "defect": "a\tb"}, "defect: expected text that can be printed"),
    ],
)
def test_a_record_that_makes_no_sense_is_refused(changes, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        LabelledImage(**{"path": Path("a"), "object_id": "a", "label": "normal", **changes})


def test_a_picture_that_claims_to_be_huge_is_not_decoded(tmp_path):
    data = bytearray(put(tmp_path / "a.png").read_bytes())
    data[16:24] = (60_000).to_bytes(4, "big") * 2
    (tmp_path / "a.png").write_bytes(data)

    with pytest.raises(DatasetError, match="expected at most 134217728 px, got 60000x60000"):
        LabelledImage(tmp_path / "a.png", "a", "normal").load()


def test_parts_of_a_data_set(images):
    from conveyorqc.dataset import LabelledDataset

    data = LabelledDataset(tuple(images), Path())

    assert [2, 2] == [len(data.part(side)) for side in ("train", "test")]
    assert {"test"} == {image.split for image in data.as_part("test")}
    assert 8 == len(data.joined(data))
    assert "!one" == data.renamed(lambda name: f"!{name}")[0].object_id
    assert 1 == int(read_image(data[0].path)[0, 0, 0])
