"""The belt's motion where it is hard to see: rows of objects, creep, hands, light, shake, rails, gaps, fast belts."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction, Frame
from conveyorqc.imgproc import blur, sliding_window
from conveyorqc.track import PhaseMotion

WIDTH, HEIGHT = 320, 180
RIGHT = Direction.LEFT_TO_RIGHT


def grain(width, height, *, seed, amplitude):
    noise = np.random.default_rng(seed).normal(0, 1, (height, width)).astype(np.float32)
    smooth = blur(noise, sigma=1.5)
    return amplitude * smooth / smooth.std()


def spots(width, *, pitch, radius=18, contrast=70.0):
    """Equal round objects in rows, 60 px apart across the belt."""
    x, y = np.meshgrid(np.arange(width), np.arange(HEIGHT))
    away = np.hypot((x + pitch / 2) % pitch - pitch / 2, (y + 30) % 60 - 30)
    return contrast * np.clip(radius - away, 0, 1)


def belt(length=2400, *, pitch=None, texture=0.0, seed=1):
    surface = np.full((HEIGHT, length), 100.0) + grain(length, HEIGHT, seed=seed, amplitude=texture)
    if pitch is not None:
        surface = surface + spots(length, pitch=pitch)
    return np.clip(surface, 0, 255).astype(np.uint8)


def views(surface, travels, *, noise=1.5, rails=0):
    rng = np.random.default_rng(5)
    rail = np.clip(150 + grain(WIDTH, max(rails, 1), seed=2, amplitude=40.0), 0, 255)
    start = surface.shape[1] - WIDTH - 4.0
    for travel in travels:
        picture = sliding_window(surface, start_px=start - travel, width=WIDTH, length_px=0.0).astype(np.float64)
        if rails:
            picture[:rails], picture[-rails:] = rail, rail
        yield picture + rng.normal(0, noise, picture.shape)


def measured(pictures, motion, *, times_s=None):
    shifts = []
    for index, picture in enumerate(pictures):
        image = np.repeat(np.clip(np.rint(picture), 0, 255).astype(np.uint8)[..., None], 3, axis=2)
        time_s = index / 25 if times_s is None else float(times_s[index])
        shifts.append(motion.measure(Frame.from_bgr(image, index=index, time_s=time_s)))
    return shifts


def along(shifts):
    return np.array([shift.dx for shift in shifts])


def test_rows_of_equal_objects_are_followed_beyond_half_their_pitch():
    steps = np.concatenate([np.linspace(2, 45, 30), np.full(12, 45.0)])  # rows lie 64 px apart: 45 looks like -19
    shifts = measured(views(belt(pitch=64), np.cumsum(steps)), PhaseMotion(direction=RIGHT))

    assert steps[1:] == pytest.approx(along(shifts)[1:], abs=0.3)


def test_rows_of_equal_objects_are_seen_to_stop():
    steps = np.concatenate([np.linspace(2, 40, 20), np.zeros(8), np.full(8, 20.0)])
    shifts = measured(views(belt(pitch=64), np.cumsum(steps)), PhaseMotion(direction=RIGHT))

    assert steps[1:] == pytest.approx(along(shifts)[1:], abs=0.3)


@pytest.mark.parametrize("step", [0.025, 0.07, -0.04])
def test_a_belt_that_creeps_does_not_drift(step):
    steps = np.concatenate([np.full(30, 4.0), np.full(90, step)])
    shifts = measured(views(belt(texture=6.0), np.cumsum(steps), rails=14), PhaseMotion(direction=RIGHT))
    come = np.cumsum(along(shifts)[31:])

    assert np.abs(come - np.cumsum(steps[31:])).max() < 0.4


def test_a_stopped_belt_stays_where_it_is_for_as_long_as_it_stands():
    steps = np.concatenate([np.full(20, 4.0), np.zeros(100)])
    shifts = measured(views(belt(texture=6.0), np.cumsum(steps), noise=4.0), PhaseMotion(direction=RIGHT))

    assert np.abs(np.cumsum(along(shifts)[21:])).max() < 0.15


def test_shake_of_a_camera_does_not_add_up():
    rng = np.random.default_rng(3)
    steps = np.concatenate([np.full(40, 3.0), np.zeros(40)])
    off = rng.normal(0, 3.0, (80, 2)).round()
    pictures = views(belt(texture=6.0), np.cumsum(steps) + off[:, 0])
    shaken = [np.roll(picture, int(across), axis=0) for picture, across in zip(pictures, off[:, 1], strict=True)]
    shifts = measured(shaken, PhaseMotion(direction=RIGHT))

    come = np.cumsum([(shift.dx, shift.dy) for shift in shifts[1:]], axis=0)
    expected = np.stack([np.cumsum(steps), np.zeros(80)], axis=1) + off
    assert np.abs(come - (expected[1:] - expected[0])).max() < 0.5


@pytest.mark.parametrize(("gain", "offset"), [(0.5, 0.0), (1.4, 20.0), (1.0, -60.0)])
def test_sudden_changes_of_light_do_not_matter(gain, offset):
    pictures = list(views(belt(texture=6.0), np.arange(40) * 5.0, rails=14))
    lit = [picture if i < 20 else picture * gain + offset for i, picture in enumerate(pictures)]
    shifts = measured(lit, PhaseMotion(direction=RIGHT))

    assert [5.0] * 39 == pytest.approx(along(shifts)[1:], abs=0.2)


def test_a_hand_over_the_belt_does_not_move_it():
    pictures = list(views(belt(texture=6.0, pitch=90), np.arange(50) * 4.0))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for index in range(25, 45):
        hand = np.hypot((x - 60 - 9 * (index - 25)) / 70, (y - 80) / 40) < 1
        pictures[index] = np.where(hand, 190.0, pictures[index])
    shifts = measured(pictures, PhaseMotion(direction=RIGHT))

    assert [4.0] * 49 == pytest.approx(along(shifts)[1:], abs=0.3)


def test_a_picture_that_was_covered_is_made_up_for_by_the_next():
    pictures = list(views(belt(texture=6.0), np.concatenate([np.arange(20) * 4.0, 76.0 + np.arange(1, 6)])))
    pictures[20] = np.full((HEIGHT, WIDTH), 90.0)
    shifts = measured(pictures, PhaseMotion(direction=RIGHT))

    assert (0.0, pytest.approx(4.0, abs=0.2)) == (shifts[20].confidence, shifts[20].dx)  # assumed
    assert 81.0 == pytest.approx(along(shifts).sum(), abs=0.3)  # and corrected: it had slowed down


@pytest.mark.parametrize("direction", [RIGHT, None])
@pytest.mark.parametrize("step", [90.0, 128.0])
@pytest.mark.parametrize("fps", [25, 3])
def test_fast_belts_are_measured_from_the_second_frame_on(step, fps, direction):
    """128 px are 0.4 of the frame."""
    travels = np.arange(8) * step
    pictures = views(belt(texture=5.0, seed=4), travels)
    shifts = measured(pictures, PhaseMotion(direction=direction), times_s=np.arange(8) / fps)

    assert [step] * 7 == pytest.approx(along(shifts)[1:], abs=1.0)
    assert min(shift.confidence for shift in shifts[1:]) > 0


def test_gaps_and_changing_frame_rates_are_bridged_by_the_clock():
    times_s = np.cumsum([0, 40, 40, 40, 40, 200, 33, 33, 66, 33, 400, 40, 40]) / 1000
    pictures = list(views(belt(texture=6.0), 150 * times_s))
    pictures[10] = np.full((HEIGHT, WIDTH), 90.0)
    shifts = measured(pictures, PhaseMotion(direction=RIGHT), times_s=times_s)

    assert 150 * np.diff(times_s) == pytest.approx(along(shifts)[1:], abs=0.6)
    assert {0.0} == {shifts[10].confidence}


def test_an_object_among_fixed_things_is_followed_before_they_are_known():
    surface = belt()
    for middle in (1990, 2150):
        x, y = np.meshgrid(np.arange(surface.shape[1]) - middle, np.arange(HEIGHT) - 90)
        surface = np.where(np.hypot(x, y) < 20, 190, surface)
    shifts = measured(views(surface, np.arange(60) * 4.0 + 150, rails=55), PhaseMotion(direction=RIGHT))

    assert [4.0] * 55 == pytest.approx(along(shifts)[5:], abs=0.4)


def test_a_hand_that_works_over_a_belt_that_never_moved_does_not_move_it():
    pictures = list(views(belt(texture=6.0, pitch=90), np.zeros(40), rails=14))
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    for index in range(10, 35):
        hand = np.hypot((x - 150 - 30 * np.sin(index / 3)) / 25, (y - 40 - 20 * np.cos(index)) / 25) < 1
        pictures[index] = np.where(hand, 190.0, pictures[index])
    shifts = measured(pictures, PhaseMotion(direction=RIGHT))

    assert np.abs(along(shifts)).max() < 0.2


def test_a_camera_that_is_mounted_askew_sees_a_fast_belt():
    step = np.array([60.0, 2.5])  # 2.4 degrees
    texture = np.clip(120 + grain(1000, 500, seed=6, amplitude=25.0), 0, 255)
    corner = np.array([600.0, 200.0])
    pictures = []
    for index in range(7):
        x, y = np.rint(corner - index * step).astype(int)
        pictures.append(texture[y : y + HEIGHT, x : x + WIDTH])
    shifts = measured(pictures, PhaseMotion(direction=RIGHT, shake=1.0))

    assert [60.0] * 6 == pytest.approx(along(shifts)[1:], abs=0.5)
    assert min(shift.confidence for shift in shifts[1:]) > 0


def test_a_narrow_strip_of_a_belt_is_enough():
    pictures = [picture[80:92] for picture in views(belt(texture=6.0), np.arange(10) * 6.0)]
    shifts = measured(pictures, PhaseMotion(direction=RIGHT))

    assert [6.0] * 9 == pytest.approx(along(shifts)[1:], abs=0.3)


def test_another_camera_of_the_same_shape_starts_anew():
    motion = PhaseMotion(direction=RIGHT, working_width=160)
    pictures = list(views(belt(texture=6.0), np.arange(3) * 5.0))
    measured(pictures, motion)
    image = np.zeros((2 * HEIGHT, 2 * WIDTH, 3), np.uint8)
    shift = motion.measure(Frame.from_bgr(image, index=3, time_s=3 / 25))

    assert (0.0, 0.0, 0.0) == (shift.dx, shift.dy, shift.confidence)
