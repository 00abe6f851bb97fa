"""What a verdict means for the object."""

from __future__ import annotations

from dataclasses import dataclass

from conveyorqc.core import Disposition, Verdict
from conveyorqc.errors import InvalidInput

__all__ = ["DispositionPolicy"]


@dataclass(frozen=True, slots=True)
class DispositionPolicy:
    """Anomalous objects are rejected, normal ones pass, doubtful ones are unknown.

    Args:
        min_confidence: 0-1. Below it the object is unknown instead of passed or rejected: more objects go to a
            person, fewer verdicts are wrong. 0 decides every object.

    Raises:
        InvalidInput: if ``min_confidence`` is outside 0-1.

    >>> disposition, reason = DispositionPolicy(min_confidence=0.6)(Verdict(is_anomalous=True, confidence=0.43))
    >>> disposition.value, reason
    ('unknown', 'low confidence 0.43 < 0.60')
    """

    min_confidence: float = 0.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.min_confidence <= 1.0:
            raise InvalidInput(f"min_confidence: expected a number in [0, 1], got {self.min_confidence}")

    def __call__(self, verdict: Verdict, /) -> tuple[Disposition, str]:
        """The disposition, and the reason where it is unknown (else an empty string)."""
        if verdict.confidence < self.min_confidence:
            return Disposition.UNKNOWN, f"low confidence {verdict.confidence:.2f} < {self.min_confidence:.2f}"
        return (Disposition.REJECT if verdict.is_anomalous else Disposition.PASS), ""
