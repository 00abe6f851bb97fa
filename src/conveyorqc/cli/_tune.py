"""``conveyorqc tune``."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import counted, print_line, print_table, watched
from conveyorqc.cli._files import STDOUT, JsonFile, all_or_nothing, check_files, write_json
from conveyorqc.cli._video import Config, Video, line_of
from conveyorqc.errors import InvalidInput

if TYPE_CHECKING:
    from conveyorqc.tune import Trial, TuningResult, Value

__all__ = ["tune"]

_SHOWN = 8
_FIGURES = ("F1", "95 % interval", "merges", "splits")


class _Way(str, Enum):
    GRID = "grid"
    OPTUNA = "optuna"


def tune(
    video: Video,
    truth: Annotated[
        Path,
        typer.Option(
            "--truth", metavar="GT", help="Labelled boxes: conveyor-gt/1, conveyor-handlabel/1, MOTChallenge or COCO."
        ),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="TUNED.yaml", help="The tuned line.")] = Path(
        "tuned.yaml"
    ),
    config: Config = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            metavar="NAME=V1,V2,…",
            help="A threshold and the values to try, such as detector.sensitivity=3,4,5; again for more. "
            "By default those of the detector that matter most, around their values.",
            show_default=False,
        ),
    ] = None,
    search: Annotated[_Way, typer.Option(help="All combinations, or Optuna's choice (extra tune).")] = _Way.GRID,
    trials: Annotated[int, typer.Option(help="How many combinations Optuna tries.")] = 100,
    seed: Annotated[int, typer.Option(help="Of Optuna.")] = 0,
    frames: Annotated[int, typer.Option(help="Look at no more than so many labelled frames.")] = 40,
    table: Annotated[
        Path | None,
        typer.Option("--csv", metavar="T.csv", help="What was tried; by default TUNED.csv.", show_default=False),
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="R.html", help="The same as a page; by default TUNED.html.", show_default=False
        ),
    ] = None,
    json_out: JsonFile = None,
) -> None:
    """Tune the thresholds of a line against labelled boxes.

    What the line has stays unless something is better by more than chance. A dozen labelled frames with a hundred
    objects in all tell much; frames that show what goes wrong tell most.
    """
    from conveyorqc.config import save_config
    from conveyorqc.dataset import read_boxes
    from conveyorqc.tune import GridSearch, OptunaSearch, default_parameters, trials_csv, tuning_page
    from conveyorqc.tune import tune as tune_line
    from conveyorqc.video import open_video

    table, page = table or out.with_suffix(".csv"), report or out.with_suffix(".html")
    belt = out.with_name(f"{out.stem}.belt.png")
    check_files(out, table, page, belt, json_out, sources=[video, truth, *([config] if config else [])])
    way = GridSearch() if search is _Way.GRID else OptunaSearch(count=trials, seed=seed)
    asked = dict(_asked(text) for text in param or [])
    labels, source = read_boxes(truth), open_video(video)
    line = line_of(config, source)
    parameters = asked or default_parameters(line) if search is _Way.GRID else default_parameters(line, most=None)
    with counted("tuning", total=way.trials(parameters) + 1, unit="trials") as advance:
        result = tune_line(
            line,
            watched(source, "reading labelled frames", total=None),
            labels,
            parameters=parameters,
            search=way,
            most_frames=frames,
            on_trial=lambda _trial: advance(),
        )
    with all_or_nothing(out, belt, table, page):
        save_config(result.line, out)
        table.write_text(trials_csv(result), encoding="utf-8", newline="\n")
        page.write_text(tuning_page(result, title=f"Tuning on {video.name}"), encoding="utf-8", newline="\n")
    write_json(_data(result), json_out)
    if json_out != STDOUT:
        _print(result)
        print_line(f"{out}: the line; {table} and {page}: what was tried")


def _asked(text: str) -> tuple[str, tuple[Value, ...]]:
    name, equals, values = text.partition("=")
    if not (name and equals and values):
        raise InvalidInput(f"param: expected NAME=VALUE,VALUE,…, got {text!r}")
    return name.strip(), tuple(_value(part.strip()) for part in values.split(","))


def _value(text: str) -> Value:
    if text in ("none", "null"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _print(result: TuningResult) -> None:
    names = list(result.parameters)
    best = sorted(result.trials, key=lambda trial: (not trial.taken, not trial.own, -(trial.score.f1.value or 0.0)))
    print_table(
        f"Tuned on {len(result.frames)} labelled frames, {len(result.trials)} combinations",
        ["", *(name.removeprefix("detector.").removeprefix("blobs.") for name in names), *_FIGURES],
        [_row(trial, names) for trial in best[:_SHOWN]],
    )


def _row(trial: Trial, names: list[str]) -> list[str]:
    f1 = trial.score.f1
    return [
        ", ".join(["taken"] * trial.taken + ["as it was"] * trial.own),
        *(f"{value:.4g}" if isinstance(value := trial.values[name], float) else str(value) for name in names),
        "n/a" if f1.value is None else f"{f1.value:.3f}",
        f"{f1.low:.3f} to {f1.high:.3f}",
        str(trial.score.merges),
        str(trial.score.splits),
    ]


def _data(result: TuningResult) -> dict[str, Any]:
    return {
        "frames": list(result.frames),
        "parameters": {name: list(values) for name, values in result.parameters.items()},
        "own": _trial(result.own),
        "taken": _trial(result.taken),
        "trials": [_trial(trial) for trial in result.trials],
    }


def _trial(trial: Trial) -> dict[str, Any]:
    score = trial.score
    return {
        "values": dict(trial.values),
        "f1": score.f1.value,
        "f1_low": score.f1.low,
        "f1_high": score.f1.high,
        "precision": score.precision.value,
        "recall": score.recall.value,
        "n": score.f1.n,
        "merges": score.merges,
        "splits": score.splits,
    }
