"""Configurations for the tests: small lines as plain data, and their YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from conveyorqc.config import BeltSettings
from conveyorqc.detect import BeltAppearance

ORANGE = {"space": "hsv", "low": [5, 60, 60], "high": [30, 255, 255]}


def belt() -> BeltAppearance:
    """A belt on which no two pixels are alike."""
    y, x = np.mgrid[:18, :32]
    return BeltAppearance(np.dstack([60 + 3 * x, 120 + y, 140 - y]).astype(np.uint8), (2.0, 1.5, 1.25))


def threshold_line(**changes: Any) -> dict[str, Any]:
    """The least line that finds objects by colour."""
    least = {
        "direction": "left_to_right",
        "schedule": {"kind": "every_frames", "count": 3},
        "detector": {"kind": "color_threshold", "objects": [ORANGE], "blobs": {"min_area": 200}},
        "tracker": {"max_distance": 20},
    }
    return {**least, **changes}


def background_line(**changes: Any) -> dict[str, Any]:
    """The least line that finds objects by the look of the empty belt, which it holds."""
    picture = BeltSettings.of(belt()).model_dump(mode="json")
    return threshold_line(detector={"kind": "background", "belt": picture, "blobs": {"min_area": 200}}, **changes)


def rich_line() -> dict[str, Any]:
    """A line in which every optional part is there."""
    red = {"space": "bgr", "low": [0, 0, 90], "high": [80, 80, 255]}
    return threshold_line(
        line_id="Linie 4 带",
        camera_id="oben",
        direction="bottom_to_top",
        motion={"kind": "constant", "dy_per_s": -80.0},
        schedule={"kind": "by_travel", "distance": 11.5, "at_most_s": 0.5},
        detector={
            "kind": "color_threshold",
            "belt": [{"space": "gray", "low": [20], "high": [90]}],
            "objects": [ORANGE, red],
            "blobs": {"min_area": 50.0, "max_area": 9000.0, "max_aspect": 4.0, "diameter": 30.0},
            "shadow": [{"space": "lab", "low": [0, 120, 120], "high": [60, 136, 136]}],
            "edges": {"low": 40.0, "high": 120.0, "width": 2},
            "cleaning": [{"op": "opening", "size": 3}, {"op": "fill_holes"}, {"op": "closing", "size": 5}],
            "ratio": 0.5,
            "strip": {"fraction": 0.4},
        },
        tracker={"max_distance": 20.0, "min_travel": 3.0, "propagator": "mil"},
        cropper={"size": 64, "segmenter": "none"},
        views={"collect": 4, "keep": 2},
        backend={"kind": "stub", "is_anomalous": True, "confidence": 0.75},
        policy={"kind": "k_of_n", "k": 2},
        dispositions={"min_confidence": 0.5},
        sinks=[{"kind": "memory"}, {"kind": "jsonl", "path": "events.jsonl"}, {"kind": "sqlite", "path": "events.db"}],
    )


def write_yaml(path: Path, data: object) -> Path:
    """``data`` as a YAML file."""
    path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return path
