"""One writer at a time on a file, across processes."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["exclusive"]

_POLL_S = 0.002

if sys.platform == "win32":  # pragma: no cover (this half runs on Windows, the other half elsewhere)
    import msvcrt

    _BEYOND = 2**40  # Windows locks ranges and refuses reads inside them: lock one byte that no reader wants

    def _lock(descriptor: int) -> None:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, _BEYOND, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


@contextmanager
def exclusive(descriptor: int, /, *, timeout_s: float) -> Iterator[None]:
    """Hold the file open as ``descriptor`` alone; the system lets go of it when the process dies.

    Raises:
        OSError: if another writer does not let go within ``timeout_s`` (``EAGAIN``), or the file system has no locks.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            _lock(descriptor)
            break
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                raise
            if time.monotonic() >= deadline:
                raise BlockingIOError(errno.EAGAIN, f"another writer held it for {timeout_s} s") from error
        time.sleep(_POLL_S)
    try:
        yield
    finally:
        _unlock(descriptor)
