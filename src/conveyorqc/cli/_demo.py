"""``conveyorqc demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from conveyorqc.cli._console import console, counted, print_table

__all__ = ["demo"]


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for everything the demo writes.")] = Path(
        "conveyorqc-demo"
    ),
) -> None:
    """Reproduce the article: simulate a cookie line, learn from 36 s of it, inspect 30 s."""
    from conveyorqc.demo import run_demo

    result = run_demo(out, progress=counted)
    counts = result.test.counts
    rows = [
        [
            figure.name,
            "–" if figure.article is None else f"{figure.article:.2f}",
            "–" if figure.estimate.value is None else f"{figure.estimate.value:.3f}",
            f"{figure.estimate.low:.3f} to {figure.estimate.high:.3f}",
            str(figure.estimate.n),
        ]
        for figure in result.figures
    ]
    print_table("Test part", ["figure", "article", "here", "95 % interval", "n"], rows)
    console().print(
        f"train part: {result.train_counted} objects counted, {result.train_truth} simulated\n"
        f"test part: {counts.entered} counted, {result.test_truth} simulated: "
        f"{counts.passed} passed, {counts.rejected} rejected, {counts.unknown} unknown\n"
        f"see {out / 'report.html'} and {out / 'annotated.mp4'}"
    )
