"""How long `import conveyorqc` takes, as a multiple of `import numpy`: best of several runs, taken in turn.

python tests/benchmarks/import_time.py [--runs 7] [--json]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

MODULES = ("numpy", "conveyorqc")
TIMED = "import time; start = time.perf_counter(); import {}; print(time.perf_counter() - start)"


def seconds(module: str) -> float:
    """One import in a fresh interpreter, without the interpreter's own start."""
    done = subprocess.run([sys.executable, "-c", TIMED.format(module)], check=True, capture_output=True, text=True)
    return float(done.stdout)


def best_of(runs: int) -> dict[str, float]:
    """Seconds of the fastest import of each module; the modules take turns, so that a busy moment meets both."""
    taken = [[seconds(module) for module in MODULES] for _ in range(runs)]
    return dict(zip(MODULES, map(min, zip(*taken, strict=True)), strict=True))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    best = best_of(given.runs)
    figures = {**{f"{module}_s": best[module] for module in MODULES}, "ratio": best["conveyorqc"] / best["numpy"]}
    print(json.dumps(figures) if given.json else "\n".join(f"{name:14}{value:.4f}" for name, value in figures.items()))


if __name__ == "__main__":
    main()
