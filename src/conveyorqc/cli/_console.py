"""What every command shares: progress on the terminal, JSON for machines, and where the frames come from."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from conveyorqc.config import LineConfig, load_config
from conveyorqc.core import Frame
from conveyorqc.errors import ConveyorQCError

__all__ = ["StageClock", "console", "counted", "line_of", "print_table", "watched", "write_json", "write_json_lines"]

_Item = TypeVar("_Item")


def console() -> Console:
    """Where people read: standard error, so that standard output stays clean for data."""
    return Console(stderr=True, highlight=False)


@contextmanager
def counted(title: str, *, total: float | None, unit: str = "frames") -> Iterator[Callable[[], None]]:
    """A bar with rate and time left, and the function that moves it on by one; draws nothing when nobody watches."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    shown = console()
    started = time.monotonic()
    with Progress(*columns, console=shown, transient=True, disable=not shown.is_terminal) as bar:
        task = bar.add_task(title, total=total, rate="")

        def advance() -> None:
            bar.advance(task)
            rate = bar.tasks[0].completed / max(time.monotonic() - started, 1e-6)
            bar.update(task, rate=f"{rate:.0f} {unit}/s")

        yield advance


def watched(items: Iterable[_Item], title: str, *, total: int | None, unit: str = "frames") -> Iterator[_Item]:
    """``items`` as they are, with a progress bar."""
    with counted(title, total=total, unit=unit) as advance:
        for item in items:
            yield item
            advance()


class StageClock:
    """CPU time of the stages of a loop, in ms per frame.

    A stage is charged with the time of the calling thread. Decoders work in threads of their own while the stages
    run, so ``decode`` is what the process spent besides the stages.
    """

    def __init__(self) -> None:
        self._started = time.process_time()
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Charge what happens inside to ``name``."""
        started = time.thread_time()
        try:
            yield
        finally:
            self._spent[name] = self._spent.get(name, 0.0) + time.thread_time() - started

    def per_frame(self, frames: int) -> dict[str, float]:
        """ms per frame of each stage, ``decode`` first."""
        everything = time.process_time() - self._started
        decode = max(everything - sum(self._spent.values()), 0.0)
        return {name: round(1000 * s / max(frames, 1), 3) for name, s in {"decode": decode, **self._spent}.items()}


def line_of(config: Path | None, frames: Iterable[Frame], *, total: int | None) -> LineConfig:
    """The line in a file, or else the one that the clip itself shows."""
    if config is not None:
        return load_config(config)
    from conveyorqc.calibrate import calibrate

    return calibrate(watched(frames, "calibrating", total=total))


def write_json(data: dict[str, Any], target: Path | None) -> None:
    """Write ``data`` to a file, or to standard output for None and ``-``."""
    _write(json.dumps(data, indent=2, ensure_ascii=False) + "\n", target)


def write_json_lines(rows: Iterable[dict[str, Any]], target: Path | None) -> None:
    """Write one JSON object per line."""
    _write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), target)


def _write(text: str, target: Path | None) -> None:
    if target is None or str(target) == "-":
        sys.stdout.write(text)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConveyorQCError(f"{target}: cannot be written: {error.strerror or error}") from error


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table for people, on standard error."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right")
    for row in rows:
        table.add_row(*row)
    console().print(table)
