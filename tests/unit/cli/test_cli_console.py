"""Progress, tables and the clock of the stages."""

from __future__ import annotations

import io
import sys
import time

from rich.console import Console

from conveyorqc.cli import _console
from conveyorqc.cli._console import counted, note, print_line, print_table, watched
from conveyorqc.cli._stage_clock import StageClock


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_silent_where_nobody_watches(capsys):
    with counted("working", total=2) as advance:
        advance()
    assert ("", "") == capsys.readouterr()


def test_progress_shows_rate_and_total_on_a_terminal(monkeypatch):
    screen = Terminal()
    monkeypatch.setattr(_console, "_console", lambda **_: Console(file=screen, force_terminal=True, width=120))
    assert [1, 2, 3] == list(watched([1, 2, 3], "tracking", total=3))
    assert "tracking" in screen.getvalue()
    assert "3/3" in screen.getvalue()
    assert "frames/s" in screen.getvalue()


def test_a_table_never_cuts_a_name_short(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    name = "[b]" + "x" * 60
    print_table("Verdicts", ["file", "label"], [[name, "normal"]])
    shown = "".join(line.split("│")[1].strip() for line in capsys.readouterr().out.splitlines() if "│" in line)
    assert name == shown


def test_a_result_line_is_not_wrapped(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    print_line("y" * 100)
    assert "y" * 100 + "\n" == capsys.readouterr().out


def test_a_note_is_one_line_on_standard_error(capsys):
    note("first\n   second")
    assert ("", "first second\n") == capsys.readouterr()


def test_stages_are_charged_with_their_own_time(monkeypatch):
    now = {"process": 0.0, "thread": 0.0}
    monkeypatch.setattr(time, "process_time", lambda: now["process"])
    monkeypatch.setattr(time, "thread_time", lambda: now["thread"])
    clock = StageClock()
    for _ in range(2):
        with clock.stage("detect"):
            now["thread"] += 0.030
        now["process"] += 0.040
    assert {"decode": 5.0, "detect": 15.0} == clock.per_frame(4)


def test_a_clock_without_frames_divides_by_one():
    assert ["decode"] == list(StageClock().per_frame(0))


def test_a_terminal_is_recognised(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setenv("TERM", "xterm")
    with counted("working", total=1, unit="steps") as advance:
        advance()
    assert "working" in sys.stderr.getvalue()
