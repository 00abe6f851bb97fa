"""A writer that dies at any moment loses no event that it was told is stored; several writers share one file."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from conveyorqc.core import InspectionEvent
from conveyorqc.sinks import JsonlSink, SQLiteSink, read_events
from conveyorqc.testing import example_event

WRITER = """
import sys
from conveyorqc.sinks import JsonlSink, SQLiteSink
from conveyorqc.testing import example_event

kind, path, line_id, count = sys.argv[1:]
with {"JsonlSink": JsonlSink, "SQLiteSink": SQLiteSink}[kind](path) as sink:
    for object_id in range(int(count)):
        sink.write(example_event(object_id, line_id=line_id))
        print(object_id, flush=True)
"""


def _start(kind, path, line_id, count):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, kind.__name__, str(path), line_id, str(count)], stdout=subprocess.PIPE, text=True
    )


def _stored(kind, path):
    if kind is SQLiteSink:
        return list(read_events(path))
    return [InspectionEvent.from_dict(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("kind", [JsonlSink, SQLiteSink])
def test_a_killed_writer_loses_no_acknowledged_event(tmp_path, kind):
    path, acknowledged = tmp_path / "events", set()
    for run, lines_until_kill in enumerate((1, 17, 60)):
        with _start(kind, path, f"line-{run}", 100_000) as writer:
            for _ in range(lines_until_kill):
                acknowledged.add((f"line-{run}", int(writer.stdout.readline())))
            writer.kill()
            acknowledged |= {(f"line-{run}", int(line)) for line in writer.stdout if line.endswith("\n")}
        with kind(path) as sink:
            sink.write(example_event(0, line_id=f"after-{run}"))
            acknowledged.add((f"after-{run}", 0))
    stored = [(event.line_id, event.object_id) for event in _stored(kind, path)]
    assert acknowledged <= set(stored)
    assert len(stored) == len(set(stored))


@pytest.mark.parametrize("kind", [JsonlSink, SQLiteSink])
def test_several_processes_share_one_new_file(tmp_path, kind):
    path = tmp_path / "events"
    writers = [_start(kind, path, line_id, 40) for line_id in ("line-1", "line-2", "line-1")]
    assert [(writer.communicate()[0].count("\n"), writer.returncode) for writer in writers] == [(40, 0)] * 3
    stored = [(event.line_id, event.object_id) for event in _stored(kind, path)]
    assert sorted(stored) == [(line_id, object_id) for line_id in ("line-1", "line-2") for object_id in range(40)]
