"""Blobs, belts, strips and schedules under random input."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from conveyorqc.core import BeltShift, Direction, Frame
from conveyorqc.detect import BeltComparison, BlobFinder, ByTravel, EntryStrip, EveryFrames, learn_belt
from conveyorqc.detect._learn import _commonest
from conveyorqc.imgproc import components
from conveyorqc.testing import ScriptedMotion

HEIGHT, WIDTH = 48, 64
LOOSE = {"min_area": 1, "clean": 0}
finders = st.builds(
    BlobFinder,
    min_area=st.floats(0, 80),
    max_area=st.none() | st.floats(100, 2000),
    max_aspect=st.none() | st.floats(1, 5),
    diameter=st.none() | st.floats(2, 40),
    neck=st.floats(0, 1),
    join_gap=st.floats(0, 0.5),
    clean=st.sampled_from([0, 3, 4]),
)


def no_pixels(region):
    raise AssertionError(f"a schedule needs no pixels, asked for {region}")


def frame(index):
    return Frame.deferred(8, 8, index=index, time_s=index / 25, to_bgr=no_pixels)


@st.composite
def masks(draw):
    """Discs and bars anywhere, touching and cut by the edge, and some noise."""
    y, x = np.mgrid[:HEIGHT, :WIDTH]
    mask = np.zeros((HEIGHT, WIDTH), bool)
    for _ in range(draw(st.integers(0, 5))):
        center_x, center_y = draw(st.integers(-5, WIDTH + 5)), draw(st.integers(-5, HEIGHT + 5))
        if draw(st.booleans()):
            mask |= np.hypot(x - center_x, y - center_y) <= draw(st.integers(1, 14))
        else:
            half_x, half_y = draw(st.integers(0, 12)), draw(st.integers(0, 12))
            mask |= (abs(x - center_x) <= half_x) & (abs(y - center_y) <= half_y)
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    return mask ^ (rng.random(mask.shape) < draw(st.sampled_from([0, 0.01, 0.2])))


@given(masks(), finders, st.sampled_from([1.0, 2.0, 4.0]))
def test_every_object_has_its_box_and_keeps_the_limits(mask, finder, scale):
    labels, boxes = finder.find(mask, scale=scale)

    assert np.unique(labels[labels > 0]).tolist() == list(range(1, len(boxes) + 1))
    for number, box in enumerate(boxes, 1):
        y, x = np.nonzero(labels == number)
        assert box.tolist() == [x.min(), y.min(), x.max() + 1, y.max() + 1]
        area = len(x) * scale**2
        at_edge = (box == (0, 0, WIDTH, HEIGHT)).any()  # of what the edge cuts, more may come
        assert area >= (finder.min_area / 3 if at_edge else finder.min_area)
        assert finder.max_area is None or area <= finder.max_area
        sides = sorted([np.ptp(x) + 1, np.ptp(y) + 1])
        assert finder.max_aspect is None or sides[1] <= finder.max_aspect * sides[0]


@given(masks())
def test_without_a_diameter_objects_are_the_connected_parts(mask):
    plain = components(BlobFinder(**LOOSE).find(mask)[0] > 0)

    labels, boxes = BlobFinder(**LOOSE).find(mask)

    assert np.array_equal(labels, plain[0])
    assert not (mask & (labels == 0)).any()
    assert sorted(boxes.tolist()) == sorted(plain[1].tolist())


@given(masks(), st.floats(4, 30), st.floats(0, 1), st.floats(0, 0.5))
def test_cutting_and_joining_move_no_pixel_between_object_and_belt(mask, diameter, neck, join_gap):
    plain = BlobFinder(**LOOSE).find(mask)[0]

    labels = BlobFinder(**LOOSE, diameter=diameter, neck=neck, join_gap=join_gap).find(mask)[0]

    assert np.array_equal(labels > 0, plain > 0)


@given(masks(), st.floats(4, 30), st.floats(0, 1))
def test_without_cuts_there_are_never_more_objects_and_without_joins_never_fewer(mask, diameter, amount):
    plain = len(BlobFinder(**LOOSE).find(mask)[1])

    assert len(BlobFinder(**LOOSE, diameter=diameter, neck=0, join_gap=amount).find(mask)[1]) <= plain
    assert len(BlobFinder(**LOOSE, diameter=diameter, neck=amount, join_gap=0).find(mask)[1]) >= plain


def commonest(values, tolerance):
    """The mean of the values that agree with the value most others agree with, the first of those; and their share."""
    support = [sum(bool((np.abs(other - value) <= tolerance).all()) for other in values) for value in values]
    best = values[int(np.argmax(support))]
    group = [value for value in values if (np.abs(value - best) <= tolerance).all()]
    return np.mean(group, axis=0), len(group) / len(values)


@given(st.integers(0, 10_000), st.integers(5, 9), st.sampled_from([2, 30, 200]))
def test_the_first_color_of_a_pixel_is_what_most_samples_agree_on(seed, count, spread):
    samples = np.random.default_rng(seed).integers(20, 20 + spread, (3, count, 4, 3)).astype(np.int16)
    tolerance = np.array([8, 4, 4])

    colors, _, shares = _commonest(samples, tolerance)

    for y, x in np.ndindex(4, 3):
        color, share = commonest(samples[:, :, y, x].T.astype(int), tolerance)
        assert np.allclose(color, colors[0, :, y, x])
        assert np.isclose(share, shares[0, y, x])


@given(st.integers(0, 10_000), st.floats(0.1, 0.3), st.floats(0.4, 0.6))
def test_the_belt_is_found_also_where_products_hide_it_most_of_the_time(seed, covered, crowded):
    rng = np.random.default_rng(seed)
    samples = rng.normal((120, 110, 150), 1.0, (40, 24, 32, 3))
    share = np.full((24, 32), covered)
    share[9:14] = crowded
    hidden = rng.random((40, 24, 32)) < share
    hidden[np.argsort(rng.random((40, 24, 32)), axis=0) < 8] = False  # a fifth of the time each pixel shows the belt
    samples[hidden] = rng.normal((150, 155, 95), 1.0, (hidden.sum(), 3))  # products that all look alike

    picture = learn_belt(list(np.rint(samples).astype(np.uint8))).picture

    assert np.abs(picture.astype(float) - (120, 110, 150)).max() <= 4


@given(arrays(np.uint8, (6, 8, 3)), st.floats(0.5, 10), st.integers(0, 3))
def test_a_belt_is_never_its_own_foreground(picture, sensitivity, reach):
    belt = learn_belt([picture] * 5)

    assert np.array_equal(belt.picture, picture)
    assert not BeltComparison.of(belt, sensitivity=sensitivity, reach=reach).foreground(picture).any()


@given(arrays(np.uint8, (6, 8, 3)), arrays(np.uint8, (6, 8, 3)), st.floats(0.5, 5))
def test_more_reach_never_finds_more(picture, other, sensitivity):
    belt = learn_belt([picture] * 5)
    near, far = (BeltComparison.of(belt, sensitivity=sensitivity, reach=reach).foreground(other) for reach in (0, 2))

    assert not (far & ~near).any()


@given(
    st.sampled_from(Direction),
    st.floats(0.01, 1),
    st.integers(1, 400),
    st.integers(1, 400),
    st.lists(st.tuples(*[st.floats(0, 1)] * 4), max_size=5),
)
def test_the_strip_lies_in_the_frame_and_holds_what_it_calls_inside(direction, fraction, width, height, corners):
    strip = EntryStrip(direction, fraction)
    x0, y0, x1, y1 = strip.region(width, height)
    places = np.array(corners).reshape(-1, 4) * [width, height, width, height]
    boxes = np.column_stack([np.minimum(places[:, :2], places[:, 2:]), np.maximum(places[:, :2], places[:, 2:])])

    inside = strip.inside(boxes, width=width, height=height, margin=2.0)

    assert 0 <= x0 < x1 <= width
    assert 0 <= y0 < y1 <= height
    held = boxes[inside]
    assert (held >= [x0, y0, x0, y0]).all()
    assert (held <= [x1, y1, x1, y1]).all()


@given(st.integers(1, 30), st.lists(st.integers(1, 9), min_size=1, max_size=60))
def test_looks_are_at_least_the_count_apart_and_as_soon_as_may_be(count, steps):
    indices = np.cumsum(steps).tolist()
    schedule = EveryFrames(count)
    expected, following = [], indices[0]
    for index in indices:
        if index >= following:
            expected.append(index)
            following = index + count

    assert [index for index in indices if schedule.due(frame(index))] == expected


@given(st.lists(st.floats(-20, 20), min_size=2, max_size=60), st.floats(1, 60), st.floats(0.05, 3))
def test_between_looks_the_belt_never_comes_further_than_the_distance(shifts, distance, at_most_s):
    script = {index: BeltShift(dx, 0.0, 1.0) for index, dx in enumerate(shifts)}
    schedule = ByTravel(ScriptedMotion(script), distance=distance, at_most_s=at_most_s)
    travelled, last = 0.0, 0
    for index, dx in enumerate(shifts):
        travelled += dx
        if schedule.due(frame(index)):
            travelled, last = 0.0, index
        assert abs(travelled) < distance
        assert (index - last) / 25 < at_most_s
