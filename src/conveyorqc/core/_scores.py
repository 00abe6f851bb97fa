"""From the score of a foreign model to how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

from conveyorqc.errors import InvalidInput

__all__ = ["ScoreScale"]


@dataclass(frozen=True, slots=True)
class ScoreScale:
    """Where on its scale a model's score means what.

    Two straight lines: 0 at ``low``, 0.5 at ``threshold``, 1 at ``high``, and beyond the ends no further. This is the
    min-max normalisation of anomalib where ``threshold`` lies in the middle. It is no probability: for one that has
    been checked against outcomes, calibrate.

    Attributes:
        threshold: a score that reaches it is anomalous.
        low: the score of what is beyond doubt normal.
        high: the score of what is beyond doubt anomalous. A wider range makes every verdict less sure of itself.

    Raises:
        InvalidInput: unless ``low < threshold < high``, all finite.

    >>> scale = ScoreScale(threshold=2.0, low=0.0, high=10.0)
    >>> [scale.anomalous(score) for score in (-1.0, 1.0, 2.0, 6.0, 99.0)]
    [0.0, 0.25, 0.5, 0.75, 1.0]
    >>> scale.confidence(1.0, is_anomalous=False)
    0.75
    """

    threshold: float = 0.5
    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if not (-math.inf < self.low < self.threshold < self.high < math.inf):
            raise InvalidInput(
                "threshold: expected finite numbers low < threshold < high, "
                f"got {self.low}, {self.threshold}, {self.high}"
            )

    def anomalous(self, score: float, /) -> float:
        """How anomalous ``score`` is, in [0, 1]; 0.5 at the threshold, and never less for a higher score."""
        if score < self.threshold:
            return max(0.0, 0.5 * (score - self.low) / (self.threshold - self.low))
        return min(1.0, 0.5 + 0.5 * (score - self.threshold) / (self.high - self.threshold))

    def confidence(self, score: float, /, *, is_anomalous: bool) -> float:
        """How sure ``score`` is of a label, in [0.5, 1]; 0.5 for a label that contradicts it."""
        share = self.anomalous(score)
        return max(0.5, share if is_anomalous else 1.0 - share)
