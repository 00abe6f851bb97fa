"""The demo's page: the article's figures beside these, charts, and the objects themselves."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from conveyorqc import __version__
from conveyorqc.core import Disposition, ImageU8, InspectionEvent
from conveyorqc.demo._figures import DemoResult, Figure
from conveyorqc.report import (
    Bar,
    Chart,
    Group,
    Interval,
    Picture,
    Pictures,
    Section,
    Series,
    Table,
    Tile,
    Tiles,
    Tone,
    bar_chart,
    histogram,
    interval_chart,
    page,
    xy_chart,
)

__all__ = ["demo_page"]

_TONES: dict[Disposition, Tone] = {Disposition.PASS: "good", Disposition.REJECT: "bad", Disposition.UNKNOWN: "warn"}
_FAULTS = {True: ", a missed defect", False: ", a false alarm"}


def demo_page(result: DemoResult, views: dict[int, ImageU8], frame: ImageU8) -> str:
    """The report as HTML.

    Args:
        result: what the demo measured.
        views: the best view of each object of the test part, (S, S, 3) uint8 BGR, by id.
        frame: an annotated frame.
    """
    sections: list[Section] = [
        _tiles(result),
        Pictures("The line at work", [Picture(frame, "A frame of annotated.mp4")], width=960),
        _comparison(result.figures),
        Chart(
            "Figures with 95 % intervals",
            interval_chart(
                [_interval(figure) for figure in result.figures],
                title="Figures of this run beside the article's",
                x_label="share",
                reference="the article",
                x_limits=(0.5, 1.0),
            ),
        ),
        *_charts(result),
        *_gallery(result, views),
        _trials(result),
    ]
    facts = [("conveyorqc", __version__), ("seed", str(result.seed)), ("model", result.model)]
    return page(
        "Visual quality control of a cookie line",
        sections,
        summary="A simulated belt, tracked, cropped, judged and counted on this machine alone.",
        facts=facts,
    )


def _tiles(result: DemoResult) -> Tiles:
    counts = result.test.counts
    return Tiles(
        [
            Tile("Objects in the test part", str(counts.entered), f"{result.test_truth} simulated"),
            Tile("Passed", str(counts.passed), tone="good"),
            Tile("Rejected", str(counts.rejected), tone="bad"),
            Tile("Unknown", str(counts.unknown), "left without a complete view", tone="warn"),
        ]
    )


def _comparison(figures: Sequence[Figure]) -> Table:
    rows = [
        (f.name, f.article, f.estimate.value, f"{f.estimate.low:.3f} – {f.estimate.high:.3f}", f.estimate.n)
        for f in figures
    ]
    columns = ("figure", "the article", "this run", "95 % interval", "n")
    return Table(
        "The article's figures beside these",
        columns,
        rows,
        note="The article judged its own video; this one is simulated, so the two columns describe different cookies.",
    )


def _interval(figure: Figure) -> Interval:
    value = math.nan if figure.estimate.value is None else figure.estimate.value
    reference = math.nan if figure.article is None else figure.article
    return Interval(figure.name, value, figure.estimate.low, figure.estimate.high, reference=reference)


def _charts(result: DemoResult) -> list[Section]:
    events = sorted(result.test.events, key=lambda event: event.captured_at)
    start = events[0].captured_at if events else None
    times = np.array([(event.captured_at - start).total_seconds() for event in events if start is not None])
    running = [
        Series(kind.value, times, np.cumsum([event.disposition is kind for event in events]), "step")
        for kind in Disposition
    ]
    scores = [
        Group(name, [e.verdict.confidence for e in events if e.verdict is not None and e.disposition is kind])
        for name, kind in (("passed", Disposition.PASS), ("rejected", Disposition.REJECT))
    ]
    spent = [Bar(stage, seconds, f"{seconds:.1f} s") for stage, seconds in result.seconds.items()]
    return [
        Chart(
            "Decisions over time",
            xy_chart(running, title="Decisions over time", x_label="time (s)", y_label="objects", width=470),
        ),
        Chart(
            "Confidence of the verdicts",
            histogram(scores, title="Confidence", x_label="confidence", width=470),
        ),
        Chart("Where the time went", bar_chart(spent, title="Time of each stage", x_label="seconds")),
    ]


def _gallery(result: DemoResult, views: dict[int, ImageU8]) -> list[Section]:
    events = {event.object_id: event for event in result.test.events}
    rejected = [i for i in views if events[i].disposition is Disposition.REJECT]
    passed = [i for i in views if events[i].disposition is Disposition.PASS]
    groups = (
        ("Rejected", rejected[:12], "The first dozen of the objects that were taken out."),
        ("Passed", passed[:12], "The first dozen of the objects that went on."),
        ("Judged wrongly", [i for i in result.test.wrong if i in views][:12], "Compared with the simulator's truth."),
    )
    return [
        Pictures(title, [_picture(events[i], views[i], result.test.wrong) for i in ids], note)
        for title, ids, note in groups
        if ids
    ]


def _picture(event: InspectionEvent, view: ImageU8, wrong: dict[int, bool]) -> Picture:
    confidence = "" if event.verdict is None else f" {event.verdict.confidence:.2f}"
    fault = _FAULTS[wrong[event.object_id]] if event.object_id in wrong else ""
    caption = f"#{event.object_id} {event.disposition.value}{confidence}{fault}"
    return Picture(view, caption, tone=_TONES[event.disposition])


def _trials(result: DemoResult) -> Table:
    rows = [(trial.sensitivity, trial.neck, trial.f1) for trial in result.trials]
    return Table("Grid search of the detector", ("sensitivity", "neck", "F1 of boxes"), rows)
