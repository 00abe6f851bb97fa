"""`calibrate` and `examine`: what they read off a clip, and what they say when a clip shows no line."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator

import numpy as np
import pytest

from conveyorqc.calibrate import calibrate, examine
from conveyorqc.config import LineConfig
from conveyorqc.core import Direction, Frame
from conveyorqc.errors import CalibrationError, EmptyVideo, InvalidInput
from conveyorqc.simulate import BeltProgram, BeltSimulator, Look

SCENE = {"width": 240, "height": 136, "fps": 12.0, "seconds": 4.5, "objects": 6, "speed_px_s": 110.0, "seed": 1}
DIAMETER = 0.153 * 136


def scene(**changes) -> BeltSimulator:
    return BeltSimulator(**{**SCENE, **changes})


def clip(pictures) -> list[Frame]:
    return [Frame.from_bgr(picture, index=index, time_s=index / 15) for index, picture in enumerate(pictures)]


def grain(seed: int, *, height: int = 90, width: int = 400) -> np.ndarray:
    """A belt that no place of which looks like another."""
    coarse = np.random.default_rng(seed).integers(60, 120, (height // 3, width // 3 + 1), dtype=np.uint8)
    return np.repeat(coarse.repeat(3, axis=0).repeat(3, axis=1)[:height, :width, None], 3, axis=2)


def sliding(strip: np.ndarray, steps: list[int], *, width: int = 160) -> list[Frame]:
    """A window on ``strip`` whose left edge is at ``steps``: the picture moves right where they fall."""
    return clip([strip[:, start : start + width].copy() for start in steps])


@pytest.fixture(scope="module")
def usual() -> LineConfig:
    return calibrate(scene().frames())


@pytest.fixture(scope="module")
def found():
    return examine(scene().frames())


def test_the_line_is_what_the_clip_shows(usual):
    assert Direction.LEFT_TO_RIGHT is usual.direction
    assert (usual.backend, usual.sinks) == (None, ())
    assert usual.detector.belt.build().size == (240, 136)


def test_the_size_of_objects_sets_what_hangs_on_it(usual):
    diameter = usual.detector.blobs.diameter
    assert diameter == pytest.approx(DIAMETER, rel=0.12)
    assert usual.schedule.distance == pytest.approx(0.35 * diameter)
    assert usual.tracker.max_distance == pytest.approx(0.5 * diameter)
    assert usual.detector.blobs.min_area == pytest.approx(0.15 * np.pi / 4 * diameter**2)


def test_the_belt_is_learned_though_objects_are_in_view_all_the_time(usual):
    objects_from_the_start = list(scene(seconds=8.0, objects=10).frames())[32:]
    belt = calibrate(objects_from_the_start).detector.belt.build()
    difference = np.abs(belt.picture.astype(int) - usual.detector.belt.build().picture)
    assert float(np.median(difference)) <= 3.0
    assert float((difference.max(axis=2) > 40).mean()) < 0.02


@pytest.mark.parametrize("direction", Direction)
def test_each_direction_is_found(direction):
    size = {} if direction.horizontal else {"width": 136, "height": 240}
    assert direction is calibrate(scene(direction=direction, **size).frames()).direction


def test_an_empty_belt_at_the_start_does_no_harm():
    late = scene(seconds=7.0, objects=4, seed=3, program=BeltProgram(segments=((0.0, 0.0), (2.0, 1.0))))
    assert not any(late.truth.frames[:24])
    line = calibrate(late.frames())
    assert line.detector.blobs.diameter == pytest.approx(DIAMETER, rel=0.15)


def test_a_belt_that_stands_half_of_the_time_and_backs_up_runs_the_way_it_mostly_runs():
    program = BeltProgram(segments=((0.0, 1.0), (2.0, 0.0), (5.0, -1.0), (5.5, 1.0)))
    line = calibrate(scene(seconds=8.0, program=program, direction="right_to_left").frames())
    assert Direction.RIGHT_TO_LEFT is line.direction


def test_touching_objects_do_not_pass_for_large_ones():
    line = calibrate(scene(objects=8, touching_fraction=0.5, stacked_fraction=0.0, broken_fraction=0.0).frames())
    assert line.detector.blobs.diameter == pytest.approx(DIAMETER, rel=0.15)


def test_pairs_do_not_pass_for_objects_though_all_objects_touch():
    pairs = scene(objects=8, touching_fraction=1.0, stacked_fraction=0.0, broken_fraction=0.0, seconds=6.0)
    assert calibrate(pairs.frames()).detector.blobs.diameter == pytest.approx(DIAMETER, rel=0.15)


def test_a_crowd_that_is_there_from_the_first_frame_does_no_harm():
    loaded = scene(belt_at_start="loaded", seconds=6.0, objects=18, speed_px_s=150.0)
    line = calibrate(loaded.frames())
    assert line.detector.blobs.diameter == pytest.approx(DIAMETER, rel=0.2)


def test_what_a_shaking_camera_moves_is_forgiven():
    still, shaken = (examine(scene(look=Look(shake_px=shake), speed_px_s=130.0).frames()) for shake in (0.0, 2.5))
    assert (1, 0.4) == (still.line.detector.reach, pytest.approx(still.shake_px, abs=0.4))
    assert shaken.line.detector.reach in (2, 3, 4, 5)
    assert still.line.motion.shake == 12.0
    assert shaken.line.motion.shake == pytest.approx(max(12.0, 2.6 * shaken.shake_px))
    assert shaken.shake_px == pytest.approx(1.65 * 2.5, abs=1.6)


def test_what_is_found_is_told(found):
    truth = scene().truth
    assert found.speed.value == pytest.approx(110, rel=0.03)
    assert found.diameter.value == pytest.approx(DIAMETER, rel=0.12)
    assert found.objects == pytest.approx(truth.counts["objects"], abs=1)
    assert (240, 136) == found.size
    assert (found.frames, found.moving) == (54, pytest.approx(1.0, abs=0.05))
    assert (DIAMETER + 0.7 * DIAMETER) / 240 < found.entry_strip < 0.5
    assert found.other_diameter is None


def test_colours_of_belt_and_objects_are_told(found):
    blue, _, red = found.belt_color
    assert blue > red
    assert {True} == {kind.bgr[2] > kind.bgr[0] for kind in found.object_colors}
    assert sum(kind.share for kind in found.object_colors) <= 1.0
    assert found.contrast > 10


def test_the_view_shows_the_objects_that_were_found(found):
    truth = scene().truth
    _, boxes, visible = truth.boxes_at(found.view_frame)
    assert (136, 240, 3) == found.view.shape
    assert len(found.view_boxes) == pytest.approx((visible > 0.3).sum(), abs=1)
    assert len(boxes) >= 3


def test_the_configuration_is_that_of_calibrate(found, usual):
    assert usual == found.line


def test_two_products_are_told_apart():
    rng = np.random.default_rng(3)
    strip = np.full((120, 2400, 3), 90, np.uint8) + rng.integers(0, 12, (120, 2400, 1), dtype=np.uint8)
    y, x = np.mgrid[:120, :2400]
    for number, place in enumerate(range(60, 2400, 60)):
        radius, row = ((22, 40), (7, 90))[number % 2]
        strip[np.hypot(x - place, y - row) <= radius] = (60, 150, 220)
    found = examine(sliding(strip, list(range(2200, 0, -9)), width=240))
    assert 14 == pytest.approx(found.other_diameter, rel=0.15)
    assert 44 == pytest.approx(found.diameter.value, rel=0.1)
    assert found.line.detector.blobs.diameter == found.other_diameter
    assert "two products" in found.doubts["diameter"]


def test_small_objects_are_looked_at_with_more_resolution():
    small = scene(width=960, height=540, object_diameter_px=36.0, seconds=4.0, speed_px_s=300.0, fps=10.0)
    line = calibrate(small.frames())
    width, _ = line.detector.belt.build().size
    assert 400 <= width <= 640
    assert line.detector.blobs.diameter == pytest.approx(36.0, rel=0.15)
    assert line.detector.blobs.clean == pytest.approx(3.0 * 960 / width)


def test_small_objects_of_a_small_frame_are_looked_at_as_they_are():
    tiny = scene(object_diameter_px=13.0, look=Look.plain(), objects=8)
    assert (240, 136) == calibrate(tiny.frames()).detector.belt.build().size


def test_a_tiny_clip_is_enough():
    tiny = scene(width=96, height=64, seconds=4.0, objects=4, speed_px_s=40.0, object_diameter_px=18.0)
    line = calibrate(tiny.frames())
    assert (96, 64) == line.detector.belt.build().size


def test_frames_may_come_from_a_generator_which_is_read_no_further_than_needed():
    taken = itertools.count()

    def counted() -> Iterator[Frame]:
        for frame in scene().frames():
            next(taken)
            yield frame

    calibrate(counted(), most_frames=40)
    assert 40 == next(taken)


def test_the_same_clip_gives_the_same_line(usual):
    assert usual == calibrate(scene().frames())


def test_the_log_says_what_was_found(caplog):
    with caplog.at_level(logging.INFO, logger="conveyorqc.calibrate"):
        calibrate(scene().frames())
    assert "calibrated from 54 frames: left_to_right at 11" in caplog.text


def test_no_frames_are_no_clip():
    with pytest.raises(CalibrationError, match="expected frames to calibrate from, got none"):
        calibrate([])


@pytest.mark.parametrize("most_frames", [0, -1])
def test_it_must_be_allowed_to_look(most_frames):
    with pytest.raises(InvalidInput, match=f"most_frames: expected 1 or more, got {most_frames}"):
        calibrate(scene().frames(), most_frames=most_frames)


def test_what_the_source_raises_comes_through():
    def broken() -> Iterator[Frame]:
        yield from itertools.islice(scene().frames(), 10)
        raise EmptyVideo("the camera went away")

    with pytest.raises(EmptyVideo, match="went away"):
        calibrate(broken())


def test_a_belt_that_stands_is_refused():
    with pytest.raises(
        CalibrationError, match="expected a clip with a moving belt, but in 40 frames only 0 show motion"
    ):
        calibrate(clip([grain(1)[:, :160]] * 40))


def test_a_single_frame_is_refused():
    with pytest.raises(CalibrationError, match="in 1 frames only 0 show motion"):
        calibrate(clip([grain(1)[:, :160]]))


def test_noise_alone_is_refused():
    rng = np.random.default_rng(5)
    with pytest.raises(CalibrationError):
        calibrate(clip([rng.integers(0, 256, (96, 160, 3), dtype=np.uint8) for _ in range(40)]))


def test_a_black_clip_is_refused():
    with pytest.raises(CalibrationError, match="only 0 show motion"):
        calibrate(clip([np.zeros((96, 160, 3), np.uint8)] * 20))


def test_what_only_goes_to_and_fro_is_no_belt():
    steps = [100 + 6 * (index % 2) for index in range(40)]
    with pytest.raises(CalibrationError, match="expected a belt that runs one way, but what moves goes to and fro"):
        calibrate(sliding(grain(2), steps))


def test_an_empty_belt_is_refused():
    smooth = np.full((90, 400, 3), 110, np.uint8) + (grain(3) > 90).astype(np.uint8)
    with pytest.raises(CalibrationError, match="expected objects on the belt, but nothing larger than a speck"):
        calibrate(sliding(smooth, list(range(230, 0, -5))))


def test_objects_that_never_fit_into_the_frame_are_refused():
    strip = np.full((90, 900, 3), 110, np.uint8)
    strip += (grain(4, width=900) > 90).astype(np.uint8)
    for start in range(60, 900, 220):
        strip[:, start : start + 60] = (40, 90, 200)
    with pytest.raises(CalibrationError, match=r"expected objects that fit into the frame, but its edges cut all \d+"):
        calibrate(sliding(strip, list(range(735, 0, -5))))
