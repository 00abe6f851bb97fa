"""Labelled boxes: only what somebody labelled, in read-only arrays, each object once in a frame."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from conveyorqc.dataset import LabelledBoxes
from conveyorqc.errors import InvalidInput

BOX = [0.0, 0.0, 4.0, 4.0]


def test_rows_in_any_order_are_sorted_by_frame_and_id():
    labels = LabelledBoxes([7, 2, 7], [9, 1, 3], [[9, 0, 10, 1], [1, 0, 2, 1], [3, 0, 4, 1]], [0.9, 0.1, 0.3])

    assert (2, 7) == labels.frames
    assert [3, 9] == labels.at(7).ids.tolist()
    assert [3.0, 9.0] == labels.at(7).boxes[:, 0].tolist()
    assert [0.3, 0.9] == labels.at(7).visible.tolist()


def test_labelled_frames_without_objects_are_frames_too():
    labels = LabelledBoxes([5], [1], [BOX], frames=range(4, 7))

    assert (4, 5, 6) == labels.frames
    assert [0, 1, 0] == [len(labels.at(index)) for index in labels.frames]
    assert ((0,), (0, 4), (0,)) == (labels.at(4).ids.shape, labels.at(4).boxes.shape, labels.at(4).visible.shape)


@pytest.mark.parametrize("index", [-1, 3, 5])
def test_nothing_is_said_of_frames_that_nobody_labelled(index):
    with pytest.raises(InvalidInput, match=f"expected a labelled frame, got {index}"):
        LabelledBoxes([4], [1], [BOX]).at(index)


def test_a_file_may_know_of_no_object_at_all():
    labels = LabelledBoxes([], [], [])

    assert ((), 0, None, 0.0) == (labels.frames, len(labels), labels.count, labels.tolerance_px)
    assert (0, 4) == labels.columns()[2].shape


def test_columns_leave_out_what_can_hardly_be_seen():
    labels = LabelledBoxes([1, 1, 8], [1, 2, 1], [BOX] * 3, [0.49, 0.5, 1.0], frames=[0, 5])

    frames, ids, boxes = labels.columns()
    assert ([1, 8], [2, 1], (2, 4)) == (frames.tolist(), ids.tolist(), boxes.shape)
    assert [1, 1, 8] == labels.columns(min_visible=0.0)[0].tolist()


def test_arrays_cannot_be_written_and_are_the_callers_no_more():
    boxes = np.array([BOX])
    labels = LabelledBoxes([0], [1], boxes)
    boxes[:] = 99

    there = labels.at(0)
    assert BOX == there.boxes[0].tolist()
    for array in (there.ids, there.boxes, there.visible):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        labels.count = 3


def test_the_text_of_it_is_short():
    labels = LabelledBoxes([0, 1], [1, 1], [BOX] * 2, tolerance_px=4, count=1)
    assert "<LabelledBoxes: 2 boxes on 2 frames, tolerance_px=4.0, count=1>" == repr(labels)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"ids": [1]}, "expected 2, one per box"),
        ({"frame_indices": [0, 1, 2]}, "expected 2, one per box"),
        ({"visible": [1.0]}, "expected 2, one per box"),
        ({"visible": [1.0, 1.1]}, r"shares in \[0, 1\], got 1.0 to 1.1"),
        ({"visible": [float("nan"), 1]}, r"shares in \[0, 1\]"),
        ({"boxes": [BOX, [4, 0, 0, 4]]}, "turned inside out"),
        ({"frame_indices": [-1, 0]}, "indices from 0, got -1"),
        ({"frame_indices": [3, 3], "ids": [8, 8]}, "each once in a frame, got 8 twice"),
        ({"tolerance_px": -1.0}, "tolerance_px, count: expected 0 or more"),
        ({"tolerance_px": float("inf")}, "tolerance_px, count: expected 0 or more"),
        ({"count": -1}, "tolerance_px, count: expected 0 or more"),
    ],
)
def test_what_does_not_fit_is_refused(change, complaint):
    good = {"frame_indices": [0, 1], "ids": [1, 1], "boxes": [BOX, BOX]}
    with pytest.raises(InvalidInput, match=complaint):
        LabelledBoxes(**{**good, **change})
