"""``conveyorqc suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import note, print_table, watched
from conveyorqc.cli._files import STDOUT, write_json
from conveyorqc.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conveyorqc.core import InspectionEvent
    from conveyorqc.learning import Suggestion

__all__ = ["suggest"]


def suggest(
    events: Annotated[
        Path, typer.Argument(metavar="EVENTS", help="SQLite file or JSON lines of a sink.", show_default=False)
    ],
    number: Annotated[int, typer.Option("-n", min=1, help="How many objects.")] = 20,
    crops: Annotated[
        Path | None,
        typer.Option("--crops", metavar="DIR", help="Crops of the same run: what looks alike is suggested once."),
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="M", help="Judge every crop again, to find what is new or disputed."),
    ] = None,
    run: Annotated[str | None, typer.Option("--run", metavar="RUN", help="Only the events of this run.")] = None,
    json_out: Annotated[bool, typer.Option("--json", help="Print the suggestions as JSON.")] = False,
) -> None:
    """Say which objects to label next, and why: uncertain, novel, or disputed between views.

    Objects that labels.csv of the crops folder names are left out.
    """
    from conveyorqc.learning import event_file
    from conveyorqc.learning import suggest as suggest_events

    if model is not None and crops is None:
        raise InvalidInput("--model: expected --crops too, the pictures to judge")
    found = [event for event in event_file(events) if run in (None, event.run_id)]
    chosen = suggest_events(found, number) if crops is None else _from_crops(found, crops, model, number)
    if json_out:
        write_json({"suggestions": [_row(one, found) for one in chosen]}, STDOUT)
        return
    rows = [[str(one.rank), one.name, one.reason, one.why] for one in chosen]
    print_table("To label next", ["rank", "object", "reason", "why"], rows)
    if not chosen:
        note("there is nothing to suggest: no events, or all of their objects are labelled")


def _from_crops(events: Sequence[InspectionEvent], folder: Path, model: Path | None, number: int) -> list[Suggestion]:
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.dataset import read_crops, read_labels
    from conveyorqc.learning import judged_objects, suggest_objects

    labelled = set(read_labels(folder)) if (folder / "labels.csv").is_file() else set()
    crops = [crop for crop in read_crops(folder) if crop.object_id not in labelled]
    backend = None if model is None else LocalBackend.load(model)
    objects = judged_objects(events, crops, backend)
    total = len({crop.object_id for crop in crops})
    return suggest_objects(watched(objects, "judging", total=total, unit="objects"), number)


def _row(suggestion: Suggestion, events: Sequence[InspectionEvent]) -> dict[str, Any]:
    object_id = next(event.object_id for event in events if event.event_id == suggestion.name)
    return {**suggestion.to_dict(), "object_id": object_id}
