"""Settings of the whole suite: how hard hypothesis tries, and what happens where the real clips are absent."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("CONVEYORQC_DATA") or ROOT.parent / "shared" / "data").resolve()

_LEFT_OUT = pytest.StashKey[list[str]]()

hypothesis.settings.register_profile("ci", derandomize=True, deadline=None, max_examples=50, print_blob=True)
hypothesis.settings.register_profile("nightly", deadline=None, max_examples=1500, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("CONVEYORQC_HYPOTHESIS", "ci"))


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real clips and photographs; only tests marked ``real_data`` may ask for it."""
    return DATA


def pytest_report_header() -> str:
    """Say first where the real data is, or that it is not."""
    return f"real data: {DATA}" if DATA.is_dir() else f"real data: none at {DATA}; set CONVEYORQC_DATA to its folder"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that need real data where there is none."""
    if DATA.is_dir():
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        config.stash[_LEFT_OUT] = [item.nodeid for item in left_out]
        items[:] = [item for item in items if not item.get_closest_marker("real_data")]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name at the end every test that was left out: an absent folder never passes for a green run."""
    left_out = config.stash.get(_LEFT_OUT, [])
    if left_out:
        terminalreporter.section(f"{len(left_out)} real_data tests deselected: no data at {DATA}")
        for nodeid in left_out:
            terminalreporter.write_line(nodeid)
