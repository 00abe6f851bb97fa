"""The small belt shows what it says it shows."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.geometry import box_area, box_centers
from conveyorqc.testing import belt_scene


@pytest.mark.parametrize("direction", Direction)
def test_three_discs_pass_in_the_direction_of_travel(direction):
    scene = belt_scene(direction)
    path = np.concatenate([box_centers(tracks.boxes[tracks.ids == 2]) for tracks in scene.tracks])
    steps = np.diff(path, axis=0) @ np.array(direction.unit)
    assert steps.min() >= 4
    assert [i for tracks in scene.tracks for i in tracks.entered] == [1, 2, 3]
    assert [i for tracks in scene.tracks for i in tracks.ended] == [1, 2, 3]


@pytest.mark.parametrize("direction", Direction)
def test_the_boxes_hold_the_discs_and_little_else(direction):
    scene = belt_scene(direction)
    for frame, detections in scene:
        orange = frame.bgr[..., 2].astype(int) - frame.bgr[..., 0] > 80
        inside = np.zeros_like(orange)
        for x0, y0, x1, y1 in detections.boxes.astype(int).tolist():
            inside[y0:y1, x0:x1] = True
        assert not (orange & ~inside).any()
        if (box_area(detections.boxes) == 36**2).all():
            assert orange.sum() >= 0.7 * inside.sum()


def test_the_belt_moves_with_the_discs():
    before, after = (frame.bgr for frame in belt_scene().frames[30:32])
    assert np.array_equal(before[:, :-8], after[:, 8:])


def test_the_first_and_the_last_frame_are_empty():
    scene = belt_scene()
    assert (len(scene.frames), len(scene.detections[0]), len(scene.detections[-1])) == (62, 0, 0)
    assert all(box_area(detections.boxes).min(initial=1.0) > 0 for detections in scene.detections)
    assert [frame.time_s for frame in scene.frames[:3]] == [0.0, 0.04, 0.08]


def test_the_same_seed_gives_the_same_pixels():
    assert np.array_equal(belt_scene().frames[9].bgr, belt_scene().frames[9].bgr)
    assert not np.array_equal(belt_scene().frames[9].bgr, belt_scene(seed=8).frames[9].bgr)
