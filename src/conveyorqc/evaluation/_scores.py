"""Columns of numbers from verdicts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conveyorqc.core import FloatArray, Verdict

__all__ = ["probabilities_of", "scores_of"]


def scores_of(verdicts: Sequence[Verdict]) -> FloatArray:
    """(N,) scores where all verdicts have one, else probabilities of an anomaly."""
    scores = [verdict.score for verdict in verdicts if verdict.score is not None]
    return np.array(scores, dtype=np.float64) if len(scores) == len(verdicts) else probabilities_of(verdicts)


def probabilities_of(verdicts: Sequence[Verdict]) -> FloatArray:
    """(N,) probabilities of an anomaly; confidence speaks of the label, whichever it is."""
    return np.array([v.confidence if v.is_anomalous else 1 - v.confidence for v in verdicts], dtype=np.float64)
