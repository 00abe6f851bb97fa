"""The simulator as its users see it: frames, exact truth, files."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.dataset import GroundTruth
from conveyorqc.errors import DatasetError, InvalidInput, VideoWriteError
from conveyorqc.simulate import BeltProgram, BeltSimulator, Look, simulate_clip
from conveyorqc.video import open_video

SMALL = {"width": 160, "height": 96, "fps": 10.0, "seconds": 3.0, "objects": 6, "speed_px_s": 120.0}


def small(**changes) -> BeltSimulator:
    return BeltSimulator(**{**SMALL, **changes})


def pictures(simulator: BeltSimulator) -> np.ndarray:
    return np.stack([frame.bgr for frame in simulator.frames()])


def test_the_same_arguments_give_the_same_clip_each_time_it_is_run():
    simulator = small(look=Look(shake_px=1.0))
    first = pictures(simulator)
    np.testing.assert_array_equal(first, pictures(simulator))
    np.testing.assert_array_equal(first, pictures(small(look=Look(shake_px=1.0))))
    assert simulator.truth == small(look=Look(shake_px=1.0)).truth


def test_another_seed_gives_another_clip():
    assert small(seed=1).truth.frames != small(seed=2).truth.frames


def test_frames_carry_index_and_time_and_have_the_wanted_size():
    frames = list(small().frames())
    assert [frame.index for frame in frames] == list(range(30))
    assert [frame.time_s for frame in frames] == pytest.approx([i / 10 for i in range(30)])
    assert {(frame.width, frame.height) for frame in frames} == {(160, 96)}


def test_the_truth_describes_the_clip():
    truth = small(seed=4, direction="right_to_left", look=Look(belt="dark")).truth
    assert (truth.width, truth.height, truth.fps, truth.frames_total) == (160, 96, 10.0, 30)
    assert (truth.seed, truth.belt, truth.speed_px_s) == (4, "dark", 120.0)
    assert truth.direction is Direction.RIGHT_TO_LEFT
    assert truth.counts["objects"] == 6


def test_labels_come_in_the_wanted_shares():
    truth = small(objects=20, seconds=12.0, broken_fraction=0.3, stacked_fraction=0.2, touching_fraction=0.4).truth
    counts = truth.counts
    assert (counts["normal"], counts["broken"], counts["stacked"]) == (10, 6, 4)
    assert counts["touching_pairs"] == 4
    assert all(found.anomaly == (found.label != "normal") for found in truth.objects)
    assert all((found.cookies > 1) == (found.label == "stacked") for found in truth.objects)


def test_the_directions_of_one_seed_show_the_same_scene_turned():
    along = pictures(small())
    np.testing.assert_array_equal(pictures(small(direction="right_to_left")), along[:, :, ::-1])
    upright = {"width": 96, "height": 160}
    down = pictures(small(direction="top_to_bottom", **upright))
    np.testing.assert_array_equal(down, along.transpose(0, 2, 1, 3))
    np.testing.assert_array_equal(pictures(small(direction="bottom_to_top", **upright)), down[:, ::-1])
    moments = [
        (found.first_frame, found.fully_in_frame, found.crosses_centre_frame, found.gone_frame)
        for found in small().truth.objects
    ]
    assert moments == [
        (found.first_frame, found.fully_in_frame, found.crosses_centre_frame, found.gone_frame)
        for found in small(direction="bottom_to_top", **upright).truth.objects
    ]


def test_boxes_enter_at_one_edge_move_evenly_and_leave_at_the_other():
    truth = small(seconds=4.0, objects=3, program=BeltProgram()).truth
    found = truth.objects[0]
    boxes = {f: box for f in range(truth.frames_total) for box in truth.frames[f] if box.id == found.id}
    assert list(boxes) == list(range(found.first_frame, found.gone_frame))
    assert boxes[found.first_frame].x == 0.0
    assert boxes[found.first_frame].visible_fraction < 1.0
    whole = [f for f, box in boxes.items() if box.visible_fraction == 1.0 and box.x > 0]
    assert whole[0] == found.fully_in_frame
    np.testing.assert_allclose(np.diff([boxes[f].x for f in whole[:-1]]), 12.0, atol=0.11)
    last = boxes[found.gone_frame - 1]
    assert last.x + last.w == pytest.approx(160.0, abs=0.1)
    centre = [box.x + box.w / 2 for box in boxes.values()]
    assert (
        centre[found.crosses_centre_frame - found.first_frame]
        >= 80.0
        > centre[found.crosses_centre_frame - found.first_frame - 1]
    )


def test_a_stopped_belt_shows_the_same_picture():
    program = BeltProgram(segments=((0, 1), (1, 0)), ramp_s=0.1)
    film = pictures(small(program=program, look=Look(noise=0, flicker=0)))
    np.testing.assert_array_equal(film[15], film[-1])
    assert not np.array_equal(film[5], film[6])


def test_a_reversed_belt_carries_objects_back_out():
    program = BeltProgram(segments=((0, 1), (1.2, -1)), ramp_s=0.1)
    truth = small(program=program, objects=3).truth
    assert truth.counts["objects"] == 3
    assert truth.frames[-1] == ()
    assert all(found.gone_frame is not None for found in truth.objects)


def test_a_belt_faster_than_a_cookie_per_frame_still_shows_every_object():
    truth = small(speed_px_s=900.0, objects=20, program=BeltProgram()).truth
    assert truth.counts["objects"] == 20
    assert {box.id for boxes in truth.frames for box in boxes} == set(range(1, 21))


def test_an_empty_belt_is_a_clip_too():
    simulator = small(objects=0)
    assert simulator.truth.counts["objects"] == 0
    assert len(pictures(simulator)) == 30


def test_moving_objects_are_smeared_by_a_long_shutter():
    def sharpness(shutter: float) -> float:
        film = pictures(small(speed_px_s=200.0, look=Look(shutter=shutter, noise=0)))
        return float(np.abs(np.diff(film[20:].astype(float), axis=2)).mean())

    assert sharpness(1.0) < 0.8 * sharpness(0.0)


def test_memory_does_not_grow_with_the_length_of_the_clip():
    simulator = small(seconds=40.0, objects=60)
    tracemalloc.start()
    for _ in simulator.frames():
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100 * 160 * 96 * 3


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"width": 10}, "width: expected"),
        ({"height": 100_000}, "height: expected"),
        ({"fps": 0.0}, "fps: expected"),
        ({"fps": float("nan")}, "fps: expected"),
        ({"seconds": 0.0}, "seconds: expected"),
        ({"seed": -1}, "seed: expected"),
        ({"direction": "up"}, "direction: expected one of left_to_right"),
        ({"objects": -1}, "objects: expected 0 or more"),
        ({"objects": 10_000}, r"objects: expected at most about \d+"),
        ({"objects": 140}, r"objects: expected at most about \d+"),
        ({"speed_px_s": 0.0}, "objects: expected 0, because the belt brings none"),
        ({"speed_px_s": float("inf")}, "speed_px_s: expected"),
        ({"speed_px_s": 5000.0}, "expected at most the frame's length of 160 px"),
        ({"object_diameter_px": 90.0}, "object_diameter_px: expected"),
        ({"broken_fraction": 1.2}, "broken_fraction: expected"),
        ({"broken_fraction": 0.7, "stacked_fraction": 0.7}, "stacked_fraction: expected"),
        ({"touching_fraction": -0.1}, "touching_fraction: expected"),
        ({"lanes": 0}, "lanes: expected"),
        ({"belt_at_start": "full"}, "belt_at_start: expected 'empty' or 'loaded', got 'full'"),
        ({"lost_fraction": 1.0}, "lost_fraction: expected"),
    ],
)
def test_impossible_clips_are_refused(changes, text):
    with pytest.raises(InvalidInput, match=text):
        small(**changes)


def test_a_clip_is_written_with_its_truth_beside_it(tmp_path):
    simulator = small(seconds=1.0, objects=2)
    path, seen = tmp_path / "línea 1.mp4", []
    beside = simulate_clip(simulator, path, on_frame=lambda frame: seen.append(frame.index))
    assert beside == tmp_path / "línea 1.gt.json"
    assert GroundTruth.load(beside) == simulator.truth
    assert seen == list(range(10))
    written = [frame.bgr for frame in open_video(path)]
    assert len(written) == 10
    difference = np.abs(written[9].astype(int) - pictures(simulator)[9])
    assert float(difference.mean()) < 8


def test_a_clip_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises((VideoWriteError, DatasetError)):
        simulate_clip(small(seconds=0.2, objects=0), tmp_path / "no" / "such" / "folder.mp4")


def test_shares_that_add_up_to_all_leave_no_normal_object():
    counts = small(broken_fraction=0.9, stacked_fraction=0.1, objects=10, seconds=6.0).truth.counts
    assert (counts["normal"], counts["broken"], counts["stacked"]) == (0, 9, 1)


def test_clips_with_one_look_seed_show_the_same_belt_with_other_objects_on_it():
    first, second = (small(seconds=1.0, objects=2, seed=seed, look_seed=5) for seed in (1, 2))
    other = small(seconds=1.0, objects=2, seed=1, look_seed=6)
    # The shadow of what is about to come in may fall on the left of the empty belt.
    empty = [next(iter(simulator.frames())).bgr[:, 100:] for simulator in (first, second, other)]
    assert np.array_equal(empty[0], empty[1])
    assert not np.array_equal(empty[0], empty[2])
    assert first.truth.frames != second.truth.frames
    assert first.truth.frames == other.truth.frames


def test_a_negative_look_seed_is_refused():
    with pytest.raises(InvalidInput, match="look_seed: expected 0 or more, got -1"):
        small(look_seed=-1)


def test_a_loaded_belt_shows_as_many_objects_on_its_first_frame_as_later():
    truth = small(objects=20, seconds=8.0, seed=2, belt_at_start="loaded").truth
    visible = [len(boxes) for boxes in truth.frames]
    assert truth.counts["objects"] == 20
    assert 0 < visible[0] <= max(visible) <= 2 * visible[0]


def test_an_object_that_starts_beyond_the_middle_does_not_cross_it():
    truth = small(objects=20, seconds=8.0, seed=2, belt_at_start="loaded").truth
    middles = {box.id: box.x + box.w / 2 for box in truth.frames[0]}
    beyond = [found.crosses_centre_frame for found in truth.objects if middles.get(found.id, 0.0) > 81]
    assert beyond
    assert {None} == set(beyond)
    assert all(found.crosses_centre_frame for found in truth.objects if 40 < middles.get(found.id, 0.0) < 79)


def test_lost_frames_are_missing_and_the_others_keep_their_times_and_places():
    torn = small(seed=5, lost_fraction=0.4)
    times = [round(frame.time_s * 10) for frame in torn.frames()]
    assert times[0] == 0
    assert 9 <= len(times) <= 25
    assert times == sorted(set(times))
    assert len(times) == torn.truth.frames_total
    steps = np.diff([torn.truth.frames[i][0].x for i in (-2, -1)]), np.diff(times[-2:])
    assert steps[0] == pytest.approx(12.0 * steps[1], abs=1.0)
