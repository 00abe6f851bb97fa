"""One run of the demo on a small scene, shared by all tests that look at what it made."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from conveyorqc.demo import Scene, run_demo

SMALL = Scene(
    train_s=6.0, test_s=4.0, train_objects=16, test_objects=6, width=480, height=270, speed_px_s=110.0, seed=11
)


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory):
    """The folder and the result; in the folder lay a file that is none of the demo's."""
    folder = tmp_path_factory.mktemp("demo ä")
    (folder / "notes.txt").write_text("mine")
    return SimpleNamespace(folder=folder, result=run_demo(folder, scene=SMALL))
