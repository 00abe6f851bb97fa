"""Records of `supervision` and ours: row for row, and nothing invented."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import supervision as sv

from conveyorqc.core import Detections, Tracks
from conveyorqc.errors import InvalidInput, MissingExtraError
from conveyorqc.interop import SupervisionTracker, from_supervision, to_supervision, tracks_from_supervision

BOXES = [[1.5, 2.0, 4.0, 5.25], [-2.0, 3.0, 2.0, 6.0]]
MASKS = [np.ones((4, 3), np.bool_), np.array([[0, 1, 0, 1], [1, 1, 1, 1], [0, 0, 0, 1]], np.bool_)]


def test_detections_give_boxes_and_confidence():
    found = to_supervision(Detections(BOXES, [0.9, 0.25]))

    assert isinstance(found, sv.Detections)
    assert np.float32 == found.xyxy.dtype
    assert BOXES == found.xyxy.tolist()
    assert [0.9, 0.25] == pytest.approx(found.confidence.tolist())
    assert ([0, 0], ["object"] * 2) == (found.class_id.tolist(), found.data["class_name"].tolist())
    assert (None, None) == (found.tracker_id, found.mask)


def test_tracks_give_boxes_and_ids():
    found = to_supervision(Tracks([3, 8], BOXES), class_id=7, class_name="bun")

    assert BOXES == found.xyxy.tolist()
    assert [3, 8] == found.tracker_id.tolist()
    assert ([7, 7], ["bun", "bun"]) == (found.class_id.tolist(), found.data["class_name"].tolist())
    assert (None, None) == (found.confidence, found.mask)


@pytest.mark.parametrize("nothing", [Detections([]), Tracks([], [])])
def test_nothing_stays_nothing(nothing):
    found = to_supervision(nothing, width=8, height=8)
    assert (0, (0, 4)) == (len(found), found.xyxy.shape)
    assert 0 == len(sv.Detections.merge([found, found]))


def test_masks_stand_at_their_places_in_the_frame_and_end_at_its_edge():
    found = to_supervision(Detections(BOXES, masks=MASKS), width=5, height=7)

    assert ((2, 7, 5), np.bool_) == (found.mask.shape, found.mask.dtype)
    assert [[0] * 5] * 2 + [[0, 1, 1, 1, 0]] * 4 + [[0] * 5] == found.mask[0].astype(int).tolist()
    assert [[0] * 5] * 3 + [[0, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 1, 0, 0, 0]] + [[0] * 5] == found.mask[1].astype(
        int
    ).tolist()


def test_masks_need_the_size_of_the_frame():
    assert to_supervision(Detections(BOXES, masks=MASKS)).mask is None
    for size in ({"width": 5}, {"height": 5}, {"width": 0, "height": 5}):
        with pytest.raises(InvalidInput, match="expected both or neither"):
            to_supervision(Detections(BOXES, masks=MASKS), **size)


def test_a_box_wholly_outside_the_frame_has_an_empty_mask():
    outside = Detections([[20, 20, 22, 21]], masks=[np.ones((1, 2), np.bool_)])
    assert not to_supervision(outside, width=5, height=7).mask.any()


def test_detections_come_back_as_they_were_inside_the_frame():
    back = from_supervision(to_supervision(Detections(BOXES, [0.5, 0.75], MASKS), width=5, height=7))

    assert BOXES == back.boxes.tolist()
    assert [0.5, 0.75] == back.scores.tolist()
    np.testing.assert_array_equal(MASKS[0], back.masks[0])
    np.testing.assert_array_equal(MASKS[1] & [False, False, True, True], back.masks[1])


def test_what_supervision_does_not_know_gets_a_score_of_one_and_no_mask():
    back = from_supervision(sv.Detections(xyxy=np.array([[0, 0, 3, 4]]), tracker_id=np.array([-1])))
    assert ([1.0], None) == (back.scores.tolist(), back.masks)
    assert 0 == len(from_supervision(sv.Detections.empty()))


def test_malformed_boxes_and_masks_of_supervision_are_refused():
    with pytest.raises(InvalidInput, match="xyxy: expected x0 <= x1"):
        from_supervision(sv.Detections(xyxy=np.array([[5.0, 0, 3, 4]])))
    with pytest.raises(InvalidInput, match="xyxy: expected finite"):
        from_supervision(SimpleNamespace(xyxy=np.array([[np.nan, 0, 3, 4]]), confidence=None, mask=None))
    odd = sv.Detections(xyxy=np.array([[0.0, 0, 3, 4]]))
    odd.mask = np.ones((4, 3), np.bool_)
    with pytest.raises(InvalidInput, match=r"mask: expected shape \(1, H, W\), got \(4, 3\)"):
        from_supervision(odd)


def test_tracks_of_supervision_lose_the_unconfirmed_and_are_sorted():
    boxes = np.array([[float(n), 0, n + 1, 1] for n in range(4)], dtype=np.float32)
    tracks = tracks_from_supervision(sv.Detections(xyxy=boxes, tracker_id=np.array([9, -1, 0, 4])))

    assert [0, 4, 9] == tracks.ids.tolist()
    assert [2.0, 3.0, 0.0] == tracks.boxes[:, 0].tolist()
    assert ((), ()) == (tracks.entered, tracks.ended)
    assert 0 == len(tracks_from_supervision(sv.Detections.empty()))


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [
        (None, "expected 2 integers, one per box, got None"),
        ([1.0, 2.0], "expected 2 integers"),
        ([5, 5], "each id once"),
    ],
)
def test_tracks_of_supervision_need_ids(ids, complaint):
    found = sv.Detections(xyxy=np.array(BOXES), tracker_id=None if ids is None else np.array(ids))
    with pytest.raises(InvalidInput, match=complaint):
        tracks_from_supervision(found)


def test_without_the_package_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    for use in (lambda: to_supervision(Detections([])), lambda: SupervisionTracker(object())):
        with pytest.raises(MissingExtraError, match=r"pip install 'conveyorqc\[supervision\]'"):
            use()
