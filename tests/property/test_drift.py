"""Constant input never alarms, a restored monitor is the same monitor, and nothing but typed errors comes out."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.drift import FEATURES, Appearance, DriftMonitor
from conveyorqc.errors import InvalidInput

NUMBERS = st.floats(-10, 10)
OBJECTS = st.builds(Appearance, NUMBERS, NUMBERS, NUMBERS, NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(one=OBJECTS, count=st.integers(101, 400))
@settings(max_examples=30, deadline=None)
def test_constant_input_gives_no_alarm(one, count):
    monitor = DriftMonitor(learn=100)
    assert [None] * count == [monitor.follow(one) for _ in range(count)]


@given(kinds=st.lists(OBJECTS, min_size=1, max_size=4), seed=st.randoms(use_true_random=False), cut=st.integers(0, 200))
@settings(max_examples=30, deadline=None)
def test_a_restored_monitor_has_the_same_future(kinds, seed, cut):
    objects = [seed.choice(kinds) for _ in range(200)]
    one, other = DriftMonitor(learn=100), DriftMonitor(learn=100)
    for appearance in objects[:cut]:
        one.follow(appearance)
    other.restore(json.loads(json.dumps(one.state())))
    assert [one.follow(appearance) for appearance in objects[cut:]] == [
        other.follow(appearance) for appearance in objects[cut:]
    ]


@given(feature=st.sampled_from(FEATURES), field=st.text(max_size=8), value=JSON, known=st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_state_is_taken_or_refused(feature, field, value, known):
    monitor = DriftMonitor()
    state = monitor.state()
    part = state["features"][feature]
    part[sorted(part)[len(field) % len(part)] if known else field] = value
    try:
        monitor.restore(state)
    except InvalidInput as error:
        assert "DriftMonitor" in str(error)  # noqa: PT017 (either outcome is right)
    assert 0 == monitor.objects
