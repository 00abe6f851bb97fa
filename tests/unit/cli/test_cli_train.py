"""``conveyorqc train`` and ``conveyorqc evaluate``."""

from __future__ import annotations

import json
import shutil
import warnings

import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.cli._train import _Lazy

KEYS = [
    *("model", "pictures", "objects", "anomalous_objects", "precision", "recall", "f1", "auroc"),
    *("average_precision", "brier", "ece", "background_auroc", "own_auroc", "warnings", "threshold"),
    *("false_passes", "false_rejects", "per_picture", "threshold_by_cost"),
]


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
    figures = ("precision", "recall", "f1", "auroc", "brier score", "ece", "background AUROC", "95 % interval")
    assert all(figure in done.out for figure in figures)
    assert "cheapest threshold at costs of 1 (false reject) and 10 (false pass)" in done.out
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
    assert {"value", "low", "high", "n"} == set(result["background_auroc"])
    assert (1.0, 20) == (result["auroc"]["value"], result["auroc"]["n"])


def test_a_report_is_one_page(run, model, pictures, tmp_path):
    done = run("evaluate", model, pictures, "--report", tmp_path / "bericht ä.html", "--json")
    assert 0 == done.code
    assert f"report written to {tmp_path / 'bericht ä.html'}" in done.err
    assert "Worst false passes" in (tmp_path / "bericht ä.html").read_text(encoding="utf-8")


def test_training_can_write_a_report_too(run, pictures, tmp_path):
    done = run("train", pictures, "--out", tmp_path / "m", "--report", tmp_path / "r.html")
    assert 0 == done.code
    assert "Nested cross-validation" in (tmp_path / "r.html").read_text(encoding="utf-8")


def test_mistakes_are_shown_with_their_heat_maps(run, model, pictures, tmp_path):
    shutil.copytree(pictures, tmp_path / "data")
    shutil.move(tmp_path / "data" / "anomaly" / "plate 0.png", tmp_path / "data" / "normal" / "broken.png")
    done = run("evaluate", model, tmp_path / "data", "--report", tmp_path / "r.html", "--json")
    assert 1 == len(json.loads(done.out)["false_rejects"])
    assert 1 == (tmp_path / "r.html").read_text(encoding="utf-8").count("data:image/jpeg;base64,")


def test_a_limit_on_false_rejects_that_nothing_keeps_is_said(run, model, pictures, tmp_path):
    shutil.copytree(pictures, tmp_path / "data")
    for kind, other in (("anomaly", "normal"), ("normal", "anomaly")):
        shutil.move(tmp_path / "data" / kind / "plate 0.png", tmp_path / "data" / other / "moved.png")
    for number in range(1, 6):
        (tmp_path / "data" / "anomaly" / f"plate {number}.png").unlink()
    done = run("evaluate", model, tmp_path / "data", "--max-false-reject", "0.01")
    assert "no threshold keeps false rejects at or below 1.0%" in done.out


def test_views_are_combined_as_a_line_does(run, model, pictures, line_file):
    assert 0 == run("evaluate", model, pictures, "--line", line_file, "--json").code


def test_a_leaking_background_is_warned_of(run, model, pictures, tmp_path):
    from conveyorqc.imgproc import read_image, write_png

    shutil.copytree(pictures, tmp_path / "data")
    for path in (tmp_path / "data" / "anomaly").iterdir():
        picture = read_image(path).copy()
        picture[:8] = 20
        write_png(path, picture)
    done = run("evaluate", model, tmp_path / "data")
    assert "warning: the background alone tells the label" in done.err


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
    assert (0.5, 2) == (result["per_picture"]["recall"]["value"], result["per_picture"]["recall"]["n"])
    assert "The same per picture" in run("evaluate", model, tmp_path).out


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
