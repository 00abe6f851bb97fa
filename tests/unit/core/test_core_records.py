"""Records refuse what is outside their contract, and cannot be changed afterwards."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from conveyorqc.core import Anomaly, BeltShift, Crop, Detections, Direction, PastBoxes, Tracks, Verdict
from conveyorqc.errors import InvalidInput

BOX = np.array([1.0, 2.0, 5.0, 8.0])
IMAGE = np.zeros((8, 8, 3), np.uint8)


@pytest.mark.parametrize(
    ("direction", "unit", "horizontal"),
    [
        ("left_to_right", (1, 0), True),
        ("right_to_left", (-1, 0), True),
        ("top_to_bottom", (0, 1), False),
        ("bottom_to_top", (0, -1), False),
    ],
)
def test_directions_point_where_they_say(direction, unit, horizontal):
    assert Direction(direction).unit == unit
    assert Direction(direction).horizontal is horizontal


def test_a_belt_shift_is_plain_numbers():
    shift = BeltShift(np.float32(1.5), 2, np.float64(0.5))
    assert shift == BeltShift(1.5, 2.0, 0.5)
    assert type(shift.dx) is float


@pytest.mark.parametrize("values", [(np.nan, 0, 1), (0, np.inf, 1), (0, 0, -0.1), (0, 0, 1.1), (0, 0, np.nan)])
def test_a_belt_shift_must_be_finite_and_sure_of_it_to_a_degree(values):
    with pytest.raises(InvalidInput):
        BeltShift(*values)


def test_detections_keep_their_columns_together():
    masks = [np.ones((6, 4), np.bool_)]
    detections = Detections([BOX], [0.5], masks)
    assert len(detections) == 1
    assert detections.scores.tolist() == [0.5]
    assert detections.masks[0].all()
    assert not detections.masks[0].flags.writeable


@pytest.mark.parametrize(
    ("scores", "masks", "field"),
    [
        ([0.5, 0.5], None, "scores"),
        (None, [], "masks"),
        (None, [np.ones((4, 6), np.bool_)], "mask"),
        (None, [np.ones((6, 4), np.uint8)], "mask"),
    ],
)
def test_detections_refuse_columns_of_other_lengths(scores, masks, field):
    with pytest.raises(InvalidInput, match=field):
        Detections([BOX], scores, masks)


def test_tracks_have_one_box_per_id():
    assert len(Tracks([2, 5], [BOX, BOX], entered=(5,), ended=(1,))) == 2
    with pytest.raises(InvalidInput, match="boxes: expected 2"):
        Tracks([2, 5], [BOX])


def test_what_ended_is_no_longer_followed():
    with pytest.raises(InvalidInput, match="ended"):
        Tracks([2], [BOX], ended=(2,))


def test_what_was_removed_has_ended():
    assert Tracks([], [], ended=(1, 2), removed=(2,)).removed == (2,)
    with pytest.raises(InvalidInput, match="removed: expected some of"):
        Tracks([], [], ended=(1,), removed=(2,))


def test_past_boxes_ascend():
    past = PastBoxes(3, [4, 6], [BOX, BOX])
    assert past.frame_indices.tolist() == [4, 6]
    with pytest.raises(InvalidInput, match="ascend"):
        PastBoxes(3, [6, 4], [BOX, BOX])
    with pytest.raises(InvalidInput, match="expected 2"):
        PastBoxes(3, [4, 6], [BOX])


def test_a_crop_is_square_and_its_mask_fits():
    crop = Crop(1, 0, BOX, IMAGE, np.zeros((8, 8), np.bool_), complete=True)
    assert not crop.image.flags.writeable
    assert not crop.mask.flags.writeable
    assert crop.box.tolist() == BOX.tolist()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"image": IMAGE[:4]}, "square"),
        ({"image": IMAGE[..., 0]}, "image"),
        ({"mask": np.zeros((4, 8), np.bool_)}, "mask"),
        ({"box": [1, 2, 3]}, "box"),
        ({"box": [5, 2, 1, 8]}, "box"),
    ],
)
def test_a_crop_of_another_shape_is_refused(changes, field):
    fields = {"object_id": 1, "frame_index": 0, "box": BOX, "image": IMAGE, "mask": None, "complete": True}
    with pytest.raises(InvalidInput, match=field):
        Crop(**{**fields, **changes})


def test_a_verdict_needs_no_pictures_and_no_score():
    verdict = Verdict(is_anomalous=False, confidence=0.5)
    assert (verdict.score, verdict.heatmap, verdict.mask, verdict.anomalies) == (None, None, None, ())


def test_a_defect_has_an_area_and_a_colour():
    assert Anomaly("crack", np.float32(0.5), "#ff00AA").area_fraction == 0.5


def test_a_verdict_takes_numpy_scalars_and_keeps_plain_ones():
    verdict = Verdict(is_anomalous=np.bool_(True), confidence=np.float32(0.5), score=np.float32(2))
    assert (type(verdict.is_anomalous), type(verdict.confidence), type(verdict.score)) == (bool, float, float)


def test_pictures_of_a_verdict_are_read_only():
    heatmap, mask = np.zeros((4, 4), np.float32), np.zeros((4, 4), np.bool_)
    verdict = Verdict(is_anomalous=True, confidence=1.0, heatmap=heatmap, mask=mask)
    assert not verdict.heatmap.flags.writeable
    assert not verdict.mask.flags.writeable


@pytest.mark.parametrize(
    "fields",
    [
        {"confidence": np.nan},
        {"confidence": 1.01},
        {"confidence": -0.01},
        {"confidence": "0.5"},
        {"confidence": None},
        {"score": np.nan},
        {"score": np.inf},
        {"score": "high"},
        {"is_anomalous": None},
        {"is_anomalous": 1},
        {"is_anomalous": "False"},
    ],
)
def test_a_verdict_that_says_nothing_is_refused(fields):
    with pytest.raises(InvalidInput, match=next(iter(fields))):
        Verdict(**{"is_anomalous": False, "confidence": 0.5, **fields})


@pytest.mark.parametrize(
    ("fraction", "color"), [(1.5, "#FF0000"), (np.nan, "#FF0000"), (0.5, "red"), (0.5, "#FF0000\n")]
)
def test_an_anomaly_outside_its_contract_is_refused(fraction, color):
    with pytest.raises(InvalidInput):
        Anomaly("crack", fraction, color)


def test_records_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        Verdict(is_anomalous=False, confidence=0.5).confidence = 1.0
    with pytest.raises(ValueError, match="read-only"):
        Tracks([1], [BOX]).boxes[0, 0] = 0


def test_tracks_can_be_narrowed_to_some_ids():
    past = PastBoxes(3, np.array([0]), [[0, 0, 1, 1]])
    tracks = Tracks([1, 2, 3], [[0, 0, 1, 1], [1, 1, 2, 2], [2, 2, 3, 3]], entered=(3,), ended=(9,), past=(past,))
    narrowed = tracks.only({3, 1, 7})
    assert narrowed.ids.tolist() == [1, 3]
    assert narrowed.boxes.tolist() == [[0, 0, 1, 1], [2, 2, 3, 3]]
    assert (narrowed.entered, narrowed.ended, narrowed.past) == ((3,), (9,), (past,))
    assert tracks.only({1, 2, 3}) is tracks
    assert len(tracks.only(set())) == 0
