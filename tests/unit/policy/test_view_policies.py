from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Anomaly, Verdict, VerdictPolicy
from conveyorqc.errors import InvalidInput
from conveyorqc.policy import KOfN, MaxPolicy, MeanPolicy

POLICIES = [MaxPolicy(), MeanPolicy(), KOfN(1), KOfN(3)]


def normal(confidence: float, score: float | None = None) -> Verdict:
    return Verdict(is_anomalous=False, confidence=confidence, score=score)


def anomalous(confidence: float, score: float | None = None) -> Verdict:
    return Verdict(is_anomalous=True, confidence=confidence, score=score)


@pytest.mark.parametrize("policy", POLICIES)
def test_policies_satisfy_the_protocol(policy: VerdictPolicy) -> None:
    assert isinstance(policy, VerdictPolicy)


@pytest.mark.parametrize("policy", POLICIES)
def test_no_verdict_is_an_error(policy: VerdictPolicy) -> None:
    with pytest.raises(InvalidInput, match="at least one, got none"):
        policy.decide([])


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("only", [normal(0.8, 0.2), anomalous(0.7, 0.7), anomalous(0.5), normal(0.5)])
def test_a_single_view_keeps_its_label_and_confidence(policy: VerdictPolicy, only: Verdict) -> None:
    decided = policy.decide([only])

    assert decided.is_anomalous == only.is_anomalous
    assert decided.confidence == pytest.approx(only.confidence)
    assert decided.score == only.score


def test_max_takes_the_verdict_on_the_worst_view() -> None:
    worst = anomalous(0.7, 0.7)

    assert MaxPolicy().decide([normal(0.99), worst, anomalous(0.6)]) is worst


def test_max_of_normal_views_is_the_least_sure_one() -> None:
    assert MaxPolicy().decide([normal(0.9), normal(0.6), normal(0.99)]).confidence == 0.6


def test_a_label_counts_more_than_a_probability_when_the_backend_has_its_own_threshold() -> None:
    called_at_low_probability = anomalous(0.3)

    assert MaxPolicy().decide([normal(0.6), called_at_low_probability]) is called_at_low_probability


def test_mean_lets_sure_views_outvote_unsure_ones() -> None:
    decided = MeanPolicy().decide([normal(0.9), anomalous(0.7)])

    assert decided.is_anomalous is False
    assert decided.confidence == pytest.approx(0.6)


def test_mean_keeps_the_evidence_of_the_clearest_view_of_its_label() -> None:
    crack = Anomaly("crack", 0.1, "#FF0000")
    heatmap = np.ones((2, 2), np.float32)
    clear = Verdict(is_anomalous=True, confidence=0.9, anomalies=(crack,), heatmap=heatmap, model="m")

    decided = MeanPolicy().decide([normal(0.6), clear, anomalous(0.6)])

    assert decided.is_anomalous is True
    assert decided.anomalies == (crack,)
    assert decided.heatmap is not None
    assert decided.model == "m"


def test_mean_score_needs_a_score_from_every_view() -> None:
    assert MeanPolicy().decide([normal(0.9, 0.1), anomalous(0.7, 0.7)]).score == pytest.approx(0.4)
    assert MeanPolicy().decide([normal(0.9, 0.1), anomalous(0.7)]).score is None


@pytest.mark.parametrize(("k", "expected"), [(1, True), (2, True), (3, False)])
def test_k_of_n_needs_k_anomalous_views(*, k: int, expected: bool) -> None:
    views = [anomalous(0.9), normal(0.8), anomalous(0.6)]

    assert KOfN(k).decide(views).is_anomalous is expected


def test_k_of_n_is_as_sure_as_its_kth_view() -> None:
    views = [anomalous(0.9), normal(0.8), anomalous(0.6)]

    assert KOfN(2).decide(views).confidence == 0.6
    assert KOfN(3).decide(views).confidence == 0.8


def test_k_above_the_number_of_views_needs_all_of_them() -> None:
    assert KOfN(5).decide([anomalous(0.9), anomalous(0.8)]).is_anomalous is True
    assert KOfN(5).decide([anomalous(0.9), normal(0.8)]).is_anomalous is False


@pytest.mark.parametrize("k", [0, -1])
def test_k_below_one_is_an_error(k: int) -> None:
    with pytest.raises(InvalidInput, match=f"1 view or more, got {k}"):
        KOfN(k)
