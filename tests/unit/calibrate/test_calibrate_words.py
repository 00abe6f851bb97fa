"""A calibration for people: its doubts, its rows, its picture, its JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.calibrate import Measured, as_data, calibration_picture, examine, figures_of
from conveyorqc.calibrate._doubts import doubts_about
from conveyorqc.core import Direction
from conveyorqc.simulate import BeltSimulator


@pytest.fixture(scope="module")
def found():
    simulator = BeltSimulator(
        width=240, height=136, fps=12.0, seconds=6.0, objects=9, speed_px_s=110.0, broken_fraction=0.0, seed=1
    )
    return examine(simulator.frames())


def test_a_clear_clip_leaves_no_doubt(found):
    assert {} == doubts_about(found)
    assert {""} == {doubt for _, _, doubt in figures_of(found)}


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        ({"speed": Measured(5.0, 4.0, 6.0, 7)}, "speed", "only 7 frames show motion"),
        ({"step": 0.4}, "speed", "the belt moves far between frames"),
        ({"agreement": 0.5}, "direction", "much moves the other way too"),
        ({"objects": 2}, "diameter", r"few objects came by \(about 2\)"),
        ({"other_diameter": 6.0}, "diameter", "two products came by"),
        ({"diameter": Measured(20.0, 10.0, 30.0, 50)}, "diameter", "sizes vary much"),
        ({"contrast": 3.0}, "contrast", "objects look much like the belt"),
        ({"shake_px": 9.0}, "shake_px", "the camera shakes much"),
    ],
)
def test_what_is_doubtful_says_why_and_stands_in_its_row(found, change, name, said):
    doubts = doubts_about(replace(found, **change))
    assert [name] == list(doubts)
    with pytest.raises(ValueError, match=said):
        raise ValueError(doubts[name])
    rows = figures_of(replace(found, **change, doubts=doubts))
    assert [doubts[name]] == [doubt for _, _, doubt in rows if doubt]


def test_rows_give_values_with_their_range(found):
    rows = {title: value for title, value, _ in figures_of(found)}
    assert "left to right" == rows["direction"]
    assert re.fullmatch(r"11\d \(1\d\d to 11\d\) px/s", rows["speed"])
    assert "px" in rows["object size"]
    assert "of the frame would do" in rows["entry strip"]
    assert "the whole frame" in [value for _, value, _ in figures_of(replace(found, entry_strip=1.0))]
    assert (
        "and 7 px"
        in {title: value for title, value, _ in figures_of(replace(found, other_diameter=7.0))}["object size"]
    )


def test_json_holds_the_same(found):
    data = json.loads(json.dumps(as_data(found)))
    assert ("left_to_right", [240, 136], {}) == (data["direction"], data["size"], data["doubts"])
    assert found.speed.value == data["speed_px_s"]["value"]
    assert data["belt_color"].startswith("#")
    assert 7 == len(data["object_colors"][0]["color"])


def test_the_picture_shows_boxes_arrow_and_panel(found):
    picture = calibration_picture(found)
    assert (3, np.uint8) == (picture.shape[2], picture.dtype)
    assert picture.shape[1] > 960
    assert picture.shape[0] >= 540
    for color in ((233, 180, 86), (66, 228, 240), (115, 158, 0), found.belt_color):
        assert (picture == color).all(axis=2).sum() > 20, color


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("size", [(240, 136), (90, 200)])
def test_any_direction_shape_and_doubt_can_be_drawn(found, direction, size):
    line = found.line.model_copy(update={"direction": direction})
    doubts = dict.fromkeys(("direction", "speed", "diameter", "contrast"), "many words that say what would help " * 3)
    view = np.full((size[1], size[0], 3), 80, np.uint8)
    other = replace(
        found,
        line=line,
        size=size,
        view=view,
        doubts=doubts,
        entry_strip=1.0,
        other_diameter=9.0,
        view_boxes=np.empty((0, 4)),
    )
    picture = calibration_picture(other)
    assert picture.shape[0] > calibration_picture(found).shape[0] - 300
    assert (picture == (0, 159, 230)).all(axis=2).any()
