"""The belt's motion from pictures: sub-pixel, in four directions, through gaps, stops, even belts and fixed rails."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Direction, Frame
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import blur, sliding_window
from conveyorqc.simulate import BeltProgram, BeltSimulator, Look
from conveyorqc.track import ConstantMotion, PhaseMotion

WIDTH, HEIGHT = 320, 180


def texture(width, height, seed=3):
    grain = blur(np.random.default_rng(seed).normal(0, 1, (height, width)).astype(np.float32), sigma=1.5)
    return np.clip(128 + 45 * grain / grain.std(), 0, 255).astype(np.uint8)


BELT = texture(1600, HEIGHT)
RAIL = texture(WIDTH, 30, seed=4)


def view(travel_px, *, direction=Direction.LEFT_TO_RIGHT, rails=False):
    """The belt after it has come this far, turned so that it runs in ``direction``."""
    picture = sliding_window(BELT, start_px=1200.0 - travel_px, width=WIDTH, length_px=0.0)
    if rails:
        picture = np.concatenate([RAIL, picture[30:-30], RAIL[::-1]])
    if direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP):
        picture = picture[:, ::-1]
    if not direction.horizontal:
        picture = picture.T
    return np.repeat(np.ascontiguousarray(picture)[..., None], 3, axis=2)


def measured(travels, motion, *, times_s=None, **look):
    times_s = np.arange(len(travels)) / 25 if times_s is None else times_s
    return [
        motion.measure(Frame.from_bgr(view(travel, **look), index=i, time_s=float(times_s[i])))
        for i, travel in enumerate(travels)
    ]


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("step", [0.4, 3.0, 7.35, 25.5])
def test_it_measures_fractions_of_a_pixel_in_every_direction(direction, step):
    shifts = measured(np.arange(6) * step, PhaseMotion(direction=direction), direction=direction)
    assert BeltShift(0.0, 0.0, 0.0) == shifts[0]
    for shift in shifts[1:]:
        assert (step * direction.unit[0], step * direction.unit[1]) == pytest.approx((shift.dx, shift.dy), abs=0.15)
        assert shift.confidence > 0.3


def test_a_turned_belt_gives_turned_shifts():
    travels = np.arange(4) * 5.3
    right, up = (
        measured(travels, PhaseMotion(), direction=d) for d in (Direction("left_to_right"), Direction("bottom_to_top"))
    )
    assert [shift.dx for shift in right] == pytest.approx([-shift.dy for shift in up], abs=0.02)
    assert [shift.dy for shift in right] == pytest.approx([shift.dx for shift in up], abs=0.02)


def test_the_direction_need_not_be_known():
    shifts = measured([0, 6, 12], PhaseMotion(), direction=Direction.TOP_TO_BOTTOM)
    assert (0.0, 6.0) == pytest.approx((shifts[-1].dx, shifts[-1].dy), abs=0.15)


def test_a_belt_that_backs_up_is_measured_backwards():
    shifts = measured([0, 5, 10, 8, 6], PhaseMotion(direction=Direction.LEFT_TO_RIGHT))
    assert [5, 5, -2, -2] == pytest.approx([shift.dx for shift in shifts[1:]], abs=0.15)


def test_a_frame_that_is_asked_for_twice_is_measured_once():
    motion = PhaseMotion()
    motion.measure(Frame.from_bgr(view(0), index=0, time_s=0.0))
    frame = Frame.from_bgr(view(4), index=1, time_s=0.04)
    first = motion.measure(frame)
    assert motion.measure(frame) is first
    assert 4.0 == pytest.approx(first.dx, abs=0.15)


def test_large_frames_are_measured_in_their_own_px():
    large = [np.kron(view(travel), np.ones((4, 4, 1), np.uint8)) for travel in (0, 3, 6)]
    motion = PhaseMotion(working_width=320)
    shifts = [motion.measure(Frame.from_bgr(image, index=i, time_s=i / 25)) for i, image in enumerate(large)]
    assert 12.0 == pytest.approx(shifts[-1].dx, abs=0.6)


@pytest.mark.parametrize("even", [127, 0, 255])
def test_an_even_belt_goes_on_at_the_last_speed(even):
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    measured([0, 8, 16], motion)
    blank = np.full((HEIGHT, WIDTH, 3), even, np.uint8)
    motion.measure(Frame.from_bgr(blank, index=3, time_s=3 / 25))
    shift = motion.measure(Frame.from_bgr(blank, index=4, time_s=4 / 25))
    assert 0.0 == shift.confidence
    assert (8.0, 0.0) == pytest.approx((shift.dx, shift.dy), abs=0.3)


@pytest.mark.parametrize("noise", [2.0, 4.0])
def test_a_noisy_even_belt_goes_on_at_the_last_speed_though_what_passed_left_traces_in_the_mean(noise):
    rng = np.random.default_rng(5)
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    shifts = []
    for index in range(60):
        contrast = 0.15 if index < 40 else 0.0
        picture = 128 + contrast * (view(8.0 * index) - 128.0) + rng.normal(0, noise, (HEIGHT, WIDTH, 1))
        frame = Frame.from_bgr(np.clip(picture, 0, 255).astype(np.uint8), index=index, time_s=index / 25)
        shifts.append(motion.measure(frame))
    assert {0.0} == {shift.confidence for shift in shifts[40:]}
    assert [8.0] * 59 == pytest.approx([shift.dx for shift in shifts[1:]], abs=0.5)


def test_the_assumed_way_grows_with_the_time_between_frames():
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    measured([0, 8, 16], motion)
    blank = np.full((HEIGHT, WIDTH, 3), 127, np.uint8)
    motion.measure(Frame.from_bgr(blank, index=3, time_s=3 / 25))
    shift = motion.measure(Frame.from_bgr(blank, index=9, time_s=8 / 25))  # five times as long
    assert 40.0 == pytest.approx(shift.dx, abs=1.0)


def test_a_clock_that_runs_backwards_moves_nothing():
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    measured([0, 8, 16], motion)
    blank = np.full((HEIGHT, WIDTH, 3), 127, np.uint8)
    shift = motion.measure(Frame.from_bgr(blank, index=3, time_s=0.0))
    assert BeltShift(0.0, 0.0, 0.0) == shift


def test_frames_of_one_and_the_same_time_move_the_belt_but_tell_no_speed():
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    shifts = measured([0, 8, 16, 30], motion, times_s=[0.0, 0.04, 0.08, 0.08])
    assert 14.0 == pytest.approx(shifts[-1].dx, abs=0.3)
    blank = np.full((HEIGHT, WIDTH, 3), 127, np.uint8)
    assert 8.0 == pytest.approx(motion.measure(Frame.from_bgr(blank, index=4, time_s=0.12)).dx, abs=0.3)


def test_frames_without_contrast_are_never_believed():
    motion = PhaseMotion(least_confidence=0.0)
    blank = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)
    shifts = [motion.measure(Frame.from_bgr(blank, index=i, time_s=i / 25)) for i in range(3)]
    assert [BeltShift(0.0, 0.0, 0.0)] * 3 == shifts


@pytest.mark.parametrize("direction", list(Direction))
def test_rails_that_stand_still_do_not_hold_the_belt(direction):
    travels = np.cumsum([6.0] * 40)
    shifts = measured(travels, PhaseMotion(direction=direction), direction=direction, rails=True)
    along = [shift.dx * direction.unit[0] + shift.dy * direction.unit[1] for shift in shifts[25:]]
    assert [6.0] * len(along) == pytest.approx(along, abs=0.3)


def test_a_belt_that_stops_is_seen_to_stop_and_to_start_again():
    steps = [6.0] * 30 + [0.0] * 15 + [6.0] * 10
    shifts = measured(np.cumsum(steps), PhaseMotion(direction=Direction.LEFT_TO_RIGHT), rails=True)
    assert [0.0] * 14 == pytest.approx([shift.dx for shift in shifts[31:45]], abs=0.2)
    assert [6.0] * 9 == pytest.approx([shift.dx for shift in shifts[46:]], abs=0.3)


def test_shifts_across_the_belt_are_not_believed():
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT, shake=3.0)
    measured([0, 5, 10], motion)
    aside = np.roll(view(15), 20, axis=0)  # the camera was knocked
    shift = motion.measure(Frame.from_bgr(aside, index=3, time_s=3 / 25))
    assert 0.0 == shift.confidence
    assert (5.0, 0.0) == pytest.approx((shift.dx, shift.dy), abs=0.3)


def test_shake_within_its_limit_is_part_of_the_shift():
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT, shake=6.0)
    measured([0, 5, 10], motion)
    shift = motion.measure(Frame.from_bgr(np.roll(view(15), 4, axis=0), index=3, time_s=3 / 25))
    assert (5.0, 4.0) == pytest.approx((shift.dx, shift.dy), abs=0.3)


def test_another_size_of_frame_starts_anew():
    motion = PhaseMotion(working_width=320)
    measured([0, 5], motion)
    other = Frame.from_bgr(view(10)[:120], index=2, time_s=2 / 25)
    assert BeltShift(0.0, 0.0, 0.0) == motion.measure(other)
    after = Frame.from_bgr(view(15)[:120], index=3, time_s=3 / 25)
    assert 5.0 == pytest.approx(motion.measure(after).dx, abs=0.2)


@pytest.mark.parametrize("size", [(1, 1), (1, 400), (400, 1), (2, 2), (3, 200)])
def test_slivers_of_frames_tell_nothing_and_break_nothing(size):
    rng = np.random.default_rng(0)
    motion = PhaseMotion()
    for index in range(3):
        picture = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        shift = motion.measure(Frame.from_bgr(picture, index=index, time_s=index / 25))
    assert 0.0 <= shift.confidence <= 1.0


def test_the_simulated_belt_is_measured_to_a_fraction_of_a_pixel():
    program = BeltProgram(segments=((0.0, 1.0), (1.5, 0.0), (2.5, 1.0)))
    simulator = BeltSimulator(
        width=320, height=180, seconds=4.0, objects=4, speed_px_s=100.0, program=program, look=Look(noise=4.0), seed=2
    )
    motion = PhaseMotion(direction=Direction.LEFT_TO_RIGHT)
    come = np.cumsum([motion.measure(frame).dx for frame in simulator.frames()])
    expected = program.travel(np.arange(100) / 25, speed_px_s=100.0)
    assert np.abs(come - expected).max() < 3.0  # px after 300 px of travel


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"working_width": 8}, "working_width: expected 16 px or more, got 8"),
        ({"least_confidence": 1.5}, "least_confidence: expected a number in [0, 1], got 1.5"),
        ({"least_confidence": float("nan")}, "least_confidence: expected a number in [0, 1], got nan"),
        ({"shake": -1.0}, "shake: expected px of 0 or more, got -1.0"),
        ({"shake": float("inf")}, "shake: expected px of 0 or more, got inf"),
    ],
)
def test_options_outside_their_range_are_refused(options, text):
    with pytest.raises(InvalidInput) as caught:
        PhaseMotion(**options)
    assert text == str(caught.value)


def test_constant_motion_goes_by_the_clock_alone():
    motion = ConstantMotion(dx_per_s=100.0, dy_per_s=-50.0)
    picture = np.zeros((4, 4, 3), np.uint8)
    frames = [Frame.from_bgr(picture, index=i, time_s=time_s) for i, time_s in enumerate((3.0, 3.1, 3.5))]
    shifts = [motion.measure(frame) for frame in frames]
    assert [(0, 0), (10, -5), (40, -20)] == [pytest.approx((shift.dx, shift.dy)) for shift in shifts]
    assert motion.measure(frames[-1]) is shifts[-1]
    assert {1.0} == {shift.confidence for shift in shifts}


@pytest.mark.parametrize("speed", [{"dx_per_s": float("nan")}, {"dy_per_s": float("inf")}])
def test_a_speed_must_be_finite(speed):
    with pytest.raises(InvalidInput, match="expected finite px per second"):
        ConstantMotion(**speed)
