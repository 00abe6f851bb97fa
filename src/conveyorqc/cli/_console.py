"""What people see: results on standard output; progress, notes and errors on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

__all__ = ["counted", "note", "print_line", "print_table", "watched"]

_Item = TypeVar("_Item")


def note(text: str, *, style: str = "yellow") -> None:
    """One line about what happens, however long; it is no result."""
    _console(stderr=True).print(" ".join(line.strip() for line in text.splitlines()), style=style, soft_wrap=True)


def print_line(text: str) -> None:
    """One line of the result."""
    _console().print(text, soft_wrap=True)


@contextmanager
def counted(title: str, *, total: float | None, unit: str = "frames") -> Iterator[Callable[[], None]]:
    """A bar with rate and time left, and the function that moves it on by one; draws nothing when nobody watches.

    With a ``total`` of None it only shows that something goes on.
    """
    shown = _console(stderr=True)
    if not shown.is_interactive:
        yield lambda: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    started = time.monotonic()
    with Progress(*columns, console=shown, transient=True) as bar:
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


def print_table(title: str, columns: list[str], rows: list[list[str]]) -> None:
    """A table of the result; the first column is for words, the others for numbers."""
    table = Table(title=title, title_justify="left", header_style="bold")
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def _console(*, stderr: bool = False) -> Console:
    """Prints text as it is: a file may well be called ``[red].png``."""
    return Console(stderr=stderr, highlight=False, markup=False, emoji=False)
