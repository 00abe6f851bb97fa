"""``conveyorqc simulate``."""

from __future__ import annotations

from typing import get_args

import pytest
from typer.main import get_command

from conveyorqc.cli import app
from conveyorqc.dataset import GroundTruth
from conveyorqc.simulate import BeltColor
from conveyorqc.video import open_video

SMALL = ["--width", 160, "--height", 120, "--seconds", 1, "--objects", 2, "--speed", 100]


def test_a_clip_and_its_ground_truth_are_written(run, tmp_path):
    out = tmp_path / "ein Band" / "clip ä.mp4"
    out.parent.mkdir()
    done = run("simulate", out, *SMALL, "--direction", "right_to_left", "--seed", 5)
    truth = GroundTruth.load(out.with_suffix(".gt.json"))
    assert (0, "") == (done.code, done.err)
    assert f"{out}: 2 objects in 1 s, ground truth in {out.with_suffix('.gt.json')}\n" == done.out
    assert ("right_to_left", 2, 25) == (truth.direction.value, len(truth.objects), len(list(open_video(out))))


def test_the_seed_decides_what_happens(run, tmp_path):
    happens = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("simulate", tmp_path / f"{name}.mp4", *SMALL, "--seed", seed)
        happens.append(GroundTruth.load(tmp_path / f"{name}.gt.json").frames)
    assert happens[0] == happens[1] != happens[2]


def test_a_belt_that_stops(run, tmp_path):
    out = tmp_path / "stop.mp4"
    assert 0 == run("simulate", out, *SMALL, "--program", "0:1,0.4:0", "--objects", 1).code
    truth = GroundTruth.load(out.with_suffix(".gt.json"))
    assert truth.frames[-1] == truth.frames[-3]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--program", "now"], "program: expected SECONDS:FACTOR,SECONDS:FACTOR,…, got 'now'"),
        (["--belt", "pink"], "belt: expected one of blue, green, dark, light, grey, got 'pink'"),
        (["--objects", "-1"], "objects: expected 0 or more, got -1"),
    ],
)
def test_wrong_values_are_explained(fails, tmp_path, words, expected):
    assert expected == fails("simulate", tmp_path / "x.mp4", *SMALL, *words)
    assert [] == list(tmp_path.iterdir())


def test_the_help_names_every_belt():
    [belt] = [parameter for parameter in get_command(app).commands["simulate"].params if parameter.name == "belt"]
    assert [] == [color for color in get_args(BeltColor) if color not in belt.help]


def test_an_interrupted_clip_is_removed(run, tmp_path, monkeypatch):
    def stopped(_simulator, out, **_):
        out.write_text("half a clip")
        raise KeyboardInterrupt

    monkeypatch.setattr("conveyorqc.simulate.simulate_clip", stopped)
    assert 130 == run("simulate", tmp_path / "x.mp4", *SMALL).code
    assert [] == list(tmp_path.iterdir())


def test_a_folder_is_not_overwritten(fails, tmp_path):
    assert f"{tmp_path}: expected a file to write, got a folder" == fails("simulate", tmp_path)
