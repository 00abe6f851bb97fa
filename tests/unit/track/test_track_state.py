"""A run that stops and goes on in another process: the same ids, the same counts, few bytes."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.core import BeltShift, Detections, Direction, Frame, Resumable
from conveyorqc.detect import ByTravel
from conveyorqc.errors import CorruptStore, InvalidInput, SinkError
from conveyorqc.simulate import BeltProgram, BeltSimulator
from conveyorqc.testing import ScriptedMotion
from conveyorqc.track import CentroidTracker, ConstantMotion, CrossingCounter, TrackLog, load_state, save_state

PICTURE = np.zeros((200, 300, 3), np.uint8)
STEP = 6.0
BACK_AND_FORTH = BeltProgram(segments=((0.0, 1.0), (3.0, 0.0), (4.0, -1.0), (6.0, 1.0)))


def parts_of(truth, steps):
    """A whole run of the objects of a simulated clip on a belt that moves by ``steps``."""
    ahead = truth.direction.unit[0]
    motion = ScriptedMotion({i: BeltShift(ahead * step, 0.0, 1.0) for i, step in enumerate(steps)})
    return {
        "schedule": ByTravel(motion, distance=12.0),
        "tracker": CentroidTracker(motion, direction=truth.direction, max_distance=14.0),
        "counter": CrossingCounter(direction=truth.direction),
        "log": TrackLog(direction=truth.direction),
    }


def run(parts, truth, frames):
    """What each frame brings: ids that entered, ended, are in view, and crossed."""
    told = []
    for frame in frames:
        _, boxes, shares = truth.boxes_at(frame.index)
        found = Detections(boxes[shares > 0.2]) if parts["schedule"].due(frame) else None
        tracks = parts["tracker"].update(frame, found)
        parts["log"].update(frame, tracks)
        told.append((tracks.entered, tracks.ended, tracks.ids.tolist(), parts["counter"].update(frame, tracks)))
    return told


@pytest.fixture(scope="module", params=[Direction.LEFT_TO_RIGHT, Direction.RIGHT_TO_LEFT])
def clip(request):
    simulator = BeltSimulator(
        width=320, height=180, seconds=9.0, objects=14, speed_px_s=90.0, seed=4, program=BACK_AND_FORTH,
        direction=request.param,
    )  # fmt: skip
    truth = simulator.truth
    times = np.arange(truth.frames_total) / truth.fps
    travel = BACK_AND_FORTH.travel(times, speed_px_s=90.0)
    picture = np.zeros((180, 320, 3), np.uint8)
    frames = [Frame.from_bgr(picture, index=i, time_s=t) for i, t in enumerate(times.tolist())]
    return truth, np.diff(travel, prepend=travel[0]).tolist(), frames


def test_a_restart_anywhere_in_a_clip_that_stops_and_reverses_changes_nothing(clip, tmp_path):
    truth, steps, frames = clip
    whole = parts_of(truth, steps)
    unbroken = run(whole, truth, frames)
    assert len(whole["log"].objects) == len(truth.objects)
    for cut in range(1, len(frames), 9):
        before, after = parts_of(truth, steps), parts_of(truth, steps)
        told = run(before, truth, frames[:cut])
        save_state(tmp_path / "s.json", before)
        load_state(tmp_path / "s.json", after)
        assert unbroken == told + run(after, truth, frames[cut:])
        logs = whole["log"].objects, after["log"].objects
        assert logs[0] == tuple(
            replace(found, first_frame=known.first_frame) for known, found in zip(*logs, strict=True)
        )
        assert whole["counter"].count == after["counter"].count


def test_a_restart_that_misses_some_frames_keeps_ids_and_counts(clip, tmp_path):
    truth, steps, frames = clip
    whole = parts_of(truth, steps)
    run(whole, truth, frames)
    for cut in range(20, len(frames) - 20, 17):
        before = parts_of(truth, steps)
        run(before, truth, frames[:cut])
        save_state(tmp_path / "s.json", before)
        merged = [*steps[: cut + 3], sum(steps[cut : cut + 4]), *steps[cut + 4 :]]  # as a motion by the clock tells it
        after = parts_of(truth, merged)
        load_state(tmp_path / "s.json", after)
        run(after, truth, frames[cut + 3 :])
        assert len(whole["log"].objects) == len(after["log"].objects)
        assert whole["counter"].count == after["counter"].count


def tracker_with(count):
    """A tracker that follows ``count`` objects in three columns after a long run, when many have left."""
    lanes = count // 3
    tracker = CentroidTracker(ConstantMotion(dx_per_s=STEP * 25), direction=Direction.LEFT_TO_RIGHT, max_distance=10.0)
    picture = np.zeros((24 * lanes, 300, 3), np.uint8)
    for i in range(120):
        columns = [-100 * k + STEP * i + 0.123 for k in range(9)]
        boxes = [[x, 24 * lane + 1.234, x + 18.765, 24 * lane + 20.891] for x in columns for lane in range(lanes)]
        boxes = np.clip(boxes, 0, [300, 24 * lanes, 300, 24 * lanes])
        frame = Frame.from_bgr(picture, index=123_000 + i, time_s=round((123_000 + i) / 25, 3))
        tracker.update(frame, Detections(boxes[boxes[:, 2] > boxes[:, 0]]))
    return tracker


@pytest.mark.parametrize("count", [33, 300])
def test_a_state_is_small(count):
    state = tracker_with(count).state()
    followed = len(state["rows"])
    assert (count, True) == (followed, len(state["departed"]) > count / 2)
    assert len(json.dumps(state)) <= 200 * followed


def small_tracker():
    tracker = CentroidTracker(ConstantMotion(dx_per_s=STEP * 25), direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    for i in range(6):
        x = 40 + STEP * i
        tracker.update(
            Frame.from_bgr(PICTURE, index=i, time_s=i / 25), Detections([[x, 80, x + 40, 120], [x, 20, x + 40, 60]])
        )
    return tracker


def test_a_state_survives_json_and_itself():
    state = small_tracker().state()
    other = CentroidTracker(ConstantMotion(), direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    other.restore(json.loads(json.dumps(state)))
    assert state == other.state()


def test_frames_that_count_anew_after_a_restart_have_no_past():
    tracker = small_tracker()
    other = CentroidTracker(ConstantMotion(dx_per_s=STEP * 25), direction=Direction.LEFT_TO_RIGHT, max_distance=20.0)
    other.restore(tracker.state())
    watched = []
    for i in range(5):
        found = Detections([[10 + STEP * i, 140, 50 + STEP * i, 180]])
        watched.append(other.update(Frame.from_bgr(PICTURE, index=i, time_s=i / 25), found))
    [past] = [past for tracks in watched for past in tracks.past]
    assert (3, [0]) == (past.object_id, past.frame_indices.tolist())


def test_what_can_be_resumed_says_so():
    log, counter = TrackLog(direction=Direction.LEFT_TO_RIGHT), CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    assert all(isinstance(part, Resumable) for part in (small_tracker(), log, counter, ConstantMotion()))


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"version": 2}, "expected version 1, got 2: it was written by a newer version of conveyorqc"),
        ({"version": None}, "version: expected a finite number, got 'None'"),
        ({"rows": [[1, 2, 3]]}, "rows: expected a list of lists of 21 numbers"),
        ({"rows": "x"}, "rows: expected a list of lists of 21 numbers"),
        ({"rows": [["x"] * 21]}, "rows: expected a finite number, got 'x'"),
        ({"rows": [[1e300] * 21]}, "rows: expected a finite number, got '1e\\+300'"),
        ({"rows": [[-1] + [0] * 20]}, "five whole numbers of 0 or more"),
        ({"rows": [[1, 1, 2, 3, 9] + [0] * 16]}, "five whole numbers of 0 or more"),
        ({"rows": [[1, 1, 2, 3, 0, 9, 9, 0, 0] + [0] * 12]}, "turned inside out"),
        ({"rows": [[1, 1, 2, 3, 0] + [0] * 16, [1, 2, 2, 3, 0] + [0] * 16]}, "each key once"),
        ({"rows": [[1, 9, 2, 3, 0] + [0] * 16]}, "expected ids below 3 and keys below 3"),
        ({"departed": [[1, 9, 0, 0, 9]]}, "turned inside out"),
        ({"next_id": 0.5}, "next_id: expected a whole number of 0 or more, got 0.5"),
        ({"belt": []}, "belt: expected one place, got 0"),
        ({"size": True}, "size: expected a finite number, got 'True'"),
        ({"history": None}, "history: expected a list of lists of 3 numbers"),
    ],
)
def test_a_state_that_cannot_be_is_refused_and_changes_nothing(change, text):
    tracker = small_tracker()
    before = tracker.state()
    with pytest.raises(InvalidInput, match=text):
        tracker.restore({**before, **change})
    assert before == tracker.state()


def test_a_state_without_a_field_is_refused():
    tracker = small_tracker()
    state = {name: value for name, value in tracker.state().items() if name != "rows"}
    with pytest.raises(InvalidInput, match="expected a field rows, got"):
        tracker.restore(state)
    with pytest.raises(InvalidInput, match="expected an object, got list"):
        tracker.restore([])


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"count": -1}, "count: expected a whole number"),
        ({"before": [1, 1]}, "before: expected each number once"),
        ({"before": [1.5]}, "before: expected a list of whole numbers"),
        ({"before": 3}, "before: expected a list of whole numbers"),
    ],
)
def test_a_count_that_cannot_be_is_refused(change, text):
    counter = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    with pytest.raises(InvalidInput, match=text):
        counter.restore({**counter.state(), **change})


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"objects": [[1, 0, 5, -1, 3]]}, "expected 0, 1 or 2 in the last column"),
        ({"crossing": 5}, "crossing: expected an object, got int"),
        ({"crossing": {"version": 9}}, "expected version 1, got 9"),
    ],
)
def test_a_log_that_cannot_be_is_refused(change, text):
    log = TrackLog(direction=Direction.LEFT_TO_RIGHT)
    with pytest.raises(InvalidInput, match=text):
        log.restore({**log.state(), **change})


@pytest.fixture
def counter():
    made = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    made.count = 7
    return made


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "expected JSON"),
        (b'{"format": "conveyorqc-state", "ver', "expected JSON.*cut short"),
        (b"\xff\xfe\x00", "expected JSON"),
        (b"[" * 100_000, "expected JSON"),
        (b"[1, 2]", "expected a file of the format conveyorqc-state"),
        (b'{"format": "conveyor-gt/1"}', "expected a file of the format conveyorqc-state"),
        (b'{"format": "conveyorqc-state", "version": 2, "parts": {}}', "expected version 1, got 2: .*newer"),
        (b'{"format": "conveyorqc-state", "version": 1, "parts": []}', "expected parts by name, got list"),
        (b'{"format": "conveyorqc-state", "version": 1, "parts": {}}', "state of \\['count'\\], got that of \\[\\]"),
        (b'{"format": "conveyorqc-state", "version": 1, "parts": {"count": 3}}', "expected an object, got int"),
        (
            b'{"format": "conveyorqc-state", "version": 1, "parts": {"count": {"version": 1, "count": NaN}}}',
            "count: expected a finite number",
        ),
    ],
)
def test_a_file_that_is_no_sound_state_is_refused_and_changes_nothing(content, text, counter, tmp_path):
    (tmp_path / "s ü.json").write_bytes(content)
    with pytest.raises(CorruptStore, match=text):
        load_state(tmp_path / "s ü.json", {"count": counter})
    assert 7 == counter.count


def test_all_parts_stay_as_they_were_when_one_is_refused(counter, tmp_path):
    other = CrossingCounter(direction=Direction.LEFT_TO_RIGHT)
    save_state(tmp_path / "s.json", {"one": other, "two": TrackLog(direction=Direction.LEFT_TO_RIGHT)})
    assert 0 == other.count
    with pytest.raises(CorruptStore, match="expected a field count"):
        load_state(tmp_path / "s.json", {"one": counter, "two": other})
    assert 7 == counter.count


def test_a_missing_file_is_an_error(counter, tmp_path):
    with pytest.raises(SinkError, match=r"none\.json: the state cannot be read: No such file"):
        load_state(tmp_path / "none.json", {"count": counter})


def test_a_state_that_cannot_be_written_leaves_the_old_one(counter, tmp_path):
    path = tmp_path / "s.json"
    save_state(path, {"count": counter})
    before = path.read_bytes()

    class Broken:
        def state(self):
            return {"x": float("nan")}

        def restore(self, state, /):
            raise NotImplementedError

    with pytest.raises(ValueError, match="JSON"):
        save_state(path, {"count": Broken()})
    assert (before, [path]) == (path.read_bytes(), list(tmp_path.iterdir()))
    with pytest.raises(SinkError, match="the state cannot be written"):
        save_state(tmp_path / "missing" / "s.json", {"count": counter})
