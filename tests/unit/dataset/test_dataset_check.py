"""What is wrong with a data set: each kind of finding, and what is none."""

import numpy as np
import pytest

from conveyorqc.dataset import (
    LabelledDataset,
    LabelledImage,
    MaskFile,
    background_scores,
    check_pictures,
    dataset_stats,
    find_twins,
    leak_findings,
    look_at,
    read_dataset,
)
from conveyorqc.errors import DatasetError, InvalidInput, NotEnoughData
from conveyorqc.imgproc import encode_jpeg, resize, write_png
from conveyorqc.metrics import auroc


def photo(seed, width=96, height=96):
    """A blotched disc somewhere near the middle of a grey belt."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:height, :width]
    blotches = resize(rng.integers(60, 200, (8, 8, 3), dtype=np.uint8), width=width, height=height, method="cubic")
    dx, dy = rng.uniform(-8, 8, 2)
    disc = np.hypot(x - width / 2 - dx, y - height / 2 - dy) < 0.33 * min(width, height)
    return np.where(disc[..., None], blotches, 120).astype(np.uint8)


@pytest.fixture
def put(tmp_path):
    """Write pixels (or ready-made bytes) to a file and say what they show."""

    def write(name, pixels, label="normal", **more):
        path = tmp_path / name
        if isinstance(pixels, bytes):
            path.write_bytes(pixels)
        else:
            write_png(path, pixels)
        return LabelledImage(path, more.pop("object_id", name), label, **more)

    return write


@pytest.fixture
def sound(put):
    """Twenty normal and six anomalous objects, all different."""
    return [put(f"{seed}.png", photo(seed), "anomaly" if seed >= 20 else "normal") for seed in range(26)]


def found(images):
    return [(f.severity, f.kind, *[name.rsplit("/")[-1] for name in f.files]) for f in check(images)]


def check(images):
    return check_pictures([look_at(image) for image in images])


def test_a_sound_data_set_has_no_findings(sound):
    assert [] == found(sound)


def test_an_object_on_both_sides_is_found(sound, put):
    views = [put(f"v{i}.png", photo(50 + i), object_id="cookie", split=s) for i, s in enumerate(["train", "test"])]

    assert [("error", "split_object", "v0.png", "v1.png")] == found([*sound, *views])


def test_an_object_with_two_labels_is_found(sound, put):
    views = [put(f"{label}.png", photo(9 + len(label)), label, object_id="c") for label in ("normal", "anomaly")]

    assert ("error", "label_conflict", "normal.png", "anomaly.png") in found([*sound[:9], *sound[17:], *views])


@pytest.mark.parametrize(
    ("copied", "conflict"),
    [
        pytest.param(lambda p: p, "error", id="same pixels"),
        pytest.param(lambda p: encode_jpeg(p, quality=60), "warning", id="saved again"),
        pytest.param(lambda p: resize(p, width=96, height=96, method="area"), "warning", id="scaled"),
        pytest.param(lambda p: p + np.uint8(12), "warning", id="brighter"),
    ],
)
def test_copies_are_found_wherever_they_are(sound, put, copied, conflict):
    pixels = photo(99, 144, 144)

    def kinds(**two):
        one, other = ({name: values[side] for name, values in two.items()} for side in (0, 1))
        images = [*sound, put("p.png", pixels, **one), put("q.jpg", copied(pixels), **other)]
        return [row[:2] for row in found(images) if row[1] != "mixed_sizes"]

    assert [("warning", "duplicate")] == kinds()
    assert [("error", "split_duplicate")] == kinds(split=["train", "test"])
    assert [(conflict, "label_conflict")] == kinds(label=["normal", "anomaly"])
    assert [] == kinds(object_id=["same", "same"])


def test_parts_that_are_all_alike_are_no_copies(put):
    rng = np.random.default_rng(0)
    base = photo(5).astype(np.int64)
    part = lambda: np.clip(base + rng.normal(0, 12, base.shape), 0, 255).astype(np.uint8)  # one jig, other noise
    images = [put(f"{i}.png", part()) for i in range(22)]
    again = put("again.png", images[3].load().image[:, ::-1][:, ::-1] + np.uint8(1))

    assert [("3.png", "again.png")] == [row[2:] for row in found([*images, again]) if row[1] == "duplicate"]


@pytest.mark.parametrize(
    ("normal", "anomalous", "expected"),
    [
        (9, 2, [("error", "too_few")]),
        (10, 2, [("warning", "too_few")]),
        (20, 2, []),
        (20, 0, [("warning", "too_few")]),
    ],
)
def test_few_pictures_are_said(put, normal, anomalous, expected):
    images = [put(f"n{i}.png", photo(i)) for i in range(normal)]
    images += [put(f"a{i}.png", photo(100 + i), "anomaly") for i in range(anomalous)]

    assert expected == found(images)


def test_pictures_for_tests_do_not_train(sound):
    data = LabelledDataset(tuple(sound), sound[0].path)
    [finding] = check(data.rows(range(5)).as_part("train").joined(data.rows(range(5, 26)).as_part("test")))

    assert "expected 10 normal pictures or more to train on, got 5" == finding.text


def test_mixed_sizes_limits_and_empty_masks_are_said(sound, put, tmp_path):
    write_png(tmp_path / "mask.png", np.zeros((40, 70, 3), np.uint8))
    odd = put("odd.png", photo(60, 70, 40), "anomaly", defect_mask=MaskFile(tmp_path / "mask.png"))

    kinds = ("mixed_sizes", "empty_mask", "lookout_limit")
    assert [("warning", kind, "odd.png") for kind in kinds] == found([*sound, odd])


def test_a_data_set_of_nothing_has_too_few():
    assert ["too_few", "too_few"] == [finding.kind for finding in check([])]
    assert [] == find_twins([])


# The background


def test_a_background_that_differs_between_labels_is_found():
    rng = np.random.default_rng(1)
    anomalous = np.arange(40) % 2 == 1
    features = rng.normal(0, 1, (40, 6))
    features[:, 2] += 3 * anomalous

    figure = auroc(*background_scores(features, anomalous, range(40), rng=rng))

    assert figure.value > 0.9
    [finding] = leak_findings(figure.value, figure.low, ["a.png"])
    assert ("background_leak", "warning", ("a.png",)) == (finding.kind, finding.severity, finding.files)


def test_features_that_only_tell_objects_apart_tell_no_label():
    rng = np.random.default_rng(2)
    objects = np.repeat(np.arange(16), 6)
    features = rng.normal(0, 1, (16, 8))[objects] + rng.normal(0, 0.01, (96, 8))
    values = [
        auroc(*background_scores(features, rng.permutation(16)[objects] < 8, objects.tolist(), rng=rng)).value
        for _ in range(10)
    ]

    assert 0.3 < np.mean(values) < 0.65


def test_features_that_never_change_tell_nothing():
    labels, scores = background_scores(np.ones((8, 3)), [True, False] * 4, range(8), rng=np.random.default_rng(0))

    assert [0.0] * 8 == scores.tolist()
    assert [True, False] * 4 == labels.tolist()


@pytest.mark.parametrize(("value", "low"), [(None, 0.0), (0.7, 0.6), (0.9, 0.45)])
def test_a_low_or_uncertain_figure_is_no_finding(value, low):
    assert [] == leak_findings(value, low)


@pytest.mark.parametrize(
    ("features", "labels", "names", "error"),
    [
        (np.ones((4, 2)), [True] * 3, range(4), InvalidInput),
        (np.ones(4), [True] * 4, range(4), InvalidInput),
        (np.ones((4, 2)), [True] * 4, range(3), InvalidInput),
        (np.full((4, 2), np.nan), [True, False] * 2, range(4), InvalidInput),
        (np.ones((4, 2)), [True, False, False, False], range(4), NotEnoughData),
        (np.ones((4, 2)), [True, True, False, False], [1, 1, 2, 2], NotEnoughData),
        (np.empty((0, 2)), [], [], NotEnoughData),
    ],
)
def test_features_that_cannot_be_judged_are_refused(features, labels, names, error):
    with pytest.raises(error):
        background_scores(features, labels, list(names), rng=np.random.default_rng(0))


# Numbers


def test_statistics_count_pictures_objects_and_defects(put, tmp_path):
    marks = np.zeros((96, 96, 3), np.uint8)
    marks[:48] = (54, 164, 35)
    write_png(tmp_path / "m.png", marks)
    mask = MaskFile(tmp_path / "m.png", {"#23A436": "crack", "#FF0000": "burn"})
    images = [
        put("a.png", photo(1), object_id="x", split="train"),
        put("b.png", photo(2), "anomaly", object_id="x", split="train", defect_mask=mask),
        put("c.jpg", encode_jpeg(photo(3, 64, 80)), "anomaly", defect="dull"),
        put("d.png", photo(4), "anomaly"),
    ]

    assert {
        "pictures": {"normal": 1, "anomaly": 3}, "objects": {"normal": 0, "anomaly": 3},
        "parts": {"train": 2, "none": 2}, "sizes": {"96x96": 3, "64x80": 1}, "formats": {"PNG": 3, "JPEG": 1},
        "defects": {
            "crack": {"pictures": 1, "marked": 1, "mean_share": 0.5},
            "dull": {"pictures": 1, "marked": 0, "mean_share": None},
            "anomaly": {"pictures": 1, "marked": 0, "mean_share": None},
        },
    } == dataset_stats(images).data()  # fmt: skip


def test_a_mask_of_another_size_stops_the_counting(put, tmp_path):
    write_png(tmp_path / "m.png", np.ones((5, 5, 3), np.uint8))

    with pytest.raises(DatasetError, match="expected a mask of 96x96 px"):
        dataset_stats([put("a.png", photo(1), "anomaly", defect_mask=MaskFile(tmp_path / "m.png"))])


@pytest.mark.real_data
def test_the_photographs_leak_their_label_and_hold_one_cookie_twice(data_dir):
    facts = [look_at(image) for image in read_dataset(data_dir / "cookies-photos" / "train.manifest")]
    ids = [one.image.object_id for one in facts]
    features = [one.surroundings for one in facts]
    labels = [one.image.is_anomalous for one in facts]
    figure = auroc(*background_scores(features, labels, ids, rng=np.random.default_rng(0)))

    assert figure.value > 0.9
    assert 1 == len(leak_findings(figure.value, figure.low))
    assert [("duplicate", 2)] == [(finding.kind, len(finding.files)) for finding in check_pictures(facts)]
