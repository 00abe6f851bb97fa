"""The public door: these names and no others, each loaded when first used."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import house
import pytest

import conveyorqc

SOURCE = Path(__file__).resolve().parents[2] / "src" / "conveyorqc"

NAMES = [
    "AnomalyBackend",
    "Augmenter",
    "Background",
    "BackgroundDetector",
    "BeltSimulator",
    "BestViews",
    "ByTravel",
    "CentroidTracker",
    "ColorRange",
    "ColorThresholdDetector",
    "ConveyorQCError",
    "Crop",
    "Detections",
    "Direction",
    "Disposition",
    "EveryFrames",
    "Frame",
    "FrameAnnotator",
    "InspectionEvent",
    "InspectionLine",
    "JsonlSink",
    "KOfN",
    "LineConfig",
    "LocalBackend",
    "MaxPolicy",
    "MeanPolicy",
    "MemorySink",
    "PhaseMotion",
    "SQLiteSink",
    "Sink",
    "SquarePadCropper",
    "StubBackend",
    "Tracks",
    "Verdict",
    "VideoWriter",
    "frames_from",
    "load_config",
    "open_video",
    "read_dataset",
    "split_by_object",
]
HEAVY = {"av", "boto3", "cv2", "numpy", "pydantic", "rich", "scipy", "skimage", "sklearn", "typer", "yaml"}
ROOMS = sorted(room for room in house.FLOOR_OF if (SOURCE / room).is_dir() or (SOURCE / f"{room}.py").is_file())


def loaded_by(statement: str) -> set[str]:
    """The packages that a fresh interpreter has loaded after ``statement``."""
    code = f"import json, sys; {statement}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_the_door_has_these_names_and_no_others():
    assert NAMES == conveyorqc.__all__


def test_the_door_is_sorted_and_has_at_most_40_names():
    assert sorted(NAMES) == NAMES
    assert len(NAMES) <= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_name_comes_from_the_door_of_its_room(name):
    room = import_module(f"conveyorqc.{conveyorqc._ROOM_OF[name]}")
    assert name in room.__all__
    assert getattr(room, name) is getattr(conveyorqc, name)


def test_the_type_checker_sees_the_same_names_from_the_same_rooms():
    door = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    seen = [node for node in ast.walk(door) if isinstance(node, ast.ImportFrom)]
    expected = {(f"conveyorqc.{room}", name) for name, room in conveyorqc._ROOM_OF.items()}
    assert expected == {(node.module, a.name) for node in seen for a in node.names if "conveyorqc" in str(node.module)}


def test_no_name_hides_a_room():
    assert set() == set(NAMES) & house.FLOOR_OF.keys()


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Teleporter'"):
        _ = conveyorqc.Teleporter


def test_dir_lists_the_door():
    assert sorted([*NAMES, "__version__"]) == dir(conveyorqc)


@pytest.mark.parametrize("room", ROOMS)
def test_everything_a_room_offers_is_there(room):
    module = import_module(f"conveyorqc.{room}")
    assert [] == [name for name in module.__all__ if not hasattr(module, name)]
    assert len(module.__all__) == len(set(module.__all__))


def test_importing_the_package_loads_nothing_heavy():
    assert set() == HEAVY & loaded_by("import conveyorqc")


def test_the_records_need_numpy_alone():
    assert {"numpy"} == HEAVY & loaded_by("from conveyorqc import Frame, InspectionEvent, Verdict")


def test_importing_the_package_takes_less_than_one_and_a_half_times_numpy():
    script = SOURCE.parents[1] / "tests" / "benchmarks" / "import_time.py"
    done = subprocess.run([sys.executable, script, "--runs", "7", "--json"], check=True, capture_output=True, text=True)
    assert 1.5 > json.loads(done.stdout)["ratio"]
