"""``conveyorqc track`` and ``conveyorqc crops``."""

from __future__ import annotations

import json
import signal
from itertools import groupby

import pytest

from conveyorqc.dataset import GroundTruth, read_boxes, read_crops, read_mot
from conveyorqc.imgproc import read_image
from conveyorqc.track import TrackLog


@pytest.fixture(scope="module")
def truth(clip):
    return GroundTruth.load(clip.with_suffix(".gt.json"))


def test_the_json_has_the_keys_of_the_contract(run, clip, truth, tmp_path):
    done = run("track", clip, "--json", tmp_path / "out.json")
    result = json.loads((tmp_path / "out.json").read_text())
    assert 0 == done.code
    assert ["frames", "count", "crossed", "removed", "direction", "objects", "cpu_ms_per_frame"] == list(result)
    assert (125, len(truth.objects), "left_to_right") == (result["frames"], result["count"], result["direction"])
    assert {"decode", "motion", "detect", "track"} == set(result["cpu_ms_per_frame"])
    assert {("id", "first_frame", "last_frame", "crossed_frame", "end")} == {tuple(one) for one in result["objects"]}
    assert sum(entry.crosses_centre_frame is not None for entry in truth.objects) == result["crossed"]


def test_mot_rows_cover_every_frame_of_every_object(run, clip, line_file, tmp_path):
    run("track", clip, "--config", line_file, "--mot", tmp_path / "out.csv", "--json", tmp_path / "out.json")
    objects = json.loads((tmp_path / "out.json").read_text())["objects"]
    rows = sorted((row.object_id, row.frame_index) for row in read_mot(tmp_path / "out.csv"))
    seen = {object_id: [frame for _, frame in group] for object_id, group in groupby(rows, key=lambda row: row[0])}
    assert {one["id"]: list(range(one["first_frame"], one["last_frame"] + 1)) for one in objects} == seen
    assert (tmp_path / "out.csv").read_text().splitlines()[0].endswith(",1,-1,-1,-1")


def test_coco_boxes_are_those_of_the_mot_rows(run, clip, line_file, tmp_path):
    run("track", clip, "--config", line_file, "--mot", tmp_path / "out.csv", "--coco", tmp_path / "out.json")
    frames, ids, boxes = read_boxes(tmp_path / "out.json").columns()
    rows = read_mot(tmp_path / "out.csv")
    assert [row[:2] for row in rows] == list(zip(frames.tolist(), ids.tolist(), strict=True))
    assert pytest.approx(boxes, abs=0.02) == [row.box for row in rows]
    assert tuple(range(125)) == read_boxes(tmp_path / "out.json").frames


def test_json_alone_is_on_standard_output(run, clip, line_file):
    done = run("track", clip, "--config", line_file, "--json", "-")
    assert 6 == json.loads(done.out)["count"]
    assert "" == done.err


def test_people_get_a_table(run, clip, line_file):
    done = run("track", clip, "--config", line_file)
    assert "objects that entered" in done.out
    assert "" == done.err


def test_a_truncated_clip_is_an_error_without_a_result(fails, cut_clip, line_file, tmp_path):
    outputs = ["--json", tmp_path / "out.json", "--mot", tmp_path / "out.csv", "--coco", tmp_path / "out.coco"]
    assert "ends early" in fails("track", cut_clip, "--config", line_file, *outputs)
    assert [] == list(tmp_path.iterdir())


def counted(result):
    """A result without the frame on which each object was first seen, and without times."""
    objects = [{name: value for name, value in one.items() if name != "first_frame"} for one in result["objects"]]
    return {**result, "objects": objects, "cpu_ms_per_frame": None}


def test_a_run_that_was_cut_short_goes_on_from_its_state(run, clip, cut_clip, line_file, tmp_path):
    state, out = tmp_path / "state.json", tmp_path / "out.json"
    assert 2 == run("track", cut_clip, "--config", line_file, "--state", state).code
    done = json.loads(state.read_text())["parts"]["position"]["frames"]
    run("track", clip, "--config", line_file, "--state", state, "--mot", tmp_path / "new.csv", "--json", out)
    continued = json.loads(out.read_text())
    whole = json.loads(run("track", clip, "--config", line_file, "--json", "-").out)
    assert counted(whole) == counted(continued)
    assert 0 < done < 125
    again = json.loads(run("track", clip, "--config", line_file, "--state", state, "--json", "-").out)
    assert counted(whole) == counted(again)


def test_a_run_that_is_stopped_writes_its_state_and_goes_on(run, clip, line_file, tmp_path, monkeypatch):
    state = tmp_path / "state.json"
    note_frame, frames = TrackLog.update, []

    def stop_at_the_50th(log, frame, tracks, /):
        note_frame(log, frame, tracks)
        frames.append(frame.index)
        if len(frames) == 50:
            signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(TrackLog, "update", stop_at_the_50th)
    before = signal.getsignal(signal.SIGTERM)
    stopped = run("track", clip, "--config", line_file, "--state", state)
    assert stopped.code != 0
    assert before == signal.getsignal(signal.SIGTERM)
    continued = json.loads(run("track", clip, "--config", line_file, "--state", state, "--json", "-").out)
    assert list(range(125)) == frames
    assert (125, 6) == (continued["frames"], continued["count"])


def test_a_state_that_is_none_is_refused_and_stays(fails, clip, line_file, tmp_path):
    (tmp_path / "state.json").write_text('{"format": "conveyor-gt/1"}')
    said = fails("track", clip, "--config", line_file, "--state", tmp_path / "state.json")
    assert "expected a file of the format conveyorqc-state" in said
    assert '{"format": "conveyor-gt/1"}' == (tmp_path / "state.json").read_text()


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


@pytest.mark.parametrize("option", ["--json", "--mot", "--coco", "--state"])
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
