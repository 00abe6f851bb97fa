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
    bootstrap_intervals,
    brier,
    calibrate_threshold,
    calibration_statistic,
    classification_scores,
    clopper_pearson,
    decision_statistics,
    defects_needed,
    expected_calibration_error,
    match_boxes,
    match_objects,
    miss_rate_bound,
    object_scores,
    operating_points,
    ranking_statistics,
    squared_error_statistic,
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


judged = st.lists(st.tuples(st.booleans(), st.integers(0, 8)), min_size=2, max_size=24).filter(
    lambda rows: len({t for t, _ in rows}) == 2
)
costs = st.floats(0.01, 100)


def columns(rows):
    return np.array([t for t, _ in rows]), np.array([s / 8 for _, s in rows])


@given(judged)
def test_weighted_figures_of_all_items_are_the_plain_figures(rows):
    truth, scores = columns(rows)
    decided, once = scores >= 0.5, np.ones((1, len(rows)))
    plain = classification_scores(truth, decided)
    ranked, made = ranking_statistics(truth, scores), decision_statistics(truth, decided)
    ece = expected_calibration_error(truth, scores, rng=np.random.default_rng(0), resamples=1).value

    assert auroc(truth, scores).value == pytest.approx(ranked["auroc"](once)[0])
    assert average_precision(truth, scores).value == pytest.approx(ranked["average_precision"](once)[0])
    assert brier(truth, scores).value == pytest.approx(squared_error_statistic(truth, scores)(once)[0])
    assert ece == pytest.approx(calibration_statistic(truth, scores)(once)[0])
    assert plain.recall.value == pytest.approx(made["recall"](once)[0])
    assert plain.f1.value == pytest.approx(made["f1"](once)[0])
    assert plain.precision.value == (pytest.approx(made["precision"](once)[0]) if decided.any() else None)


@given(judged, st.lists(st.integers(0, 3), min_size=24, max_size=24))
def test_a_weight_counts_an_item_so_often(rows, drawn):
    truth, scores = columns(rows)
    weights = np.array(drawn[: len(rows)])
    again = np.repeat(np.arange(len(rows)), weights)
    for name, figure in (("auroc", auroc), ("average_precision", average_precision)):
        [value] = ranking_statistics(truth, scores)[name](weights[None].astype(float))
        expected = figure(truth[again], scores[again]).value
        assert np.isnan(value) if expected is None else value == pytest.approx(expected)


@given(judged)
def test_bootstrap_intervals_lie_in_order_and_in_range(rows):
    truth, scores = columns(rows)
    found = bootstrap_intervals(
        ranking_statistics(truth, scores), np.arange(len(rows)), rng=np.random.default_rng(0), resamples=40
    )
    assert all(0 <= low <= high <= 1 + 1e-12 for low, high in found.values())


@given(judged)
def test_operating_points_agree_with_trying_each_threshold(rows):
    truth, scores = columns(rows)
    points = operating_points(truth, scores)
    for threshold, hits, alarms in zip(points.thresholds, points.hits, points.alarms, strict=True):
        assert (hits, alarms) == (np.sum(truth & (scores >= threshold)), np.sum(~truth & (scores >= threshold)))
    assert (np.diff(points.thresholds) < 0).all()


@given(judged, costs, costs, st.floats(0.01, 0.99), st.none() | st.floats(0, 1))
def test_no_threshold_costs_less_than_the_calibrated_one(rows, false_reject, false_pass, prevalence, limit):
    truth, scores = columns(rows)
    chosen = calibrate_threshold(
        scores, truth, false_reject, false_pass, prevalence=prevalence, max_false_reject=limit, resamples=20
    )
    tried = {}
    for threshold in [*np.unique(scores), 2.0]:
        rejects, passes = np.mean(scores[~truth] >= threshold), np.mean(scores[truth] < threshold)
        if limit is None or rejects <= limit + 1e-12:
            tried[threshold] = (1 - prevalence) * false_reject * rejects + prevalence * false_pass * passes
    if chosen.threshold is None:
        assert list(tried) == [t for t in tried if t > scores[truth].max()]
        return
    assert chosen.expected_cost.value == pytest.approx(min(tried.values()))
    assert chosen.false_rejects.value == pytest.approx(np.mean(scores[~truth] >= chosen.threshold))
    assert chosen.false_passes.value == pytest.approx(np.mean(scores[truth] < chosen.threshold))
    assert chosen.low <= chosen.threshold <= chosen.high
    assert chosen.expected_cost.low <= chosen.expected_cost.value <= chosen.expected_cost.high


@given(judged, costs, costs, st.floats(1, 10), st.randoms(use_true_random=False))
def test_dearer_misses_never_raise_the_threshold_and_order_means_nothing(rows, reject, miss, more, random):
    truth, scores = columns(rows)
    chosen = calibrate_threshold(scores, truth, reject, miss, resamples=5)
    order = random.sample(range(len(rows)), len(rows))

    assert calibrate_threshold(scores, truth, reject, miss * more, resamples=5).threshold <= chosen.threshold
    assert calibrate_threshold(scores[order], truth[order], reject, miss, resamples=5) == chosen


@given(judged, costs, costs, st.floats(0, 1), st.floats(0, 1))
def test_a_tighter_limit_never_lowers_the_threshold(rows, reject, miss, one, other):
    truth, scores = columns(rows)
    tight, loose = (
        calibrate_threshold(scores, truth, reject, miss, max_false_reject=limit, resamples=5).threshold
        for limit in sorted((one, other))
    )
    assert tight is None or tight >= loose


@given(st.integers(0, 5), st.floats(0.02, 0.9), st.floats(0.5, 0.99))
def test_the_number_needed_is_the_first_that_proves_it(misses, rate, confidence):
    n = defects_needed(rate, confidence=confidence, misses=misses)
    assert miss_rate_bound(misses, n, confidence=confidence) <= rate
    assert n == misses + 1 or miss_rate_bound(misses, n - 1, confidence=confidence) > rate


@given(st.integers(0, 40), st.integers(1, 60), st.floats(0.5, 0.99))
def test_the_bound_on_misses_falls_with_n_and_rises_with_misses(misses, found, confidence):
    bound = miss_rate_bound(misses, misses + found, confidence=confidence)
    assert misses / (misses + found) < bound < miss_rate_bound(misses + 1, misses + 1 + found, confidence=confidence)
    assert miss_rate_bound(misses, misses + found + 1, confidence=confidence) < bound
