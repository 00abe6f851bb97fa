"""`run_demo`: the article from end to end, on this machine alone."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np

from conveyorqc.calibrate import calibrate
from conveyorqc.config import LineConfig, save_config
from conveyorqc.core import Frame, ImageU8, InspectionEvent
from conveyorqc.crop import square_pad
from conveyorqc.demo._figures import DemoResult, figures_of
from conveyorqc.demo._judge import judge_clip
from conveyorqc.demo._learn import crop_and_label, fit
from conveyorqc.demo._parts import Progress, Scene, simulate_part, watched
from conveyorqc.demo._report import demo_page
from conveyorqc.demo._tune import tune
from conveyorqc.errors import ConveyorQCError
from conveyorqc.geometry import pixel_region
from conveyorqc.video import FrameSource, open_video

__all__ = ["run_demo"]


def run_demo(out: Path | str, /, *, scene: Scene | None = None, progress: Progress | None = None) -> DemoResult:
    """Simulate a cookie line, learn from its first part, and inspect its second.

    The stages are the article's: detect and track, tune the thresholds, crop, label by ground truth, augment,
    train, and inspect objects that were never seen. Writes into ``out``: ``train.mp4``, ``test.mp4`` with their
    ground truth, ``line.yaml``, ``crops/``, ``model/``, ``annotated.mp4``, ``events.db``, ``report.html`` and
    ``figures.json``.

    Args:
        out: folder, made when it is missing; files of an earlier run are replaced.
        scene: what is simulated; the article's 36 and 30 seconds when None.
        progress: shows that something goes on; silent when None.

    Raises:
        ConveyorQCError: if the folder cannot be written, or the scene is too short to learn from.
    """
    folder, scene, shown = Path(out), scene or Scene(), progress or _silent
    _prepare(folder)
    watch = _Stopwatch()
    with watch.stage("simulate"):
        train_truth = simulate_part(scene, "train", folder / "train.mp4", shown)
        test_truth = simulate_part(scene, "test", folder / "test.mp4", shown)
    train, test = open_video(folder / "train.mp4"), open_video(folder / "test.mp4")
    with watch.stage("calibrate and tune"):
        line = calibrate(watched(train, shown, "calibrating", train_truth.frames_total))
        line, trials = tune(line, train, train_truth, shown)
        save_config(line, folder / "line.yaml")
    with watch.stage("track and crop"):
        learned = crop_and_label(train, line, train_truth, folder / "crops", shown)
    with watch.stage("augment and train"):
        model, _ = fit(learned.crops, seed=scene.seed, progress=shown)
        model.save(folder / "model")
    with watch.stage("inspect"):
        judged = judge_clip(test, line, model, test_truth, out=folder, progress=shown)
    result = DemoResult(
        train_counted=learned.counted,
        train_truth=len(train_truth.objects),
        test_truth=len(test_truth.objects),
        test=judged,
        figures=figures_of(judged),
        trials=trials,
        seconds=watch.seconds,
        model=model.fingerprint,
        seed=scene.seed,
    )
    _write_report(result, line, test, open_video(folder / "annotated.mp4"), folder)
    return result


class _Stopwatch:
    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        yield
        self.seconds[name] = time.monotonic() - started


@contextmanager
def _quiet() -> Iterator[Callable[[], None]]:
    yield lambda: None


def _silent(title: str, /, *, total: float | None) -> AbstractContextManager[Callable[[], None]]:  # noqa: ARG001
    return _quiet()


def _prepare(folder: Path) -> None:
    """An earlier run's events are not added to, they are replaced."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("events.db", "events.db-wal", "events.db-shm"):
            (folder / name).unlink(missing_ok=True)
    except OSError as error:
        raise ConveyorQCError(f"{folder}: cannot be written: {error.strerror or error}") from error


def _write_report(
    result: DemoResult, line: LineConfig, test: FrameSource, annotated: FrameSource, folder: Path
) -> None:
    views = _best_views(test, result.test.events, margin=line.cropper.margin)
    frame = _frame_at(annotated, fraction=0.6)
    (folder / "report.html").write_text(demo_page(result, views, frame), encoding="utf-8")
    figures = [
        {
            "name": f.name,
            "article": f.article,
            "value": f.estimate.value,
            "low": f.estimate.low,
            "high": f.estimate.high,
            "n": f.estimate.n,
        }
        for f in result.figures
    ]
    (folder / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def _best_views(source: FrameSource, events: tuple[InspectionEvent, ...], *, margin: float) -> dict[int, ImageU8]:
    """A small picture of each decided object, cut from the frame that decided."""
    wanted: dict[int, list[InspectionEvent]] = {}
    for event in events:
        if event.best_view is not None:
            wanted.setdefault(event.best_view.frame_index, []).append(event)
    return {event.object_id: _cut(frame, event, margin) for frame in source for event in wanted.get(frame.index, ())}


def _cut(frame: Frame, event: InspectionEvent, margin: float) -> ImageU8:
    if event.best_view is None:
        raise ConveyorQCError(f"object {event.object_id} has no view")
    box = event.best_view.box
    room = margin * float((box[2:] - box[:2]).max())
    grown = box + np.array([-room, -room, room, room])
    region = pixel_region(grown, width=frame.width, height=frame.height)
    return square_pad(frame.bgr_in(region), size=192)[0]


def _frame_at(source: FrameSource, *, fraction: float) -> ImageU8:
    wanted = int(fraction * (source.declared_frames or 100))
    picture = None
    for frame in source:
        picture = frame
        if frame.index >= wanted:
            break
    if picture is None:
        raise ConveyorQCError(f"{source.name} holds no frame")
    return picture.bgr
