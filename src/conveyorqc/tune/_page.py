"""What was tried: as a table for spreadsheets, and as a page for people."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

import numpy as np

from conveyorqc.report import Badge, Chart, Mark, Section, Series, Table, Tile, Tiles, page, xy_chart
from conveyorqc.tune._parameters import Value
from conveyorqc.tune._tune import Trial, TuningResult

__all__ = ["trials_csv", "tuning_page"]

_SHOWN = 25
_HALF = 470


def trials_csv(result: TuningResult, /) -> str:
    """One row for each combination, in the order they were tried: values, F1 with its interval, merges, splits."""
    names = list(result.parameters)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    figures = ["f1", "f1_low", "f1_high", "precision", "recall", "n", "merges", "splits", "own", "taken"]
    writer.writerow(["trial", *names, *figures])
    for number, trial in enumerate(result.trials):
        score = trial.score
        estimates = [score.f1.value, score.f1.low, score.f1.high, score.precision.value, score.recall.value]
        rounded = ["" if value is None else f"{value:.4f}" for value in estimates]
        counts = [score.f1.n, score.merges, score.splits, int(trial.own), int(trial.taken)]
        writer.writerow([number, *(trial.values[name] for name in names), *rounded, *counts])
    return text.getvalue()


def tuning_page(result: TuningResult, /, *, title: str = "Tuning of a line's detector") -> str:
    """A self-contained HTML page: what was taken, the best combinations, and F1 against each threshold."""
    return page(
        title,
        [_tiles(result), _best(result), _order(result), *_by_threshold(result)],
        summary=_verdict(result),
        facts=[("trials", str(len(result.trials))), ("labelled frames", ", ".join(map(str, result.frames)))],
    )


def _verdict(result: TuningResult) -> str:
    if result.taken.own:
        return "What the line had stays: nothing that was tried is better by more than chance."
    values = ", ".join(f"{name} = {_short(value)}" for name, value in _differences(result))
    return f"Better by more than chance, and taken: {values}."


def _differences(result: TuningResult) -> Iterator[tuple[str, Value]]:
    for name, value in result.taken.values.items():
        if value != result.own.values[name]:
            yield name, value


def _tiles(result: TuningResult) -> Tiles:
    own, taken = result.own.score, result.taken.score
    return Tiles(
        [
            Tile("F1 as it was", _figure(own.f1.value), f"{own.f1.low:.3f} to {own.f1.high:.3f}, n = {own.f1.n}"),
            Tile("F1 as it is now", _figure(taken.f1.value), f"{taken.merges} merges, {taken.splits} splits", "good"),
            Tile("Combinations", str(len(result.trials))),
            Tile("Labelled frames", str(len(result.frames))),
        ]
    )


def _best(result: TuningResult) -> Table:
    names = list(result.parameters)
    order = sorted(result.trials, key=lambda trial: -(trial.score.f1.value or 0.0))
    shown = [*order[:_SHOWN], *(trial for trial in order[_SHOWN:] if trial.own or trial.taken)]
    return Table(
        "The best combinations",
        (*(_title(name) for name in names), "F1", "95 % interval", "merges", "splits", ""),
        [(*(_cell(trial.values[name]) for name in names), *_figures(trial)) for trial in shown],
        note="Boxes of single frames against labels at an overlap (IoU) of 0.5; merges are boxes that hold several "
        "objects, splits objects that hold several boxes.",
    )


def _figures(trial: Trial) -> tuple[float | None, str, int, int, Badge | str]:
    score = trial.score
    badge = Badge("taken", "good") if trial.taken else Badge("as it was") if trial.own else ""
    return score.f1.value, f"{score.f1.low:.3f} – {score.f1.high:.3f}", score.merges, score.splits, badge


def _order(result: TuningResult) -> Chart:
    f1 = _f1(result)
    numbers = np.arange(len(f1))
    series = [
        Series("each combination", numbers, f1, "points"),
        Series("the best so far", numbers, np.maximum.accumulate(f1), "step"),
        Series("end of the interval of what the line had", [0, len(f1) - 1], [result.own.score.f1.high] * 2, "dashed"),
    ]
    return Chart(
        "In the order they were tried",
        xy_chart(series, title="F1 by trial", x_label="trial", y_label="F1"),
        "What lies above the dashed line is better than the line was by more than chance.",
    )


def _by_threshold(result: TuningResult) -> Iterator[Section]:
    f1 = _f1(result)
    for name in result.parameters:
        values = [trial.values[name] for trial in result.trials]
        numbers = np.array([float(v) if isinstance(v, int | float) else math.nan for v in values])
        if np.isfinite(numbers).any():
            distinct = np.unique(numbers[np.isfinite(numbers)])
            best = [float(f1[numbers == value].max()) for value in distinct]
            series = [Series("each combination", numbers, f1, "points")]
            series += [Series("the best with this value", distinct, best)] if len(distinct) <= _SHOWN else []
            taken = result.taken.values[name]
            marks = [Mark(float(taken), "taken")] if isinstance(taken, int | float) else []
            drawing = xy_chart(series, title=f"F1 by {name}", x_label=name, y_label="F1", marks=marks, width=_HALF)
            yield Chart(_title(name), drawing)


def _f1(result: TuningResult) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([trial.score.f1.value or 0.0 for trial in result.trials])


def _title(name: str) -> str:
    """``blobs.neck`` of ``detector.blobs.neck``: all are the detector's."""
    return name.removeprefix("detector.")


def _cell(value: Value) -> str | float | int:
    return "none" if value is None else value


def _short(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"
