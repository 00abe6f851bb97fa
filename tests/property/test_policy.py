from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import Verdict, VerdictPolicy
from conveyorqc.policy import KOfN, MaxPolicy, MeanPolicy

FRACTIONS = st.floats(0, 1)
POLICIES = st.one_of(st.just(MaxPolicy()), st.just(MeanPolicy()), st.builds(KOfN, st.integers(1, 6)))


def verdict_at(probability: float) -> Verdict:
    """What a backend with threshold 0.5 says."""
    if probability > 0.5:
        return Verdict(is_anomalous=True, confidence=probability, score=probability)
    return Verdict(is_anomalous=False, confidence=1 - probability, score=probability)


def probability_of(verdict: Verdict) -> float:
    return verdict.confidence if verdict.is_anomalous else 1 - verdict.confidence


VIEWS = st.lists(FRACTIONS.map(verdict_at), min_size=1, max_size=8)


@given(POLICIES, VIEWS, st.randoms(use_true_random=False))
def test_the_order_of_views_does_not_matter(policy: VerdictPolicy, views: list[Verdict], random) -> None:
    shuffled = random.sample(views, len(views))

    first, second = policy.decide(views), policy.decide(shuffled)

    assert (first.is_anomalous, first.confidence, first.score) == (
        second.is_anomalous,
        second.confidence,
        second.score,
    )


@given(POLICIES, VIEWS, st.integers(0, 7), FRACTIONS)
def test_a_worse_view_never_makes_a_better_verdict(
    policy: VerdictPolicy, views: list[Verdict], position: int, worse: float
) -> None:
    index = position % len(views)
    raised = max(worse, probability_of(views[index]))
    worsened = [*views[:index], verdict_at(raised), *views[index + 1 :]]

    before, after = policy.decide(views), policy.decide(worsened)

    assert probability_of(after) >= probability_of(before) - 1e-12
    assert after.is_anomalous or not before.is_anomalous


@given(POLICIES, VIEWS)
def test_the_verdict_stays_within_the_range_of_the_views(policy: VerdictPolicy, views: list[Verdict]) -> None:
    probabilities = [probability_of(view) for view in views]

    assert min(probabilities) - 1e-12 <= probability_of(policy.decide(views)) <= max(probabilities) + 1e-12


@given(POLICIES, VIEWS)
def test_unanimous_views_decide_the_label(policy: VerdictPolicy, views: list[Verdict]) -> None:
    labels = {view.is_anomalous for view in views}

    assert policy.decide(views).is_anomalous in labels


def k_of_n_by_counting(views: Sequence[Verdict], k: int) -> bool:
    return sum(view.is_anomalous for view in views) >= min(k, len(views))


@given(VIEWS, st.integers(1, 6))
def test_k_of_n_agrees_with_counting(views: list[Verdict], k: int) -> None:
    assert KOfN(k).decide(views).is_anomalous == k_of_n_by_counting(views, k)
