"""What to label next: the doubtful first, no two of a kind, always in the same order, and with a reason."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Verdict
from conveyorqc.errors import CorruptStore, InvalidInput, SinkError
from conveyorqc.learning import JudgedObject, event_file, suggest, suggest_objects
from conveyorqc.sinks import JsonlSink, SQLiteSink


def normal(confidence=0.97):
    return Verdict(is_anomalous=False, confidence=confidence)


def anomalous(confidence=0.97):
    return Verdict(is_anomalous=True, confidence=confidence)


def grey(level, seed=0):
    return np.random.default_rng(seed).integers(level, level + 20, (24, 24, 3), dtype=np.uint8)


def test_low_confidence_comes_first(event):
    events = [event(1), event(2, confidence=0.55), event(3, confidence=0.9)]
    first, *_ = suggest(events, 3)
    assert ("l/c/r/2", "uncertain", 1) == (first.name, first.reason, first.rank)
    assert "called normal with confidence 0.55" == first.why


def test_what_was_seen_and_not_judged_is_uncertain(event):
    [first] = suggest([event(1), event(2), event(3, confidence=None)], 1)
    assert ("l/c/r/3", 1.0, "nobody could judge it (no answer)") == (first.name, first.strength, first.why)


def test_what_was_never_seen_is_not_worth_a_label(event):
    events = [event(i) for i in range(5)] + [event(9, confidence=None, views=0, side=None)]
    assert "l/c/r/9" != suggest(events, 1)[0].name


def test_an_unusual_size_is_novel(event):
    rng = np.random.default_rng(0)
    events = [event(i, side=100 + rng.normal(0, 2)) for i in range(40)] + [event(99, side=160.0)]
    first = suggest(events, 1)[0]
    assert ("l/c/r/99", "novel") == (first.name, first.reason)
    assert first.why.startswith("its size is ")


def test_the_order_of_the_events_does_not_matter(event):
    rng = np.random.default_rng(0)
    events = [event(i, confidence=rng.uniform(0.5, 1), side=rng.uniform(80, 120)) for i in range(60)]
    shuffled = [events[i] for i in rng.permutation(60)]
    assert suggest(events, 20) == suggest(shuffled, 20)
    assert suggest(events, 20)[:5] == suggest(events, 5)


def test_no_object_is_suggested_twice(event):
    events = [event(1), event(1), event(2)]
    assert ["l/c/r/1", "l/c/r/2"] == sorted(one.name for one in suggest(events, 10))


def test_views_that_disagree_are_disputed():
    objects = [
        JudgedObject("calm", [normal(), normal()]),
        JudgedObject("torn", [normal(), anomalous(), normal()]),
        JudgedObject("wavering", [normal(0.99), normal(0.8)]),
    ]
    first = suggest_objects(objects, 1)[0]
    assert ("torn", "disputed") == (first.name, first.reason)
    assert "1 of 3 views call it anomalous, with 0.03 to 0.97" == first.why


def test_novelty_counts_beyond_what_is_usual():
    objects = [JudgedObject("old", [normal()], novelty=1.0), JudgedObject("new", [normal()], novelty=9.0)]
    [first] = suggest_objects(objects, 1)
    assert ("new", "novel") == (first.name, first.reason)
    assert "9.0 spreads from all normal objects of the training" == first.why


def test_ten_of_the_same_kind_are_not_suggested_in_a_row():
    twins = [JudgedObject(f"twin {i}", [normal(0.5)], [grey(200)]) for i in range(10)]
    others = [JudgedObject(f"other {i}", [normal(0.85)], [grey(20 * i, seed=i)]) for i in range(5)]
    names = [one.name for one in suggest_objects([*twins, *others], 6)]
    assert 1 == sum(name.startswith("twin") for name in names)


def test_where_nothing_is_doubtful_the_most_different_are_suggested():
    objects = [JudgedObject(str(i), [normal(1.0)], [grey(100 if i < 8 else 10)]) for i in range(9)]
    first, second = suggest_objects(objects, 2)
    assert "8" in {first.name, second.name}
    assert "nothing is doubtful, but it differs" == first.why


def test_nothing_comes_of_nothing(event):
    assert [] == suggest([], 5)
    assert [] == suggest([event(1)], 0)
    with pytest.raises(InvalidInput, match="n: expected 0 or more"):
        suggest([event(1)], -1)


def test_names_tell_objects_apart():
    with pytest.raises(InvalidInput, match="got 'a' more than once"):
        suggest_objects([JudgedObject("a", [normal()])] * 2, 1)


def test_pictures_are_of_all_objects_or_of_none():
    objects = [JudgedObject("a", [normal()], [grey(5)]), JudgedObject("b", [normal()])]
    with pytest.raises(InvalidInput, match="a picture of all of them or of none"):
        suggest_objects(objects, 1)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"verdicts": []}, "verdicts: expected at least one"),
        ({"verdicts": [normal()], "images": [grey(1), grey(2)]}, "images: expected 1, got 2"),
        ({"verdicts": [normal()], "novelty": float("nan")}, "novelty: expected a finite number"),
    ],
)
def test_an_object_is_judged_view_by_view(arguments, text):
    with pytest.raises(InvalidInput, match=text):
        JudgedObject("a", **arguments)


@pytest.mark.parametrize("sink", [SQLiteSink, JsonlSink])
def test_events_come_back_from_the_files_of_both_sinks(sink, event, tmp_path):
    with sink(tmp_path / "events") as kept:
        for number in range(3):
            kept.write(event(number))
    assert [0, 1, 2] == [one.object_id for one in event_file(tmp_path / "events")]


def test_files_that_hold_no_events_are_refused(tmp_path, event):
    path = tmp_path / "events.jsonl"
    with pytest.raises(SinkError, match=r"events\.jsonl"):
        event_file(path)
    with JsonlSink(path) as kept:
        kept.write(event(1))
    path.write_bytes(path.read_bytes() + b'{"torn')
    assert 1 == len(list(event_file(path)))
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(CorruptStore, match="line 2: expected an event"):
        list(event_file(path))
