"""Files that commands write: whether they can, before the work begins, and JSON into them at its end."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from conveyorqc.errors import InvalidInput

__all__ = ["STDOUT", "JsonFile", "all_or_nothing", "check_files", "check_folder", "write_json", "write_json_lines"]

STDOUT = Path("-")

JsonFile = Annotated[
    Path | None,
    typer.Option("--json", metavar="OUT.json", help="Write the result as JSON to this file; - prints it."),
]


def check_files(*targets: Path | None, sources: Iterable[Path]) -> None:
    """Refuse files that cannot be written, or are read, before an hour of work is spent on them.

    Raises:
        InvalidInput: if a target is a folder, has no folder to be in, is write-protected, is one of ``sources``, or
            is named twice. None and ``-`` are no files.
    """
    taken = {source.resolve(): "a file that is read" for source in sources}
    for target in targets:
        if target in (None, STDOUT):
            continue
        if target.is_dir():
            raise InvalidInput(f"{target}: expected a file to write, got a folder")
        if not target.parent.is_dir():
            raise InvalidInput(f"{target}: expected a folder to write it to, but {target.parent} is none")
        _check_writable(target if target.exists() else target.parent, target)
        if target.exists() and not target.is_file():  # a device or a pipe: any number of outputs may go there
            continue
        if target.resolve() in taken:
            raise InvalidInput(f"{target}: expected a file of its own to write, got {taken[target.resolve()]}")
        taken[target.resolve()] = "one that is written already"


def check_folder(target: Path) -> None:
    """Refuse a folder that cannot be made or written.

    Raises:
        InvalidInput: if it is a file, lies below one, or is write-protected.
    """
    nearest = next(path for path in (target, *target.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise InvalidInput(f"{target}: expected a folder, but {nearest} is a file")
    _check_writable(nearest, target)


@contextmanager
def all_or_nothing(*targets: Path) -> Iterator[None]:
    """Files that are begun inside and not finished are removed: half a clip looks like a short one."""
    try:
        yield
    except BaseException:
        for target in targets:
            if target.is_file():
                target.unlink()
        raise


def write_json(data: Mapping[str, Any], target: Path | None) -> None:
    """Write ``data`` to a file, or to standard output for ``-``; None asks for nothing."""
    _write(json.dumps(data, indent=2) + "\n", target)


def write_json_lines(rows: Iterable[Mapping[str, Any]], target: Path | None) -> None:
    """Write one JSON object per line."""
    _write("".join(json.dumps(row) + "\n" for row in rows), target)


def _write(text: str, target: Path | None) -> None:
    if target is None:
        return
    if target == STDOUT:
        typer.echo(text, nl=False)
    else:
        target.write_text(text, encoding="utf-8", newline="\n")


def _check_writable(existing: Path, target: Path) -> None:
    if not os.access(existing, os.W_OK):
        raise InvalidInput(f"{target}: expected a place that can be written, but {existing} is write-protected")
