"""``conveyorqc demo``: what it prints; what it does is tested with the demo itself."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from conveyorqc.core import LedgerCounts
from conveyorqc.demo import Figure, PartCount
from conveyorqc.errors import CalibrationError
from conveyorqc.metrics import Estimate


@pytest.fixture
def calls(monkeypatch):
    """Replaces the demo itself; notes where it was asked to write."""
    asked = []

    def short_demo(out, *, progress):
        with progress("simulating", total=1) as advance:
            advance()
        asked.append(out)
        return SimpleNamespace(
            figures=(Figure("anomaly: recall", 0.76, Estimate(0.9, 10, 0.8, 1.0)), Figure("area", None, NO_ESTIMATE)),
            parts=(PartCount("train", 20, 20, 19), PartCount("test", 9, 10, 10)),
            test=SimpleNamespace(counts=LedgerCounts(entered=9, passed=6, rejected=2, unknown=1, in_flight=0)),
        )

    monkeypatch.setattr("conveyorqc.demo.run_demo", short_demo)
    return asked


NO_ESTIMATE = Estimate(None, 0, 0.0, 1.0)


def test_figures_stand_beside_those_of_the_article(run, calls, tmp_path):
    done = run("demo", "--out", tmp_path / "out")
    cells = [[cell.strip() for cell in line.strip("│").split("│")] for line in done.out.splitlines() if "│" in line]
    assert (0, "", [tmp_path / "out"]) == (done.code, done.err, calls)
    assert ["anomaly: recall", "0.76", "0.900", "0.800 to 1.000", "10"] in cells
    assert ["area", "", "n/a", "0.000 to 1.000", "0"] in cells
    assert [["train", "20", "20", "19"], ["test", "9", "10", "10"]] == cells[-2:]
    assert "test part: 6 passed, 2 rejected, 1 unknown" in done.out
    assert str(tmp_path / "out" / "report.html") in done.out


def test_the_folder_has_a_name_of_its_own(run, calls, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run("demo")
    assert ["conveyorqc-demo"] == [os.fspath(out) for out in calls]


def test_a_file_is_no_folder(fails, tmp_path):
    (tmp_path / "file").touch()
    assert "is a file" in fails("demo", "--out", tmp_path / "file" / "below")


def test_a_stage_that_fails_is_named(fails, tmp_path, monkeypatch):
    def fails_early(*_, **__):
        error = CalibrationError("nothing moves")
        error.add_note("in stage 'calibrate and tune' of the demo")
        raise error

    monkeypatch.setattr("conveyorqc.demo.run_demo", fails_early)
    assert "nothing moves (in stage 'calibrate and tune' of the demo)" == fails("demo", "--out", tmp_path)
