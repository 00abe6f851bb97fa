"""A model that is a number, so that stores and comparisons need no training."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from conveyorqc.core import BestView, InspectionEvent, Verdict
from conveyorqc.dataset import LabelledDataset, LabelledImage
from conveyorqc.imgproc import write_png
from conveyorqc.learning import ModelStore


@dataclass(frozen=True)
class Threshold:
    """Calls pictures anomalous whose mean is above ``level``."""

    level: float

    @property
    def fingerprint(self):
        return f"{int(self.level):064x}"

    def inspect(self, images, /, masks=None):
        shares = [1 / (1 + np.exp(-(float(image.mean()) - self.level) / 10)) for image in images]
        return [Verdict(is_anomalous=p >= 0.5, confidence=max(p, 1 - p), score=p, model="threshold") for p in shares]

    def save(self, folder):
        (folder / "model.json").write_text(json.dumps(self.level), encoding="utf-8")

    @classmethod
    def load(cls, folder):
        return cls(json.loads((folder / "model.json").read_text(encoding="utf-8")))


class Ticking:
    """A clock that moves on by a minute whenever it is asked."""

    def __init__(self):
        self.time = datetime(2026, 11, 20, 12, tzinfo=UTC)

    def now(self):
        self.time += timedelta(minutes=1)
        return self.time

    def monotonic_s(self):
        return 0.0


@pytest.fixture
def make():
    """Makes a model from its level."""
    return Threshold


@pytest.fixture
def store(tmp_path):
    return ModelStore(tmp_path / "kekse ä", load=Threshold.load, clock=Ticking(), busy_timeout_s=0.05)


@pytest.fixture
def pictures(tmp_path):
    """Makes a data set in a folder of its own: one grey picture per level; above 100 is an anomaly."""

    def of(name, levels):
        folder = tmp_path / name
        folder.mkdir()
        rows = []
        for number, level in enumerate(levels):
            picture = np.full((8, 8, 3), level, np.uint8)
            picture[0, 0] = number
            picture[0, 1] = len(name)
            path = folder / f"{number}.png"
            write_png(path, picture)
            rows.append(LabelledImage(path, str(number), "anomaly" if level > 100 else "normal"))
        return LabelledDataset(tuple(rows), folder)

    return of


@pytest.fixture(scope="session")
def event():
    """Makes the event of an object."""

    def of(object_id, *, confidence=0.98, anomalous=False, side=100.0, views=2, run="r", score=0.02):
        verdict = None if confidence is None else Verdict(is_anomalous=anomalous, confidence=confidence, score=score)
        moment = datetime(2026, 11, 20, tzinfo=UTC) + timedelta(seconds=object_id)
        return InspectionEvent(
            event_id=f"l/c/{run}/{object_id}",
            line_id="l",
            camera_id="c",
            run_id=run,
            object_id=object_id,
            captured_at=moment,
            decided_at=moment,
            disposition="unknown" if verdict is None else "reject" if anomalous else "pass",
            reason="no answer" if verdict is None else "",
            verdict=verdict,
            views=views,
            best_view=None if side is None else BestView(1, [0, 0, side, side]),
        )

    return of


@pytest.fixture
def root(store) -> Path:
    return store.root
