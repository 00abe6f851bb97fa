"""Every example runs as a reader would run it: in an empty folder, with any warning an error."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat
import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
SCRIPTS = sorted(EXAMPLES.glob("*.py"))
NOTEBOOKS = sorted(EXAMPLES.glob("*.ipynb"))
LONGEST_S = 300


def test_there_are_examples_to_run():
    assert SCRIPTS
    assert NOTEBOOKS


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_script_runs(script, tmp_path):
    environment = {**os.environ, "PYTHONWARNINGS": "error"}
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert 0 == done.returncode, done.stderr


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the notebook machinery; the notebook's own run in its kernel
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.name)
def test_the_notebook_runs(notebook, tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / ".ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / ".jupyter"))
    book = nbformat.read(notebook, as_version=4)
    nbclient.NotebookClient(
        book, timeout=LONGEST_S, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert [] == [o for cell in book.cells for o in cell.get("outputs", []) if o.output_type == "error"]
