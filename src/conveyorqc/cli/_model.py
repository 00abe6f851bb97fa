"""``conveyorqc train``, ``predict`` and ``evaluate``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import console, counted, print_table, watched, write_json, write_json_lines

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.core import Verdict
    from conveyorqc.dataset import LabelledDataset
    from conveyorqc.metrics import Estimate

__all__ = ["evaluate", "predict", "train"]

Dataset = Annotated[
    Path,
    typer.Argument(
        help="Crops folder with labels.csv, folder with normal/ and anomaly/, or Lookout for Vision *.manifest.",
        show_default=False,
    ),
]
Model = Annotated[Path, typer.Argument(help="Folder that train wrote.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def train(
    dataset: Dataset,
    out: Annotated[Path, typer.Option("--out", help="Folder for the model.", show_default=False)],
    seed: Annotated[int, typer.Option(help="Of the folds of the cross-validation.")] = 0,
    json_out: AsJson = False,
) -> None:
    """Train a model on labelled pictures, and say how good it is on objects that it did not see."""
    import numpy as np

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import read_dataset

    data = read_dataset(dataset)
    loaded = list(watched(data.load_images(), "reading", total=len(data), unit="pictures"))
    with counted("training", total=len(loaded) + 1, unit="steps") as advance:
        model = LocalBackend.fit(
            [entry.image for entry in loaded],
            [entry.label for entry in data],
            masks=[entry.object_mask for entry in loaded],
            object_ids=data.object_ids,
            rng=np.random.default_rng(seed),
            progress=lambda _done, _total: advance(),
        )
    model.save(out)
    held_out = model.report
    result = _figures(held_out.is_anomalous, held_out.scores, held_out.object_ids, threshold=model.threshold)
    result |= {"model": model.fingerprint, "pictures": len(data), "folder": str(out)}
    _print("Cross-validated, split by object", result, as_json=json_out)
    console().print(f"model {model.fingerprint} in {out}")


def predict(
    model: Model,
    images: Annotated[list[Path], typer.Argument(help="Pictures of single objects.", show_default=False)],
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write one JSON object per picture to this file; - prints them.")
    ] = None,
) -> None:
    """Judge pictures of single objects."""
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.imgproc import read_image

    backend = LocalBackend.load(model)
    rows: list[dict[str, Any]] = []
    for path in watched(images, "judging", total=len(images), unit="pictures"):
        [verdict] = backend.inspect([read_image(path)])
        rows.append(
            {
                "file": str(path),
                "is_anomalous": verdict.is_anomalous,
                "confidence": verdict.confidence,
                "score": verdict.score,
            }
        )
    if json_out is not None:
        write_json_lines(rows, json_out)
    table = [[row["file"], "anomaly" if row["is_anomalous"] else "normal", f"{row['confidence']:.3f}"] for row in rows]
    print_table("Verdicts", ["file", "label", "confidence"], table)


def evaluate(model: Model, dataset: Dataset, json_out: AsJson = False) -> None:
    """Measure a model on labelled pictures that it was not trained on."""
    import numpy as np

    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import read_dataset

    backend = LocalBackend.load(model)
    data = read_dataset(dataset)
    verdicts = _judge(backend, data)
    scores = np.array([verdict.score for verdict in verdicts], dtype=np.float64)
    result = _figures(data.anomalous, scores, data.object_ids, threshold=backend.threshold)
    result |= {"model": backend.fingerprint, "pictures": len(data)}
    _print("Evaluated, per object", result, as_json=json_out)


def _judge(backend: LocalBackend, data: LabelledDataset) -> list[Verdict]:
    verdicts: list[Verdict] = []
    for entry in watched(data.load_images(), "judging", total=len(data), unit="pictures"):
        verdicts += backend.inspect([entry.image], masks=[entry.object_mask])
    return verdicts


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
        "objects": len(names),
        "anomalous_objects": int(labels.sum()),
        "precision": _plain(decided.precision),
        "recall": _plain(decided.recall),
        "f1": _plain(decided.f1),
        "auroc": _plain(auroc(labels, worst)),
    }


def _plain(estimate: Estimate) -> dict[str, Any]:
    return {"value": estimate.value, "low": estimate.low, "high": estimate.high, "n": estimate.n}


def _print(title: str, result: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        write_json(result, None)
        return
    rows = [
        [
            name,
            "–" if figure["value"] is None else f"{figure['value']:.3f}",
            f"{figure['low']:.3f} to {figure['high']:.3f}",
            str(figure["n"]),
        ]
        for name, figure in result.items()
        if isinstance(figure, dict)
    ]
    print_table(title, ["figure", "value", "95 % interval", "n"], rows)
