"""``conveyorqc calibrate``: a line from a clip, a picture of it, and what to do next."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conveyorqc.config import load_config
from conveyorqc.core import Direction
from conveyorqc.imgproc import read_image
from conveyorqc.video import VideoWriter


def test_the_line_and_a_picture_are_written_and_the_next_command_is_named(run, clip, tmp_path):
    out = tmp_path / "my line.yaml"
    done = run("calibrate", clip, "-o", out)
    assert 0 == done.code, done
    assert Direction.LEFT_TO_RIGHT is load_config(out).direction
    assert read_image(out.with_suffix(".png")).shape[1] > 960
    assert f"next: conveyorqc track '{clip}' --config '{out}'" in done.out
    assert all(word in done.out for word in ("direction", "left to right", "px/s", "object size", "entry strip"))


def test_the_next_command_works(run, clip, tmp_path):
    out = tmp_path / "line.yaml"
    run("calibrate", clip, "-o", out)
    counted = run("track", clip, "--config", out, "--json", "-")
    assert 0 == counted.code, counted
    assert json.loads(counted.out)["count"] == pytest.approx(6, abs=1)


def test_figures_go_to_standard_output_as_json(run, clip, tmp_path):
    done = run("calibrate", clip, "-o", tmp_path / "line.yaml", "--picture", tmp_path / "p.png", "--json", "-")
    data = json.loads(done.out)
    assert ("left_to_right", 125) == (data["direction"], data["frames"])
    assert 70 == pytest.approx(data["speed_px_s"]["value"], rel=0.05)
    assert (tmp_path / "p.png").exists()
    assert not (tmp_path / "line.png").exists()


def test_what_is_doubtful_is_said(run, clip, tmp_path):
    done = run("calibrate", clip, "-o", tmp_path / "line.yaml", "--frames", "40")
    assert "few objects came by" in " ".join(done.out.split())


@pytest.fixture
def in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def still(path):
    with VideoWriter(path, fps=25, width=64, height=48) as writer:
        for index in range(20):
            writer.write(np.full((48, 64, 3), 90, np.uint8), time_s=index / 25)
    return path


def test_a_clip_in_which_nothing_moves_is_refused(fails, tmp_path):
    out = tmp_path / "line.yaml"
    said = fails("calibrate", still(tmp_path / "still.mp4"), "-o", out)
    assert said.startswith("expected a clip with a moving belt, but in 20 frames only 0 show motion")
    assert ["still.mp4"] == [path.name for path in tmp_path.iterdir()]


def test_a_damaged_video_is_refused(fails, cut_clip, tmp_path):
    assert "cut.mp4" in fails("calibrate", cut_clip, "-o", tmp_path / "line.yaml")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["-o", "no/such/line.yaml"], "expected a folder to write it to"),
        (["-o", "line.png"], "expected a file of its own to write"),
        (["-o", "line.yaml", "--picture", "line.belt.png"], "expected a file of its own to write"),
        (["-o", "line.yaml", "--frames", "0"], "most_frames: expected 1 or more, got 0"),
    ],
)
@pytest.mark.usefixtures("in_a_folder")
def test_files_that_cannot_be_written_are_refused_before_the_work(fails, clip, options, said):
    assert said in fails("calibrate", clip, *options)
