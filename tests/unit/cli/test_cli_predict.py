"""``conveyorqc predict``."""

from __future__ import annotations

import json
import os
import shutil

import pytest


def test_each_picture_gets_a_line_under_the_name_that_was_given(run, model, pictures, monkeypatch):
    monkeypatch.chdir(pictures)
    names = ["./normal//plate 0.png", str(pictures / "anomaly" / "plate 1.png"), "normal/../normal/plate 2.png"]
    done = run("predict", model, *names, "--json", "-")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert (0, "") == (done.code, done.err)
    assert names == [row["file"] for row in rows]
    assert [False, True, False] == [row["is_anomalous"] for row in rows]
    assert {("file", "is_anomalous", "confidence", "score")} == {tuple(row) for row in rows}


def test_more_pictures_than_fit_in_a_batch(run, model, pictures, tmp_path):
    files = [*sorted(pictures.rglob("*.png")), *sorted(pictures.rglob("*.png"))[:3]]
    run("predict", model, *files, "--json", tmp_path / "out.jsonl")
    rows = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [str(file) for file in files] == [row["file"] for row in rows]


def test_people_get_a_table(run, model, pictures):
    done = run("predict", model, pictures / "anomaly" / "plate 0.png")
    assert "anomaly" in done.out


@pytest.mark.parametrize(
    ("content", "expected"),
    [(None, "expected a picture, got no such file"), (b"", "got an empty file"), (b"text", "something else")],
)
def test_one_bad_picture_stops_all(fails, tmp_path, good_run, content, expected):
    bad, out = tmp_path / "bad.png", tmp_path / "out.jsonl"
    if content is not None:
        bad.write_bytes(content)
    said = fails(*good_run, bad, "--json", out)
    assert said.startswith(f"{bad}: ")
    assert expected in said
    assert not out.exists()


@pytest.fixture
def good_run(model, pictures):
    return ["predict", model, pictures / "normal" / "plate 0.png"]


def test_a_folder_is_no_picture(fails, model, pictures):
    assert f"{pictures}: " in fails("predict", model, pictures)


@pytest.mark.parametrize("name", ["missing", "file.txt"])
def test_a_missing_model_is_explained(fails, pictures, tmp_path, name):
    (tmp_path / "file.txt").touch()
    assert f"{tmp_path / name}" in fails("predict", tmp_path / name, pictures / "normal" / "plate 0.png")


def test_a_corrupt_model_is_explained(fails, model, pictures, tmp_path):
    broken = shutil.copytree(model, tmp_path / "broken")
    data = (broken / "model.npz").read_bytes()
    (broken / "model.npz").write_bytes(data[: len(data) // 2])
    assert f"{broken}{os.sep}model.npz: " in fails("predict", broken, pictures / "normal" / "plate 0.png")


def test_a_picture_is_never_overwritten(fails, model, pictures):
    picture = pictures / "normal" / "plate 0.png"
    assert "a file that is read" in fails("predict", model, picture, "--json", picture)
