"""Whatever is asked of the simulator, its truth agrees with its pictures."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import Direction
from conveyorqc.dataset import GroundTruth
from conveyorqc.simulate import BeltProgram, BeltSimulator, Look

PROGRAMS = st.sampled_from(
    [
        BeltProgram(),
        BeltProgram(drift=0.1),
        BeltProgram(segments=((0, 1), (1, 0), (1.5, 1))),
        BeltProgram(segments=((0, 1), (1, -0.7), (1.6, 1.5))),
    ]
)


@st.composite
def arguments(draw):
    direction = draw(st.sampled_from(list(Direction)))
    size = (192, 120) if direction.horizontal else (120, 192)
    return {
        "width": size[0],
        "height": size[1],
        "fps": 10.0,
        "seconds": 2.6,
        "objects": draw(st.integers(0, 7)),
        "seed": draw(st.integers(0, 10_000)),
        "direction": direction,
        "speed_px_s": draw(st.floats(60.0, 500.0)),
        "program": draw(PROGRAMS),
        "object_diameter_px": 26.0,
        "touching_fraction": draw(st.sampled_from([0.0, 0.6])),
    }


@settings(max_examples=20, deadline=None)
@given(arguments(), st.sampled_from([0.0, 0.8]))
def test_boxes_of_the_truth_fit_the_pixels_within_two_px(arguments, shake_px):
    look = Look(texture=0, shadow=0, crumbs=0, lighting=0, flicker=0, noise=0, shutter=0, shake_px=shake_px)
    simulator = BeltSimulator(**arguments, look=look)
    truth = simulator.truth
    background = BeltSimulator(**{**arguments, "objects": 0}, look=look).frames()
    for frame, belt in zip(simulator.frames(), background, strict=True):
        changed = (np.abs(frame.bgr.astype(int) - belt.bgr) > 30).any(axis=2)
        _, boxes, visible = truth.boxes_at(frame.index)
        allowed = np.zeros_like(changed)
        # Less than half a column of an object is not in the truth yet.
        allowed[:, [0, -1]] = True
        allowed[[0, -1]] = True
        for box, share in zip(boxes, visible, strict=True):
            x0, y0, x1, y1 = np.rint(box).astype(int)
            allowed[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2] = True
            inside = changed[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2]
            if share == 1.0:
                rows, columns = np.flatnonzero(inside.any(axis=1)), np.flatnonzero(inside.any(axis=0))
                assert max(rows[0], columns[0]) <= 4
                assert min(rows[-1] - inside.shape[0], columns[-1] - inside.shape[1]) >= -5
        assert not (changed & ~allowed).any()


@settings(max_examples=30, deadline=None)
@given(arguments())
def test_every_object_comes_is_whole_and_goes_in_that_order(arguments):
    truth = BeltSimulator(**arguments).truth
    assert truth.counts["objects"] == arguments["objects"]
    assert [found.id for found in truth.objects] == list(range(1, arguments["objects"] + 1))
    for found in truth.objects:
        seen = [f for f, boxes in enumerate(truth.frames) if any(box.id == found.id for box in boxes)]
        assert seen[0] == found.first_frame
        assert found.gone_frame == (None if seen[-1] == truth.frames_total - 1 else seen[-1] + 1)
        moments = [found.first_frame, found.fully_in_frame, found.gone_frame]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)
        if found.crosses_centre_frame is not None:
            assert found.crosses_centre_frame >= found.first_frame
    firsts = [found.first_frame for found in truth.objects]
    assert firsts == sorted(firsts)


@settings(max_examples=20, deadline=None)
@given(arguments())
def test_boxes_lie_inside_the_frame_and_shares_inside_zero_and_one(arguments):
    truth = BeltSimulator(**arguments).truth
    for frame_index in range(truth.frames_total):
        _, boxes, visible = truth.boxes_at(frame_index)
        assert (boxes >= 0).all()
        assert (boxes[:, 2] <= truth.width + 0.05).all()
        assert (boxes[:, 3] <= truth.height + 0.05).all()
        assert ((visible >= 0) & (visible <= 1)).all()


@settings(max_examples=10, deadline=None)
@given(arguments())
def test_truth_survives_its_file(tmp_path_factory, arguments):
    truth = BeltSimulator(**arguments).truth
    path = tmp_path_factory.mktemp("truth") / "clip.gt.json"
    truth.save(path)
    assert GroundTruth.load(path) == truth
