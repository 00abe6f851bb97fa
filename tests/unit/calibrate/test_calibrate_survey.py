"""One pass over a clip: bounded memory, pictures spread evenly, velocities that are believed."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.calibrate._survey import SAMPLE_WIDTH, Survey, survey
from conveyorqc.core import Direction, Frame
from conveyorqc.errors import CalibrationError, InvalidInput


def numbered(count: int, *, width: int = 48, height: int = 32):
    """Frames whose grey level is their index modulo 256."""
    for index in range(count):
        picture = np.full((height, width, 3), index % 256, np.uint8)
        yield Frame.from_bgr(picture, index=index, time_s=index / 25)


def seen(shifts, *, period_s: float = 0.1) -> Survey:
    """A survey of these dx, dy, confidence of a frame of 160x96 px."""
    return Survey(160, 96, len(shifts), np.arange(len(shifts)) * period_s, np.array(shifts, dtype=np.float64), ())


@pytest.mark.parametrize("count", [1, 95, 96, 97, 192, 250])
def test_samples_are_bounded_and_spread_evenly(count):
    levels = [int(sample[0, 0, 0]) for sample in survey(numbered(count), most_frames=10_000).samples]
    assert 1 <= len(levels) < 96
    assert 0 == levels[0]
    assert len(set(np.diff(levels).tolist())) <= 1
    assert count - levels[-1] <= 2 * max(1, count // 48)


def test_memory_does_not_grow_with_the_clip():
    lengths = {len(survey(numbered(count, width=16, height=16), most_frames=10_000).samples) for count in (700, 1500)}
    assert max(lengths) < 96


def test_large_frames_are_kept_small():
    found = survey(numbered(2, width=1280, height=720), most_frames=9)
    assert {(360, SAMPLE_WIDTH, 3)} == {sample.shape for sample in found.samples}
    assert (1280, 720, 2) == (found.width, found.height, found.frames)


def test_only_so_many_frames_are_looked_at():
    frames = numbered(30)
    assert 7 == survey(frames, most_frames=7).frames
    assert 7 == next(frames).index


def test_no_frames_are_refused():
    with pytest.raises(CalibrationError, match="got none"):
        survey(iter(()), most_frames=5)
    with pytest.raises(InvalidInput, match="most_frames"):
        survey(numbered(3), most_frames=0)


@pytest.mark.parametrize(
    ("shift", "direction"),
    [
        ((5.0, 1.0), Direction.LEFT_TO_RIGHT),
        ((-5.0, 1.0), Direction.RIGHT_TO_LEFT),
        ((1.0, 5.0), Direction.TOP_TO_BOTTOM),
        ((1.0, -5.0), Direction.BOTTOM_TO_TOP),
    ],
)
def test_the_direction_is_that_of_most_of_the_travel(shift, direction):
    found = seen([(0, 0, 1)] * 5 + [(*shift, 1)] * 6 + [(-shift[0], -shift[1], 1)])
    assert direction is found.direction()
    assert 50.0 == pytest.approx(found.speed(direction))


def test_shifts_that_are_not_believed_or_too_small_do_not_vote():
    found = seen([(9, 0, 1), (5, 0, 0.2), (-40, 0, 0.0), (0.05, 0, 1), (0, 30, 0.0)])
    assert [[50.0, 0.0]] == found.velocities.tolist(), "the first frame has none before it"
    with pytest.raises(CalibrationError, match="in 5 frames only 1 show motion"):
        found.direction()


def test_frames_of_one_and_the_same_time_do_not_vote():
    assert 0 == len(seen([(5, 0, 1)] * 4, period_s=0.0).velocities)


@pytest.mark.parametrize("more", [[], [(5, 0, 1)], [(-5, 0, 1)]])
def test_to_and_fro_is_no_direction(more):
    with pytest.raises(CalibrationError, match="to and fro"):
        seen([(0, 0, 1)] + [(5, 0, 1), (-5, 0, 1)] * 5 + more).direction()


def test_a_shake_as_fast_as_the_belt_does_not_hide_its_direction():
    rng = np.random.default_rng(3)
    shifts = np.column_stack([rng.normal(2.0, 2.0, 80), rng.normal(0.0, 2.0, 80), np.ones(80)])
    assert Direction.LEFT_TO_RIGHT is seen(shifts.tolist()).direction()


def test_a_shake_over_a_belt_that_stands_is_no_direction():
    shifts = np.column_stack([np.random.default_rng(4).normal(0.0, 2.0, (80, 2)), np.ones(80)])
    with pytest.raises(CalibrationError, match="to and fro"):
        seen(shifts.tolist()).direction()
