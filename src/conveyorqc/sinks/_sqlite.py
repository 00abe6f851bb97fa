"""Events in SQLite: durable before `write` returns, safe to query while the line runs."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any, Self

from conveyorqc.core import Disposition, InspectionEvent
from conveyorqc.errors import CorruptStore, InvalidInput, SinkError, SinkUnavailable
from conveyorqc.sinks._text import storable, to_json

__all__ = ["SQLiteSink", "read_events"]

_log = logging.getLogger(__name__)
_SCHEMA_VERSION = 1
_SCHEMA = (
    """CREATE TABLE events (
        event_id TEXT NOT NULL PRIMARY KEY,
        line_id TEXT NOT NULL,
        camera_id TEXT NOT NULL,
        run_id TEXT NOT NULL,
        object_id INTEGER NOT NULL,
        captured_at TEXT NOT NULL,
        decided_at TEXT NOT NULL,
        disposition TEXT NOT NULL,
        reason TEXT NOT NULL,
        is_anomalous INTEGER,
        confidence REAL,
        score REAL,
        views INTEGER NOT NULL,
        belt_px REAL,
        payload TEXT NOT NULL
    )""",
    "CREATE INDEX events_by_time ON events (line_id, camera_id, captured_at)",
    "CREATE INDEX events_by_disposition ON events (disposition)",
)
_INSERT = """INSERT INTO events VALUES (
    :event_id, :line_id, :camera_id, :run_id, :object_id, :captured_at, :decided_at, :disposition, :reason,
    :is_anomalous, :confidence, :score, :views, :belt_px, :payload
) ON CONFLICT (event_id) DO NOTHING"""
_ERROR_OF_CODE = {
    sqlite3.SQLITE_BUSY: SinkUnavailable,
    sqlite3.SQLITE_LOCKED: SinkUnavailable,
    sqlite3.SQLITE_FULL: SinkUnavailable,
    sqlite3.SQLITE_IOERR: SinkUnavailable,
    sqlite3.SQLITE_CORRUPT: CorruptStore,
    sqlite3.SQLITE_NOTADB: CorruptStore,
}


class SQLiteSink:
    """Keeps events in the table ``events`` of an SQLite file (WAL, ``synchronous=FULL``).

    Scalars have columns of their own for queries (times are ISO 8601 in UTC, so they sort as text); ``payload`` is
    the whole event as JSON. Several lines may write to one file and others read it meanwhile. Usable from any thread.

    Args:
        path: the file; made if missing, in a folder that exists. On a network drive WAL is not safe.
        busy_timeout_s: how long to wait for another writer. Longer rides out slow disks, but keeps the line waiting.

    Raises:
        CorruptStore: if the file is damaged or not a database. It is never replaced.
        SinkUnavailable: if another process does not let go of the file.
        SinkError: if the file cannot be opened or written, holds the tables of another program, or was written by a
            newer version of conveyorqc.
    """

    def __init__(self, path: str | os.PathLike[str], /, *, busy_timeout_s: float = 5.0) -> None:
        self.path = Path(path)
        self._turn = Lock()
        with _translated(self.path):
            # Absolute, because SQLite gives names such as ":memory:" a meaning of their own.
            self._connection = sqlite3.connect(
                self.path.absolute(), timeout=busy_timeout_s, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare()
            except BaseException:
                self._connection.close()
                raise

    def write(self, event: InspectionEvent, /) -> None:
        """Store ``event`` unless its ``event_id`` is known, and return when it is on the disk.

        Raises:
            SinkUnavailable: if the file is locked or the disk full.
            CorruptStore: if the file is damaged.
            SinkError: if the sink is closed or the file cannot be written.
        """
        row = _row(event)
        with self._turn, _translated(self.path):
            self._connection.execute(_INSERT, row)

    def counts(self) -> dict[Disposition, int]:
        """How many events there are of each disposition."""
        with self._turn, _translated(self.path):
            rows = self._connection.execute("SELECT disposition, count(*) FROM events GROUP BY disposition").fetchall()
        return {**dict.fromkeys(Disposition, 0), **{Disposition(name): count for name, count in rows}}

    def close(self) -> None:
        """Let go of the file; closing again does nothing."""
        with self._turn:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _prepare(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")  # two processes may both find the file new
        if _is_new(self._connection, self.path):
            for statement in _SCHEMA:
                self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")  # each time: finds a read-only file now
        self._connection.execute("COMMIT")
        (mode,) = self._connection.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            _log.warning("%s: this file system cannot do WAL, readers will block the line (%s)", self.path, mode)
        self._connection.execute("PRAGMA synchronous = FULL")


def read_events(path: str | os.PathLike[str], /) -> Iterator[InspectionEvent]:
    """The events of an `SQLiteSink` file in the order in which they were stored, also while a line writes to it.

    Raises:
        CorruptStore: if the file is damaged or not a database, or a row is not an event.
        SinkError: if there is no such file, or it is not a store that this version can read.
    """
    file = Path(path)
    address = file.absolute().as_uri() + "?mode=ro"
    with _translated(file), closing(sqlite3.connect(address, uri=True)) as connection:
        if _is_new(connection, file):
            return
        for event_id, payload in connection.execute("SELECT event_id, payload FROM events ORDER BY rowid"):
            try:
                event = InspectionEvent.from_dict(json.loads(payload))
            except (InvalidInput, ValueError, RecursionError) as error:
                raise CorruptStore(f"{file}, event {event_id}: {error}") from error
            yield event


def _is_new(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the database is still empty; an error if it is not a store that this version knows."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if version > _SCHEMA_VERSION:
        raise SinkError(f"{path}: expected schema version {_SCHEMA_VERSION} or older, got {version}")
    if version == 0 and tables:
        raise SinkError(f"{path}: expected a store of events, got a database of another program")
    return bool(version == 0)


def _row(event: InspectionEvent) -> dict[str, Any]:
    """The values of the columns."""
    fields = event.to_dict()
    verdict = fields["verdict"] or {}
    scalars = {name: storable(value) if isinstance(value, str) else value for name, value in fields.items()}
    return {
        **{name: value for name, value in scalars.items() if name not in ("verdict", "best_view")},
        "is_anomalous": verdict.get("is_anomalous"),
        "confidence": verdict.get("confidence"),
        "score": verdict.get("score"),
        "payload": to_json(event),
    }


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """SQLite's errors as ours."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte is the primary code
        raise _ERROR_OF_CODE.get(code, SinkError)(f"{path}: {error}") from error
