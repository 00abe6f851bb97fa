"""``conveyorqc inspect``."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import line_of, print_table, watched, write_json
from conveyorqc.cli._track import Config, Video

if TYPE_CHECKING:
    from conveyorqc.core import InspectionEvent, LedgerCounts

__all__ = ["inspect"]


def inspect(
    video: Video,
    model: Annotated[Path, typer.Option("--model", help="Folder that train wrote.", show_default=False)],
    config: Config = None,
    events: Annotated[
        Path | None, typer.Option("--events", help="SQLite file for the events; the same run adds nothing twice.")
    ] = None,
    annotate: Annotated[Path | None, typer.Option("--annotate", help="Write the annotated video here.")] = None,
    json_out: Annotated[
        Path | None, typer.Option("--json", help="Write the result as JSON to this file; - prints it.")
    ] = None,
) -> None:
    """Judge every object of a video: one event for each."""
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.record import AnnotatedVideo, run_name
    from conveyorqc.sinks import MemorySink, SQLiteSink
    from conveyorqc.video import open_video

    source = open_video(video)
    backend = LocalBackend.load(model)
    line = line_of(config, source, total=source.declared_frames)
    kept = MemorySink()
    with ExitStack() as stack:
        stored = [stack.enter_context(SQLiteSink(events))] if events is not None else []
        drawn = stack.enter_context(AnnotatedVideo(annotate, source)) if annotate is not None else None
        inspection = line.build(
            backend=backend, sinks=(kept, *stored), run_id=run_name(video, line.model_dump_json(), backend.fingerprint)
        )
        frames = watched(source, "inspecting", total=source.declared_frames)
        on_step = None if drawn is None else drawn.write
        for _event in inspection.run(frames, on_step=on_step):
            pass
    result = _summary(kept.events, inspection.counts)
    if json_out is not None:
        write_json(result, json_out)
    _print_summary(result)


def _summary(events: tuple[InspectionEvent, ...], counts: LedgerCounts) -> dict[str, Any]:
    return {
        "count": counts.entered,
        "passed": counts.passed,
        "rejected": counts.rejected,
        "unknown": counts.unknown,
        "objects": [_object(event) for event in sorted(events, key=lambda event: event.object_id)],
    }


def _object(event: InspectionEvent) -> dict[str, Any]:
    verdict, view = event.verdict, event.best_view
    return {
        "id": event.object_id,
        "disposition": event.disposition.value,
        "is_anomalous": None if verdict is None else verdict.is_anomalous,
        "confidence": None if verdict is None else verdict.confidence,
        "best_frame": None if view is None else view.frame_index,
        "best_box": None if view is None else [round(value, 2) for value in view.box.tolist()],
    }


def _print_summary(result: dict[str, Any]) -> None:
    rows = [[name, str(result[name])] for name in ("count", "passed", "rejected", "unknown")]
    print_table("Inspected", ["objects", "number"], rows)
