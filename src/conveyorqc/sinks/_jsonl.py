"""Events as JSON lines: readable by everything, one line on the disk before `write` returns."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Self

from conveyorqc.core import InspectionEvent
from conveyorqc.errors import CorruptStore, SinkError, SinkUnavailable
from conveyorqc.sinks._file_lock import exclusive
from conveyorqc.sinks._text import to_json

__all__ = ["JsonlSink"]

_log = logging.getLogger(__name__)
_WORTH_ANOTHER_TRY = {errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.EBUSY, errno.EINTR, errno.EIO}


class JsonlSink:
    """Appends one JSON object (`InspectionEvent.to_dict`) per event to a UTF-8 file.

    Each event is flushed to the disk (``fsync``) before `write` returns. The ``event_id`` of every line is kept in
    memory, about 150 bytes each, also of the lines that the file held at opening and of those that other processes
    append; for many millions of events prefer `SQLiteSink`. A last line that a crash tore was never acknowledged and
    is removed, with a warning in the log. Usable from any thread.

    Args:
        path: the file; made if missing, in a folder that exists.
        busy_timeout_s: how long to wait for another process that writes to the same file. Longer rides out slow
            disks, but keeps the line waiting.

    Raises:
        CorruptStore: if a line of the file is not an event; the text names the line.
        SinkUnavailable: if another process does not let go of the file.
        SinkError: if the file cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str], /, *, busy_timeout_s: float = 5.0) -> None:
        self.path = Path(path)
        self._busy_timeout_s = busy_timeout_s
        self._turn = Lock()
        self._ids: set[str] = set()
        self._lines = 0
        self._end = 0
        with _translated(self.path):
            self._file = self.path.open("a+b", buffering=0)
        try:
            with self._alone():
                self._catch_up()
                _sync_folder(self.path.parent)
        except SinkError:
            self._file.close()
            raise

    def write(self, event: InspectionEvent, /) -> None:
        """Append ``event`` unless its ``event_id`` is in the file, and return when it is on the disk.

        Raises:
            SinkUnavailable: if the disk is full or the file busy.
            CorruptStore: if someone else damaged the file.
            SinkError: if the sink is closed or the file cannot be written.
        """
        with self._alone():
            self._catch_up()
            if event.event_id in self._ids:
                return
            self._append(to_json(event).encode() + b"\n")
            self._ids.add(event.event_id)
            self._lines += 1

    def close(self) -> None:
        """Let go of the file; closing again does nothing."""
        with self._turn:
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread, sink or process touches the file meanwhile."""
        with self._turn, _translated(self.path):
            if self._file.closed:
                raise SinkError(f"{self.path}: the sink is closed")
            with exclusive(self._file.fileno(), timeout_s=self._busy_timeout_s):
                yield

    def _catch_up(self) -> None:
        """Learn the lines that were appended since the last look (at opening: all of them)."""
        size = os.fstat(self._file.fileno()).st_size
        if size < self._end:
            raise CorruptStore(f"{self.path}: expected {self._end} bytes, got {size}: someone shortened the file")
        if size == self._end:
            return
        with open(self._file.fileno(), "rb", closefd=False) as reader:  # a buffered door to the same file
            reader.seek(self._end)
            for line in reader:
                self._learn(line)

    def _learn(self, line: bytes) -> None:
        whole = line.endswith(b"\n")
        try:
            event_id = _event_id_of(line)
        except (ValueError, RecursionError) as error:
            if whole:
                raise CorruptStore(f"{self.path}, line {self._lines + 1}: expected an event, got {error}") from error
            _log.warning("%s: removing a torn last line of %d bytes; it was never acknowledged", self.path, len(line))
            os.ftruncate(self._file.fileno(), self._end)
            return
        self._ids.add(event_id)
        self._lines += 1
        self._end += len(line)
        if not whole:  # an editor that drops the last line end did this, not a crash: the event is all there
            self._append(b"\n")

    def _append(self, data: bytes) -> None:
        """Put ``data`` on the disk, or leave the file as it was."""
        descriptor = self._file.fileno()
        try:
            rest = data
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        except OSError:
            with suppress(OSError):  # what cannot be removed now is a torn last line to the next look
                os.ftruncate(descriptor, self._end)
            raise
        self._end += len(data)


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    """The operating system's errors as ours."""
    try:
        yield
    except SinkError:
        raise
    except OSError as error:
        kind = SinkUnavailable if error.errno in _WORTH_ANOTHER_TRY else SinkError
        raise kind(f"{path}: {error.strerror or error}") from error


def _event_id_of(line: bytes) -> str:
    """The ``event_id`` in one line of JSON; ValueError if there is none."""
    fields = json.loads(line)
    if not isinstance(fields, dict) or not isinstance(fields.get("event_id"), str):
        raise ValueError("no event_id")  # noqa: TRY004 (one class for all that can be wrong with a line)
    return str(fields["event_id"])


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file survive a power cut (Windows does so by itself and cannot open folders)."""
    if os.name != "posix":  # pragma: no cover (the other systems)
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
