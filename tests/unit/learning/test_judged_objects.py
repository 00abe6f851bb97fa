"""Events and crops brought together, and files that are not what they should be."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from conveyorqc.core import Crop
from conveyorqc.dataset import read_crops, write_crops
from conveyorqc.errors import CorruptModel, InvalidInput, ModelError
from conveyorqc.learning import Promotion, judged_objects
from conveyorqc.learning import _files as files


@pytest.fixture
def crops(tmp_path):
    """Three views of object 1, of which the last is whole and has a mask; one cut view of object 2."""
    image, mask = np.full((16, 16, 3), 90, np.uint8), np.ones((16, 16), np.bool_)
    views = [(1, 0, None, False), (1, 1, mask, True), (1, 2, None, True), (2, 0, None, False)]
    write_crops([Crop(i, frame, [0, 0, 9, 9], image, m, whole) for i, frame, m, whole in views], tmp_path / "crops")
    return read_crops(tmp_path / "crops")


class Explaining:
    """A model to which every further view is odder."""

    threshold = 0.3

    def __init__(self):
        self.masks = []

    def explain(self, images, masks):
        self.masks += masks
        return [SimpleNamespace(score=0.2 * (place + 1), novelty=float(place)) for place in range(len(images))]


def test_without_a_model_the_verdict_of_the_event_stands(event, crops):
    first, second = judged_objects([event(1), event(2, confidence=None), event(3)], crops)
    assert ["l/c/r/1", "l/c/r/2"] == [first.name, second.name]
    assert ([0.98], [0.5]) == ([v.confidence for v in first.verdicts], [v.confidence for v in second.verdicts])
    assert (1, None) == (len(first.images), first.novelty)


def test_a_model_judges_the_whole_views(event, crops):
    model = Explaining()
    first, second = judged_objects([event(1), event(2)], crops, model)
    assert [(False, 0.8), (True, 0.4)] == [(v.is_anomalous, v.confidence) for v in first.verdicts]
    assert (1.0, 0.0) == (first.novelty, second.novelty)
    assert [True, False, False] == [mask is not None for mask in model.masks]


def test_events_are_of_one_run(event, crops):
    with pytest.raises(InvalidInput, match="expected one run"):
        list(judged_objects([event(1), event(2, run="other")], crops))


SOUND = {
    "number": 1,
    "action": "promote",
    "version": 1,
    "previous": None,
    "fingerprint": "f",
    "at": "2026-11-20T12:00:00+00:00",
    "reason": "",
}


@pytest.mark.parametrize(
    "change",
    [
        {"at": "yesterday"},
        {"at": "2026-11-20T12:00:00"},
        {"at": 3},
        {"number": 0},
        {"version": True},
        {"previous": "1"},
        {"action": "forget"},
        {"reason": None},
        {"more": 1},
    ],
)
def test_what_is_no_promotion_is_refused(change):
    assert SOUND == Promotion.from_dict(SOUND, source="audit").to_dict()
    with pytest.raises(CorruptModel, match="audit: "):
        Promotion.from_dict({**SOUND, **change}, source="audit")


def test_files_that_cannot_be_read_or_written_are_model_errors(tmp_path, monkeypatch):
    with pytest.raises(CorruptModel, match="cannot be read"):
        files.read_card(tmp_path)
    with pytest.raises(ModelError, match="cannot be written"):
        files.append_line(tmp_path, {})
    with pytest.raises(ModelError, match="cannot be written"):
        files.write_card(tmp_path / "none" / "card.json", {})
    (tmp_path / "list.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(CorruptModel, match="expected a JSON object, got list"):
        files.read_card(tmp_path / "list.json")
    monkeypatch.setattr(files, "_LARGEST_BYTES", 2)
    with pytest.raises(CorruptModel, match="expected at most 2 bytes"):
        files.read_card(tmp_path / "list.json")
