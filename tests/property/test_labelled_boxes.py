"""Files of true boxes: whatever they hold, they are read in full or refused with a `DatasetError`."""

from __future__ import annotations

import copy
import json
import math
import tempfile
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.dataset import LabelledBoxes, MotRow, read_boxes, write_coco, write_mot
from conveyorqc.errors import DatasetError

GROUND_TRUTH = {
    "format": "conveyor-gt/1", "clip": "c", "seed": 1, "width": 20, "height": 16, "fps": 25, "frames_total": 2,
    "direction": "left_to_right", "belt": "blue", "speed_px_s": 50.0, "counts": {"objects": 1},
    "box_columns": ["id", "x", "y", "w", "h", "visible_fraction"],
    "objects": [{
        "id": 1, "label": "normal", "anomaly": False, "kind": "intact", "cookies": 1, "first_frame": 0,
        "fully_in_frame": 1, "crosses_centre_frame": None, "gone_frame": None, "touching": [], "sources": ["a"],
    }],
    "frames": [[[1, 0.0, 4, 3.3, 11, 0.25]], []],
}  # fmt: skip
HAND = {
    "format": "conveyor-handlabel/1", "count": 3, "box_tolerance_px": 4,
    "boxes": [{"frame": 24, "objects": [{"id": 2, "box": [316, 145.5, 147, 72]}]}, {"frame": 12, "objects": []}],
}  # fmt: skip
COCO = {
    "images": [{"id": 1, "file_name": "1.png", "frame_index": 3}, {"id": 2, "file_name": "2.png", "frame_index": 4}],
    "annotations": [{"image_id": 1, "bbox": [1, 2, 3, 4], "attributes": {"track_id": 5}, "iscrowd": 0, "track_id": 7}],
}
HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from([10**9, -1, 2**53 + 1, 2**63, 10**400, math.inf, 1e308, [], {}, [[[[]]]], "conveyor-gt/1"]),
)  # fmt: skip


def outcome(content: bytes):
    """What came of reading it: labels, or the text of the error."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels"
        path.write_bytes(content)
        try:
            return read_boxes(path)
        except DatasetError as error:
            return str(error)


def is_sound(labels):
    """Whether labels keep the promises of their record."""
    assert list(labels.frames) == sorted(set(labels.frames))
    for index in labels.frames[:50]:
        there = labels.at(index)
        assert len(set(there.ids.tolist())) == len(there)
        assert np.isfinite(there.boxes).all()
        assert (there.boxes[:, 2:] >= there.boxes[:, :2]).all()
        assert ((there.visible >= 0) & (there.visible <= 1)).all()
    return isinstance(labels, LabelledBoxes)


def places_in(data, at=()):
    """The way to every value in nested lists and dicts."""
    yield at
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from places_in(value, (*at, key))


@given(st.sampled_from([GROUND_TRUTH, HAND, COCO]), st.data())
def test_a_field_of_any_other_value_is_taken_or_refused(document, data):
    *where, last = data.draw(st.sampled_from([place for place in places_in(document) if place]))
    inner = changed = copy.deepcopy(document)
    for key in where:
        inner = inner[key]
    inner[last] = data.draw(HOSTILE)

    found = outcome(json.dumps(changed).encode())

    assert isinstance(found, str) or is_sound(found)


@given(st.sampled_from([GROUND_TRUTH, HAND, COCO]), st.data())
def test_bytes_that_changed_or_are_missing_are_taken_or_refused(document, data):
    content = bytearray(json.dumps(document).encode())
    for _ in range(data.draw(st.integers(0, 3))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    found = outcome(bytes(content[: data.draw(st.integers(0, len(content)))]))

    assert isinstance(found, str) or is_sound(found)


@given(st.binary(max_size=60))
def test_any_bytes_are_taken_or_refused(content):
    found = outcome(content)
    assert isinstance(found, str) or is_sound(found)


cell = st.one_of(st.integers(-2, 9), st.integers(), st.floats(), st.text("0123456789.-+e, _n\u0663", max_size=4))


@given(st.lists(st.lists(cell, min_size=6, max_size=11), max_size=4))
def test_any_rows_of_cells_are_taken_or_refused(rows):
    found = outcome("\n".join(",".join(map(str, row)) for row in rows).encode())
    assert isinstance(found, str) or is_sound(found)


quarter = st.integers(-400, 4000).map(lambda number: number / 4)
size = st.integers(0, 400).map(lambda number: number / 4)
rows_of_objects = st.dictionaries(
    st.tuples(st.integers(0, 30), st.integers(0, 9)), st.tuples(quarter, quarter, size, size), max_size=25
)


@given(rows_of_objects, st.sets(st.integers(0, 30)), st.randoms(use_true_random=False))
def test_labels_are_the_rows_of_each_frame(rows, empty, random):
    shuffled = list(rows.items())
    random.shuffle(shuffled)

    labels = LabelledBoxes(
        [frame for (frame, _), _ in shuffled],
        [number for (_, number), _ in shuffled],
        [(x, y, x + w, y + h) for _, (x, y, w, h) in shuffled],
        frames=empty,
    )

    assert is_sound(labels)
    assert {frame for frame, _ in rows} | empty == set(labels.frames)
    told = {
        (index, number): box
        for index in labels.frames
        for number, box in zip(labels.at(index).ids.tolist(), labels.at(index).boxes.tolist(), strict=True)
    }
    assert {key: [x, y, x + w, y + h] for key, (x, y, w, h) in rows.items()} == told
    frames, ids, _ = labels.columns()
    assert set(rows) == set(zip(frames.tolist(), ids.tolist(), strict=True))


@given(rows_of_objects)
def test_tracks_written_as_motchallenge_read_back_as_truth(rows):
    written = [MotRow(frame, number, (x, y, x + w, y + h)) for (frame, number), (x, y, w, h) in rows.items()]
    with tempfile.TemporaryDirectory() as folder:
        write_mot(written, Path(folder) / "out.csv")
        content = (Path(folder) / "out.csv").read_bytes()

    found = outcome(content)

    if not rows:
        assert "empty file" in found
        return
    frames, ids, boxes = found.columns()
    ordered = sorted(written, key=lambda row: (row.frame_index, row.object_id))
    assert [(row.frame_index, row.object_id) for row in ordered] == list(
        zip(frames.tolist(), ids.tolist(), strict=True)
    )
    assert [list(row.box) for row in ordered] == boxes.tolist()


coordinate = st.floats(-1e4, 1e4)
span = st.floats(0, 1e4)
rows_of_any_size = st.dictionaries(
    st.tuples(st.integers(0, 10**7), st.integers(0, 10**9)), st.tuples(coordinate, coordinate, span, span), max_size=12
)


@given(rows_of_any_size, st.sets(st.integers(0, 10**7), max_size=5))
def test_tracks_written_as_coco_read_back_as_truth(rows, empty):
    written = [MotRow(frame, number, (x, y, x + w, y + h)) for (frame, number), (x, y, w, h) in rows.items()]
    with tempfile.TemporaryDirectory() as folder:
        assert len(rows) == write_coco(written, Path(folder) / "out.json", width=640, height=360, frames=empty)
        found = read_boxes(Path(folder) / "out.json")

    frames, ids, boxes = found.columns()
    ordered = sorted(written, key=lambda row: (row.frame_index, row.object_id))
    assert {frame for frame, _ in rows} | empty == set(found.frames)
    assert [(row.frame_index, row.object_id) for row in ordered] == list(
        zip(frames.tolist(), ids.tolist(), strict=True)
    )
    assert np.allclose(np.reshape([row.box for row in ordered], (-1, 4)), boxes, atol=2e-6, rtol=0)
