"""The store: nothing is lost, nothing half done is taken for done, and going back is one call."""

from __future__ import annotations

import json

import numpy as np
import pytest

from conveyorqc.core import AnomalyBackend
from conveyorqc.errors import CorruptModel, ModelConflict, ModelError, ModelNotFound
from conveyorqc.learning import ModelStore
from conveyorqc.learning._files import alone, write_card


@pytest.fixture
def filled(store, make):
    """Versions 1 to 3, promoted one after another."""
    for level in (10, 20, 30):
        store.promote(store.add(make(level), {"level": level}), reason=f"level {level}")
    return store


def test_an_empty_store_has_no_model(store):
    assert ((), None, ()) == (store.versions, store.current_version, store.history())
    with pytest.raises(ModelNotFound, match="expected a promoted model, got none of 0"):
        store.current()


def test_models_are_kept_with_their_records_and_not_promoted(store, make):
    assert [1, 2] == [store.add(make(10), {"f1": 0.9}), store.add(make(20))]
    assert ({"f1": 0.9}, {}) == (store.record(1), store.record(2))
    assert store.current_version is None
    assert make(20) == store.get(2).model


def test_the_current_model_says_its_version_in_every_verdict(filled, make):
    current = filled.current()
    assert isinstance(current, AnomalyBackend)
    assert (3, make(30).fingerprint) == (current.version, current.fingerprint)
    [verdict] = current.inspect([np.zeros((4, 4, 3), np.uint8)])
    assert f"kekse ä/3:{make(30).fingerprint[:8]}" == verdict.model


def test_promotions_are_told_in_order(filled):
    told = [(one.number, one.action, one.version, one.previous, one.reason) for one in filled.history()]
    assert [
        (1, "promote", 1, None, "level 10"),
        (2, "promote", 2, 1, "level 20"),
        (3, "promote", 3, 2, "level 30"),
    ] == told


def test_rollback_goes_back_step_by_step(filled):
    assert [2, 1] == [filled.rollback(reason="bad").version, filled.rollback().version]
    assert 1 == filled.current_version
    with pytest.raises(ModelNotFound, match="expected a version before the current one"):
        filled.rollback()
    filled.promote(3)
    assert 1 == filled.rollback().version
    assert "rollback" == filled.history()[-1].action


def test_promoting_what_is_current_adds_no_step_to_go_back(filled):
    filled.promote(3)
    assert 2 == filled.rollback().version


def test_another_process_sees_the_same(filled, make):
    other = ModelStore(filled.root, load=make.load)
    assert (filled.history(), 3, (1, 2, 3)) == (other.history(), other.current_version, other.versions)


def test_a_promotion_that_came_in_between_is_noticed(filled):
    with pytest.raises(ModelConflict, match="expected version 2 to be current, got 3"):
        filled.promote(1, expected=2)
    assert 3 == filled.current_version


def test_only_one_writes_at_a_time(filled, make):
    with alone(filled.root / "lock", timeout_s=1), pytest.raises(ModelConflict, match="another writer held the store"):
        filled.add(make(40))
    assert 4 == filled.add(make(40))


@pytest.mark.parametrize("version", [0, 4, -1])
def test_versions_that_are_not_there_are_refused(filled, version):
    with pytest.raises(ModelNotFound, match=r"expected one of versions \[1, 2, 3\]"):
        filled.promote(version)
    assert 3 == filled.current_version


def test_a_kill_while_saving_leaves_no_version(store, make):
    class Killed(make):
        def save(self, folder):
            super().save(folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.add(Killed(10))
    assert () == store.versions
    assert 1 == store.add(make(10))


def test_what_a_dead_process_began_is_no_version(store, make):
    store.add(make(10))
    (store.root / "versions" / "making" / "model.npz").mkdir(parents=True)
    assert (1,) == store.versions
    assert 2 == store.add(make(20))
    assert ["0001", "0002"] == sorted(path.name for path in (store.root / "versions").iterdir())


def test_a_kill_between_pointer_and_audit_loses_nothing(filled):
    audit = filled.root / "audit.jsonl"
    before = filled.history()
    audit.write_bytes(b"".join(audit.read_bytes().splitlines(keepends=True)[:2]))
    assert before == filled.history()
    filled.promote(1)
    assert [1, 2, 3, 4] == [json.loads(line)["number"] for line in audit.read_text(encoding="utf-8").splitlines()]


def test_a_torn_last_line_of_the_audit_is_removed(filled):
    audit = filled.root / "audit.jsonl"
    audit.write_bytes(audit.read_bytes() + b'{"number": 4, "act')
    assert 3 == len(filled.history())
    filled.promote(2)
    assert [1, 2, 3, 4] == [one.number for one in filled.history()]


def test_a_damaged_pointer_is_told_and_mended_by_promoting(filled):
    (filled.root / "current.json").write_text("{", encoding="utf-8")
    with pytest.raises(CorruptModel, match=r"current\.json"):
        filled.current()
    assert 3 == len(filled.history())
    filled.promote(2)
    assert 2 == filled.current().version


def test_a_model_that_is_not_the_one_that_was_added_is_refused(filled, make):
    make(99).save(filled.root / "versions" / "0003")
    with pytest.raises(CorruptModel, match="expected model"):
        filled.current()


@pytest.mark.parametrize("card", [{"version": 2, "fingerprint": "x", "record": {}}, {"version": 3, "fingerprint": 1}])
def test_a_record_of_something_else_is_refused(filled, card):
    write_card(filled.root / "versions" / "0003" / "record.json", card)
    with pytest.raises(CorruptModel, match="expected the record of version 3"):
        filled.record(3)
    write_card(filled.root / "versions" / "0003" / "record.json", {"version": 3, "fingerprint": "x", "record": 1})
    with pytest.raises(CorruptModel, match="record: expected an object"):
        filled.record(3)


def test_an_altered_record_is_noticed(filled):
    record = filled.root / "versions" / "0002" / "record.json"
    record.write_text(record.read_text(encoding="utf-8").replace('"level": 20', '"level": 21'), encoding="utf-8")
    with pytest.raises(CorruptModel, match="SHA-256"):
        filled.record(2)


def test_a_gap_in_the_audit_is_noticed(filled):
    audit = filled.root / "audit.jsonl"
    lines = audit.read_bytes().splitlines(keepends=True)
    audit.write_bytes(lines[0] + lines[2])
    with pytest.raises(CorruptModel, match="expected promotions 1 to 2"):
        filled.history()


@pytest.mark.parametrize("record", [{"x": object()}, {"x": float("nan")}])
def test_records_are_json(store, make, record):
    with pytest.raises(ModelError, match="expected what JSON can hold"):
        store.add(make(10), record)
    assert () == store.versions


def test_a_store_that_cannot_be_a_folder_is_refused(tmp_path, make):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be made"):
        ModelStore(tmp_path / "file" / "store").add(make(10))
    (tmp_path / "store" / "lock").mkdir(parents=True)
    with pytest.raises(ModelError, match="lock"):
        ModelStore(tmp_path / "store").add(make(10))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "versions").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be written"):
        ModelStore(tmp_path / "full").add(make(10))
