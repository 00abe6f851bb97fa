"""`suggest`: what to label next, so that a model learns most from the least labour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from conveyorqc.core import FloatArray, InspectionEvent
from conveyorqc.errors import InvalidInput
from conveyorqc.learning._candidates import Candidate, JudgedObject, candidates_of_events, candidates_of_objects

__all__ = ["Reason", "Suggestion", "suggest", "suggest_objects"]

Reason: TypeAlias = Literal["uncertain", "novel", "disputed"]
_REASONS: tuple[Reason, ...] = get_args(Reason)

_AT_MOST = 5_000
"""Candidates that are compared with one another: the strongest."""

_COUNTS = 0.6
"""Share of the strongest reason from which on another one is told too."""

_LEAST = 0.02
"""Strength that the weakest candidate has: where nothing is doubtful, the most different ones are suggested."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One object to label.

    Attributes:
        name: of the object: the event id, or the name it was given.
        reason: the strongest one.
        strength: of that reason, 0 to 1.
        why: in words; all reasons that count.
        rank: 1 for the first to label.
    """

    name: str
    reason: Reason
    strength: float
    why: str
    rank: int

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON types."""
        return {
            "rank": self.rank,
            "name": self.name,
            "reason": self.reason,
            "strength": round(self.strength, 4),
            "why": self.why,
        }


def suggest(events: Iterable[InspectionEvent], n: int, /) -> list[Suggestion]:
    """Which objects to label next, from their events alone.

    Uncertain are objects whose confidence is low, and those that were seen and not judged; novel those whose size,
    shape or score is far from that of the others. Events hold one verdict per object: to find objects whose views
    disagree, and what looks new, use `suggest_objects`.

    Args:
        events: in any order; the order of the result does not depend on it.
        n: how many at most.

    Raises:
        InvalidInput: if ``n`` is negative.
    """
    return _ranked(candidates_of_events(events), n)


def suggest_objects(objects: Iterable[JudgedObject], n: int, /) -> list[Suggestion]:
    """Which objects to label next, from the verdicts and pictures of all their views.

    Active learning (Settles 2009, "Active Learning Literature Survey"): uncertain are objects at even odds, novel those
    far from what was trained on, disputed those whose views disagree. Each choice makes what is like it less wanted
    (maximal marginal relevance, Carbonell and Goldstein 1998, DOI 10.1145/290941.291025): ten views of the same
    doubt teach what one does.

    Args:
        objects: in any order; the order of the result does not depend on it. Pictures are let go one by one.
        n: how many at most.

    Raises:
        InvalidInput: if ``n`` is negative, or two objects have one name.

    >>> from conveyorqc.core import Verdict
    >>> good, bad = Verdict(is_anomalous=False, confidence=0.9), Verdict(is_anomalous=True, confidence=0.9)
    >>> [first] = suggest_objects([JudgedObject("a", [good, good]), JudgedObject("b", [good, bad])], 1)
    >>> first.name, first.reason, first.why
    ('b', 'disputed', '1 of 2 views call it anomalous, with 0.10 to 0.90')
    """
    return _ranked(candidates_of_objects(objects), n)


def _ranked(candidates: Sequence[Candidate], n: int) -> list[Suggestion]:
    if n < 0:
        raise InvalidInput(f"n: expected 0 or more, got {n}")
    names = [candidate.name for candidate in candidates]
    if len(set(names)) != len(names):
        raise InvalidInput(f"objects: expected a name for each, got {max(names, key=names.count)!r} more than once")
    ordered = sorted(candidates, key=lambda candidate: (-max(candidate.reasons), candidate.name))[:_AT_MOST]
    if not ordered:
        return []
    if len({len(candidate.place) for candidate in ordered}) > 1:
        raise InvalidInput("objects: expected a picture of all of them or of none, got some")
    strengths = np.array([max(*candidate.reasons, _LEAST) for candidate in ordered])
    chosen = _spread_out(strengths, np.stack([candidate.place for candidate in ordered]), n)
    return [_suggestion(ordered[row], rank) for rank, row in enumerate(chosen, start=1)]


def _spread_out(strengths: FloatArray, places: FloatArray, n: int) -> list[int]:
    """Rows in the order of what they add: their strength times how unlike they are to every row before."""
    scale = _typical_distance(places)
    unlike = np.ones(len(strengths))
    chosen: list[int] = []
    for _ in range(min(n, len(strengths))):
        worth = strengths * unlike
        worth[chosen] = -1.0
        row = int(np.argmax(worth))
        chosen.append(row)
        apart = ((places - places[row]) ** 2).sum(axis=1) / scale
        unlike = np.minimum(unlike, np.maximum(1 - np.exp(-apart), 1e-6))
    return chosen


def _typical_distance(places: FloatArray) -> float:
    """Squared, between one candidate and another."""
    return max(2 * float(places.var(axis=0).sum()), 1e-12)


def _suggestion(candidate: Candidate, rank: int) -> Suggestion:
    strength = max(candidate.reasons)
    counted = sorted(zip(candidate.reasons, _REASONS, candidate.accounts, strict=True), key=lambda one: -one[0])
    why = [text for value, _, text in counted if text and (value >= _COUNTS * strength or value == strength)]
    if strength < _LEAST:
        return Suggestion(candidate.name, counted[0][1], strength, "nothing is doubtful, but it differs", rank)
    return Suggestion(candidate.name, counted[0][1], strength, "; ".join(why), rank)
