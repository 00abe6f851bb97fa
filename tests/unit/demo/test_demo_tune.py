"""The demo's grid search: what it tries, and on what."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest

from conveyorqc.config import load_config
from conveyorqc.core import Frame
from conveyorqc.dataset import GroundTruth
from conveyorqc.demo._tune import keeping, tuned
from conveyorqc.video import open_video


def test_sensitivity_and_neck_are_tried_on_the_kept_frames(small_demo):
    steps, kept = [], []

    @contextmanager
    def shown(_title, /, *, total):
        yield lambda: steps.append(total)

    list(keeping(open_video(small_demo.folder / "train.mp4"), kept))
    line = load_config(small_demo.folder / "line.yaml")
    truth = GroundTruth.load(small_demo.folder / "train.gt.json").labelled()
    result = tuned(line, kept, truth, shown)
    assert [0, 30, 60, 90, 120] == list(result.frames)
    assert line == result.line
    assert len(result.trials) == len(steps) == pytest.approx(steps[0], abs=1)
    assert result.own.score.f1.value > 0.9


def test_every_thirtieth_frame_is_kept():
    black = np.zeros((8, 8, 3), np.uint8)
    frames = [Frame.from_bgr(black, index=index, time_s=index / 25) for index in range(61)]
    kept: list[Frame] = []
    assert frames == list(keeping(frames, kept))
    assert [0, 30, 60] == [frame.index for frame in kept]
