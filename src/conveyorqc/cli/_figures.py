"""An evaluation as a table, as JSON and as a page: what ``train`` and ``evaluate`` have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import counted, note, print_line, print_table
from conveyorqc.cli._files import STDOUT, write_json

if TYPE_CHECKING:
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import LabelledDataset
    from conveyorqc.evaluation import Costs, Evaluation, Figures
    from conveyorqc.metrics import CalibratedThreshold, Estimate

__all__ = [
    "AsJson",
    "CostFalsePass",
    "CostFalseReject",
    "Dataset",
    "MaxFalseReject",
    "Prevalence",
    "ReportFile",
    "costs_of",
    "measured_background",
    "own_figure",
    "show_evaluation",
    "write_report",
]

Dataset = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="Crops folder with labels.csv, folder with normal/ and anomaly/, or Lookout for Vision *.manifest.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
ReportFile = Annotated[
    Path | None, typer.Option("--report", metavar="OUT.html", help="Write pictures, curves and figures as one page.")
]
CostFalseReject = Annotated[
    float, typer.Option("--cost-false-reject", help="What a rejected normal object costs, in any unit.")
]
CostFalsePass = Annotated[
    float, typer.Option("--cost-false-pass", help="What a passed anomalous object costs, in the same unit.")
]
MaxFalseReject = Annotated[
    float | None,
    typer.Option("--max-false-reject", help="Share of normal objects that the cheapest threshold may reject."),
]
Prevalence = Annotated[
    float | None, typer.Option("--prevalence", help="Share of anomalous objects on the line; that of DATASET if unset.")
]


def own_figure(model: LocalBackend) -> Estimate:
    """How well the model did in its own nested cross-validation."""
    from conveyorqc.evaluation import own_auroc

    report = model.report
    return own_auroc(report.scores, report.is_anomalous, report.object_ids)


def measured_background(data: LabelledDataset, *, seed: int) -> Estimate:
    """How well the pictures tell their labels without their objects."""
    from conveyorqc.evaluation import background_auroc

    loaded = None

    with counted("looking at the background", total=len(data), unit="pictures") as advance:

        def pictures() -> Any:
            nonlocal loaded
            for entry in data:
                loaded = entry.load()
                advance()
                yield loaded.image

        def masks() -> Any:  # zipped with the pictures, one behind the other
            for _ in data:
                yield None if loaded is None else loaded.object_mask

        return background_auroc(pictures(), data.anomalous, data.object_ids, masks(), seed=seed)


def costs_of(
    evaluation: Evaluation,
    *,
    false_reject: float,
    false_pass: float,
    max_false_reject: float | None,
    prevalence: float | None,
) -> Costs:
    """The cheapest threshold on these objects, if both kinds are among them."""
    from conveyorqc.evaluation import Costs
    from conveyorqc.metrics import calibrate_threshold

    if len(set(evaluation.is_anomalous.tolist())) < 2:
        return Costs(false_reject, false_pass, None)
    chosen = calibrate_threshold(
        evaluation.scores,
        evaluation.is_anomalous,
        false_reject,
        false_pass,
        max_false_reject=max_false_reject,
        prevalence=prevalence,
    )
    return Costs(false_reject, false_pass, chosen)


def show_evaluation(
    title: str, evaluation: Evaluation, *, pictures: int, model: str, threshold: float, costs: Costs, as_json: bool
) -> None:
    """Print the figures, and beside them what they may rest on."""
    if as_json:
        write_json(_plain(evaluation, pictures=pictures, model=model, threshold=threshold, costs=costs), STDOUT)
        return
    columns = ["figure", "value", "95 % interval", "n"]
    rows = [_row(_words(name), one) for name, one in evaluation.objects.estimates().items()]
    rows.append(_row("background AUROC", evaluation.background))
    rows.append(_row("own nested AUROC", evaluation.own))
    print_table(title, columns, rows)
    if evaluation.pictures is not None:
        rows = [_row(_words(name), one) for name, one in evaluation.pictures.estimates().items()]
        print_table("The same per picture", columns, rows)
    anomalous = int(evaluation.is_anomalous.sum())
    print_line(
        f"{pictures} pictures of {len(evaluation.object_ids)} objects, {anomalous} of them anomalous; model {model[:8]}"
    )
    for line in _costs_in_words(costs):
        print_line(line)
    for warning in evaluation.warnings:
        note(f"warning: {warning}")


def write_report(
    target: Path,
    title: str,
    evaluation: Evaluation,
    data: LabelledDataset,
    model: LocalBackend,
    *,
    costs: Costs,
    summary: str,
) -> None:
    """Write the page; only the pictures of the worst mistakes are read and judged again."""
    from conveyorqc import __version__
    from conveyorqc.evaluation import evaluation_page

    def show(row: int) -> Any:
        loaded = data[row].load()
        [finding] = model.explain([loaded.image], masks=[loaded.object_mask])
        return loaded.image, finding.heatmap

    facts = [("data", str(data.source)), ("model", model.fingerprint), ("conveyorqc", __version__)]
    html = evaluation_page(
        evaluation, show, title=title, threshold=model.threshold, costs=costs, summary=summary, facts=facts
    )
    target.write_text(html, encoding="utf-8", newline="\n")
    note(f"report written to {target}", style="")


def _words(name: str) -> str:
    return {"average_precision": "average precision", "brier": "brier score", "ece": "ece (calibration)"}.get(
        name, name
    )


def _row(name: str, one: Estimate | None) -> list[str]:
    if one is None:
        return [name, "n/a", "", ""]
    value = "n/a" if one.value is None else f"{one.value:.3f}"
    return [name, value, f"{one.low:.3f} to {one.high:.3f}", str(one.n)]


def _costs_in_words(costs: Costs) -> Sequence[str]:
    chosen = costs.chosen
    if chosen is None:
        return []
    prices = f"at costs of {costs.false_reject:g} (false reject) and {costs.false_pass:g} (false pass)"
    if chosen.threshold is None:
        return [f"{prices}: {chosen.note}"]
    interval = f"{chosen.low:.3f} to {chosen.high:.3f}"
    expected = f"expected cost {chosen.expected_cost.value:.3f} per object"
    first = f"cheapest threshold {prices}: {chosen.threshold:.3f} ({interval}), {expected}"
    return [first, chosen.note] if chosen.note else [first]


def _plain(evaluation: Evaluation, *, pictures: int, model: str, threshold: float, costs: Costs) -> dict[str, Any]:
    figures = {name: asdict(one) for name, one in evaluation.objects.estimates().items()}
    first = ("precision", "recall", "f1", "auroc")
    return {
        "model": model,
        "pictures": pictures,
        "objects": len(evaluation.object_ids),
        "anomalous_objects": int(evaluation.is_anomalous.sum()),
        **{name: figures[name] for name in first},
        **{name: one for name, one in figures.items() if name not in first},
        "background_auroc": _optional(evaluation.background),
        "own_auroc": _optional(evaluation.own),
        "warnings": list(evaluation.warnings),
        "threshold": threshold,
        "false_passes": [str(evaluation.object_ids[row]) for row in evaluation.false_passes()],
        "false_rejects": [str(evaluation.object_ids[row]) for row in evaluation.false_rejects()],
        "per_picture": _optional(evaluation.pictures),
        "threshold_by_cost": _optional(costs.chosen),
    }


def _optional(record: Estimate | Figures | CalibratedThreshold | None) -> dict[str, Any] | None:
    return None if record is None else asdict(record)
