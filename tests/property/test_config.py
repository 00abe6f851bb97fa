"""Any line goes into a file and comes back as it was, wherever its paths lie."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.config import BeltSettings, LineConfig, load_config, save_config
from conveyorqc.core import Direction
from conveyorqc.detect import BeltAppearance
from conveyorqc.errors import ConfigError

positive = st.floats(0.01, 1e6)
share = st.floats(0, 1)
names = st.text(
    st.characters(exclude_characters="/", exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=12
)
file_names = st.from_regex(r"[a-zA-Z0-9äé带 _-]{1,10}\.db", fullmatch=True)
places = st.lists(st.sampled_from(["runs", "läufe", "2026"]), max_size=2).map(lambda parts: Path(*parts))


def optional(strategy):
    return st.none() | strategy


blobs = st.fixed_dictionaries(
    {"min_area": st.floats(0, 1e6)},
    optional={
        "max_area": optional(positive),
        "max_aspect": optional(st.floats(1, 50)),
        "diameter": optional(positive),
        "neck": share,
        "join_gap": share,
        "clean": st.floats(0, 20),
    },
)
strips = optional(st.fixed_dictionaries({"fraction": st.floats(0.05, 1)}))


@st.composite
def colors(draw):
    low = [draw(st.integers(0, 255)) for _ in range(3)]
    return {"space": "lab", "low": low, "high": [draw(st.integers(limit, 255)) for limit in low]}


by_color = st.fixed_dictionaries(
    {"kind": st.just("color_threshold"), "belt": st.lists(colors(), min_size=1, max_size=2), "blobs": blobs},
    optional={
        "shadow": st.lists(colors(), max_size=2),
        "cleaning": st.lists(
            st.just({"op": "fill_holes"})
            | st.fixed_dictionaries({"op": st.sampled_from(["opening", "closing"]), "size": st.integers(1, 255)}),
            max_size=3,
        ),
        "ratio": st.floats(0.01, 1),
        "strip": strips,
    },
)


@st.composite
def by_belt(draw):
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    picture = rng.integers(0, 256, (draw(st.integers(1, 6)), draw(st.integers(1, 6)), 3), dtype=np.uint8)
    belt = BeltSettings.of(BeltAppearance(picture, draw(st.tuples(*[st.floats(0.1, 255)] * 3))))
    return {"kind": "background", "belt": belt.model_dump(), "blobs": draw(blobs), "strip": draw(strips)}


lines = st.fixed_dictionaries(
    {
        "direction": st.sampled_from([direction.value for direction in Direction]),
        "schedule": st.fixed_dictionaries({"kind": st.just("every_frames"), "count": st.integers(1, 99)})
        | st.fixed_dictionaries({"kind": st.just("by_travel"), "distance": positive}),
        "detector": by_color | by_belt(),
        "tracker": st.fixed_dictionaries({"max_distance": positive}, optional={"min_travel": optional(positive)}),
    },
    optional={
        "line_id": names,
        "camera_id": names,
        "motion": st.fixed_dictionaries({"kind": st.just("constant"), "dx_per_s": st.floats(-1e4, 1e4)}),
        "dispositions": st.fixed_dictionaries({"min_confidence": share}),
        "policy": st.fixed_dictionaries({"kind": st.just("k_of_n"), "k": st.integers(1, 9)}),
    },
)


@given(lines)
def test_a_line_comes_back_from_its_file_as_it_was(data):
    line = LineConfig.model_validate(data)
    with tempfile.TemporaryDirectory() as folder:
        save_config(line, Path(folder, "line.yaml"))
        assert line == load_config(Path(folder, "line.yaml"))


@given(lines)
def test_what_is_read_can_be_built(data):
    stages = LineConfig.model_validate(data).build_stages()
    assert all(getattr(stages, name) is not None for name in stages.__slots__)


@given(places, file_names, places)
def test_a_path_means_the_same_file_wherever_it_lies(place, name, config_place):
    with tempfile.TemporaryDirectory() as root:
        folder = Path(root, config_place)
        folder.mkdir(parents=True, exist_ok=True)
        data = {
            "direction": "left_to_right",
            "schedule": {"kind": "every_frames"},
            "detector": {"kind": "color_threshold", "objects": [{"space": "gray", "low": [0], "high": [9]}]},
            "tracker": {"max_distance": 1},
            "sinks": [{"kind": "sqlite", "path": str(Path(root, place, name))}],
        }
        data["detector"]["blobs"] = {"min_area": 1}
        save_config(LineConfig.model_validate(data), folder / "line.yaml")
        written = Path(yaml.safe_load((folder / "line.yaml").read_text(encoding="utf-8"))["sinks"][0]["path"])
        assert Path(root, place).is_relative_to(folder) is not written.is_absolute()
        assert Path(root, place, name) == load_config(folder / "line.yaml").sinks[0].path


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def complaint_about(path):
    try:
        load_config(path)
    except ConfigError as error:
        return str(error)
    return None


@given(lines, st.sampled_from(["direction", "schedule", "detector", "tracker", "motion", "sinks", "policy"]), anything)
def test_a_stage_that_is_anything_else_is_a_line_or_named(data, stage, value):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "line.yaml")
        path.write_text(yaml.safe_dump({**data, stage: value}), encoding="utf-8")
        assert complaint_about(path) is None or f"line.yaml: {stage}" in complaint_about(path)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_line_or_an_error_that_names_the_file(content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "line.yaml")
        path.write_bytes(content)
        with pytest.raises(ConfigError, match=r"line\.yaml: "):
            load_config(path)
