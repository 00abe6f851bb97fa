"""What the demo measured, beside what the article published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conveyorqc.demo._judge import TestPart
from conveyorqc.demo._tune import Trial
from conveyorqc.metrics import Estimate

__all__ = ["DemoResult", "Figure", "figures_of"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of this run with its interval, and the article's value where it gives one."""

    name: str
    article: float | None
    estimate: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class DemoResult:
    """Everything the demo found out.

    Attributes:
        train_counted, train_truth: objects counted in the train part, and how many entered.
        test_truth: how many entered in the test part.
        test: what the line made of the test part.
        figures: the comparison with the article.
        trials: the grid search.
        seconds: wall time of each stage.
        model: name of the trained model.
        seed: of the simulation.
    """

    train_counted: int
    train_truth: int
    test_truth: int
    test: TestPart
    figures: tuple[Figure, ...]
    trials: tuple[Trial, ...]
    seconds: Mapping[str, float]
    model: str
    seed: int


def figures_of(test: TestPart, /) -> tuple[Figure, ...]:
    """The article's six figures beside those of ``test``, and one that it does not give."""
    tracking, judging = test.tracking.scores, test.judging
    return (
        Figure("detection and tracking: precision", 1.0, tracking.precision),
        Figure("detection and tracking: recall", 0.98, tracking.recall),
        Figure("detection and tracking: F1", 0.99, tracking.f1),
        Figure("anomaly: precision", 0.93, judging.precision),
        Figure("anomaly: recall", 0.76, judging.recall),
        Figure("anomaly: F1", 0.83, judging.f1),
        Figure("anomaly: area under ROC", None, test.ranking),
    )
