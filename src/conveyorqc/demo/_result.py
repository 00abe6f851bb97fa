"""What the demo measured, beside what the article published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from conveyorqc.core import ImageU8
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._judge import TestPart
from conveyorqc.demo._learn import Example
from conveyorqc.demo._parts import PartName, truth_boxes
from conveyorqc.metrics import Estimate, auroc, classification_scores
from conveyorqc.tune import Trial

__all__ = ["DemoResult", "Figure", "PartCount", "count_of", "figures_of"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this run with its interval, and the article's value where it gives one."""

    name: str
    article: float | None
    estimate: Estimate


@dataclass(frozen=True, slots=True)
class PartCount:
    """How many objects of one part were counted, and how many there are.

    Attributes:
        name: train or test.
        counted: by the tracker.
        entered: in truth, also those of which the last frames show no more than an edge.
        half_in_view: of these, the ones that are at least half in view on some frame.
    """

    name: PartName
    counted: int
    entered: int
    half_in_view: int


@dataclass(frozen=True, slots=True, eq=False)
class DemoResult:
    """Everything the demo found out.

    Attributes:
        parts: the counts of the train and of the test part.
        test: what the line made of the test part.
        figures: the comparison with the article.
        trials: the grid search.
        seen: a frame of the train part, (H, W, 3) uint8 BGR.
        belt: the picture of the empty belt that was learned from such frames, (h, w, 3) uint8 BGR.
        examples: some of the pictures that the model learned from.
        seconds: wall time of each stage.
        model: fingerprint of the trained model.
        threshold: probability of a defect from which the model calls an object anomalous.
        seed: of the simulation.
    """

    parts: tuple[PartCount, ...]
    test: TestPart
    figures: tuple[Figure, ...]
    trials: tuple[Trial, ...]
    seen: ImageU8
    belt: ImageU8
    examples: tuple[Example, ...]
    seconds: Mapping[str, float]
    model: str
    threshold: float
    seed: int


def count_of(name: PartName, counted: int, truth: GroundTruth, /) -> PartCount:
    """``counted`` beside the truth."""
    return PartCount(name, counted, len(truth.objects), len(np.unique(truth_boxes(truth).ids)))


def figures_of(test: TestPart, /) -> tuple[Figure, ...]:
    """The article's six figures beside those of ``test``, and one that it does not give."""
    tracking, judged = test.tracking.scores, test.judged
    judging = classification_scores(judged.is_anomalous, judged.rejected)
    return (
        Figure("detection and tracking: precision", 1.0, tracking.precision),
        Figure("detection and tracking: recall", 0.98, tracking.recall),
        Figure("detection and tracking: F1", 0.99, tracking.f1),
        Figure("anomaly: precision", 0.93, judging.precision),
        Figure("anomaly: recall", 0.76, judging.recall),
        Figure("anomaly: F1", 0.83, judging.f1),
        Figure("anomaly: area under ROC", None, auroc(judged.is_anomalous, judged.scores)),
    )
