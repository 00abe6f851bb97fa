"""The command line: parse, call the library, print. The only room that imports typer and rich."""

from conveyorqc.cli._app import app, main

__all__ = ["app", "main"]
