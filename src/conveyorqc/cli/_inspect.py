"""``conveyorqc inspect``."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import counted, print_table, watched
from conveyorqc.cli._files import STDOUT, JsonFile, check_files, write_json
from conveyorqc.cli._video import Config, Video, line_of

if TYPE_CHECKING:
    from conveyorqc.core import InspectionEvent, LedgerCounts, Sink

__all__ = ["inspect"]


def inspect(
    video: Video,
    model: Annotated[Path, typer.Option("--model", metavar="M", help="Folder that train wrote.", show_default=False)],
    config: Config = None,
    events: Annotated[
        Path | None,
        typer.Option("--events", metavar="FILE.db", help="SQLite file for the events; the same run adds none twice."),
    ] = None,
    annotate: Annotated[
        Path | None, typer.Option("--annotate", metavar="OUT.mp4", help="Write the annotated video to this file.")
    ] = None,
    json_out: JsonFile = None,
) -> None:
    """Judge every object of a video: one event for each.

    Events also go to the sinks that the configuration names. The same video, line and model are the same run. Where a
    video turns out to be damaged, the events and the annotated video up to the damage stay; no JSON is written, and
    the command ends with an error.
    """
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.record import AnnotatedVideo, run_name
    from conveyorqc.sinks import MemorySink, SQLiteSink
    from conveyorqc.video import open_video

    check_files(events, annotate, json_out, sources=[video] if config is None else [video, config])
    source, backend, kept = open_video(video), LocalBackend.load(model), MemorySink()
    with ExitStack() as stack:
        sinks: list[Sink] = [kept]
        if events is not None:
            sinks.append(stack.enter_context(SQLiteSink(events)))
        line = line_of(config, source)
        sinks += _entered(stack, (settings.build() for settings in line.sinks))
        with counted("naming the run", total=None):
            run_id = run_name(video, line.model_dump_json(exclude={"sinks"}), backend.fingerprint)
        inspection = line.build(backend=backend, sinks=sinks, run_id=run_id)
        drawn = None if annotate is None else stack.enter_context(AnnotatedVideo(annotate, source))
        frames = watched(source, "inspecting", total=source.declared_frames)
        for _event in inspection.run(frames, on_step=None if drawn is None else drawn.write):
            pass
    result = _result(kept.events, inspection.counts)
    write_json(result, json_out)
    if json_out != STDOUT:
        _print(result)


def _entered(stack: ExitStack, sinks: Iterable[Sink]) -> list[Sink]:
    """Sinks that will be closed with ``stack``, if they can be."""
    return [stack.enter_context(sink) if isinstance(sink, AbstractContextManager) else sink for sink in sinks]


def _result(events: Iterable[InspectionEvent], counts: LedgerCounts) -> dict[str, Any]:
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


def _print(result: dict[str, Any]) -> None:
    rows = [[name, str(result[name])] for name in ("count", "passed", "rejected", "unknown")]
    print_table("Inspected", ["objects", "number"], rows)
