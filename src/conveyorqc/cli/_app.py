"""The typer application: one command per file, and one place where errors become a line of text."""

from __future__ import annotations

import logging
import os
import sys
from typing import Annotated

import typer

from conveyorqc import __version__
from conveyorqc.cli._console import console
from conveyorqc.cli._demo import demo
from conveyorqc.cli._inspect import inspect
from conveyorqc.cli._model import evaluate, predict, train
from conveyorqc.cli._simulate import simulate
from conveyorqc.cli._track import crops, track
from conveyorqc.errors import ConveyorQCError

__all__ = ["app", "main"]

_FAILED = 2

app = typer.Typer(
    name="conveyorqc",
    help="Visual quality control on conveyor lines.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"conveyorqc {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


for _command in (demo, simulate, track, crops, train, predict, evaluate, inspect):
    app.command()(_command)


def main() -> None:
    """Run the command line. Errors are one readable line on standard error and exit code 2, never a traceback."""
    logging.captureWarnings(True)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    try:
        app()
    except ConveyorQCError as error:
        _fail(str(error))
    except BrokenPipeError:
        sys.exit(_FAILED)
    except OSError as error:
        _fail(f"{error.filename or 'file'}: {error.strerror or error}")
    except Exception as error:
        if os.environ.get("CONVEYORQC_DEBUG"):
            raise
        _fail(f"unexpected {type(error).__name__}: {error} (CONVEYORQC_DEBUG=1 shows where)")


def _fail(text: str) -> None:
    console().print(f"error: {' '.join(text.split())}", style="red", markup=False, soft_wrap=True)
    sys.exit(_FAILED)
