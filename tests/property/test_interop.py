"""Whatever a foreign tracker answers, its objects enter and end once, and records survive the way there and back."""

from __future__ import annotations

import numpy as np
import supervision as sv
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import BeltShift, Detections, Frame
from conveyorqc.interop import SupervisionTracker, from_supervision, to_supervision
from conveyorqc.testing import ScriptedMotion

WIDTH, HEIGHT = 48, 32
PIXELS = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


class Scripted:
    """Answers what it is told: the x0 of a box by id."""

    def __init__(self, looks):
        self.looks = iter(looks)

    def update(self, detections):
        there = next(self.looks)
        boxes = np.array([[x, 2.0, x + 9, 12.0] for x in there.values()]).reshape(-1, 4)
        return sv.Detections(xyxy=boxes, tracker_id=np.array(list(there), dtype=int))


looks = st.lists(
    st.one_of(st.none(), st.dictionaries(st.integers(-1, 6), st.floats(-20, 60), max_size=5)), min_size=1, max_size=25
)
speeds = st.one_of(st.none(), st.floats(-20, 20))


@given(looks, st.integers(1, 4), speeds)
def test_ids_are_dense_and_enter_and_end_once(answers, lost_after, speed):
    motion = None if speed is None else ScriptedMotion({n: BeltShift(speed, 0, 1) for n in range(len(answers))})
    other = Scripted([answer for answer in answers if answer is not None])
    tracker = SupervisionTracker(other, lost_after=lost_after, motion=motion)
    alive, latest = set(), 0
    for index, answer in enumerate(answers):
        frame = Frame.from_bgr(PIXELS, index=index, time_s=index / 25)
        tracks = tracker.update(frame, None if answer is None else Detections([]))

        assert tuple(range(latest + 1, latest + 1 + len(tracks.entered))) == tracks.entered
        latest += len(tracks.entered)
        alive |= set(tracks.entered)
        assert set(tracks.ended) <= alive
        alive -= set(tracks.ended)
        assert sorted(tracks.ids.tolist()) == tracks.ids.tolist()
        assert set(tracks.ids.tolist()) <= alive
        assert ((tracks.boxes >= 0) & (tracks.boxes <= [WIDTH, HEIGHT, WIDTH, HEIGHT])).all()
        if answer is None:
            assert () == tracks.entered
            assert tracks.ended == () or motion is not None


corner = st.integers(0, 4 * 20).map(lambda number: number / 4)
extent = st.integers(1, 4 * 10).map(lambda number: number / 4)
box = st.tuples(corner, corner, extent, extent).map(lambda b: [b[0], b[1], b[0] + b[2], b[1] + b[3]])


@given(st.lists(box, max_size=5), st.integers(0, 2**32 - 1))
def test_detections_survive_the_way_there_and_back(boxes, seed):
    rng = np.random.default_rng(seed)
    shapes = [(int(np.ceil(y1) - np.floor(y0)), int(np.ceil(x1) - np.floor(x0))) for x0, y0, x1, y1 in boxes]
    masks = [rng.random(shape) < 0.5 for shape in shapes]
    scores = rng.integers(0, 257, len(boxes)) / 256

    back = from_supervision(to_supervision(Detections(boxes, scores, masks), width=WIDTH, height=HEIGHT))

    assert boxes == back.boxes.tolist()
    assert scores.tolist() == back.scores.tolist()
    for before, after in zip(masks, back.masks, strict=True):
        np.testing.assert_array_equal(before, after)
