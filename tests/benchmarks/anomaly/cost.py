"""Time, memory and size of training and judging, in a process of its own.

python -m tests.benchmarks.anomaly.cost
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from conveyorqc.anomaly import LocalBackend
from conveyorqc.imgproc import resize

from .products import pieces


def best_cpu_s(work: Callable[[], object], *, repeats: int) -> float:
    """CPU seconds of the fastest run: a busy machine distorts it least."""
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return min(taken)


def peak_mb() -> float:
    """Of this process; on Linux ``getrusage`` counts the one that started it too."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text(encoding="ascii").split("VmHWM:")[1].split()[0]) / 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def main() -> None:
    pictures, labels, _ = pieces("figure", normals=20, anomalies=10)
    crops = [resize(picture, width=384, height=384, method="linear") for picture in pictures]
    model = LocalBackend.fit(crops, labels)  # also pays for the imports
    figures = {"train_cpu_s": best_cpu_s(lambda: LocalBackend.fit(crops, labels), repeats=2)}
    inspected = [best_cpu_s(partial(model.inspect, [crop]), repeats=5) for crop in crops[:10]]
    figures["inspect_cpu_ms"] = 1000 * float(np.median(inspected))
    with tempfile.TemporaryDirectory() as folder:
        model.save(folder)
        figures["model_mb"] = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    figures["peak_mb"] = peak_mb()
    figures["crops"] = len(crops)
    print(json.dumps({name: float(np.round(value, 3)) for name, value in figures.items()}))


if __name__ == "__main__":
    main()
