"""``conveyorqc train``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar, overload

import typer

from conveyorqc.cli._console import counted, note
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
from conveyorqc.cli._files import check_files, check_folder

if TYPE_CHECKING:
    import numpy as np

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import LabelledDataset

__all__ = ["train"]

_Item = TypeVar("_Item")


def train(
    dataset: Dataset,
    out: Annotated[Path, typer.Option("--out", metavar="MODEL", help="Folder for the model.", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="Of the folds of the cross-validation.")] = 0,
    report: ReportFile = None,
    cost_false_reject: CostFalseReject = 1.0,
    cost_false_pass: CostFalsePass = 10.0,
    max_false_reject: MaxFalseReject = None,
    prevalence: Prevalence = None,
    json_out: AsJson = False,
) -> None:
    """Train a model on labelled pictures, and say how good it is on objects that it did not see.

    The figures are cross-validated: each object was judged by models that had seen no view of it.
    """
    import numpy as np

    from conveyorqc.dataset import read_dataset
    from conveyorqc.evaluation import evaluate, verdicts_from

    check_folder(out)
    check_files(report, sources=[dataset])
    data = read_dataset(dataset)
    model = _fitted(data, rng=np.random.default_rng(seed))
    model.save(out)
    learned = model.report
    evaluation = evaluate(
        verdicts_from(learned.scores, threshold=model.threshold),
        learned.is_anomalous,
        learned.object_ids,
        background=measured_background(data, seed=seed),
        own=own_figure(model),
    )
    costs = costs_of(
        evaluation,
        false_reject=cost_false_reject,
        false_pass=cost_false_pass,
        max_false_reject=max_false_reject,
        prevalence=prevalence,
    )
    title = "Cross-validated, split by object"
    show_evaluation(
        title,
        evaluation,
        pictures=len(data),
        model=model.fingerprint,
        threshold=model.threshold,
        costs=costs,
        as_json=json_out,
    )
    note(f"model written to {out}", style="")
    if report is not None:
        summary = (
            "Nested cross-validation: each object was judged by models that had not seen it. "
            "The heat maps are the final model's, which has."
        )
        write_report(report, title, evaluation, data, model, costs=costs, summary=summary)


def _fitted(data: LabelledDataset, *, rng: np.random.Generator) -> LocalBackend:
    from conveyorqc.anomaly import LocalBackend

    load = lru_cache(maxsize=1)(lambda row: data[row].load())
    with counted("training", total=len(data) + 1, unit="pictures") as advance:
        return LocalBackend.fit(
            _Lazy(lambda row: load(row).image, count=len(data)),
            [entry.label for entry in data],
            masks=_Lazy(lambda row: load(row).defect_mask, count=len(data)),
            object_masks=_Lazy(lambda row: load(row).object_mask, count=len(data)),
            object_ids=data.object_ids,
            rng=rng,
            progress=lambda _done, _total: advance(),
        )


class _Lazy(Sequence[_Item]):
    """Items that are made when they are asked for: a large data set need not fit in memory."""

    def __init__(self, make: Callable[[int], _Item], /, *, count: int) -> None:
        self._make = make
        self._rows = range(count)

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, row: int, /) -> _Item: ...
    @overload
    def __getitem__(self, row: slice, /) -> list[_Item]: ...
    def __getitem__(self, row: int | slice, /) -> _Item | list[_Item]:
        """One item, or several."""
        return [self._make(one) for one in self._rows[row]] if isinstance(row, slice) else self._make(self._rows[row])
