"""The demo from end to end, on a small scene."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
from contextlib import closing, contextmanager

import numpy as np
import pytest

from conveyorqc.anomaly import LocalBackend
from conveyorqc.config import load_config
from conveyorqc.core import Disposition
from conveyorqc.dataset import GroundTruth, read_dataset
from conveyorqc.demo import Scene, run_demo
from conveyorqc.errors import CalibrationError, InvalidInput
from conveyorqc.video import open_video


@pytest.fixture(scope="module")
def folder(small_demo):
    return small_demo.folder


@pytest.fixture(scope="module")
def result(small_demo):
    return small_demo.result


def test_counts_equal_the_truth_of_the_simulator(result, folder):
    truths = [GroundTruth.load(folder / f"{part}.gt.json") for part in ("train", "test")]
    assert [len(truth.objects) for truth in truths] == [part.entered for part in result.parts]
    assert [part.entered for part in result.parts] == [part.counted for part in result.parts]
    assert all(part.half_in_view <= part.entered for part in result.parts)


def test_the_parts_show_different_objects_of_the_same_line(folder):
    train, test = (GroundTruth.load(folder / f"{part}.gt.json") for part in ("train", "test"))
    assert train.frames[50] != test.frames[50]
    first = [next(iter(open_video(folder / f"{part}.mp4"))).bgr for part in ("train", "test")]
    assert np.abs(first[0].astype(int) - first[1]).mean() < 4


def test_every_object_of_the_test_part_has_one_event(result, folder):
    with closing(sqlite3.connect(folder / "events.db")) as database:
        stored = dict(database.execute("SELECT disposition, count(*) FROM events GROUP BY disposition").fetchall())
    counts = result.test.counts
    expected = {"pass": counts.passed, "reject": counts.rejected, "unknown": counts.unknown}
    assert {name: count for name, count in expected.items() if count} == stored
    assert (0, counts.entered) == (counts.in_flight, len(result.test.events))


def test_the_annotated_video_is_as_long_as_the_test_part(folder):
    assert len(list(open_video(folder / "test.mp4"))) == len(list(open_video(folder / "annotated.mp4")))


def test_the_line_can_be_used_again(folder, result):
    line = load_config(folder / "line.yaml")
    [taken] = [trial for trial in result.trials if trial.taken]
    assert [line.detector.sensitivity, line.detector.blobs.neck] == list(taken.values.values())


def test_the_model_can_be_used_again(folder, result):
    model = LocalBackend.load(folder / "model")
    assert (result.model, result.threshold) == (model.fingerprint, model.threshold)


def test_crops_are_labelled_by_the_object_that_they_follow(folder, result):
    truth = GroundTruth.load(folder / "train.gt.json")
    with (folder / "crops" / "labels.csv").open(newline="") as file:
        labels = [row["label"] for row in csv.DictReader(file)]
    assert result.parts[0].counted == len(labels)
    assert sum(entry.anomaly for entry in truth.objects) == labels.count("anomaly")
    assert {"normal", "anomaly"} == {entry.label for entry in read_dataset(folder / "crops")}


def test_figures_stand_beside_those_of_the_article(result, folder):
    written = json.loads((folder / "figures.json").read_text())
    assert [figure.name for figure in result.figures] == [row["name"] for row in written]
    assert [1.0, 0.98, 0.99, 0.93, 0.76, 0.83, None] == [row["article"] for row in written]
    assert [figure.estimate.value for figure in result.figures] == [row["value"] for row in written]
    assert all(row["low"] <= row["value"] <= row["high"] for row in written if row["value"] is not None)


def test_the_report_needs_nothing_else(folder):
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert len(report) < 1_000_000
    assert [] == [target for target in re.findall(r'(?:src|href)="([^"]{1,40})', report) if target[:5] != "data:"]
    titles = re.findall(r"<h2[^>]*>([^<]*)</h2>", report)
    assert {
        "The line at work",
        "Counted and simulated",
        "Verdicts and truth",
        "ROC curve",
        "Precision and recall",
        "Grid search of the detector",
        "Learned from",
        "Augmented",
        "Where the time went",
    } <= set(titles)


def test_pictures_of_decided_objects_are_kept(result):
    decided = {event.object_id for event in result.test.events if event.disposition is not Disposition.UNKNOWN}
    assert decided <= set(result.test.views)
    assert {(192, 192, 3)} == {view.shape for view in result.test.views.values()}
    assert 1 == len(result.test.stills)


def test_what_is_not_the_demos_stays(folder):
    assert "mine" == (folder / "notes.txt").read_text()


TOO_SHORT = Scene(train_s=0.2, test_s=0.2, train_objects=0, test_objects=0, width=160, height=120)


def test_a_scene_that_is_too_short_says_which_stage_failed(tmp_path):
    shown = []

    @contextmanager
    def progress(title, /, *, total):
        shown.append((title, total))
        yield lambda: None

    with pytest.raises(CalibrationError) as failed:
        run_demo(tmp_path, scene=TOO_SHORT, progress=progress)
    assert ["in stage 'calibrate and tune' of the demo"] == failed.value.__notes__
    assert [("simulating the train part", 5), ("simulating the test part", 5), ("calibrating", 5)] == shown
    assert not (tmp_path / "report.html").exists()


def test_a_second_run_begins_with_a_clean_folder(folder, tmp_path):
    for name in ("report.html", "figures.json", ".conveyorqc-demo"):
        (tmp_path / name).write_bytes((folder / name).read_bytes())
    with pytest.raises(CalibrationError):
        run_demo(tmp_path, scene=TOO_SHORT)
    assert [".conveyorqc-demo", *(f"{part}.{kind}" for part in ("test", "train") for kind in ("gt.json", "mp4"))] == (
        sorted(path.name for path in tmp_path.iterdir())
    )


def test_a_folder_of_others_is_refused(tmp_path):
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.json").write_text("precious")
    with pytest.raises(InvalidInput, match=r"it holds model\.json of yours"):
        run_demo(tmp_path)
    assert [tmp_path / "model"] == list(tmp_path.iterdir())
    assert "precious" == (tmp_path / "model" / "model.json").read_text()


def test_a_folder_that_cannot_be_made_is_an_error_of_the_system(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        run_demo(tmp_path / "file" / "below")
