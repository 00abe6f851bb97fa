"""What is wrong with a file: each complaint names the file, the field, what was expected and what was found."""

from __future__ import annotations

import re

import pytest
import yaml
from config_lines import background_line, threshold_line, write_yaml
from pydantic import ValidationError

from conveyorqc.config import BlobSettings, ByTravelSettings, LineConfig, load_config
from conveyorqc.errors import ConfigError

INLINE = "data:image/png;base64,"
DETECTOR = threshold_line()["detector"]
ORANGE = DETECTOR["objects"][0]


def complaint(tmp_path, data) -> str:
    """The text of the error, without the name of the file, which stands in front."""
    path = write_yaml(tmp_path / "line.yaml", data)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert caught.value.__cause__ is not None
    head = f"{path}: "
    assert head == str(caught.value)[: len(head)]
    return str(caught.value)[len(head) :]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        pytest.param({"colour": 1}, "colour: expected no such field, got 1", id="unknown field"),
        pytest.param(
            {"tracker": {"max_distance": 20, "hits": 3}},
            "tracker.hits: expected no such field, got 3",
            id="unknown field of a stage",
        ),
        pytest.param({"tracker": {}}, "tracker.max_distance: expected this field, got none", id="missing"),
        pytest.param(
            {"tracker": {"max_distance": "far"}},
            "tracker.max_distance: Input should be a valid number.*got 'far'",
            id="type",
        ),
        pytest.param(
            {"tracker": {"max_distance": float("nan")}},
            "tracker.max_distance: Input should be a finite.*got nan",
            id="NaN",
        ),
        pytest.param(
            {"motion": {"kind": "constant", "dx_per_s": float("inf")}},
            "motion.dx_per_s: .*finite.*got inf",
            id="infinite",
        ),
        pytest.param({"cropper": {"size": 38.5}}, "cropper.size: .*integer.*got 38.5", id="fraction"),
        pytest.param({"cropper": {"size": 4}}, "cropper.size: .*greater than or equal to 8, got 4", id="out of range"),
        pytest.param(
            {"direction": "up"}, "direction: .*'left_to_right', 'right_to_left'.*got 'up'", id="unknown direction"
        ),
        pytest.param(
            {"schedule": {"kind": "sometimes"}},
            "schedule: .*'every_frames', 'by_travel', got .*sometimes.*",
            id="unknown kind",
        ),
        pytest.param(
            {"schedule": {"count": 3}},
            r"schedule: expected a field that says which .*kind or op\), got .*count.*",
            id="no kind",
        ),
        pytest.param({"schedule": 3}, "schedule: .*got 3", id="number for a stage"),
        pytest.param({"schedule": None}, "schedule: .*got None", id="nothing for a stage"),
        pytest.param({"line_id": "a/b"}, "line_id: .*got 'a/b'", id="slash in a name"),
        pytest.param({"line_id": ""}, "line_id: .*at least 1 character, got ''", id="empty name"),
        pytest.param({"sinks": {"kind": "memory"}}, "sinks: .*tuple, got .*memory.*", id="mapping for a list"),
        pytest.param(
            {"sinks": [{"kind": "memory"}, {"kind": "jsonl"}]},
            r"sinks\.1\.path: expected this field, got none",
            id="place in a list",
        ),
        pytest.param(
            {"detector": {**DETECTOR, "cleaning": [{"op": "opening"}]}},
            r"detector\.cleaning\.0\.size: expected this field, got none",
            id="op in a list",
        ),
        pytest.param(
            {"detector": {**DETECTOR, "cleaning": [{"op": "fill_holes", "size": 3}]}},
            r"detector\.cleaning\.0\.size: expected no such field, got 3",
            id="alternatives are told apart",
        ),
        pytest.param(
            {"detector": {**DETECTOR, "objects": []}},
            "detector: expected colour ranges under belt or objects, got neither",
            id="no colour",
        ),
        pytest.param(
            {"detector": {**DETECTOR, "objects": [{**ORANGE, "high": [300, 255, 255]}]}},
            r"detector\.objects\.0: high: expected numbers in 0-.*for hsv, got \(300, 255, 255\)",
            id="colour out of range",
        ),
        pytest.param(
            {"detector": {**DETECTOR, "edges": {"low": 90, "high": 20}}},
            r"detector\.edges: low, high: expected 0 <= low <= high, got 90.0 and 20.0",
            id="edge limits",
        ),
    ],
)
def test_a_wrong_field_is_named_with_what_was_expected(tmp_path, change, expected):
    assert re.fullmatch(expected, complaint(tmp_path, threshold_line(**change)), re.DOTALL)


def test_every_wrong_field_is_named(tmp_path):
    data = threshold_line(colour=1, tracker={})
    del data["direction"]
    assert {
        "direction: expected this field, got none",
        "tracker.max_distance: expected this field, got none",
        "colour: expected no such field, got 1",
    } == set(complaint(tmp_path, data).split("; "))


def test_a_long_value_is_cut(tmp_path):
    assert len(complaint(tmp_path, threshold_line(direction="x" * 10_000))) < 300


def test_a_key_that_is_no_text_is_named(tmp_path):
    assert complaint(tmp_path, {**threshold_line(), 7: 1}).startswith("7: ")


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (INLINE + "!!!", "detector.belt.picture: expected base64 after 'data:image/png;base64,'"),
        (INLINE + "AAAA", "detector.belt.picture: data: expected PNG"),
        (INLINE, "detector.belt.picture: data: expected a picture, got an empty file"),
        ("gone.png", "gone.png: cannot be read"),
        (".", "detector.belt.picture: .*cannot be read"),
        ("line.yaml", "line.yaml: expected PNG"),
        ("nul\0.png", "detector.belt.picture: .*null"),
        (7, "detector.belt.picture: .*string, got 7"),
    ],
)
def test_a_damaged_picture_of_the_belt_is_named(tmp_path, picture, expected):
    data = background_line()
    data["detector"]["belt"]["picture"] = picture
    assert re.search(expected, complaint(tmp_path, data))


@pytest.mark.parametrize("noise", [[1.0, 1.0], [0.0, 1.0, 1.0], [1.0, 1.0, 256.0], [1.0, float("nan"), 1.0], 1.0])
def test_noise_that_is_none_is_named(tmp_path, noise):
    data = background_line()
    data["detector"]["belt"]["noise"] = noise
    assert complaint(tmp_path, data).startswith("detector.belt.noise")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "expected a mapping of stages, got nothing"),
        (b"# only a comment\n", "expected a mapping of stages, got nothing"),
        (b"- direction: left_to_right\n", "expected a mapping of stages, got list"),
        (b"left_to_right\n", "expected a mapping of stages, got str"),
        (b"direction: [left", "expected YAML: .*line 1"),
        (b"direction: !!python/object/apply:os.getcwd []", "expected YAML: .*python/object"),
        (b"direction: caf\xe9", "expected YAML: .*utf-8"),
        (b"a: 2026-13-45", "expected YAML: .*month"),
        (b"[" * 1500, "expected YAML"),
        (b"? [a, b]\n: 1\n? {c: d}\n: 2\n", "expected YAML: .*unhashable"),
    ],
)
def test_a_file_that_is_no_mapping_is_refused(tmp_path, content, expected):
    path = tmp_path / "line.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=f"line.yaml: {expected}"):
        load_config(path)


@pytest.mark.parametrize("name", ["missing.yaml", "fehlt 带.yaml", "."])
def test_a_file_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ConfigError, match="cannot be read") as caught:
        load_config(tmp_path / name)
    assert str(tmp_path / name) in str(caught.value)


def test_settings_made_in_python_are_checked_too():
    with pytest.raises(ValidationError, match="distance"):
        ByTravelSettings(kind="by_travel", distance=0)
    with pytest.raises(ValidationError, match="frozen"):
        BlobSettings(min_area=3).min_area = 4


def test_the_json_schema_lists_every_stage():
    schema = LineConfig.model_json_schema()
    assert set(LineConfig.model_fields) == set(schema["properties"])
    assert ["direction", "schedule", "detector", "tracker"] == schema["required"]
    assert yaml.safe_dump(schema)
