"""Where events are kept: in memory, as JSON lines, in SQLite. Standard library only; each is idempotent."""

from conveyorqc.sinks._jsonl import JsonlSink
from conveyorqc.sinks._memory import MemorySink
from conveyorqc.sinks._sqlite import SQLiteSink, read_events

__all__ = ["JsonlSink", "MemorySink", "SQLiteSink", "read_events"]
