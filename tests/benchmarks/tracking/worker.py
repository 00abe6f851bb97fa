"""One method on one clip, in a process of its own: python -m tests.benchmarks.tracking.worker METHOD SPEC OUT."""

from __future__ import annotations

import json
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import scipy.optimize  # noqa: F401 - what a pipeline loads when it first needs it is not the time of that frame

from conveyorqc.core import Tracks
from conveyorqc.dataset import mot_rows

from .clips import Clip, scene_named
from .methods import METHODS, Stopwatch
from .peers import PEERS

__all__ = ["measured"]

WARM_UP = 15  # frames; the first ones load what is imported when first needed


def measured(method: str, clip: Clip, line: Path, /, *, budget_s: float) -> dict[str, Any]:
    """Time and boxes of one run, which ends early when it has used ``budget_s`` of CPU time."""
    make = {**METHODS, **PEERS}[method]
    for _ in islice(make(clip, line, Stopwatch()).tracks(), WARM_UP):
        pass
    watch = Stopwatch()
    running = make(clip, line, watch)
    said: list[Tracks] = []
    wall, cpu = time.perf_counter(), time.process_time()
    for tracks in running.tracks():
        said.append(tracks)
        if time.process_time() - cpu > budget_s:
            break
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    frames = len(said)
    rows = [row for index, tracks in enumerate(said) for row in mot_rows(index, tracks)]
    return {
        "frames": frames,
        "cpu_ms": 1e3 * cpu / frames,
        "wall_ms": 1e3 * wall / frames,
        "stages_ms": {stage: 1e3 * seconds / frames for stage, seconds in watch.seconds.items()},
        "counted": running.counted,
        "rows": [(row.frame_index, row.object_id, *(round(value, 2) for value in row.box)) for row in rows],
    }


def main() -> None:
    method, spec, out = sys.argv[1:]
    given = json.loads(spec)
    clip = Clip(scene_named(given["scene"], quick=given["quick"]), Path(given["video"]))
    result = measured(method, clip, Path(given["line"]), budget_s=given["budget_s"])
    Path(out).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
