"""The suite itself: tests that need real data are left out where there is none, and the run says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = """
import pytest

@pytest.mark.real_data
def test_on_real_clips(data_dir):
    assert (data_dir / "clip.mp4").is_file()

def test_on_made_clips():
    pass
"""


@pytest.fixture
def run_sample(tmp_path):
    """Run a two-test suite under this suite's own conftest, with real data in the folder that is given."""
    suite = tmp_path / "suite" / "tests"
    suite.mkdir(parents=True)
    shutil.copy(Path(__file__).resolve().parents[1] / "conftest.py", suite)
    (suite / "test_sample.py").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "suite" / "pytest.ini").write_text("[pytest]\nmarkers = real_data: real\n", encoding="utf-8")

    def run(data):
        command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "."]
        environment = {**os.environ, "CONVEYORQC_DATA": str(data)}
        return subprocess.run(command, cwd=suite, env=environment, capture_output=True, text=True, check=False)

    return run


def test_without_data_the_tests_are_deselected_by_name(run_sample, tmp_path):
    done = run_sample(tmp_path / "nowhere")
    assert 0 == done.returncode
    assert "1 passed, 1 deselected" in done.stdout
    assert "1 real_data tests deselected: no data at" in done.stdout
    assert "test_sample.py::test_on_real_clips" in done.stdout
    assert "real data: none at" in done.stdout


def test_with_data_the_tests_run(run_sample, tmp_path):
    (tmp_path / "clip.mp4").touch()
    done = run_sample(tmp_path)
    assert 0 == done.returncode
    assert "2 passed" in done.stdout
    assert "deselected" not in done.stdout


def test_a_data_folder_that_lacks_a_file_fails_loudly(run_sample, tmp_path):
    assert 1 == run_sample(tmp_path).returncode
