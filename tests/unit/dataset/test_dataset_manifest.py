"""Lookout for Vision manifests: read as the service meant them, and as AWS really ships them."""

import json

import numpy as np
import pytest

from conveyorqc.dataset import read_dataset, read_manifest
from conveyorqc.errors import DatasetError
from conveyorqc.imgproc import write_png

GREEN_BGR = (54, 164, 35)  # 23A436


def label(name, attribute="anomaly-label", number=0):
    metadata = {"class-name": name, "human-annotated": "yes", "type": "groundtruth/image-classification"}
    return {attribute: number, f"{attribute}-metadata": metadata}


def mask(reference="m.png", colors=None):
    colors = {"0": {"class-name": "cracked", "hex-color": "#23A436"}} if colors is None else colors
    return {
        "anomaly-mask-ref": reference,
        "anomaly-mask-ref-metadata": {"internal-color-map": colors, "type": "groundtruth/semantic-segmentation"},
    }


def row(source="a.png", name="normal", **more):
    return {"source-ref": source, **label(name), **more}


@pytest.fixture
def folder(tmp_path):
    """Two pictures of 6x4 px and a mask of one, its left half green, one pixel red."""
    for name in ("a.png", "b.png"):
        write_png(tmp_path / name, np.full((4, 6, 3), 80, np.uint8))
    marked = np.zeros((4, 6, 3), np.uint8)
    marked[:, :3] = GREEN_BGR
    marked[0, 5] = (0, 0, 255)
    write_png(tmp_path / "m.png", marked)
    return tmp_path


def manifest(folder, *rows):
    path = folder / "train.manifest"
    path.write_text("".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def test_the_class_name_decides_whatever_the_number_and_the_attribute_say(folder):
    rows = [
        {"source-ref": "a.png", **label("normal", "auto-label", number=1)},
        {"source-ref": "b.png", **label("anomaly", "my labels", number=0)},
    ]

    dataset = read_manifest(manifest(folder, *rows))

    assert [(image.path.name, image.label, image.object_id) for image in dataset] == [
        ("a.png", "normal", "a"),
        ("b.png", "anomaly", "b"),
    ]
    assert dataset.anomalous.tolist() == [False, True]


def test_only_mapped_colours_mark_a_defect_in_either_case(folder):
    colors = {
        "0": {"class-name": "BACKGROUND", "hex-color": "#ffffff", "confidence": 0.0},
        "1": {"class-name": "cracked", "hex-color": "#23a436"},
    }
    [image] = read_manifest(manifest(folder, row(name="anomaly", **mask(colors=colors))))

    loaded = image.load()

    assert image.defect_mask.classes == {"#23A436": "cracked"}
    assert loaded.defect_mask.tolist() == [[True] * 3 + [False] * 3] * 4
    assert loaded.object_mask is None


def test_several_classes_mark_together(folder):
    colors = {
        "1": {"class-name": "cracked", "hex-color": "#23A436"},
        "2": {"class-name": "burnt", "hex-color": "#FF0000"},
    }
    [image] = read_manifest(manifest(folder, row(name="anomaly", **mask(colors=colors))))

    assert image.load().defect_mask.sum() == 13


def test_dummy_masks_are_tolerated(folder):
    write_png(folder / "dummy.png", np.full((16, 16, 3), 255, np.uint8))
    background = {"0": {"class-name": "BACKGROUND", "hex-color": "#ffffff"}}
    dummies = [row(name=name, **mask("dummy.png", background)) for name in ("normal", "anomaly")]
    dataset = read_manifest(manifest(folder, dummies[0], {**dummies[1], "source-ref": "b.png"}))

    assert [loaded.defect_mask for loaded in dataset.load_images()] == [None, None]


def test_what_the_mask_of_a_normal_picture_says_does_not_matter(folder):
    [image] = read_manifest(manifest(folder, row(**{"anomaly-mask-ref": "nowhere.png"})))

    assert image.defect_mask is None


def test_a_defect_mask_of_another_size_is_refused_when_it_is_read(folder):
    write_png(folder / "m.png", np.zeros((16, 16, 3), np.uint8))
    [image] = read_manifest(manifest(folder, row(name="anomaly", **mask())))

    with pytest.raises(DatasetError, match=r"m\.png: expected a mask of 6x4 px, as its picture, got 16x16"):
        image.load()


def test_lines_without_a_label_are_left_out_and_logged(folder, caplog):
    dataset = read_manifest(manifest(folder, {"source-ref": "a.png"}, "\n", row("b.png")))

    assert [image.path.name for image in dataset] == ["b.png"]
    assert "1 lines without a label" in caplog.text


def test_copies_of_remote_pictures_are_found_by_their_prefix(folder):
    (folder / "copies" / "deep").mkdir(parents=True)
    write_png(folder / "copies" / "deep" / "c.png", np.zeros((4, 6, 3), np.uint8))
    path = manifest(folder, row("s3://bucket/photos/deep/c.png"), row("s3://bucket/other/a.png"))

    dataset = read_manifest(path, prefixes={"s3://bucket/photos": "copies", "s3://bucket/other/": folder})

    assert [image.path.relative_to(folder.resolve()).as_posix() for image in dataset] == ["copies/deep/c.png", "a.png"]


def test_a_remote_picture_without_a_copy_says_how_to_get_one(folder):
    with pytest.raises(DatasetError, match=r"line 1: .*aws s3 sync s3://bucket/photos/ .*prefixes="):
        read_manifest(manifest(folder, row("s3://bucket/photos/c.png")))


@pytest.mark.parametrize("reference", ["../a.png", "inner/../../a.png"])
def test_references_stay_in_the_folder_unless_a_wider_root_is_given(folder, reference):
    (folder / "inner" / "inner").mkdir(parents=True)
    path = manifest(folder / "inner", row(reference))

    with pytest.raises(DatasetError, match="lies outside"):
        read_manifest(path)
    assert [image.path.name for image in read_manifest(path, root=folder)] == ["a.png"]


def test_an_absolute_reference_inside_the_folder_is_fine(folder):
    assert len(read_manifest(manifest(folder, row(str(folder / "a.png"))))) == 1


def test_a_prefix_cannot_be_left_either(folder):
    (folder / "copies").mkdir()

    with pytest.raises(DatasetError, match="lies outside"):
        read_manifest(manifest(folder, row("s3://bucket/../a.png")), prefixes={"s3://bucket/": "copies"})


def test_crops_keep_their_object(folder):
    for frame in (5, 9):
        write_png(folder / f"000012_{frame:06d}.png", np.zeros((4, 4, 3), np.uint8))
    dataset = read_manifest(manifest(folder, row("000012_000005.png"), row("000012_000009.png")))

    assert dataset.object_ids == ("12", "12")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{not json}\n", "expected a JSON object"),
        ("[1, 2]\n", r"expected a JSON object, got \[1, 2\]"),
        ("[" * 5000 + "\n", "expected a JSON object"),
        (" " * 8200 + "\n", "expected at most 8192 characters"),
        ("x" * 40_000, "expected at most 8192 characters"),
        (row("gone.png"), "expected a file, but there is no"),
        (row(name="broken"), "class-name: expected normal or anomaly, got .*broken"),
        (row(**label("anomaly", "second")), "expected one label attribute with a class-name, got .*second"),
        ({"source-ref": "a.png", "x-metadata": {"type": "?"}}, "expected one label attribute with a class-name"),
        (label("normal"), "expected a reference to a file, got None"),
        (row("", "normal"), "expected a reference to a file, got ''"),
        (row(name="anomaly", **{"m-ref": "m.png"}), "m-ref-metadata: expected an internal-color-map, got None"),
        (row(name="anomaly", **mask(colors={"0": {"class-name": "x"}})), "expected class-name and hex-color"),
        (row(name="anomaly", **mask(colors={"0": {"class-name": "x", "hex-color": "red"}})), "hex-color #RRGGBB"),
        (row(name="anomaly", **mask(colors={"0": 7})), "expected class-name and hex-color #RRGGBB, got 7"),
        (row(name="anomaly", **mask(), **{"b-ref": "m.png"}), "expected one mask reference"),
        (row(name="anomaly", **mask("gone.png")), "expected a file, but there is no"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 80 else None,
)
def test_a_line_that_is_not_as_it_should_be_is_refused_by_its_number(folder, line, complaint):
    path = manifest(folder, row("b.png"), line)

    with pytest.raises(DatasetError, match=rf"train\.manifest, line 2: .*{complaint}"):
        read_manifest(path)


def test_the_same_picture_twice_is_refused(folder):
    with pytest.raises(DatasetError, match=r"line 3: './a\.png' is listed in line 1 already"):
        read_manifest(manifest(folder, row("a.png"), row("b.png"), row("./a.png")))


def test_another_encoding_is_refused(folder):
    path = folder / "latin.manifest"
    path.write_bytes(json.dumps(row()).encode() + b'\n{"source-ref": "K\xe4se.png"}\n')

    with pytest.raises(DatasetError, match="line 2: expected UTF-8"):
        read_manifest(path)


def test_a_missing_manifest_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"gone\.manifest: cannot be read"):
        read_manifest(tmp_path / "gone.manifest")


@pytest.mark.real_data
def test_the_cookie_photographs_are_read_as_aws_ships_them(data_dir):
    dataset = read_dataset(data_dir / "cookies-photos" / "train.manifest")
    shares = [loaded.defect_mask.mean() for loaded in dataset.load_images() if loaded.defect_mask is not None]

    assert (len(dataset), int(dataset.anomalous.sum()), len(shares)) == (45, 24, 24)
    assert 0.01 < min(shares)
    assert max(shares) < 0.1
