"""The belt's speed over time and the way it has come."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.simulate import BeltProgram

TIMES = np.arange(200) / 25


def test_a_constant_belt_travels_evenly():
    np.testing.assert_allclose(BeltProgram().travel(TIMES, speed_px_s=80.0), TIMES * 80.0, atol=1e-6)


def test_a_stop_holds_the_belt_and_a_restart_moves_it_again():
    travel = BeltProgram(segments=((0, 1), (2, 0), (4, 1)), ramp_s=0.2).travel(TIMES, speed_px_s=100.0)
    standing = travel[(TIMES > 2.25) & (TIMES < 4.0)]
    assert float(np.ptp(standing)) == pytest.approx(0.0, abs=1e-6)
    # Half a ramp is lost at the restart and won at the stop.
    assert float(travel[-1]) == pytest.approx((TIMES[-1] - 2.0) * 100.0, abs=0.1)


def test_a_reverse_brings_the_belt_back():
    travel = BeltProgram(segments=((0, 1), (3, -2)), ramp_s=0.0).travel(TIMES, speed_px_s=50.0)
    assert int(np.argmax(travel)) == 75
    assert float(travel[100] - travel[90]) == pytest.approx(-2 * 50 * 10 / 25, abs=1e-3)


def test_the_drive_ramps_between_factors():
    factors = BeltProgram(segments=((0, 1), (1, 3)), ramp_s=0.5).factors(np.array([0.9, 1.25, 1.6]))
    np.testing.assert_allclose(factors, [1.0, 2.0, 3.0])


def test_drift_swings_the_speed_by_no_more_than_its_amplitude():
    factors = BeltProgram(drift=0.05).factors(np.linspace(0, 30, 500))
    assert 1.04 < float(factors.max()) <= 1.05
    assert 0.95 <= float(factors.min()) < 0.96


def test_a_clip_of_one_frame_has_not_moved():
    assert BeltProgram().travel(np.array([0.0]), speed_px_s=500.0).tolist() == [0.0]


@pytest.mark.parametrize(
    "arguments",
    [
        {"segments": ()},
        {"segments": ((1.0, 1.0),)},
        {"segments": ((0.0, 1.0), (3.0, 0.0), (2.0, 1.0))},
        {"segments": ((0.0, 1.0), (1.0, 0.0), (1.1, 1.0)), "ramp_s": 0.2},
        {"segments": ((0.0, float("nan")),)},
        {"ramp_s": -0.1},
        {"drift": 1.0},
    ],
)
def test_an_impossible_program_is_refused(arguments):
    with pytest.raises(InvalidInput, match="expected"):
        BeltProgram(**arguments)
