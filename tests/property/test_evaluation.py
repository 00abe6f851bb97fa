"""What must hold for any verdicts on any labels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import Verdict
from conveyorqc.evaluation import KnownDefect, evaluate, qualify, verdicts_from

views = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 10)), min_size=1, max_size=20)
kinds = st.lists(st.booleans(), min_size=6, max_size=6)


def evaluated(rows, bad, threshold=0.5):
    verdicts = verdicts_from([score / 10 for _, score in rows], threshold=threshold)
    return evaluate(verdicts, [bad[number] for number, _ in rows], [number for number, _ in rows], resamples=20)


@given(views, kinds)
def test_objects_agree_with_taking_the_worst_view_of_each(rows, bad):
    done = evaluated(rows, bad)
    worst = {number: max(s for other, s in rows if other == number) / 10 for number, _ in rows}
    assert list(worst) == list(done.object_ids)
    assert list(worst.values()) == done.scores.tolist()
    assert [score >= 0.5 for score in worst.values()] == done.decided.tolist()
    assert all(rows[row][1] / 10 == score for row, score in zip(done.shown, worst.values(), strict=True))
    wrong = {number for number, score in worst.items() if (score >= 0.5) != bad[number]}
    assert wrong == {done.object_ids[row] for row in [*done.false_passes(), *done.false_rejects()]}


@given(views, kinds)
def test_intervals_hold_their_values_and_counts_add_up(rows, bad):
    done = evaluated(rows, bad)
    for figures in filter(None, (done.objects, done.pictures)):
        for one in figures.estimates().values():
            assert one.value is None or 0 <= one.low <= one.value <= one.high <= 1 + 1e-12
    figures = done.objects
    assert len(done.object_ids) == figures.tp + figures.fp + figures.fn + figures.tn


@given(views, kinds, st.randoms(use_true_random=False))
def test_the_order_of_the_pictures_means_nothing(rows, bad, random):
    shuffled = random.sample(rows, len(rows))
    for name, one in evaluated(rows, bad).objects.estimates().items():
        other = getattr(evaluated(shuffled, bad).objects, name)
        assert one.n == other.n
        assert other.value == (None if one.value is None else pytest.approx(one.value))


@given(views, kinds)
def test_a_lower_threshold_never_finds_less(rows, bad):
    low, high = (evaluated(rows, bad, threshold).objects.recall.value for threshold in (0.3, 0.7))
    assert low is None or low >= high


class _Judge:
    def inspect(self, images, /, masks=None):
        return [Verdict(is_anomalous=bool(image[0, 0, 0]), confidence=0.9) for image in images]


@given(views, st.floats(0.01, 0.5), st.floats(0.5, 0.99))
def test_a_qualification_counts_objects_and_needs_no_more_once_it_passes(rows, rate, confidence):
    known = [KnownDefect(str(number), np.full((2, 2, 3), score // 6, np.uint8)) for number, score in rows]
    result = qualify(_Judge(), known, rate, confidence)
    seen = {number: any(s >= 6 for other, s in rows if other == number) for number, _ in rows}
    assert (len(seen), {str(n) for n, hit in seen.items() if not hit}) == (result.n, set(result.misses))
    assert result.passed == (result.more_needed == 0) == (result.bound <= rate)
