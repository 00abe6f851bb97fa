"""``conveyorqc retrain`` and ``conveyorqc models``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import counted, print_line, print_table
from conveyorqc.cli._files import STDOUT, check_folder, write_json
from conveyorqc.errors import InvalidInput

if TYPE_CHECKING:
    from conveyorqc.learning import Comparison, ModelStore

__all__ = ["models", "retrain"]

Store = Annotated[Path, typer.Argument(metavar="STORE", help="Folder of model versions.", show_default=False)]


def retrain(
    store: Store,
    datasets: Annotated[
        list[Path],
        typer.Argument(metavar="DATASET…", help="What to train on, old and newly labelled.", show_default=False),
    ],
    frozen: Annotated[
        Path,
        typer.Option("--frozen", metavar="DATASET", help="What to compare on; always the same.", show_default=False),
    ],
    miss_margin: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the anomalous objects that may be missed in addition.")
    ] = 0.0,
    new_frozen: Annotated[
        bool, typer.Option("--new-frozen", help="Accept another frozen set than the current model was compared on.")
    ] = False,
    seed: Annotated[int, typer.Option(min=0, help="Of the training and of the bootstrap.")] = 0,
    json_out: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train a candidate, compare it with the current model, and promote it only if it is not worse.

    The candidate is kept as a version either way. The first model of a store is promoted.
    """
    from conveyorqc.dataset import read_dataset
    from conveyorqc.learning import ModelStore
    from conveyorqc.learning import retrain as train_and_compare

    check_folder(store)
    with counted("training and comparing", total=None):
        result = train_and_compare(
            ModelStore(store),
            [read_dataset(path) for path in datasets],
            read_dataset(frozen),
            miss_margin=miss_margin,
            renewed="accept" if new_frozen else "refuse",
            seed=seed,
        )
    if json_out:
        write_json(result.to_dict(), STDOUT)
        return
    if result.comparison is not None:
        _print_comparison(result.comparison)
    print_line(f"version {result.version} {'promoted' if result.promoted else 'kept, not promoted'}: {result.reason}")


def models(
    store: Store,
    promote: Annotated[int | None, typer.Option("--promote", metavar="V", help="Make this version current.")] = None,
    rollback: Annotated[bool, typer.Option("--rollback", help="Go back to what was current before.")] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="For the audit.")] = "",
    json_out: Annotated[bool, typer.Option("--json", help="Print versions and history as JSON.")] = False,
) -> None:
    """Show the versions of a store and every promotion, or change which one is current."""
    from conveyorqc.learning import ModelStore

    if not store.is_dir():
        raise InvalidInput(f"{store}: expected the folder of a store, got none")
    if rollback and promote is not None:
        raise InvalidInput("--promote, --rollback: expected one of them, got both")
    kept = ModelStore(store)
    if promote is not None:
        kept.promote(promote, reason=reason)
    if rollback:
        kept.rollback(reason=reason)
    if json_out:
        history = [one.to_dict() for one in kept.history()]
        write_json({"current": kept.current_version, "versions": list(kept.versions), "history": history}, STDOUT)
        return
    _print_history(kept)


def _print_history(store: ModelStore) -> None:
    rows = [
        [one.at.isoformat(timespec="seconds"), one.action, str(one.version), str(one.previous or ""), one.reason]
        for one in store.history()
    ]
    print_table("Promotions", ["at", "action", "version", "before", "reason"], rows)
    versions = ", ".join(map(str, store.versions)) or "none"
    print_line(f"current: version {store.current_version}; kept: {versions}")


def _print_comparison(found: Comparison) -> None:
    rows = [
        ["objects decided rightly by it alone", str(found.only_current), str(found.only_candidate)],
        [f"misses of {found.anomalous}", *map(str, found.misses)],
        [f"false rejects of {found.objects - found.anomalous}", *map(str, found.false_rejects)],
        *([name, *(_figure(value) for value in pair)] for name, pair in (("AUROC", found.auroc), ("F1", found.f1))),
    ]
    print_table("On the frozen set, per object", ["figure", "current", "candidate"], rows)
    low, high = found.auroc_difference
    print_line(f"McNemar p {found.p_value:.3f}; AUROC changes by {low:+.3f} to {high:+.3f} (95 %, paired bootstrap)")


def _figure(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.3f}"
