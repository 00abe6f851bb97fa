"""`turn_hue`: colours turn, greys and luma stay."""

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import turn_hue

RED = np.array([[[40, 40, 160]]], np.uint8)


def test_red_turns_towards_yellow_by_a_positive_angle_and_towards_magenta_by_a_negative_one():
    blue, green, _ = turn_hue(RED, angle_deg=30)[0, 0].astype(int)
    back_blue, back_green, _ = turn_hue(RED, angle_deg=-30)[0, 0].astype(int)

    assert green > blue
    assert back_blue > back_green


def test_greys_stay_as_they_are():
    greys = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)

    assert np.abs(turn_hue(greys, angle_deg=77).astype(int) - greys).max() <= 1


def test_no_angle_and_a_full_turn_change_nothing():
    assert turn_hue(RED, angle_deg=0).tolist() == turn_hue(RED, angle_deg=360).tolist() == RED.tolist()


def test_luma_stays_as_it_is():
    weights, pink = [0.072, 0.715, 0.213], np.array([[[100, 100, 140]]], np.uint8)

    assert turn_hue(pink, angle_deg=45)[0, 0] @ weights == pytest.approx(pink[0, 0] @ weights, abs=1)


def test_an_infinite_angle_is_refused():
    with pytest.raises(InvalidInput, match="angle_deg: expected a finite angle, got inf"):
        turn_hue(RED, angle_deg=float("inf"))
