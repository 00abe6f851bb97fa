"""The demo's page: the article's figures beside these, charts, and the objects themselves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from conveyorqc import __version__
from conveyorqc.core import Disposition, ImageU8, InspectionEvent
from conveyorqc.dataset import Label
from conveyorqc.demo._charts import decisions_chart, figures_chart, precision_recall_chart, roc_chart, scores_chart
from conveyorqc.demo._learn import Example
from conveyorqc.demo._result import DemoResult, Figure, PartCount
from conveyorqc.report import (
    Badge,
    Bar,
    Chart,
    Picture,
    Pictures,
    Section,
    Table,
    Tile,
    Tiles,
    Tone,
    bar_chart,
    page,
)
from conveyorqc.tune import Trial

__all__ = ["demo_page"]

_TONES: dict[Disposition, Tone] = {Disposition.PASS: "good", Disposition.REJECT: "bad", Disposition.UNKNOWN: "warn"}
_LABEL_TONES: dict[Label, Tone] = {"normal": "good", "anomaly": "bad"}
_SHOWN = 12  # pictures of a kind


def demo_page(result: DemoResult) -> str:
    """The report as HTML."""
    facts = [("conveyorqc", __version__), ("seed", str(result.seed)), ("model", result.model[:12])]
    return page(
        "Visual quality control of a cookie line",
        [*_outcome(result), *_how_well(result), *_gallery(result), *_how(result)],
        summary="A simulated belt, tracked, cropped, judged and counted on this machine alone.",
        facts=facts,
    )


def _outcome(result: DemoResult) -> list[Section]:
    counts, test = result.test.counts, result.parts[-1]
    tiles = [
        Tile("Objects in the test part", str(counts.entered), f"{test.entered} simulated"),
        Tile("Passed", str(counts.passed), tone="good"),
        Tile("Rejected", str(counts.rejected), tone="bad"),
        Tile("Unknown", str(counts.unknown), "left without a complete view", tone="warn"),
    ]
    stills = [Picture(still, "The frame in the middle of annotated.mp4") for still in result.test.stills]
    return [Tiles(tiles), Pictures("The line at work", stills, width=960)]


def _how_well(result: DemoResult) -> list[Section]:
    judged = result.test.judged
    return [
        _comparison(result.figures),
        Chart("Figures with 95 % intervals", figures_chart(result.figures)),
        _counts(result.parts),
        _confusion(result),
        Chart("ROC curve", roc_chart(judged)),
        Chart("Precision and recall", precision_recall_chart(judged)),
        Chart("Decisions over time", decisions_chart(result.test.events)),
        Chart("Scores of the model", scores_chart(judged, threshold=result.threshold)),
    ]


def _comparison(figures: Sequence[Figure]) -> Table:
    rows = [
        (f.name, f.article, f.estimate.value, f"{f.estimate.low:.3f} – {f.estimate.high:.3f}", f.estimate.n)
        for f in figures
    ]
    return Table(
        "The article's figures beside these",
        ("figure", "the article", "this run", "95 % interval", "n"),
        rows,
        note="The article judged its own video; this one is simulated, so the two columns describe different cookies. "
        "Detection and tracking compare tracks with objects that come at least half into view.",
    )


def _counts(parts: Sequence[PartCount]) -> Table:
    return Table(
        "Counted and simulated",
        ("part", "counted", "entered", "of these at least half in view"),
        [(part.name, part.counted, part.entered, part.half_in_view) for part in parts],
        note="Each clip ends while objects are still coming in; of the last ones it may show no more than an edge.",
    )


def _confusion(result: DemoResult) -> Table:
    judged, events = result.test.judged, result.test.events
    rows = [
        (name, int((chosen & ~judged.rejected).sum()), int((chosen & judged.rejected).sum()))
        for name, chosen in (("normal", ~judged.is_anomalous), ("anomalous", judged.is_anomalous))
    ]
    return Table(
        "Verdicts and truth",
        ("truth", "passed", "rejected"),
        rows,
        note=f"The {len(judged.object_ids)} of {len(events)} counted objects that were judged and follow a true one.",
    )


def _gallery(result: DemoResult) -> list[Section]:
    test, judged = result.test, result.test.judged
    events = {event.object_id: event for event in test.events if event.object_id in test.views}
    wrong = {
        object_id: ", a missed defect" if is_anomalous else ", a false alarm"
        for object_id, is_anomalous, rejected in zip(
            judged.object_ids, judged.is_anomalous, judged.rejected, strict=True
        )
        if is_anomalous != rejected
    }
    kinds = (
        ("Rejected", Disposition.REJECT, "The first dozen of the objects that were taken out."),
        ("Passed", Disposition.PASS, "The first dozen of the objects that went on."),
    )
    groups = [
        *((title, [i for i, e in events.items() if e.disposition is kind], text) for title, kind, text in kinds),
        ("Judged wrongly", list(wrong), "Compared with the simulator's truth."),
    ]
    return [
        Pictures(title, [_judged(events[i], test.views[i], wrong.get(i, "")) for i in ids[:_SHOWN]], note)
        for title, ids, note in groups
        if ids
    ]


def _judged(event: InspectionEvent, view: ImageU8, fault: str) -> Picture:
    confidence = "" if event.verdict is None else f" {event.verdict.confidence:.2f}"
    return Picture(view, f"#{event.object_id} {event.disposition.value}{confidence}{fault}", _TONES[event.disposition])


def _how(result: DemoResult) -> list[Section]:
    spent = [Bar(stage, seconds, f"{seconds:.1f} s") for stage, seconds in result.seconds.items()]
    return [
        Pictures(
            "The empty belt, learned from a clip on which it is not empty",
            [Picture(result.seen, "A frame of the train part"), Picture(result.belt, "What the frames have in common")],
            width=400,
        ),
        _trials(result.trials),
        _examples(result.examples),
        _copies(result.examples),
        Chart("Where the time went", bar_chart(spent, title="Time of each stage", x_label="seconds")),
    ]


def _trials(trials: Iterable[Trial]) -> Table:
    rows = [
        (
            *trial.values.values(),
            trial.score.f1.value,
            f"{trial.score.f1.low:.3f} – {trial.score.f1.high:.3f}",
            Badge("taken", "good") if trial.taken else "",
        )
        for trial in trials
    ]
    return Table(
        "Grid search of the detector",
        ("sensitivity", "neck", "F1 of boxes", "95 % interval", ""),
        rows,
        note="The first row is what calibration proposed; it stays unless others are better by more than chance.",
    )


def _examples(examples: Iterable[Example]) -> Pictures:
    pictures = [Picture(e.image, f"#{e.object_id} {e.label}", _LABEL_TONES[e.label]) for e in examples]
    return Pictures("Learned from", pictures, "Crops of the train part with their labels.")


def _copies(examples: Sequence[Example]) -> Pictures:
    pictures = [
        Picture(picture, f"#{e.object_id} {what}")
        for e in examples[::2]
        for picture, what in ((e.image, "as it was"), (e.copy, "augmented"))
    ]
    return Pictures("Augmented", pictures, "The model also sees a changed copy of the best view of each object.")
