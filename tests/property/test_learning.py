"""Whatever lies in the files of a store, only typed errors come out; suggestions do not depend on the order."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import Verdict
from conveyorqc.errors import ConveyorQCError, ModelError
from conveyorqc.learning import JudgedObject, ModelStore, event_file, suggest_objects
from conveyorqc.learning._files import write_card

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FILES = ("current.json", "audit.jsonl", "versions/0001/record.json")
FIELDS = ("number", "action", "version", "previous", "fingerprint", "at", "reason", "record", "added_at", "new")


class Nothing:
    """A model without contents."""

    fingerprint = "0" * 64

    def inspect(self, images, /, masks=None):
        return [Verdict(is_anomalous=False, confidence=1.0) for _ in images]

    def save(self, folder):
        (folder / "model.json").write_text("{}", encoding="utf-8")


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    store = ModelStore(tmp_path_factory.mktemp("sound") / "store", load=lambda folder: Nothing())
    for _ in range(2):
        store.promote(store.add(Nothing(), {"f1": 0.9}))
    return store


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("scratch")


def damaged(sound, scratch):
    """A copy of the store, to be spoiled."""
    shutil.rmtree(scratch / "store", ignore_errors=True)
    shutil.copytree(sound.root, scratch / "store")
    return ModelStore(scratch / "store", load=lambda folder: Nothing())


def use(store):
    """Everything that can be asked of a store; how often it was refused."""
    refused = 0
    for ask in (store.current, store.history, lambda: store.record(1), lambda: store.promote(1), store.rollback):
        try:
            ask()
        except ModelError:
            refused += 1
    return refused


def test_a_sound_store_refuses_nothing(sound, scratch):
    assert 0 == use(damaged(sound, scratch))


@given(name=st.sampled_from(FILES), data=st.binary(max_size=300))
@settings(max_examples=60, deadline=None)
def test_bytes_in_the_files_of_a_store_are_model_errors(sound, scratch, name, data):
    store = damaged(sound, scratch)
    (store.root / name).write_bytes(data)
    assert use(store) <= 5


@given(name=st.sampled_from(FILES), at=st.integers(0, 10_000), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_in_the_files_of_a_store_is_a_model_error(sound, scratch, name, at, byte):
    store = damaged(sound, scratch)
    data = bytearray((store.root / name).read_bytes())
    data[at % len(data)] = byte
    (store.root / name).write_bytes(data)
    assert use(store) <= 5


@given(name=st.sampled_from(FILES), field=st.sampled_from(FIELDS), value=JSON)
@settings(max_examples=100, deadline=None)
def test_a_forged_field_with_the_right_checksum_is_taken_or_a_model_error(sound, scratch, name, field, value):
    store = damaged(sound, scratch)
    path = store.root / name
    card = json.loads(path.read_bytes().splitlines()[0]) if name.endswith("l") else json.loads(path.read_bytes())
    card.pop("sha256", None)
    card[field] = value
    if name.endswith("l"):
        path.write_text(json.dumps(card) + "\n", encoding="utf-8")
    else:
        write_card(path, card)
    assert use(store) <= 5


@given(data=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_events_are_a_typed_error(scratch, data):
    path = scratch / "events"
    path.write_bytes(data)
    try:
        assert [] == list(event_file(path))
    except ConveyorQCError as error:
        assert "events" in str(error)  # noqa: PT017 (either outcome is right)


VERDICTS = st.lists(st.builds(Verdict, st.booleans(), st.floats(0, 1)), min_size=1, max_size=4)


@given(views=st.lists(VERDICTS, max_size=12), n=st.integers(0, 15), seed=st.integers(0, 99))
@settings(max_examples=50, deadline=None)
def test_suggestions_do_not_depend_on_the_order_and_are_never_repeated(views, n, seed):
    objects = [JudgedObject(f"object {i}", one) for i, one in enumerate(views)]
    shuffled = [objects[i] for i in np.random.default_rng(seed).permutation(len(objects))]
    chosen = suggest_objects(objects, n)
    assert chosen == suggest_objects(shuffled, n)
    assert min(n, len(objects)) == len({one.name for one in chosen}) == len(chosen)
    assert list(range(1, len(chosen) + 1)) == [one.rank for one in chosen]
