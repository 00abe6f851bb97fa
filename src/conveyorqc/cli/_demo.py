"""``conveyorqc demo``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import counted, print_line, print_table
from conveyorqc.cli._files import check_folder

if TYPE_CHECKING:
    from conveyorqc.demo import Figure

__all__ = ["demo"]


def demo(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for everything that the demo writes.")
    ] = Path("conveyorqc-demo"),
) -> None:
    """Reproduce the article: simulate a cookie line, learn from 36 s of it, inspect 30 s.

    Needs no account, no network and no data. Files of an earlier demo in the folder are replaced, others stay.
    """
    from conveyorqc.demo import run_demo

    check_folder(out)
    result = run_demo(out, progress=counted)
    columns = ["test part", "article", "here", "95 % interval", "n"]
    print_table("The article's figures beside these", columns, [_row(figure) for figure in result.figures])
    print_table(
        "Counted and simulated",
        ["part", "counted", "entered", "at least half in view"],
        [[part.name, str(part.counted), str(part.entered), str(part.half_in_view)] for part in result.parts],
    )
    counts = result.test.counts
    print_line(f"test part: {counts.passed} passed, {counts.rejected} rejected, {counts.unknown} unknown")
    print_line(f"see {out / 'report.html'} and {out / 'annotated.mp4'}")


def _row(figure: Figure) -> list[str]:
    estimate = figure.estimate
    return [
        figure.name,
        "" if figure.article is None else f"{figure.article:.2f}",
        "n/a" if estimate.value is None else f"{estimate.value:.3f}",
        f"{estimate.low:.3f} to {estimate.high:.3f}",
        str(estimate.n),
    ]
