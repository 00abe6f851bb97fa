"""``conveyorqc predict``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conveyorqc.cli._console import counted, print_table
from conveyorqc.cli._files import STDOUT, check_files, write_json_lines
from conveyorqc.errors import ImageError

if TYPE_CHECKING:
    from conveyorqc.core import Verdict

__all__ = ["predict"]

_BATCH = 8  # pictures in memory at a time


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that train wrote.", show_default=False)],
    images: Annotated[
        list[str], typer.Argument(metavar="IMAGE…", help="Pictures of single objects.", show_default=False)
    ],
    json_out: Annotated[
        Path | None,
        typer.Option(
            "--json", metavar="OUT.jsonl", help="Write one JSON object per picture to this file; - prints them."
        ),
    ] = None,
) -> None:
    """Judge pictures of single objects.

    All or nothing: if one cannot be read, nothing is written.
    """
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.imgproc import read_image

    check_files(json_out, sources=map(Path, images))
    missing = [file for file in images if not Path(file).exists()]
    if missing:
        raise ImageError(f"{missing[0]}: expected a picture, got no such file")
    backend = LocalBackend.load(model)
    verdicts: list[Verdict] = []
    with counted("judging", total=len(images), unit="pictures") as advance:
        for batch in _batches(images):
            verdicts += backend.inspect([read_image(file) for file in batch])
            for _ in batch:
                advance()
    rows = [_row(file, verdict) for file, verdict in zip(images, verdicts, strict=True)]
    write_json_lines(rows, json_out)
    if json_out == STDOUT:
        return
    table = [[row["file"], "anomaly" if row["is_anomalous"] else "normal", f"{row['confidence']:.3f}"] for row in rows]
    print_table("Verdicts", ["file", "label", "confidence"], table)


def _batches(files: Sequence[str]) -> Iterator[Sequence[str]]:
    return (files[start : start + _BATCH] for start in range(0, len(files), _BATCH))


def _row(file: str, verdict: Verdict) -> dict[str, Any]:
    return {
        "file": file,
        "is_anomalous": verdict.is_anomalous,
        "confidence": verdict.confidence,
        "score": verdict.score,
    }
