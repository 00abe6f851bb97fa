"""``conveyorqc train`` and ``conveyorqc evaluate``."""

from __future__ import annotations

import json
import shutil
import warnings

import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.cli._train import _Lazy

KEYS = ["model", "pictures", "objects", "anomalous_objects", "precision", "recall", "f1", "auroc"]


@pytest.fixture(autouse=True)
def _few_pictures_are_said_and_no_error():
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        yield


def test_training_prints_cross_validated_figures(run, pictures, tmp_path):
    done = run("train", pictures, "--out", tmp_path / "a model")
    fingerprint = LocalBackend.load(tmp_path / "a model").fingerprint
    assert 0 == done.code
    assert "Cross-validated, split by object" in done.out
    assert f"20 pictures of 20 objects, 6 of them anomalous; model {fingerprint[:8]}" in done.out
    assert all(figure in done.out for figure in ("precision", "recall", "f1", "auroc", "95 % interval"))
    assert f"model written to {tmp_path / 'a model'}\n" in done.err
    assert "note: trained on 14 normal pictures" in done.err


def test_json_alone_is_on_standard_output(run, pictures, tmp_path):
    done = run("train", pictures, "--out", tmp_path / "m", "--json")
    result = json.loads(done.out)
    assert KEYS == list(result)
    assert {"value", "low", "high", "n"} == set(result["auroc"])
    assert (20, 20, 6) == (result["pictures"], result["objects"], result["anomalous_objects"])
    assert LocalBackend.load(tmp_path / "m").fingerprint == result["model"]


def test_a_model_is_evaluated(run, model, pictures):
    done = run("evaluate", model, pictures, "--json")
    result = json.loads(done.out)
    assert (0, "", KEYS) == (done.code, done.err, list(result))
    assert (1.0, 20) == (result["auroc"]["value"], result["auroc"]["n"])


def test_figures_that_do_not_exist_are_said_so(run, model, pictures, tmp_path):
    shutil.copytree(pictures / "normal", tmp_path / "normal")
    done = run("evaluate", model, tmp_path)
    assert 0 == done.code
    assert "n/a" in done.out
    assert "14 pictures of 14 objects, 0 of them anomalous" in done.out


def test_the_worst_view_of_an_object_decides(run, model, pictures, tmp_path):
    (tmp_path / "images").mkdir()
    for view, name in enumerate(("normal/plate 0.png", "anomaly/plate 0.png")):
        shutil.copy(pictures / name, tmp_path / "images" / f"{view}.png")
    rows = [
        {"file": f"images/{view}.png", "object_id": 1, "frame": view, "box": [0, 0, 96, 96], "complete": True}
        for view in range(2)
    ]
    (tmp_path / "crops.jsonl").write_text("".join(json.dumps(row) + "\r\n" for row in rows), newline="")
    (tmp_path / "labels.csv").write_text("object_id,label\r\n1,anomaly\r\n", newline="")
    result = json.loads(run("evaluate", model, tmp_path, "--json").out)
    assert (2, 1, 1.0) == (result["pictures"], result["objects"], result["recall"]["value"])


def crops_folder(folder, labels):
    folder.mkdir()
    (folder / "crops.jsonl").touch()
    if labels is not None:
        (folder / "labels.csv").write_text(labels)
    return folder


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (None, "labels.csv: cannot be read: No such file or directory"),
        ("id,label\n", "expected the header object_id,label"),
        ("object_id,label\n1,good\n", "expected normal or anomaly, got 'good'"),
    ],
)
def test_wrong_labels_are_explained(fails, tmp_path, labels, expected):
    folder = crops_folder(tmp_path / "crops", labels)
    assert expected in fails("train", folder, "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_missing_data_set_is_explained(fails, model, tmp_path):
    assert "got nothing there" in fails("train", tmp_path / "none", "--out", tmp_path / "m")
    assert "got a folder without them" in fails("evaluate", model, tmp_path)


def test_a_model_needs_a_folder(fails, pictures, tmp_path):
    (tmp_path / "m").touch()
    assert "is a file" in fails("train", pictures, "--out", tmp_path / "m")


def test_a_picture_that_cannot_be_read_is_named(fails, pictures, tmp_path):
    shutil.copytree(pictures, tmp_path / "data")
    (tmp_path / "data" / "normal" / "plate 3.png").write_bytes(b"no picture")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert "plate 3.png" in fails("train", tmp_path / "data", "--out", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_pictures_are_made_when_they_are_asked_for():
    made = []
    lazy = _Lazy(lambda row: made.append(row) or row * 10, count=4)
    assert (4, 30, [0, 10]) == (len(lazy), lazy[-1], lazy[:2])
    assert [3, 0, 1] == made
    assert [0, 10, 20, 30] == list(lazy)
