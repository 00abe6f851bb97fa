"""How right the boxes of one run are: python -m tests.benchmarks.tracking.scores SPEC RESULT prints JSON."""

from __future__ import annotations

import contextlib
import io
import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, IntArray
from conveyorqc.dataset import GroundTruth
from conveyorqc.geometry import box_area, box_intersection, box_iou
from conveyorqc.metrics import ObjectBoxes, match_boxes, object_scores

from .clips import Clip, scene_named

__all__ = ["View", "crossings", "least_life", "mot_figures", "scored", "views"]

SEEN = 0.5  # visible share below which nobody is asked to find an object, nor blamed for it
WHOLE = 0.999
INSIDE = 0.75  # share of a box inside an object from which it is a second box on that object


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """One frame: true ids and boxes with visible shares, and found ids and boxes without those to ignore."""

    ids: IntArray
    boxes: Boxes
    shares: NDArray[np.float64]
    found_ids: IntArray
    found: Boxes


def least_life(life_frames: float) -> int:
    """Frames below which a track or an object is too short to be judged: five, fewer where objects rush through."""
    return max(2, min(5, math.ceil(0.15 * life_frames)))


def views(truth: GroundTruth, rows: NDArray[np.float64], /, *, frames: int, least: int) -> list[View]:
    """The frames of a run. ``rows`` (N, 6) are frame, id and box.

    Ignored, in truth and found: objects of which less than half is visible, and those that are more visible for fewer
    than ``least`` frames only.
    """
    actual = [truth.boxes_at(index) for index in range(frames)]
    seen, lives = np.unique(np.concatenate([ids[shares >= SEEN] for ids, _, shares in actual]), return_counts=True)
    lasting = seen[lives >= least]
    made = []
    for index, (ids, boxes, shares) in enumerate(actual):
        mine = rows[rows[:, 0] == index]
        asked = (shares >= SEEN) & np.isin(ids, lasting)
        clipped = np.clip(boxes, 0, [truth.width, truth.height] * 2)
        kept = _counted(mine[:, 2:], clipped[asked], clipped[~asked])
        made.append(View(ids[asked], clipped[asked], shares[asked], mine[kept, 1].astype(np.int64), mine[kept, 2:]))
    return made


def _counted(found: Boxes, asked: Boxes, ignored: Boxes) -> NDArray[np.bool_]:
    """(N,) False for boxes that find no object that is asked for and lie for the most part on one that is not."""
    rest = np.ones(len(found), np.bool_)
    rest[match_boxes(asked, found)[1]] = False
    shared = box_intersection(ignored, found).max(axis=0, initial=0.0)
    return np.asarray(~(rest & (shared >= 0.5 * np.maximum(box_area(found), 1e-9))), dtype=np.bool_)


def crossings(rows: NDArray[np.float64], /, *, middle: float) -> int:
    """How many ids were before ``middle`` and later beyond it, by the centres of their boxes."""
    count = 0
    for number in np.unique(rows[:, 1]):
        mine = rows[rows[:, 1] == number]
        beyond = (mine[:, 2] + mine[:, 4])[np.argsort(mine[:, 0])] / 2 >= middle
        count += bool(beyond.any() and not beyond[0])
    return count


def scored(clip: Clip, result: dict[str, Any], /) -> dict[str, Any]:
    """Every accuracy figure of one run over ``clip``; the frames that it did not get to do not count."""
    truth, frames = clip.truth, int(result["frames"])
    rows = np.array(result["rows"], dtype=np.float64).reshape(-1, 6)
    rows = rows[rows[:, 0] < frames]
    least = least_life(clip.scene.life_frames)
    seen = views(truth, rows, frames=frames, least=least)
    counted = result["counted"]
    line = crossings(rows, middle=truth.width / 2) if counted is None else counted
    crossed = [found.crosses_centre_frame for found in truth.objects]
    return {
        "line": line,
        "line_true": sum(frame is not None and frame < frames for frame in crossed),
        **_object_figures(seen, least),
        **_detection_figures(seen, truth),
        **mot_figures(seen),
    }


def _object_figures(seen: list[View], least: int) -> dict[str, float | None]:
    actual = _stacked((index, view.ids, view.boxes) for index, view in enumerate(seen))
    found = _stacked((index, view.found_ids, view.found) for index, view in enumerate(seen)).lasting(least)
    scores = object_scores(actual, found)
    return {
        "objects": len(np.unique(actual.ids)),
        "tracks": len(np.unique(found.ids)),
        "precision": scores.scores.precision.value,
        "recall": scores.scores.recall.value,
        "f1": scores.scores.f1.value,
        "merges": scores.merges,
        "splits": scores.splits,
    }


def _stacked(parts: Iterator[tuple[int, IntArray, Boxes]]) -> ObjectBoxes:
    frames, ids, boxes = zip(*parts, strict=True)
    numbers = np.repeat(frames, [len(part) for part in ids])
    return ObjectBoxes(numbers, np.concatenate(ids), np.concatenate(boxes))


def _detection_figures(seen: list[View], truth: GroundTruth) -> dict[str, float | None]:
    """Shares of touching pairs in which both have a box of their own, and of broken objects in one box; by views."""
    broken = {item.id for item in truth.objects if item.label == "broken"}
    pairs = {tuple(sorted((item.id, other))) for item in truth.objects for other in item.touching}
    apart, whole, false = [], [], 0
    for view in seen:
        rows, columns = match_boxes(view.boxes, view.found)
        false += len(view.found) - len(columns)
        full = set(view.ids[view.shares >= WHOLE].tolist())
        matched = set(view.ids[rows].tolist())
        apart += [{a, b} <= matched for a, b in pairs if {a, b} <= full]
        inside = box_intersection(view.boxes, view.found) >= INSIDE * np.maximum(box_area(view.found), 1e-9)[None]
        single = dict(zip(view.ids.tolist(), (inside.sum(axis=1) <= 1).tolist(), strict=True))
        whole += [number in matched and single[number] for number in broken & full]
    return {
        "pairs_apart": float(np.mean(apart)) if apart else None,
        "broken_whole": float(np.mean(whole)) if whole else None,
        "false_boxes": false / len(seen),
    }


def mot_figures(seen: list[View], /) -> dict[str, float]:
    """HOTA, MOTA, IDF1 and switches as `trackeval` has them; none where it is not installed."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            from trackeval.metrics import CLEAR, HOTA, Identity
        except ImportError:
            return {}
        data = _sequence(seen)
        hota, clear, identity = (
            metric.eval_sequence(data)
            for metric in (HOTA(), CLEAR({"PRINT_CONFIG": False}), Identity({"PRINT_CONFIG": False}))
        )
    return {
        "hota": float(np.mean(hota["HOTA"])),
        "mota": float(clear["MOTA"]),
        "idf1": float(identity["IDF1"]),
        "switches": int(clear["IDSW"]),
    }


def _sequence(seen: list[View]) -> dict[str, Any]:
    """What the metrics of trackeval take: ids counted from 0 without gaps, and the overlaps of each frame."""
    true_ids = np.unique(np.concatenate([view.ids for view in seen]))
    found_ids = np.unique(np.concatenate([view.found_ids for view in seen]))
    return {
        "gt_ids": [np.searchsorted(true_ids, view.ids) for view in seen],
        "tracker_ids": [np.searchsorted(found_ids, view.found_ids) for view in seen],
        "similarity_scores": [box_iou(view.boxes, view.found) for view in seen],
        "num_timesteps": len(seen),
        "num_gt_ids": len(true_ids),
        "num_tracker_ids": len(found_ids),
        "num_gt_dets": sum(len(view.ids) for view in seen),
        "num_tracker_dets": sum(len(view.found_ids) for view in seen),
    }


def main() -> None:
    given = json.loads(sys.argv[1])
    clip = Clip(scene_named(given["scene"], quick=given["quick"]), Path(given["video"]))
    result = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    sys.stdout.write(json.dumps(scored(clip, result)))


if __name__ == "__main__":
    main()
