"""``conveyorqc tune``: a better line, and tables of what was tried."""

from __future__ import annotations

import csv
import json
import sys

import pytest

from conveyorqc.config import load_config, save_config
from conveyorqc.tune import changed, value_at

GRID = ("--param", "detector.sensitivity=4,100", "--param", "detector.blobs.max_area=none,1e6", "--frames", "6")


@pytest.fixture(scope="session")
def truth(clip):
    return clip.with_suffix(".gt.json")


@pytest.fixture(scope="session")
def blind_file(line_file, tmp_path_factory):
    """A line that finds nothing."""
    path = tmp_path_factory.mktemp("blind") / "line.yaml"
    save_config(changed(load_config(line_file), {"detector.sensitivity": 200.0}), path)
    return path


def test_the_tuned_line_and_two_tables_are_written(run, clip, truth, blind_file, tmp_path):
    out = tmp_path / "tuned.yaml"
    done = run("tune", clip, "--truth", truth, "--config", blind_file, "-o", out, *GRID)
    assert 0 == done.code, done
    assert 4.0 == value_at(load_config(out), "detector.sensitivity")
    rows = list(csv.DictReader(out.with_suffix(".csv").read_text(encoding="utf-8").splitlines()))
    assert 5 == len(rows)
    assert ["200.0"] == [row["detector.sensitivity"] for row in rows if row["own"] == "1"]
    assert "detector.sensitivity = 4" in out.with_suffix(".html").read_text(encoding="utf-8")
    assert all(word in done.out for word in ("taken", "as it was", "sensitivity", str(out)))


def test_without_a_configuration_the_clip_itself_gives_one(run, clip, truth, tmp_path):
    done = run(
        *("tune", clip, "--truth", truth, "-o", tmp_path / "t.yaml", "--csv", tmp_path / "a.csv"),
        *("--report", tmp_path / "r.html", "--param", "detector.blobs.neck=0.6", "--frames", "3", "--json", "-"),
    )
    data = json.loads(done.out)
    assert data["own"] == data["taken"]
    assert (3, 2) == (len(data["frames"]), len(data["trials"]))
    assert data["own"]["f1"] > 0.8
    assert {"a.csv", "r.html", "t.belt.png", "t.yaml"} == {path.name for path in tmp_path.iterdir()}


def test_optuna_searches_when_asked(run, clip, truth, blind_file, tmp_path):
    options = ("--search", "optuna", "--trials", "4", "--seed", "5", "--json", tmp_path / "t.json")
    done = run("tune", clip, "--truth", truth, "--config", blind_file, "-o", tmp_path / "t.yaml", *GRID, *options)
    assert 0 == done.code, done
    assert 4 == len(json.loads((tmp_path / "t.json").read_text())["trials"])


def test_without_optuna_the_extra_is_named(fails, clip, truth, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = fails("tune", clip, "--truth", truth, "-o", tmp_path / "t.yaml", "--search", "optuna")
    assert "pip install 'conveyorqc[tune]'" in said


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--param", "detector.sensitivity"], "param: expected NAME=VALUE,VALUE,…, got"),
        (["--param", "detector.nick=1"], "detector.nick: expected one of"),
        (["--param", "detector.blobs.neck=high"], "expected values that the configuration allows"),
        (["--param", "tracker.lost_after=3"], "expected a threshold of the detector"),
    ],
)
def test_thresholds_that_do_not_exist_are_refused(fails, clip, line_file, options, said):
    truth, out = clip.with_suffix(".gt.json"), line_file.with_name("never.yaml")
    assert said in fails("tune", clip, "--truth", truth, "--config", line_file, "-o", out, *options)
    assert [] == list(out.parent.glob("never*"))


def test_labels_that_are_none_are_refused(fails, clip, line_file, tmp_path):
    labels = tmp_path / "labels.json"
    labels.write_text("{}")
    assert str(labels) in fails("tune", clip, "--truth", labels, "--config", line_file, "-o", tmp_path / "t.yaml")


def test_the_truth_is_not_written_over(fails, clip, truth, line_file):
    assert "expected a file of its own" in fails("tune", clip, "--truth", truth, "--config", line_file, "-o", truth)
