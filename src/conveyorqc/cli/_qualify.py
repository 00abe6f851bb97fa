"""``conveyorqc qualify``."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import note, print_line, watched
from conveyorqc.cli._files import check_files
from conveyorqc.errors import DatasetError, InvalidInput

if TYPE_CHECKING:
    from conveyorqc.dataset import LabelledDataset
    from conveyorqc.evaluation import Qualification

__all__ = ["qualify"]

_NOT_QUALIFIED = 1
_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})
_NAMED = 20  # misses that are printed; the record names all


def qualify(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="Folder that train wrote.", show_default=False)],
    defects: Annotated[
        Path,
        typer.Argument(
            metavar="DEFECTS",
            help="Known defects: a folder of pictures, each of another object, or a data set, of which the anomalous.",
            show_default=False,
        ),
    ],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who answers for it.", show_default=False)],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", metavar="RECORD.json", help="The signed-off record; a new file.", show_default=False
        ),
    ],
    max_miss_rate: Annotated[float, typer.Option(help="Share of defects that may be passed.")] = 0.05,
    confidence: Annotated[float, typer.Option(help="How sure that must be.")] = 0.95,
    line: Annotated[
        Path | None,
        typer.Option("--line", metavar="LINE.yaml", help="Combine the views of an object as this line does."),
    ] = None,
) -> None:
    """Test a model on known defects, and sign off what that proves.

    Exit code 0 when the miss rate is proven to be low enough, 1 when it is not; the record is written in both cases.
    """
    from conveyorqc.anomaly import LocalBackend
    from conveyorqc.config import load_config
    from conveyorqc.evaluation import known_defects_of, sign_off
    from conveyorqc.evaluation import qualify as judge

    check_files(out, sources=[])
    if out.exists():
        raise InvalidInput(f"{out}: expected a new file, for records are never overwritten; it exists")
    policy = None if line is None else load_config(line).policy.build()
    backend, data = LocalBackend.load(model), _known(defects)
    found = watched(known_defects_of(data), "judging", total=int(data.anomalous.sum()), unit="pictures")
    result = judge(backend, found, max_miss_rate, confidence, policy=policy)
    record = sign_off(result, out, by=by, at=datetime.now().astimezone())
    for text in _in_words(result):
        print_line(text)
    note(f"record written to {out}, SHA-256 {record.sha256[:16]}…", style="")
    if not result.passed:
        raise typer.Exit(_NOT_QUALIFIED)


def _in_words(result: Qualification) -> list[str]:
    said, asked = "PASSED" if result.passed else "FAILED", f"{result.max_miss_rate:.4g} was asked for"
    proven = f"the miss rate is at most {result.bound:.4f} at {result.confidence:.4g} confidence"
    lines = [f"{said}: {len(result.misses)} of {result.n} known defects missed; {proven}, {asked}"]
    if result.misses:
        more = len(result.misses) - _NAMED
        lines.append("missed: " + ", ".join(result.misses[:_NAMED]) + (f" and {more} more" if more > 0 else ""))
    if result.more_needed:
        lines.append(f"{result.more_needed} more known defects are needed, none of them missed, to prove it")
    return lines


def _known(place: Path) -> LabelledDataset:
    """The known defects at ``place``; a plain folder of pictures holds nothing else."""
    from conveyorqc.dataset import LabelledDataset, LabelledImage, read_dataset

    files = sorted(place.iterdir()) if place.is_dir() else []
    pictures = [path for path in files if path.suffix.lower() in _SUFFIXES and not path.name.startswith(".")]
    if pictures and all(path.is_file() for path in files):
        return LabelledDataset(tuple(LabelledImage(path, path.name, "anomaly") for path in pictures), place)
    data = read_dataset(place)
    if not data.anomalous.any():
        raise DatasetError(f"{place}: expected known defects, got {len(data)} pictures of normal objects")
    return data
