"""The grid search: what is taken, and why."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from conveyorqc.config import ColorThresholdSettings
from conveyorqc.core import Frame
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo import _tune
from conveyorqc.errors import ConfigError
from conveyorqc.metrics import precision_recall_f1


@contextmanager
def silent(_title, /, *, total):
    yield lambda: None


@pytest.fixture(scope="module")
def line(small_demo):
    from conveyorqc.config import load_config

    return load_config(small_demo.folder / "line.yaml")


@pytest.fixture(scope="module")
def truth(small_demo):
    return GroundTruth.load(small_demo.folder / "train.gt.json")


def scored(monkeypatch, scores):
    """Replaces the measurement: ``scores`` maps sensitivity and neck to hits and misses; others hit nine of ten."""

    def f1(line, _frames, _truth):
        key = (line.detector.sensitivity, line.detector.blobs.neck)
        hits, missed = scores.get(key, (90, 10))
        return precision_recall_f1(hits, 0, missed).f1

    monkeypatch.setattr(_tune, "_f1", f1)


def own(line):
    return line.detector.sensitivity, line.detector.blobs.neck


def test_what_the_line_has_stays_among_equals(monkeypatch, line, truth):
    scored(monkeypatch, {(3.0, 0.7): (91, 9)})
    tuned, trials = _tune.tune(line, [], truth, silent)
    assert line == tuned
    assert [own(line)] == [(trial.sensitivity, trial.neck) for trial in trials if trial.taken]


def test_what_is_better_by_more_than_chance_is_taken(monkeypatch, line, truth):
    scored(monkeypatch, {(3.0, 0.7): (100, 0), own(line): (60, 40)})
    tuned, trials = _tune.tune(line, [], truth, silent)
    assert (3.0, 0.7) == own(tuned)
    assert [True] == [trial.taken for trial in trials if trial.taken]


def test_nothing_in_view_changes_nothing(line, truth):
    assert line == _tune.tune(line, [], truth, silent)[0]


def test_colour_thresholds_are_not_tuned(line, truth):
    detector = ColorThresholdSettings.model_construct(kind="color_threshold")
    with pytest.raises(ConfigError, match=r"detector\.kind: expected background, got color_threshold"):
        _tune.tune(line.model_copy(update={"detector": detector}), [], truth, silent)


def test_every_thirtieth_frame_is_kept():
    black = np.zeros((8, 8, 3), np.uint8)
    frames = [Frame.from_bgr(black, index=index, time_s=index / 25) for index in range(61)]
    kept: list[Frame] = []
    assert frames == list(_tune.keeping(frames, kept))
    assert [0, 30, 60] == [frame.index for frame in kept]
