"""The folder that the demo writes into: what an earlier run left is removed, what belongs to others is not touched."""

from __future__ import annotations

from pathlib import Path

from conveyorqc.errors import InvalidInput

__all__ = ["prepare"]

_MARK = ".conveyorqc-demo"
_OURS = (
    *("train.mp4", "train.gt.json", "test.mp4", "test.gt.json", "line.yaml", "line.belt.png"),
    *("crops/crops.jsonl", "crops/labels.csv", "crops/images/*.png", "crops/masks/*.png"),
    *("model/model.json", "model/model.npz", "annotated.mp4", "events.db", "events.db-*"),
    *("report.html", "figures.json"),
)


def prepare(folder: Path) -> None:
    """Make ``folder``, or remove the files of an earlier demo from it, so that no result outlives its run.

    Raises:
        InvalidInput: if it holds files of these names that no demo wrote.
        OSError: if it cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    mark = folder / _MARK
    found = [path for pattern in _OURS for path in sorted(folder.glob(pattern))]
    if found and not mark.is_file():
        raise InvalidInput(f"{folder}: expected a folder for the demo alone, but it holds {found[0].name} of yours")
    mark.write_text("Files of `conveyorqc demo`; the next run into this folder replaces them.\n", encoding="utf-8")
    for path in found:
        path.unlink()
