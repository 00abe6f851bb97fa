"""Many views to one verdict. Views are ranked by how anomalous they look; which rank decides is the policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from conveyorqc.core import Verdict
from conveyorqc.errors import InvalidInput

__all__ = ["KOfN", "MaxPolicy", "MeanPolicy"]


@dataclass(frozen=True, slots=True)
class MaxPolicy:
    """The worst view decides: one view that shows a defect is enough.

    Misses least and rejects most: a false alarm in any view rejects the object.

    >>> views = [Verdict(is_anomalous=False, confidence=0.9), Verdict(is_anomalous=True, confidence=0.7)]
    >>> MaxPolicy().decide(views).is_anomalous
    True
    """

    def decide(self, verdicts: Sequence[Verdict], /) -> Verdict:
        """The verdict on the worst view.

        Raises:
            InvalidInput: if there is no verdict.
        """
        return _worst_first(verdicts)[0]


@dataclass(frozen=True, slots=True)
class KOfN:
    """Anomalous when at least ``k`` of the views are; when fewer than ``k`` were seen, when all of them are.

    The k-th worst view decides, and gives score, confidence and evidence.

    Args:
        k: views that must agree. 1 is `MaxPolicy`; more forgives false alarms in single views and misses defects
            that show in few.

    Raises:
        InvalidInput: if ``k`` is below 1.

    >>> views = [Verdict(is_anomalous=False, confidence=0.9), Verdict(is_anomalous=True, confidence=0.7)]
    >>> KOfN(2).decide(views).is_anomalous
    False
    """

    k: int

    def __post_init__(self) -> None:
        if self.k < 1:
            raise InvalidInput(f"k: expected 1 view or more, got {self.k}")

    def decide(self, verdicts: Sequence[Verdict], /) -> Verdict:
        """The verdict on the k-th worst view.

        Raises:
            InvalidInput: if there is no verdict.
        """
        ranked = _worst_first(verdicts)
        return ranked[min(self.k, len(ranked)) - 1]


@dataclass(frozen=True, slots=True)
class MeanPolicy:
    """The mean probability of an anomaly decides: views outvote each other by how sure they are.

    Steadiest when views err independently; a defect that shows in one view of many is outvoted.

    >>> views = [Verdict(is_anomalous=False, confidence=0.9), Verdict(is_anomalous=True, confidence=0.7)]
    >>> verdict = MeanPolicy().decide(views)
    >>> verdict.is_anomalous, round(verdict.confidence, 2)
    (False, 0.6)
    """

    def decide(self, verdicts: Sequence[Verdict], /) -> Verdict:
        """Label and confidence of the mean probability, the mean score where every view has one.

        Defects, heat map and mask are those of the view that speaks most clearly for that label.

        Raises:
            InvalidInput: if there is no verdict.
        """
        ranked = _worst_first(verdicts)
        mean = _mean([_probability(verdict) for verdict in ranked])
        # At a tie the label of the worst view stands, so that one view alone keeps its label.
        is_anomalous = mean > 0.5 or (mean == 0.5 and ranked[0].is_anomalous)
        scores = [verdict.score for verdict in ranked if verdict.score is not None]
        return replace(
            ranked[0] if is_anomalous else ranked[-1],
            is_anomalous=is_anomalous,
            confidence=mean if is_anomalous else 1 - mean,
            score=_mean(scores) if len(scores) == len(ranked) else None,
        )


def _probability(verdict: Verdict) -> float:
    """How probable an anomaly is; confidence speaks of the label, whichever it is."""
    return verdict.confidence if verdict.is_anomalous else 1 - verdict.confidence


def _worst_first(verdicts: Sequence[Verdict]) -> list[Verdict]:
    if not verdicts:
        raise InvalidInput("verdicts: expected at least one, got none")
    # A backend with a threshold of its own may call a view anomalous at a low probability: its label comes first.
    return sorted(verdicts, key=lambda verdict: (verdict.is_anomalous, _probability(verdict)), reverse=True)


def _mean(values: Sequence[float]) -> float:
    """Independent of the order of the values, and never outside their range."""
    return min(max(math.fsum(values) / len(values), min(values)), max(values))
