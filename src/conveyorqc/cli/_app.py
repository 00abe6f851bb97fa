"""The typer application: one command per file, and one place where errors become a line of text."""

from __future__ import annotations

import io
import logging
import os
import sys
import warnings
from typing import Annotated, TextIO

import typer

from conveyorqc import __version__
from conveyorqc.cli._calibrate import calibrate
from conveyorqc.cli._console import note
from conveyorqc.cli._crops import crops
from conveyorqc.cli._dataset import dataset
from conveyorqc.cli._demo import demo
from conveyorqc.cli._evaluate import evaluate
from conveyorqc.cli._inspect import inspect
from conveyorqc.cli._predict import predict
from conveyorqc.cli._qualify import qualify
from conveyorqc.cli._retrain import models, retrain
from conveyorqc.cli._simulate import simulate
from conveyorqc.cli._suggest import suggest
from conveyorqc.cli._track import track
from conveyorqc.cli._train import train
from conveyorqc.cli._tune import tune
from conveyorqc.errors import ConveyorQCError

__all__ = ["app", "main"]

_NAME = "conveyorqc"
_FAILED = 2
_NOBODY_READS = 1
_INTERRUPTED = 130

app = typer.Typer(
    name=_NAME,
    help="Visual quality control on conveyor lines.",
    epilog="Results go to standard output; progress, notes and errors to standard error. Errors end with exit code 2.",
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"{_NAME} {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None and not version:
        typer.echo(context.get_help())
        raise typer.Exit(_FAILED)


for _command in (
    demo,
    simulate,
    calibrate,
    tune,
    track,
    crops,
    train,
    predict,
    evaluate,
    qualify,
    inspect,
    suggest,
    retrain,
    models,
):
    app.command()(_command)
app.add_typer(dataset, name="dataset")


def main() -> None:
    """Run the command line. Errors are one readable line on standard error and exit code 2, never a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal or a pipe cannot show is spelled out, not an error
            stream.reconfigure(errors="backslashreplace")
    # Pictures of some hundred px are done before OpenCV's second thread is awake: half as much CPU again for nothing.
    os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
    logging.basicConfig(handlers=[_OwnNotes()])
    warnings.showwarning = _show_own_warning
    sys.exit(_exit_code())


def _exit_code() -> int:
    try:
        code = int(app(prog_name=_NAME, standalone_mode=False) or 0)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        return _nobody_reads()
    except typer.Abort:  # what older versions of typer make of Ctrl-C
        code = _INTERRUPTED
    except Exception as error:
        if os.environ.get("CONVEYORQC_DEBUG"):
            raise
        note(f"error: {_in_words(error)}", style="red")
        return _FAILED
    if code == _INTERRUPTED:  # what newer ones make of it
        note("interrupted", style="red")
    return code


def _in_words(error: Exception) -> str:
    notes = "".join(f" ({remark})" for remark in getattr(error, "__notes__", ()))
    if isinstance(error, ConveyorQCError):
        return f"{error}{notes}"
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}{notes}" if error.filename else f"{error}{notes}"
    usage = getattr(
        error, "format_message", None
    )  # click's errors, by their face: typer has a click of its own since 0.20
    if usage is not None:
        context = getattr(error, "ctx", None)
        return f"{str(usage()).rstrip('.')} (see {_NAME if context is None else context.command_path} --help)"
    return f"unexpected {type(error).__name__}: {error} (CONVEYORQC_DEBUG=1 shows where)"


def _nobody_reads() -> int:
    """``conveyorqc … | head`` has read enough. What Python still holds for it goes nowhere, without a complaint."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _NOBODY_READS


class _OwnNotes(logging.Handler):
    """Shows what conveyorqc has to say, and nothing of the libraries below it."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.partition(".")[0] == _NAME and record.levelno >= logging.WARNING:
            note(f"note: {record.getMessage()}")


def _show_own_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,  # noqa: ARG001 (warnings.showwarning has these)
    lineno: int,  # noqa: ARG001
    file: TextIO | None = None,  # noqa: ARG001
    line: str | None = None,  # noqa: ARG001
) -> None:
    if category.__module__.partition(".")[0] == _NAME:
        note(f"note: {message}")
