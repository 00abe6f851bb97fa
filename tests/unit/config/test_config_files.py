"""Lines in and out of YAML files: nothing is lost on the way, and a folder can be moved."""

from __future__ import annotations

import base64
import shutil

import numpy as np
import pytest
import yaml
from config_lines import background_line, belt, rich_line, threshold_line, write_yaml

from conveyorqc.config import BeltSettings, LineConfig, load_config, save_config
from conveyorqc.core import Direction
from conveyorqc.errors import ConfigError
from conveyorqc.imgproc import encode_png, read_image, ycrcb_to_bgr


def line(data) -> LineConfig:
    return LineConfig.model_validate(data)


@pytest.mark.parametrize("data", [threshold_line(), background_line(), rich_line()])
def test_a_line_comes_back_as_it_was_saved(tmp_path, data):
    path = write_yaml(tmp_path / "first.yaml", data)
    config = load_config(path)
    save_config(config, tmp_path / "second.yaml")
    assert config == load_config(tmp_path / "second.yaml")


def test_what_is_left_out_has_its_default(tmp_path):
    config = load_config(write_yaml(tmp_path / "line.yaml", threshold_line()))
    assert ("line-1", "camera-1", Direction.LEFT_TO_RIGHT) == (config.line_id, config.camera_id, config.direction)
    assert ("phase", "max", 384, None, ()) == (
        config.motion.kind,
        config.policy.kind,
        config.cropper.size,
        config.backend,
        config.sinks,
    )


def test_the_file_reads_as_it_was_meant(tmp_path):
    save_config(line(rich_line()), tmp_path / "line.yaml")
    text = (tmp_path / "line.yaml").read_text(encoding="utf-8")
    assert text.startswith("line_id: Linie 4 带\ncamera_id: oben\ndirection: bottom_to_top\n")
    assert "null" not in text
    assert "!!" not in text


def test_the_belt_becomes_a_picture_beside_the_file(tmp_path):
    save_config(line(background_line()), tmp_path / "cookies.yaml")
    assert ["cookies.belt.png", "cookies.yaml"] == sorted(path.name for path in tmp_path.iterdir())
    data = yaml.safe_load((tmp_path / "cookies.yaml").read_text(encoding="utf-8"))
    assert {"picture": "cookies.belt.png", "noise": [2.0, 1.5, 1.25]} == data["detector"]["belt"]
    np.testing.assert_array_equal(ycrcb_to_bgr(belt().picture), read_image(tmp_path / "cookies.belt.png"))


def test_a_line_with_a_belt_survives_a_move_of_its_folder(tmp_path):
    first, second = tmp_path / "first", tmp_path / "zweiter 带"
    first.mkdir()
    save_config(line(background_line()), first / "line.yaml")
    shutil.move(first, second)
    built = load_config(second / "line.yaml").detector.belt.build()
    assert (2.0, 1.5, 1.25) == built.noise
    np.testing.assert_allclose(built.picture.astype(int), belt().picture, atol=2)


def test_a_line_that_was_loaded_needs_its_picture_no_more(tmp_path):
    save_config(line(background_line()), tmp_path / "line.yaml")
    config = load_config(tmp_path / "line.yaml")
    (tmp_path / "line.belt.png").unlink()
    assert (32, 18) == config.detector.belt.build().size


def test_a_belt_may_stand_in_the_file_itself(tmp_path):
    config = load_config(write_yaml(tmp_path / "line.yaml", background_line()))
    assert (32, 18) == config.detector.belt.build().size
    assert ["line.yaml"] == [path.name for path in tmp_path.iterdir()]


def test_a_belt_may_be_named_by_its_path_in_python(tmp_path):
    (tmp_path / "belt.png").write_bytes(encode_png(ycrcb_to_bgr(belt().picture)))
    settings = BeltSettings(picture=str(tmp_path / "belt.png"), noise=(1.0, 1.0, 1.0))
    assert (32, 18) == settings.build().size


def test_the_picture_of_the_belt_does_not_flood_the_logs():
    assert len(repr(line(background_line()))) < 1500


def test_paths_are_relative_to_the_file(tmp_path, monkeypatch):
    folder = tmp_path / "ligne à café"
    folder.mkdir()
    data = rich_line() | {"backend": {"kind": "local", "model": "models/v1"}}
    data["sinks"][1]["path"] = str(tmp_path / "elsewhere.jsonl")
    write_yaml(folder / "line.yaml", data)
    monkeypatch.chdir(tmp_path)
    config = load_config("ligne à café/line.yaml")
    monkeypatch.chdir(folder)
    assert folder / "models" / "v1" == config.backend.model
    assert [tmp_path / "elsewhere.jsonl", folder / "events.db"] == [sink.path for sink in config.sinks[1:]]


def test_paths_in_the_folder_of_the_file_are_saved_relative_to_it(tmp_path):
    data = rich_line()
    data["sinks"][1]["path"] = str(tmp_path / "results" / "events.jsonl")
    data["sinks"][2]["path"] = str(tmp_path.parent / "events.db")
    save_config(line(data), tmp_path / "line.yaml")
    saved = yaml.safe_load((tmp_path / "line.yaml").read_text(encoding="utf-8"))
    assert ["results/events.jsonl", str(tmp_path.parent / "events.db")] == [sink["path"] for sink in saved["sinks"][1:]]


def test_without_a_file_paths_stay_as_they_are():
    config = line(rich_line())
    assert "events.db" == config.model_dump(mode="json")["sinks"][2]["path"]


def test_a_folder_that_does_not_exist_cannot_hold_the_file(tmp_path):
    for data in (threshold_line(), background_line()):
        with pytest.raises(ConfigError, match=r"line\.yaml: .*cannot be written"):
            save_config(line(data), tmp_path / "missing" / "line.yaml")


def test_a_belt_whose_picture_is_missing_cannot_be_saved(tmp_path):
    data = background_line()
    data["detector"]["belt"]["picture"] = str(tmp_path / "gone.png")
    with pytest.raises(ConfigError, match=r"gone\.png: cannot be read"):
        save_config(line(data), tmp_path / "line.yaml")


def test_a_null_byte_in_the_name_is_refused():
    with pytest.raises(ConfigError, match="null"):
        load_config("line\0.yaml")
    for data in (threshold_line(), background_line()):
        with pytest.raises(ConfigError, match="null"):
            save_config(line(data), "line\0.yaml")


def test_the_bytes_within_the_settings_are_those_of_a_png():
    uri = BeltSettings.of(belt()).picture
    assert uri.startswith("data:image/png;base64,")
    assert base64.b64decode(uri.partition(",")[2]).startswith(b"\x89PNG")
