"""One pass over a clip: bounded memory, pictures spread evenly, velocities that are believed."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.calibrate._survey import SAMPLE_WIDTH, Sample, Survey, evenly, survey
from conveyorqc.core import Direction, Frame
from conveyorqc.errors import CalibrationError, InvalidInput


def numbered(count: int, *, width: int = 48, height: int = 32):
    """Frames whose grey level is their index modulo 256."""
    for index in range(count):
        picture = np.full((height, width, 3), index % 256, np.uint8)
        yield Frame.from_bgr(picture, index=index, time_s=index / 25)


def seen(shifts, *, period_s: float = 0.1) -> Survey:
    """A survey of these dx, dy, confidence of a frame of 160x96 px."""
    return Survey(160, 96, np.arange(len(shifts)) * period_s, np.array(shifts, dtype=np.float64), ())


@pytest.mark.parametrize("count", [1, 95, 96, 97, 192, 250])
def test_samples_are_bounded_and_spread_evenly(count):
    indices = [sample.frame_index for sample in survey(numbered(count), most_frames=10_000).samples]
    assert 1 <= len(indices) < 96
    assert 0 == indices[0]
    assert all(1 <= step <= max(1, 2 * count // 48) for step in np.diff(indices))
    assert count - indices[-1] <= 2 * max(1, count // 48)


def test_memory_does_not_grow_with_the_clip():
    lengths = {len(survey(numbered(count, width=16, height=16), most_frames=10_000).samples) for count in (700, 1500)}
    assert max(lengths) < 96


def test_large_frames_are_kept_small():
    found = survey(numbered(2, width=1280, height=720), most_frames=9)
    assert {(360, SAMPLE_WIDTH, 3)} == {sample.picture.shape for sample in found.samples}
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
    assert 50.0 == pytest.approx(found.speed(direction).value)


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


def test_a_figure_of_the_travel_is_along_the_belt():
    found = seen([(0, 0, 1)] + [(5, 1, 1)] * 20)
    assert 100.0 == pytest.approx(found.travel(Direction.LEFT_TO_RIGHT))
    assert (160, 96) == (found.extent(Direction.RIGHT_TO_LEFT), found.extent(Direction.TOP_TO_BOTTOM))
    assert 5.0 == pytest.approx(found.fast_step(Direction.LEFT_TO_RIGHT))
    assert 0.0 == found.fast_step(Direction.RIGHT_TO_LEFT) == found.travel(Direction.RIGHT_TO_LEFT)
    assert 1.0 == pytest.approx(found.agreement)
    assert 0.0 == seen([(0, 0, 1)]).agreement


def test_a_belt_that_stands_for_long_is_sampled_for_its_travel():
    strip = np.random.default_rng(1).integers(0, 256, (60, 600, 3), dtype=np.uint8).repeat(2, axis=0)

    def frames():
        for index in range(300):
            start = 400 - 5 * max(0, index - 220)
            yield Frame.from_bgr(strip[:, start : start + 200].copy(), index=index, time_s=index / 25)

    chosen = [sample.frame_index for sample in survey(frames(), most_frames=1000).spread(20)]
    assert sum(index >= 220 for index in chosen) >= 15


@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_places_are_chosen_evenly_and_each_once(count):
    places = np.sort(np.random.default_rng(count).random(50)).tolist()
    chosen = evenly(places, count).tolist()
    assert chosen == sorted(set(chosen))
    assert 1 <= len(chosen) <= count


def test_as_many_samples_as_there_are():
    samples = tuple(Sample(index, float(index), np.zeros((2, 2, 3), np.uint8)) for index in range(3))
    assert list(samples) == Survey(2, 2, np.zeros(3), np.zeros((3, 3)), samples).spread(9)
