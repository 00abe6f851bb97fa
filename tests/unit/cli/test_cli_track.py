"""``conveyorqc track`` and ``conveyorqc crops``."""

from __future__ import annotations

import json
from itertools import groupby

import pytest

from conveyorqc.dataset import GroundTruth, read_crops, read_mot
from conveyorqc.imgproc import read_image


@pytest.fixture(scope="module")
def truth(clip):
    return GroundTruth.load(clip.with_suffix(".gt.json"))


def test_the_json_has_the_keys_of_the_contract(run, clip, truth, tmp_path):
    done = run("track", clip, "--json", tmp_path / "out.json")
    result = json.loads((tmp_path / "out.json").read_text())
    assert 0 == done.code
    assert ["frames", "count", "crossed", "direction", "objects", "cpu_ms_per_frame"] == list(result)
    assert (125, len(truth.objects), "left_to_right") == (result["frames"], result["count"], result["direction"])
    assert {"decode", "motion", "detect", "track"} == set(result["cpu_ms_per_frame"])
    assert {("id", "first_frame", "last_frame", "crossed_frame")} == {tuple(one) for one in result["objects"]}
    assert sum(entry.crosses_centre_frame is not None for entry in truth.objects) == result["crossed"]


def test_mot_rows_cover_every_frame_of_every_object(run, clip, line_file, tmp_path):
    run("track", clip, "--config", line_file, "--mot", tmp_path / "out.csv", "--json", tmp_path / "out.json")
    objects = json.loads((tmp_path / "out.json").read_text())["objects"]
    rows = sorted((row.object_id, row.frame_index) for row in read_mot(tmp_path / "out.csv"))
    seen = {object_id: [frame for _, frame in group] for object_id, group in groupby(rows, key=lambda row: row[0])}
    assert {one["id"]: list(range(one["first_frame"], one["last_frame"] + 1)) for one in objects} == seen
    assert (tmp_path / "out.csv").read_text().splitlines()[0].endswith(",1,-1,-1,-1")


def test_json_alone_is_on_standard_output(run, clip, line_file):
    done = run("track", clip, "--config", line_file, "--json", "-")
    assert 6 == json.loads(done.out)["count"]
    assert "" == done.err


def test_people_get_a_table(run, clip, line_file):
    done = run("track", clip, "--config", line_file)
    assert "objects that entered" in done.out
    assert "" == done.err


def test_a_truncated_clip_is_an_error_without_a_result(fails, cut_clip, line_file, tmp_path):
    outputs = ["--json", tmp_path / "out.json", "--mot", tmp_path / "out.csv"]
    assert "ends early" in fails("track", cut_clip, "--config", line_file, *outputs)
    assert [] == list(tmp_path.iterdir())


@pytest.fixture(params=["track", "crops", "inspect"])
def reads_video(request, fails, model, tmp_path):
    """Run one of the commands that read a video; it must fail."""
    more = {"crops": ["--out", tmp_path / "views"], "inspect": ["--model", model]}.get(request.param, [])
    return lambda video: fails(request.param, video, *more)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("missing.mp4", "no such file or folder"),
        ("empty.mp4", "got an empty file"),
        ("text.mp4", "expected a video"),
        ("folder", "found none"),
    ],
)
def test_what_is_no_video_is_explained(reads_video, tmp_path, name, expected):
    (tmp_path / "folder").mkdir()
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_bytes(b"hello\r\n")
    assert expected in reads_video(tmp_path / name)
    assert not (tmp_path / "views").exists()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, "No such file or directory"),
        ("a: [1\n", "expected YAML"),
        ("- a\n", "expected a mapping of stages, got list"),
        ("direction: left_to_right\nspeedd: 3\n", "speedd"),
    ],
)
def test_a_wrong_configuration_is_explained(fails, clip, tmp_path, text, expected):
    config = tmp_path / "line.yaml"
    if text is not None:
        config.write_text(text)
    assert expected in fails("track", clip, "--config", config)


@pytest.mark.parametrize("option", ["--json", "--mot"])
def test_an_output_that_cannot_be_written_is_refused_at_once(fails, clip, tmp_path, option):
    assert "expected a folder to write it to" in fails("track", clip, option, tmp_path / "missing" / "out")


def test_the_clip_itself_is_never_overwritten(fails, clip):
    before = clip.read_bytes()
    assert "a file that is read" in fails("track", clip, "--mot", clip)
    assert before == clip.read_bytes()


def test_crops_are_stored_with_their_list(run, clip, line_file, tmp_path):
    done = run("crops", clip, "--config", line_file, "--out", tmp_path / "views ü")
    stored = read_crops(tmp_path / "views ü")
    rows = [json.loads(line) for line in (tmp_path / "views ü" / "crops.jsonl").read_text().splitlines()]
    assert (0, f"{len(stored)} views of 6 objects in {tmp_path / 'views ü'}\n") == (done.code, done.out)
    assert {"file", "object_id", "frame", "box", "complete"} <= set(rows[0])
    assert {(384, 384, 3)} == {read_image(crop.path).shape for crop in stored}
    assert sorted(crop.path for crop in stored) == sorted((tmp_path / "views ü" / "images").glob("*.png"))


def test_crops_of_a_truncated_clip_stay_and_the_error_is_said(fails, cut_clip, line_file, tmp_path):
    assert "ends early" in fails("crops", cut_clip, "--config", line_file, "--out", tmp_path / "views")
    assert read_crops(tmp_path / "views")


def test_crops_need_a_folder(fails, clip):
    assert f"{clip}: expected a folder, but {clip} is a file" == fails("crops", clip, "--out", clip)


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "expected"), [("bolt_dark_ltr", 1), ("fruit_side_rtl", 4)])
def test_real_clips_are_counted_without_configuration(run, data_dir, name, expected):
    done = run("track", data_dir / "clips" / f"{name}.mp4", "--json", "-")
    assert expected == json.loads(done.out)["count"]
