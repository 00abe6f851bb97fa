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
from conveyorqc.core import Frame, ImageU8
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._folder import prepare
from conveyorqc.demo._judge import judge_clip
from conveyorqc.demo._learn import crop_and_label, examples_of, fit, load_lesson
from conveyorqc.demo._parts import Progress, Scene, simulate_part, watched
from conveyorqc.demo._report import demo_page
from conveyorqc.demo._result import DemoResult, Figure, count_of, figures_of
from conveyorqc.demo._thumbnail import still
from conveyorqc.demo._tune import keeping, tuned
from conveyorqc.imgproc import read_image
from conveyorqc.tune import Trial
from conveyorqc.video import open_video

__all__ = ["run_demo"]


def run_demo(out: Path | str, /, *, scene: Scene | None = None, progress: Progress | None = None) -> DemoResult:
    """Simulate a cookie line, learn from its first part, and inspect its second.

    The stages are the article's: detect and track, tune the thresholds, crop, label by ground truth, augment,
    train, and inspect objects that were never seen. Writes into ``out``: ``train.mp4``, ``test.mp4`` with their
    ground truth, ``line.yaml``, ``crops/``, ``model/``, ``annotated.mp4``, ``events.db``, ``report.html`` and
    ``figures.json``.

    Args:
        out: folder, made when it is missing. Files of an earlier run are removed first; other files stay.
        scene: what is simulated; the article's 36 and 30 seconds when None.
        progress: shows that something goes on; silent when None.

    Raises:
        InvalidInput: if ``out`` holds files of these names that no demo wrote.
        ConveyorQCError: if a stage fails, because the scene is too short to learn from, say; a note on the error
            names the stage.
        OSError: if the folder cannot be written.
    """
    folder, scene, shown, watch = Path(out), scene or Scene(), progress or _silent, _Stopwatch()
    prepare(folder)
    train, test = folder / "train.mp4", folder / "test.mp4"
    with watch.stage("simulate"):
        train_truth = simulate_part(scene, "train", train, shown)
        test_truth = simulate_part(scene, "test", test, shown)
    with watch.stage("calibrate and tune"):
        line, trials, seen = _learned_line(folder, train_truth, shown)
    with watch.stage("track and crop"):
        frames = watched(open_video(train), shown, "tracking and cropping", train_truth.frames_total)
        train_counted = crop_and_label(frames, line, train_truth, folder / "crops")
    with watch.stage("augment and train"):
        rng = np.random.default_rng(scene.seed)
        lesson = load_lesson(folder / "crops", rng=rng)
        examples = examples_of(lesson)
        model = fit(lesson, rng=rng, progress=shown)
        del lesson  # a few hundred MB
        model.save(folder / "model")
    with watch.stage("inspect"):
        source = open_video(test)
        frames = watched(source, shown, "inspecting the test part", test_truth.frames_total)
        judged = judge_clip(frames, line, model, test_truth, source=source, out=folder)
    result = DemoResult(
        parts=(
            count_of("train", train_counted, train_truth),
            count_of("test", judged.counts.entered, test_truth),
        ),
        test=judged,
        figures=figures_of(judged),
        trials=trials,
        seen=seen,
        belt=read_image(folder / "line.belt.png"),
        examples=examples,
        seconds=watch.seconds,
        model=model.fingerprint,
        threshold=model.threshold,
        seed=scene.seed,
    )
    _write(result, folder)
    return result


def _learned_line(
    folder: Path, truth: GroundTruth, progress: Progress
) -> tuple[LineConfig, tuple[Trial, ...], ImageU8]:
    """The line that the train part shows, with thresholds tuned on some of its frames, and one of these frames.

    The line is also written as ``line.yaml``.
    """
    kept: list[Frame] = []
    frames = watched(open_video(folder / "train.mp4"), progress, "calibrating", truth.frames_total)
    result = tuned(calibrate(keeping(frames, kept)), kept, truth.labelled(), progress)
    save_config(result.line, folder / "line.yaml")
    return result.line, result.trials, still(kept[len(kept) // 2].bgr)


class _Stopwatch:
    """Wall time of each stage; an error that leaves one says where it comes from."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        except Exception as error:
            error.add_note(f"in stage '{name}' of the demo")
            raise
        self.seconds[name] = time.monotonic() - started


@contextmanager
def _quiet() -> Iterator[Callable[[], None]]:
    yield lambda: None


def _silent(title: str, /, *, total: float | None) -> AbstractContextManager[Callable[[], None]]:  # noqa: ARG001 (a Progress)
    return _quiet()


def _write(result: DemoResult, folder: Path) -> None:
    (folder / "report.html").write_text(demo_page(result), encoding="utf-8", newline="\n")
    figures = json.dumps([_plain(figure) for figure in result.figures], indent=2)
    (folder / "figures.json").write_text(figures + "\n", encoding="utf-8", newline="\n")


def _plain(figure: Figure) -> dict[str, str | float | int | None]:
    estimate = figure.estimate
    return {
        "name": figure.name,
        "article": figure.article,
        "value": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "n": estimate.n,
    }
