"""Each vectorised figure against a naive twin, and what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.geometry import box_iou
from conveyorqc.metrics import (
    ObjectBoxes,
    auroc,
    average_precision,
    classification_scores,
    clopper_pearson,
    expected_calibration_error,
    match_boxes,
    match_objects,
    object_scores,
)

# Few distinct scores, so that ties are common.
items = st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=1, max_size=30)


@given(items)
def test_auroc_agrees_with_comparing_every_pair(rows):
    truth, scores = [t for t, _ in rows], [float(s) for _, s in rows]
    positives, negatives = [s for t, s in rows if t], [s for t, s in rows if not t]
    pairs = [1.0 if p > n else 0.5 if p == n else 0.0 for p in positives for n in negatives]

    estimate = auroc(truth, scores)

    assert estimate.value == (pytest.approx(np.mean(pairs)) if pairs else None)
    assert 0 <= estimate.low <= (estimate.value if pairs else 0) <= (estimate.high if pairs else 1) <= 1


@given(items)
def test_average_precision_agrees_with_trying_every_threshold(rows):
    precisions = [
        sum(t for t, other in rows if other >= s) / sum(other >= s for _, other in rows) for t, s in rows if t
    ]

    estimate = average_precision([t for t, _ in rows], [s for _, s in rows])

    assert estimate.value == (pytest.approx(np.mean(precisions)) if precisions else None)


@given(st.integers(0, 60), st.integers(0, 60), st.floats(0.5, 0.999))
def test_an_interval_holds_its_value_and_shrinks_with_n(successes, failures, level):
    n = successes + failures
    estimate, tenfold = clopper_pearson(successes, n, level=level), clopper_pearson(10 * successes, 10 * n, level=level)

    if n:
        assert 0 <= estimate.low <= estimate.value <= estimate.high <= 1
        assert tenfold.high - tenfold.low < estimate.high - estimate.low


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=40))
def test_scores_agree_with_counting_one_by_one(rows):
    scores = classification_scores([t for t, _ in rows], [p for _, p in rows])
    right = sum(t and p for t, p in rows)

    assert scores.tp + scores.fp + scores.fn + scores.tn == len(rows)
    assert scores.tp == right
    if scores.f1.value is not None:
        assert scores.f1.value == pytest.approx(2 * right / (sum(t for t, _ in rows) + sum(p for _, p in rows)))
        assert scores.f1.low <= scores.f1.value <= scores.f1.high


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40), st.integers(1, 12))
def test_calibration_error_agrees_with_filling_the_bins_one_by_one(rows, bins):
    total = 0.0
    for place in range(bins):
        inside = [(t, p) for t, p in rows if min(int(p * bins), bins - 1) == place]
        if inside:
            total += len(inside) * abs(np.mean([p for _, p in inside]) - np.mean([t for t, _ in inside]))

    estimate = expected_calibration_error(
        [t for t, _ in rows], [p for _, p in rows], bins=bins, resamples=5, rng=np.random.default_rng(0)
    )

    assert estimate.value == pytest.approx(total / len(rows), abs=1e-12)


corners = st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20), st.integers(1, 20))


def boxes_of(rows):
    return np.array([[x, y, x + w, y + h] for x, y, w, h in rows], dtype=np.float64).reshape(-1, 4)


@given(st.lists(corners, max_size=6), st.lists(corners, max_size=6), st.floats(0.05, 1))
def test_pairs_of_boxes_are_one_to_one_and_overlap_enough(truth, predicted, iou):
    first, second = boxes_of(truth), boxes_of(predicted)

    rows, columns = match_boxes(first, second, iou=iou)

    assert len(set(rows.tolist())) == len(set(columns.tolist())) == len(rows)
    assert (box_iou(first, second)[rows, columns] >= iou - 1e-9).all()


tables = st.dictionaries(st.tuples(st.integers(0, 5), st.integers(1, 4)), corners, max_size=20).map(
    lambda rows: ObjectBoxes([f for f, _ in rows], [i for _, i in rows], boxes_of(rows.values()))
)


@given(tables, tables)
def test_objects_and_tracks_pair_one_to_one_and_the_counts_add_up(truth, predicted):
    matches = match_objects(truth, predicted)
    scores = object_scores(truth, predicted).scores

    assert len(set(matches.values())) == len(matches) == scores.tp
    assert scores.tp + scores.fn == len(set(truth.ids.tolist()))
    assert scores.tp + scores.fp == len(set(predicted.ids.tolist()))


@given(tables)
def test_objects_that_keep_apart_follow_themselves(truth):
    apart = ObjectBoxes(truth.frames, truth.ids, truth.boxes + np.array([100, 0, 100, 0]) * truth.ids[:, None])

    assert match_objects(apart, apart) == {int(i): int(i) for i in np.unique(truth.ids)}
