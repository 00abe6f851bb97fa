"""``conveyorqc train`` and ``conveyorqc evaluate``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, overload

import typer

from conveyorqc.cli._console import counted, note, print_line, print_table, watched
from conveyorqc.cli._files import STDOUT, check_folder, write_json

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from conveyorqc.metrics import Estimate

__all__ = ["evaluate", "train"]

_Item = TypeVar("_Item")

Dataset = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="Crops folder with labels.csv, folder with normal/ and anomaly/, or Lookout for Vision *.manifest.",
        show_default=False,
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]


def train(
    dataset: Dataset,
    out: Annotated[Path, typer.Option("--out", metavar="MODEL", help="Folder for the model.", show_default=False)],
    seed: Annotated[int, typer.Option(min=0, help="Of the folds of the cross-validation.")] = 0,
    json_out: AsJson = False,
) -> None:
    """Train a model on labelled pictures, and say how good it is on objects that it did not see.

    The figures are cross-validated: each object was judged by models that had seen no view of it.
    """
    import numpy as np

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import read_dataset

    check_folder(out)
    data = read_dataset(dataset)
    load = lru_cache(maxsize=1)(lambda row: data[row].load())
    with counted("training", total=len(data) + 1, unit="pictures") as advance:
        model = LocalBackend.fit(
            _Lazy(lambda row: load(row).image, count=len(data)),
            [entry.label for entry in data],
            masks=_Lazy(lambda row: load(row).defect_mask, count=len(data)),
            object_masks=_Lazy(lambda row: load(row).object_mask, count=len(data)),
            object_ids=data.object_ids,
            rng=np.random.default_rng(seed),
            progress=lambda _done, _total: advance(),
        )
    model.save(out)
    report = model.report
    figures = _figures(report.is_anomalous, report.scores, report.object_ids, threshold=model.threshold)
    _show("Cross-validated, split by object", figures, as_json=json_out, model=model.fingerprint)
    note(f"model written to {out}", style="")


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


def evaluate(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that train wrote.", show_default=False)],
    dataset: Dataset,
    json_out: AsJson = False,
) -> None:
    """Measure a model on labelled pictures that it was not trained on."""
    import numpy as np

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import read_dataset

    backend, data = LocalBackend.load(model), read_dataset(dataset)
    verdicts = [
        verdict
        for entry in watched(data.load_images(), "judging", total=len(data), unit="pictures")
        for verdict in backend.inspect([entry.image], masks=[entry.object_mask])
    ]
    scores = np.array([verdict.score for verdict in verdicts], dtype=np.float64)
    figures = _figures(data.anomalous, scores, data.object_ids, threshold=backend.threshold)
    _show("Evaluated, per object", figures, as_json=json_out, model=backend.fingerprint)


def _figures(
    anomalous: NDArray[np.bool_], scores: NDArray[np.float64], object_ids: Sequence[int | str], *, threshold: float
) -> dict[str, Any]:
    """Figures per object, for views of one object are no independent trials: its worst view decides."""
    import numpy as np

    from conveyorqc.metrics import auroc, classification_scores

    names, rows = np.unique(np.array([str(name) for name in object_ids]), return_inverse=True)
    worst = np.zeros(len(names))
    np.maximum.at(worst, rows, scores)
    labels = np.zeros(len(names), np.bool_)
    np.logical_or.at(labels, rows, anomalous)
    decided = classification_scores(labels, worst >= threshold)
    return {
        "pictures": len(scores),
        "objects": len(names),
        "anomalous_objects": int(labels.sum()),
        "precision": _plain(decided.precision),
        "recall": _plain(decided.recall),
        "f1": _plain(decided.f1),
        "auroc": _plain(auroc(labels, worst)),
    }


def _plain(estimate: Estimate) -> dict[str, float | int | None]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}


def _show(title: str, figures: dict[str, Any], *, as_json: bool, model: str) -> None:
    if as_json:
        write_json({"model": model, **figures}, STDOUT)
        return
    rows = [
        [
            name,
            "n/a" if figure["value"] is None else f"{figure['value']:.3f}",
            f"{figure['low']:.3f} to {figure['high']:.3f}",
            str(figure["n"]),
        ]
        for name, figure in figures.items()
        if isinstance(figure, dict)
    ]
    print_table(title, ["figure", "value", "95 % interval", "n"], rows)
    counts = (figures["pictures"], figures["objects"], figures["anomalous_objects"])
    print_line("{} pictures of {} objects, {} of them anomalous".format(*counts) + f"; model {model[:8]}")
