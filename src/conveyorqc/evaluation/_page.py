"""An evaluation as a page for people: the figures, what they may rest on, the curves and the worst mistakes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.annotate import overlay_heatmap
from conveyorqc.core import ImageU8, IntArray
from conveyorqc.evaluation._curves import cost_chart, precision_recall_chart, reliability_chart, roc_chart, score_chart
from conveyorqc.evaluation._evaluate import Evaluation
from conveyorqc.evaluation._figures import Figures
from conveyorqc.metrics import CalibratedThreshold, Estimate
from conveyorqc.report import Badge, Chart, Picture, Pictures, Section, Table, Text, Tile, Tiles, Tone, page

__all__ = ["Costs", "Show", "evaluation_page"]

Show: TypeAlias = Callable[[int], tuple[ImageU8, NDArray[np.float32] | None]]
"""From the row of a picture to the picture, (H, W, 3) uint8 BGR, and its heat map, (H, W) float32 or None."""

_WORST = 12
_PAIR = 310  # px: a picture and its heat map side by side

_NAMES = {
    "precision": "precision: rejects that are defects",
    "recall": "recall: defects rejected",
    "f1": "F1",
    "auroc": "AUROC",
    "average_precision": "average precision",
    "brier": "Brier score (0 is best)",
    "ece": "calibration error, ECE (0 is best)",
}


@dataclass(frozen=True, slots=True)
class Costs:
    """What mistakes cost, and the threshold that follows; the threshold is None where a kind of object is missing."""

    false_reject: float
    false_pass: float
    chosen: CalibratedThreshold | None


def evaluation_page(
    evaluation: Evaluation,
    show: Show,
    /,
    *,
    title: str,
    threshold: float,
    costs: Costs,
    summary: str = "",
    facts: Sequence[tuple[str, str]] = (),
) -> str:
    """One HTML file that loads nothing and runs nothing.

    Args:
        evaluation: from `evaluate`.
        show: gives the pictures of the worst mistakes; asked for a dozen of each kind at most.
        title: of the page.
        threshold: of the model: a score that reaches it is anomalous.
        costs: for the cost curve.
        summary: one or two sentences under the title.
        facts: names and values for the foot of the page.
    """
    warnings = [Text("Before you believe these figures", "\n\n".join(evaluation.warnings))]
    sections: list[Section] = [
        _tiles(evaluation),
        *(warnings if evaluation.warnings else []),
        _table("Figures per object", evaluation.objects, evaluation),
        *([] if evaluation.pictures is None else [_table("Figures per picture", evaluation.pictures)]),
        _worst("Worst false passes", evaluation, evaluation.false_passes(), show),
        _worst("Worst false rejects", evaluation, evaluation.false_rejects(), show),
        Chart("Precision and recall", precision_recall_chart(evaluation)),
        Chart("ROC curve", roc_chart(evaluation)),
        Chart("Scores", score_chart(evaluation, threshold)),
        Chart(
            "Reliability",
            reliability_chart(evaluation),
            "Dots on the diagonal mean what they say; bars are 95 % intervals.",
        ),
        *_cost_sections(evaluation, threshold, costs),
    ]
    return page(title, sections, summary=summary, facts=facts)


def _tiles(evaluation: Evaluation) -> Tiles:
    figures = evaluation.objects
    wrong = figures.fp + figures.fn
    return Tiles(
        [
            Tile("F1", *_shown(figures.f1)),
            Tile("AUROC", *_shown(figures.auroc)),
            Tile("False passes", str(figures.fn), f"of {figures.tp + figures.fn} anomalous objects", _tone(figures.fn)),
            Tile("False rejects", str(figures.fp), f"of {figures.fp + figures.tn} normal objects", _tone(figures.fp)),
        ],
        title="" if wrong else "No mistake on these objects; the intervals say what that proves",
    )


def _tone(mistakes: int) -> Tone:
    return "warn" if mistakes else "good"


def _shown(one: Estimate) -> tuple[str, str]:
    return ("–" if one.value is None else f"{one.value:.3f}", f"{one.low:.3f} to {one.high:.3f}, n = {one.n}")


def _table(title: str, figures: Figures, evaluation: Evaluation | None = None) -> Table:
    rows = [(_NAMES[name], one, "") for name, one in figures.estimates().items()]
    if evaluation is not None:
        leak, unseen = (_flag(one, evaluation) for one in ("background", "own"))
        rows += [("background alone: AUROC (0.5 is best)", evaluation.background or _UNKNOWN, leak)]
        rows += [("the model's own nested cross-validation: AUROC", evaluation.own or _UNKNOWN, unseen)]
    return Table(
        title,
        ["figure", "value", "95 % interval from", "to", "n", ""],
        [[name, one.value, one.low, one.high, one.n, Badge(flag, "warn") if flag else ""] for name, one, flag in rows],
        note="Precision and recall: Clopper–Pearson; the others: bootstrap by object, or wider.",
    )


_UNKNOWN = Estimate(None, 0, 0.0, 1.0)


def _flag(which: str, evaluation: Evaluation) -> str:
    starts = {"background": "the background", "own": "this defect"}[which]
    return "warning" if any(warning.startswith(starts) for warning in evaluation.warnings) else ""


def _worst(title: str, evaluation: Evaluation, rows: IntArray, show: Show) -> Pictures:
    chosen = rows[:_WORST].tolist()
    shown = [show(int(evaluation.shown[row])) for row in chosen]
    low, high = _common_scale([heat for _, heat in shown if heat is not None])
    pictures = [
        Picture(
            _beside(image, heat, low=low, high=high),
            f"{evaluation.object_ids[row]}: score {evaluation.scores[row]:.3f}",
            "bad",
        )
        for row, (image, heat) in zip(chosen, shown, strict=True)
    ]
    note = f"{len(rows)} in all, the surest first; the view that looks worst, and beside it where it looks odd."
    return Pictures(title, pictures, note=note if len(rows) else "None on these objects.", width=_PAIR)


def _common_scale(heats: Sequence[NDArray[np.float32]]) -> tuple[float, float]:
    """One scale for all, so that a cold map looks cold beside a hot one."""
    if not heats:
        return 0.0, 1.0
    low, high = min(float(np.median(heat)) for heat in heats), max(float(heat.max()) for heat in heats)
    return low, max(high, low + 1e-6)


def _beside(image: ImageU8, heat: NDArray[np.float32] | None, *, low: float, high: float) -> ImageU8:
    if heat is None:
        return image
    gap = np.full((image.shape[0], max(1, image.shape[1] // 40), 3), 255, np.uint8)
    return np.hstack([image, gap, overlay_heatmap(image, heat, low=low, high=high)])


def _cost_sections(evaluation: Evaluation, threshold: float, costs: Costs) -> list[Section]:
    if costs.chosen is None:
        return [Text("Cost", "A cost curve needs normal and anomalous objects.")]
    chosen, prices = costs.chosen, (costs.false_reject, costs.false_pass)
    caption = f"A false reject costs {prices[0]:g}, a false pass {prices[1]:g}; {chosen.prevalence:.1%} are anomalous."
    chart = cost_chart(evaluation, threshold, chosen, cost_false_reject=prices[0], cost_false_pass=prices[1])
    rows = [
        ["threshold", chosen.threshold, chosen.low, chosen.high, ""],
        *(
            [name, one.value, one.low, one.high, one.n]
            for name, one in (
                ("expected cost per object", chosen.expected_cost),
                ("false rejects, share of normal objects", chosen.false_rejects),
                ("false passes, share of anomalous objects", chosen.false_passes),
            )
        ),
    ]
    columns = ["at the least cost", "value", "95 % interval from", "to", "n"]
    return [Chart("Cost", chart, caption), Table("The cheapest threshold", columns, rows, note=chosen.note)]
