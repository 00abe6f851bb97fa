"""Stand-ins for the stages of a line, shared by its tests."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from conveyorqc.core import Crop, Disposition, Frame, Tracks, Verdict
from conveyorqc.line import InspectionLine
from conveyorqc.sinks import MemorySink
from conveyorqc.testing import ManualClock, ScriptedDetector, ScriptedTracker, SequentialRunIds

START = datetime(2026, 1, 1, tzinfo=UTC)
PIXELS = np.zeros((20, 40, 3), np.uint8)
GOOD = Verdict(is_anomalous=False, confidence=0.9)
BAD = Verdict(is_anomalous=True, confidence=0.8)
PASS, REJECT, UNKNOWN = Disposition


def frame(index, time_s=None):
    return Frame.from_bgr(PIXELS, index=index, time_s=index / 10 if time_s is None else time_s)


def tracks(*ids, entered=(), ended=()):
    return Tracks(np.array(ids, np.int64), np.tile([2.0, 2, 12, 12], (len(ids), 1)), entered, ended)


class CutAll:
    """A view of each tracked object on each frame; of the ``partial`` ones incomplete, of the ``hidden`` ones none."""

    def __init__(self, partial=(), hidden=()):
        self.partial, self.hidden = partial, hidden

    def crop(self, frame, tracks, /):
        return [
            Crop(i, frame.index, box, PIXELS[:20, :20], None, i not in self.partial)
            for i, box in zip(tracks.ids.tolist(), tracks.boxes, strict=True)
            if i not in self.hidden
        ]


class KeepAll:
    """Every view, the newest first; ready when it has ``enough``."""

    def __init__(self, enough=2):
        self.enough = enough
        self.kept = {}

    def offer(self, crop, /):
        self.kept.setdefault(crop.object_id, []).insert(0, crop)

    def ready(self):
        return [i for i, crops in self.kept.items() if len(crops) >= self.enough]

    def take(self, object_id, /):
        return self.kept.pop(object_id, [])


class Says:
    """The verdicts in turn, the last one for ever."""

    def __init__(self, *verdicts):
        self.verdicts = list(verdicts)

    def inspect(self, images, /, masks=None):
        verdict = self.verdicts.pop(0) if len(self.verdicts) > 1 else self.verdicts[0]
        if isinstance(verdict, Exception):
            raise verdict
        return [verdict] * len(images)


def make(script, *, backend=None, sinks=None, cropper=None, views=None, clock=None, **options):
    return InspectionLine(
        detector=options.pop("detector", ScriptedDetector({})),
        tracker=ScriptedTracker(dict(enumerate(script))) if isinstance(script, list) else script,
        cropper=cropper or CutAll(),
        backend=backend or Says(GOOD),
        sinks=[MemorySink()] if sinks is None else sinks,
        views=views or KeepAll(),
        clock=clock or ManualClock(START),
        run_ids=SequentialRunIds(),
        **options,
    )


def run(line, count):
    return [event for index in range(count) for event in line.step(frame(index)).events]


ONE_PASSES_BY = [tracks(1, entered=(1,)), tracks(1), tracks(1), tracks(ended=(1,))]
