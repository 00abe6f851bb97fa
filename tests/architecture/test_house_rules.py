"""The package keeps the rules of the house, and each check sees the violation it is made for."""

from __future__ import annotations

import shutil
from pathlib import Path

import house
import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "conveyorqc"

LONG_BODY = "def stretched(x):\n" + "    x += 1\n" * 61
LONGISH_BODIES = "".join(f"def stretched_{i}(x):\n" + "    x += 1\n" * 30 for i in range(400))

PLANTED = [
    # sideways, upwards, through the public door, from nowhere, a stage known to the line
    (house.rooms_below, "track/_planted.py", "from conveyorqc.detect import ByTravel", "detect is not below track"),
    (house.rooms_below, "core/_planted.py", "import conveyorqc.geometry", "geometry is not below core"),
    (house.rooms_below, "imgproc/_planted.py", "from conveyorqc import sinks", "sinks is not below imgproc"),
    (house.rooms_below, "geometry/_planted.py", "from ..imgproc import resize", "imgproc is not below geometry"),
    (house.rooms_below, "core/_planted.py", "def late():\n    from conveyorqc.cli import app", "cli is not below core"),
    (house.rooms_below, "crop/_planted.py", "from conveyorqc import Frame", "never goes through the public door"),
    (house.rooms_below, "attic/__init__.py", "import json", "attic has no floor"),
    (house.rooms_below, "line/_planted.py", "from conveyorqc.sinks import MemorySink", "line knows Protocols only"),
    (house.rooms_by_the_door, "video/_planted.py", "from conveyorqc.core._frame import Frame", "is private to core"),
    (house.rooms_by_the_door, "video/_planted.py", "from conveyorqc.core import _frame", "_frame is private to core"),
    (house.packages_in_their_rooms, "detect/_planted.py", "import cv2", "cv2 belongs in imgproc"),
    (house.packages_in_their_rooms, "imgproc/_planted.py", "from cv2 import resize", "only _opencv.py imports cv2"),
    (house.packages_in_their_rooms, "track/_planted.py", "import scipy.optimize", "slow to load"),
    (house.packages_in_their_rooms, "anomaly/_planted.py", "from sklearn.svm import SVC", "slow to load"),
    (house.packages_in_their_rooms, "sinks/_planted.py", "import boto3", "boto3 belongs in aws and lookout"),
    (house.packages_in_their_rooms, "core/_planted.py", "import requests", "no room is made for this package"),
    (house.packages_in_their_rooms, "__init__.py", '"""The door."""\nimport numpy', "the public door loads nothing"),
    (house.no_hidden_imports, "core/_planted.py", "import_module('conveyorqc.cli')", "only the public door"),
    (house.short_modules, "core/_planted.py", "x = 1\n" * 401, "401 lines, at most 400"),
    (house.short_functions, "core/_planted.py", LONG_BODY, "stretched is 61 lines long"),
    (house.mostly_short_functions, "core/_planted.py", LONGISH_BODIES, "p90 of function bodies is 30 lines"),
    (house.named_for_an_idea, "core/_utils.py", "x = 1", "_utils says nothing"),
    (house.says_what_it_gives, "core/_planted.py", "x = 1", "has no docstring"),
    (house.says_what_it_gives, "attic/__init__.py", '"""A room."""', "has no __all__"),
]


@pytest.mark.parametrize("check", house.CHECKS, ids=lambda check: check.__name__)
def test_the_package_keeps_the_rule(check):
    assert "" == "\n".join(check(SOURCE))


@pytest.fixture
def copy(tmp_path):
    return Path(shutil.copytree(SOURCE, tmp_path / "conveyorqc", ignore=shutil.ignore_patterns("__pycache__")))


@pytest.mark.parametrize(("check", "name", "code", "expected"), PLANTED)
def test_a_planted_violation_is_seen(copy, check, name, code, expected):
    planted = copy / name
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(code, encoding="utf-8")
    assert [] != [line for line in check(copy) if expected in line and (name in line or "p90" in line)]


def test_every_check_has_a_planted_violation():
    assert set(house.CHECKS) == {check for check, *_ in PLANTED}


@pytest.mark.parametrize(
    "code",
    [
        "import sqlite3",
        "import numpy as np",
        "from conveyorqc import __version__",
        "def f():\n    from scipy.stats import beta",
        "from conveyorqc.core import Frame",
        "from conveyorqc.sinks._planted import x",
    ],
)
def test_what_is_allowed_is_not_reported(copy, code):
    (copy / "sinks").mkdir(exist_ok=True)
    (copy / "sinks" / "_planted.py").write_text(code, encoding="utf-8")
    assert [] == [line for check in house.CHECKS[:4] for line in check(copy) if "_planted.py" in line]


def test_the_body_of_a_function_is_counted_without_signature_and_docstring():
    code = 'def f(\n    a,\n    b,\n):\n    """One.\n\n    Two.\n    """\n    a += b\n    return a\n'
    assert 2 == house.body_length(house.ast.parse(code).body[0])
