"""The model on all the data that is present, side by side with its experts alone.

    python -m tests.benchmarks.anomaly [--seeds 10] [--only "photographs;casting"] [--cache DIR] [--json FILE]

Run it from the root of the checkout. The cookie data are looked for in ``CONVEYORQC_DATA``; the other products are
drawn. Thresholds come from training pictures alone. Objects that share a source are never on both sides of a split.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from conveyorqc.anomaly._model import EXPERTS
from conveyorqc.metrics import auroc

from .cases import Case, data_folder, drawn, photographs, video
from .methods import EXPERT_LIMIT, findings, fitted, has_anomalib, patchcore_scores, remembered
from .products import PRODUCTS
from .protocol import Splitter, Tally, all_labelled, few

NORMALS_ONLY = partial(few, anomalies=0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.anomaly", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--only", default="", help="parts of the names of rows, separated by semicolons")
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "conveyorqc-anomaly-benchmark")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    wanted = [part for part in given.only.split(";") if part]
    rows = []
    for name, case, splitter in scenarios(given.cache):
        if not wanted or any(part in name for part in wanted):
            with remembered():
                rows.append({"row": name, **measured(case(), splitter, seeds=given.seeds)})
            print(line(rows[-1]), flush=True)
    if not wanted or "masks" in wanted:
        rows += [{"row": "masks", **one} for one in masked(given.seeds)]
    if not wanted or "cost" in wanted:
        rows.append({"row": "cost", **cost()})
    if given.json:
        given.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def scenarios(cache: Path) -> Iterator[tuple[str, object, Splitter]]:
    """Name, what makes the case, and how it is split."""
    folder = data_folder()
    if (folder / "cookies-photos").exists():
        yield "cookie photographs, 20 + 10", partial(photographs, folder), few
        yield "cookie photographs, normals only", partial(photographs, folder), NORMALS_ONLY
    if (folder / "cookies-video").exists():
        for boxes, views in (("true", 1), ("tracked", 1), ("tracked", 3)):
            case = partial(_viewed, folder, cache, boxes, views)
            yield f"video, {boxes} boxes, {views} view, all labelled", case, all_labelled
            yield f"video, {boxes} boxes, {views} view, 20 + 10", case, few
        yield "video, tracked boxes, 1 view, normals only", partial(_viewed, folder, cache, "tracked", 1), NORMALS_ONLY
    for product in PRODUCTS:
        yield f"{product}, 20 + 10", partial(drawn, product), few
        yield f"{product}, normals only", partial(drawn, product), NORMALS_ONLY


def _viewed(folder: Path, cache: Path, boxes: str, views: int) -> Case:
    return video(folder, cache, boxes=boxes).views(views)


def measured(case: Case, splitter: Splitter, *, seeds: int) -> dict[str, object]:
    """The figures of the model and of the others."""
    ours, alone, theirs = Tally(), {name: Tally() for name in EXPERTS}, Tally()
    for seed in range(seeds):
        for train, test in splitter(case, np.random.default_rng(seed)):
            model = fitted(case, train, seed=seed)
            found = findings(model, case, test)
            ours.add(case, test, np.array([one.score for one in found]), seed=seed)
            for name, tally in alone.items():
                tally.add(case, test, np.array([one.opinions[name] for one in found]), seed=seed)
            if has_anomalib() and seed == 0:
                theirs.add(case, test, patchcore_scores(case, train[~case.is_anomalous[train]], test), seed=seed)
    figures: dict[str, object] = dict(ours.figures())
    figures["alone"] = {name: tally.figures(threshold=EXPERT_LIMIT) for name, tally in alone.items()}
    if theirs.objects:
        figures["anomalib"] = theirs.figures()
    return figures


def line(row: dict) -> str:
    text = (
        f"{row['row']:46} F1 {row['f1']:.3f} [{row['low']:.3f}, {row['high']:.3f}] ±{row['sd']:.3f}"
        f"  P {row['precision']:.3f}  R {row['recall']:.3f}  AUROC {row['auroc']:.3f}  ECE {row['ece']:.3f}"
        f"  n {row['n']} ({row['objects']} objects, {row['seeds']} seeds)"
    )
    others = "  ".join(f"{name} {one['auroc']:.3f}/{one['f1']:.3f}" for name, one in row["alone"].items())
    if "anomalib" in row:
        others += f"  anomalib PatchCore, random weights {row['anomalib']['auroc']:.3f}"
    return f"{text}\n{'':8}alone, AUROC/F1: {others}"


def masked(seeds: int) -> list[dict[str, object]]:
    """Where the defect is: 20 normal objects and 10 with masks, tested on the anomalous ones that are left."""
    cases = [photographs(data_folder())] if (data_folder() / "cookies-photos").exists() else []
    rows = []
    for case in [*cases, drawn("tile"), drawn("casting")]:
        with remembered():
            ranks, overlaps = zip(*(_placed(case, seed) for seed in range(seeds)), strict=True)
        rows.append({"case": case.name, "pixel_auroc": float(np.mean(ranks)), "iou": float(np.mean(overlaps))})
        text = f"pixel AUROC {np.mean(ranks):.4f}  mean IoU {np.mean(overlaps):.3f} ±{np.std(overlaps):.3f}"
        print(f"{case.name + ', 10 masks':46} {text}  ({seeds} seeds)", flush=True)
    return rows


def _placed(case: Case, seed: int) -> tuple[float, float]:
    """Pixel AUROC (of every seventh pixel) and mean IoU on the test pictures of one split."""
    train, test = next(few(case, np.random.default_rng(seed)))
    model = fitted(case, train, seed=seed, masks=True)
    bad = [row for row in test if case.is_anomalous[row] and case.defects[row] is not None]
    heat = [model.explain([case.images[row]])[0].heatmap for row in bad]
    truth = [case.defects[row] for row in bad]
    rank = auroc(*(np.concatenate([one.ravel()[::7] for one in some]) for some in (truth, heat))).value
    both = [((h >= 0.5) & t).sum() / max(((h >= 0.5) | t).sum(), 1) for h, t in zip(heat, truth, strict=True)]
    return rank or 0.5, float(np.mean(both))


def cost() -> dict[str, float]:
    """On one core, in a process of its own."""
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"), "1")
    command = [sys.executable, "-m", "tests.benchmarks.anomaly.cost"]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ, **single})
    figures = json.loads(done.stdout)
    print("cost, 1 core: " + "  ".join(f"{name} {value}" for name, value in figures.items()), flush=True)
    return figures


if __name__ == "__main__":
    main()
