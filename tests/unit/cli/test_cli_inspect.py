"""``conveyorqc inspect``."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from conveyorqc.video import open_video

OBJECT_KEYS = ("id", "disposition", "is_anomalous", "confidence", "best_frame", "best_box")


def stored(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("SELECT count(*) FROM events").fetchone()[0]


@pytest.fixture
def outputs(tmp_path):
    return ["--events", tmp_path / "e.db", "--annotate", tmp_path / "a.mp4", "--json", tmp_path / "out.json"]


def test_each_object_gets_one_event(run, clip, model, outputs, tmp_path):
    done = run("inspect", clip, "--model", model, *outputs)
    result = json.loads((tmp_path / "out.json").read_text())
    assert (0, "") == (done.code, done.err)
    assert ["count", "passed", "rejected", "unknown", "objects"] == list(result)
    assert result["count"] == result["passed"] + result["rejected"] + result["unknown"] == len(result["objects"])
    assert (6, 6) == (result["count"], stored(tmp_path / "e.db"))
    assert {OBJECT_KEYS} == {tuple(one) for one in result["objects"]}
    assert 125 == len(list(open_video(tmp_path / "a.mp4")))


def test_the_same_run_adds_nothing_twice(run, clip, model, line_file, tmp_path):
    words = ["inspect", clip, "--model", model, "--config", line_file, "--events", tmp_path / "e.db", "--json"]
    first, second = run(*words, tmp_path / "out.json"), run(*words, "-")
    assert (0, 0, 6) == (first.code, second.code, stored(tmp_path / "e.db"))
    assert json.loads((tmp_path / "out.json").read_text()) == json.loads(second.out)
    assert all(word in first.out for word in ("count", "passed", "rejected", "unknown"))


def test_events_also_go_to_the_sinks_of_the_configuration(run, clip, model, line_file, tmp_path):
    folder = shutil.copytree(line_file.parent, tmp_path / "line")
    text = (folder / "line.yaml").read_text().replace("sinks: []", "")
    (folder / "line.yaml").write_text(f"{text}\nsinks: [{{kind: jsonl, path: events.jsonl}}, {{kind: memory}}]\n")
    assert 0 == run("inspect", clip, "--model", model, "--config", folder / "line.yaml").code
    assert 6 == len((folder / "events.jsonl").read_text().splitlines())


@pytest.fixture
def cut_run(cut_clip, model, line_file, outputs):
    return ["inspect", cut_clip, "--model", model, "--config", line_file, *outputs]


def test_what_was_decided_before_the_damage_is_kept(fails, cut_run, tmp_path):
    assert "ends early" in fails(*cut_run)
    assert stored(tmp_path / "e.db") > 0
    assert not (tmp_path / "out.json").exists()
    assert 0 < len(list(open_video(tmp_path / "a.mp4"))) < 125


def test_a_damaged_clip_is_not_calibrated_on(fails, cut_clip, model, tmp_path):
    assert "ends early" in fails("inspect", cut_clip, "--model", model, "--annotate", tmp_path / "a.mp4")
    assert [] == list(tmp_path.iterdir())


def test_a_store_that_is_none_is_explained(fails, clip, model, tmp_path):
    (tmp_path / "e.db").write_text("not a database, but a text of some length\n" * 50)
    assert "e.db" in fails("inspect", clip, "--model", model, "--events", tmp_path / "e.db")


@pytest.mark.parametrize("option", ["--events", "--annotate", "--json"])
def test_an_output_that_cannot_be_written_is_refused_at_once(fails, clip, model, tmp_path, option):
    assert "expected a folder to write it to" in fails(
        "inspect", clip, "--model", model, option, tmp_path / "missing" / "out"
    )


def test_a_missing_model_is_explained(fails, clip, tmp_path):
    assert "none" in fails("inspect", clip, "--model", tmp_path / "none")
