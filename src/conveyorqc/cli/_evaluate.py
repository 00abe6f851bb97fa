"""``conveyorqc evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conveyorqc.cli._console import watched
from conveyorqc.cli._figures import (
    AsJson,
    CostFalsePass,
    CostFalseReject,
    Dataset,
    MaxFalseReject,
    Prevalence,
    ReportFile,
    costs_of,
    measured_background,
    own_figure,
    show_evaluation,
    write_report,
)
from conveyorqc.cli._files import check_files

__all__ = ["evaluate"]


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that train wrote.", show_default=False)],
    dataset: Dataset,
    report: ReportFile = None,
    line: Annotated[
        Path | None,
        typer.Option("--line", metavar="LINE.yaml", help="Combine the views of an object as this line does."),
    ] = None,
    cost_false_reject: CostFalseReject = 1.0,
    cost_false_pass: CostFalsePass = 10.0,
    max_false_reject: MaxFalseReject = None,
    prevalence: Prevalence = None,
    json_out: AsJson = False,
) -> None:
    """Measure a model on labelled pictures that it was not trained on.

    Figures are per object, with n and 95 % intervals; beside them how well the background alone tells the label.
    """
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.config import load_config
    from conveyorqc.dataset import read_dataset
    from conveyorqc.evaluation import evaluate as measure

    check_files(report, sources=[dataset])
    policy = None if line is None else load_config(line).policy.build()
    backend, data = LocalBackend.load(model), read_dataset(dataset)
    verdicts = [
        verdict
        for entry in watched(data.load_images(), "judging", total=len(data), unit="pictures")
        for verdict in backend.inspect([entry.image], masks=[entry.object_mask])
    ]
    evaluation = measure(
        verdicts,
        data.anomalous,
        data.object_ids,
        policy=policy,
        background=measured_background(data, seed=0),
        own=own_figure(backend),
    )
    costs = costs_of(
        evaluation,
        false_reject=cost_false_reject,
        false_pass=cost_false_pass,
        max_false_reject=max_false_reject,
        prevalence=prevalence,
    )
    title = "Evaluated, per object"
    show_evaluation(
        title,
        evaluation,
        pictures=len(data),
        model=backend.fingerprint,
        threshold=backend.threshold,
        costs=costs,
        as_json=json_out,
    )
    if report is not None:
        summary = "Objects that took no part in training, judged as the line judges them."
        write_report(report, title, evaluation, data, backend, costs=costs, summary=summary)
