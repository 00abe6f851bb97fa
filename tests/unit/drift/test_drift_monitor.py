"""The monitor: quiet on what is usual, loud on what lasts, the same after a restart."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.core import Resumable
from conveyorqc.drift import FEATURES, Appearance, DriftMonitor, Tolerances
from conveyorqc.errors import InvalidInput

USUAL = Appearance(brightness=5.0, red=0.2, blue=-0.4, sharpness=-0.7, size=4.8, score=0.1)
SPREAD = {"brightness": 0.05, "red": 0.03, "blue": 0.04, "sharpness": 0.1, "size": 0.1, "score": 0.05}


def stream(count, *, seed, shift=None, swing=0.0):
    """Objects like cookies: each feature normal; ``shift`` moves features, ``swing`` makes the light swing slowly."""
    rng = np.random.default_rng(seed)
    moved = shift or {}
    noise = {name: rng.normal(moved.get(name, 0.0), sd, count) for name, sd in SPREAD.items()}
    noise["brightness"] += swing * np.sin(2 * np.pi * np.arange(count) / 700)
    return [
        Appearance(**{name: getattr(USUAL, name) + float(noise[name][row]) for name in FEATURES})
        for row in range(count)
    ]


def alarms(monitor, objects):
    return [event for one in objects if (event := monitor.follow(one)) is not None]


def test_a_stable_line_gives_no_alarm_in_ten_thousand_objects():
    assert [] == alarms(DriftMonitor(), stream(10_000, seed=1))


def test_light_that_swings_slowly_gives_no_alarm():
    assert [] == alarms(DriftMonitor(), stream(6_000, seed=2, swing=0.05))


def test_single_odd_objects_give_no_alarm():
    objects = stream(3_000, seed=3)
    odd = [replace(one, size=one.size - 0.7, brightness=one.brightness - 0.5) for one in objects]
    assert [] == alarms(DriftMonitor(), [odd[i] if i % 12 == 0 else objects[i] for i in range(3_000)])


@pytest.mark.parametrize(
    ("feature", "change", "direction"),
    [
        ("brightness", np.log(1.2), "up"),
        ("brightness", np.log(0.8), "down"),
        ("red", 0.1, "up"),
        ("blue", -0.1, "down"),
        ("sharpness", -0.3, "down"),
        ("size", 0.25, "up"),
        ("score", 0.2, "up"),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_a_change_is_told_within_fifty_objects(feature, change, direction, seed):
    monitor = DriftMonitor()
    assert [] == alarms(monitor, stream(500, seed=seed))
    [event] = alarms(monitor, stream(50, seed=seed + 50, shift={feature: change}))
    assert (feature, direction) == (event.feature, event.direction)
    assert 480 <= event.since_object <= event.object < 550
    assert event.statistic >= event.threshold
    if feature != "score":
        assert event.magnitude == pytest.approx(np.expm1(change), abs=0.12)


def test_several_changes_are_told_one_after_another():
    monitor = DriftMonitor(stream(200, seed=1))
    told = alarms(monitor, stream(80, seed=2, shift={"brightness": -0.3, "size": 0.3}))
    assert {"brightness", "size"} == {event.feature for event in told}
    assert 2 == len(told)


def test_a_lasting_change_is_told_once_and_again_after_it_was_gone():
    monitor = DriftMonitor(stream(200, seed=1))
    dark = {"brightness": -0.3}
    assert 1 == len(alarms(monitor, stream(500, seed=2, shift=dark)))
    assert [] == alarms(monitor, stream(100, seed=3))
    assert 1 == len(alarms(monitor, stream(100, seed=4, shift=dark)))


def test_a_change_too_slow_to_see_is_told_when_it_is_large():
    monitor = DriftMonitor(stream(200, seed=1))
    dimming = [replace(one, brightness=one.brightness - 4e-5 * i) for i, one in enumerate(stream(7_000, seed=2))]
    [event] = alarms(monitor, dimming)
    assert ("brightness", "down") == (event.feature, event.direction)
    assert 2_500 < event.object < 6_000


def test_a_reference_is_watched_against_from_the_first_object():
    monitor = DriftMonitor(stream(100, seed=1))
    assert FEATURES == monitor.watching
    assert alarms(monitor, stream(40, seed=2, shift={"brightness": -0.3}))


def test_what_is_not_given_is_not_watched():
    bare = [replace(one, size=None, score=None) for one in stream(150, seed=1)]
    monitor = DriftMonitor(bare)
    assert ("brightness", "red", "blue", "sharpness") == monitor.watching
    assert [] == alarms(monitor, stream(30, seed=2))
    assert 30 == monitor.objects


def test_tolerances_say_what_is_worth_an_alarm():
    later = stream(300, seed=2, shift={"size": 0.25})
    assert alarms(DriftMonitor(stream(300, seed=1)), later)
    assert [] == alarms(DriftMonitor(stream(300, seed=1), tolerances=Tolerances(size=0.6)), later)


def test_light_that_swung_in_the_reference_raises_the_threshold():
    rng = np.random.default_rng(0)
    slow = np.repeat(rng.normal(0, 0.06, 40), 10)
    swinging = [replace(one, brightness=one.brightness + float(slow[i])) for i, one in enumerate(stream(400, seed=1))]

    def first(reference):
        return alarms(DriftMonitor(reference), stream(200, seed=2, shift={"brightness": -0.2}))[0].threshold

    assert first(swinging) > first(stream(400, seed=1))


def test_it_is_resumable():
    assert isinstance(DriftMonitor(), Resumable)


@pytest.mark.parametrize("before", [0, 60, 230, 400])
def test_restored_it_goes_on_as_if_nothing_had_happened(before):
    whole, first, second = DriftMonitor(), DriftMonitor(), DriftMonitor()
    objects = [*stream(390, seed=1), *stream(100, seed=2, shift={"red": 0.12, "score": 0.3})]
    expected = [whole.follow(one) for one in objects]
    actual = [first.follow(one) for one in objects[:before]]
    second.restore(json.loads(json.dumps(first.state())))
    actual += [second.follow(one) for one in objects[before:]]
    assert expected == actual
    assert whole.state() == second.state()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda state: state.update(version=2),
        lambda state: state.pop("objects"),
        lambda state: state.update(features=[]),
        lambda state: state["features"].pop("size"),
        lambda state: state["features"]["size"].update(sides=[]),
        lambda state: state["features"]["size"].update(ranks=[[0.5]]),
        lambda state: state["features"]["size"].update(baseline=[[1.0, 0.0, 0.0, 0.0]]),
        lambda state: state["features"]["score"].update(ranks=[]),
        lambda state: state["features"]["size"].update(moved="far"),
    ],
)
def test_a_damaged_state_is_refused_and_changes_nothing(spoil):
    monitor = DriftMonitor(stream(120, seed=1))
    alarms(monitor, stream(10, seed=2))
    before = monitor.state()
    state = json.loads(json.dumps(before))
    spoil(state)
    with pytest.raises(InvalidInput, match="state of DriftMonitor"):
        monitor.restore(state)
    assert before == monitor.state()


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"learn": 99}, "learn: expected 100 objects or more, got 99"),
        ({"reference": stream(99, seed=1)}, "reference: expected 100 objects or more, got 99"),
        ({"false_alarm_every": 1.0}, "false_alarm_every: expected more than 1, got 1.0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(arguments, text):
    with pytest.raises(InvalidInput, match=text):
        DriftMonitor(**arguments)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan"), float("inf")])
def test_tolerances_are_above_zero(value):
    with pytest.raises(InvalidInput, match="size: expected more than 0"):
        Tolerances(size=value)
