"""``conveyorqc dataset``: convert, check and count labelled pictures."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from conveyorqc.cli._console import note, print_line, print_table, watched
from conveyorqc.cli._files import STDOUT, check_folder, write_json
from conveyorqc.errors import ConveyorQCError, DatasetError, ImageError, InvalidInput

if TYPE_CHECKING:
    from conveyorqc.dataset import BadLines, Finding, LabelledDataset, PictureFacts

__all__ = ["dataset"]

_FOUND = 1
_SHOWN_FILES = 4
_SHOWN_OF_A_KIND = 10

dataset = typer.Typer(help="Convert, check and count data sets of labelled pictures.", no_args_is_help=True)


class _Format(str, Enum):
    MANIFEST = "manifest"
    FOLDERS = "folders"
    MVTEC = "mvtec"
    COCO = "coco"
    CSV = "csv"


class _Names(str, Enum):
    SHARED = "shared"
    SEPARATE = "separate"


Source = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="Crops folder, folders by label, MVTec AD folders, Lookout for Vision *.manifest, *.csv or COCO *.json.",
        show_default=False,
    ),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="PREFIX=FOLDER",
        help="Where copies of remote pictures are: s3://bucket/train/=images, from the folder of the data set; again "
        "for more.",
        show_default=False,
    ),
]
Root = Annotated[
    Path | None,
    typer.Option("--root", help="Folder that no picture may lie outside of; by default that of the data set."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


@dataset.command()
def convert(
    source: Source,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="New folder.", show_default=False)],
    to: Annotated[_Format, typer.Option("--to", help="What to write.")],
    test_fraction: Annotated[
        float | None,
        typer.Option(help="Put this share of the objects of each label into the test part.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the split.")] = 0,
    prefix: Annotated[str, typer.Option(help="Of the references in a manifest, such as s3://bucket/cookies/.")] = "",
    mapped: Map = None,
    root: Root = None,
) -> None:
    """Write a data set in another format, its pictures copied as they are.

    All or nothing: what cannot be read leaves no folder behind.
    """
    from conveyorqc.dataset import write_dataset, write_manifest

    if prefix and to is not _Format.MANIFEST:
        raise InvalidInput(f"prefix: expected one with --to manifest only, got {prefix!r} with --to {to.value}")
    check_folder(out)
    data = _read(source, mapped, root)
    if test_fraction is not None:
        data = _split(data, test_fraction, seed)
    with _gone_on_failure(out):
        images = watched(data, "writing", total=len(data), unit="pictures")
        if to is _Format.MANIFEST:
            count = write_manifest(images, out, prefix=prefix)
        else:
            count = write_dataset(images, out, to=to.value)
    print_line(f"{out}: {count} pictures as {to.value}")


@dataset.command()
def stats(source: Source, mapped: Map = None, root: Root = None, json_out: AsJson = False) -> None:
    """Count pictures, objects, defects, sizes and what masks cover."""
    from conveyorqc.dataset import dataset_stats

    data = _read(source, mapped, root)
    found = dataset_stats(watched(data, "counting", total=len(data), unit="pictures"))
    if json_out:
        write_json(found.data(), STDOUT)
        return
    labels = [[label, str(found.pictures[label]), str(found.objects[label])] for label in found.pictures]
    print_table("Labels", ["label", "pictures", "objects"], labels)
    if found.defects:
        rows = [
            [name, str(one.pictures), str(one.marked), "" if one.mean_share is None else f"{one.mean_share:.2%}"]
            for name, one in found.defects.items()
        ]
        print_table("Defects", ["class", "pictures", "with mask", "of the picture"], rows)
    for title, counts in (("parts", found.parts), ("sizes", found.sizes), ("formats", found.formats)):
        print_line(f"{title}: " + ", ".join(f"{name} ({count})" for name, count in counts.items()))


@dataset.command()
def check(
    source: Source,
    test: Annotated[
        Path | None,
        typer.Option("--test", metavar="DATASET", help="A second data set, for tests; the first is to train on."),
    ] = None,
    objects: Annotated[
        _Names,
        typer.Option(help="Whether an id means one object in both data sets; of two clips it means separate ones."),
    ] = _Names.SHARED,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings count as errors.")] = False,
    mapped: Map = None,
    root: Root = None,
    json_out: AsJson = False,
) -> None:
    """Find what makes figures of a model doubtful, before one is trained.

    Objects on both sides of a split, copies, conflicting labels, too few or mixed pictures, and backgrounds that tell
    the label. Exit code 1 when there are errors.
    """
    from conveyorqc.dataset import BadLines

    bad = BadLines()
    data = _read(source, mapped, root, bad=bad)
    if test is not None:
        data = _joined(data, _read(test, mapped, root, bad=bad), objects)
    found = [*_unreadable(bad.errors), *_findings(data)]
    errors = sum(finding.severity == "error" for finding in found)
    if json_out:
        counts = {"pictures": len(data), "errors": errors, "warnings": len(found) - errors}
        write_json({**counts, "findings": [asdict(finding) for finding in found]}, STDOUT)
    else:
        _print(found, count=len(data))
    if errors or (strict and found):
        raise typer.Exit(_FOUND)


def _read(source: Path, mapped: list[str] | None, root: Path | None, *, bad: BadLines | None = None) -> LabelledDataset:
    from conveyorqc.dataset import read_dataset

    return read_dataset(source, root=root, prefixes=dict(_mapping(text) for text in mapped or []), bad=bad)


def _mapping(text: str) -> tuple[str, Path]:
    prefix, equals, folder = text.rpartition("=")
    if not (prefix and equals and folder):
        raise InvalidInput(f"map: expected PREFIX=FOLDER, got {text!r}")
    return prefix, Path(folder)


def _split(data: LabelledDataset, test_fraction: float, seed: int) -> LabelledDataset:
    import numpy as np

    from conveyorqc.dataset import split_by_object

    train, test = split_by_object(data, test_fraction=test_fraction, rng=np.random.default_rng(seed))
    return train.as_part("train").joined(test.as_part("test"))


def _joined(train: LabelledDataset, test: LabelledDataset, objects: _Names) -> LabelledDataset:
    if objects is _Names.SEPARATE:
        test = test.renamed(lambda object_id: f"test: {object_id}")
    return train.as_part("train").joined(test.as_part("test"))


@contextmanager
def _gone_on_failure(folder: Path) -> Iterator[None]:
    """What is begun and not finished is removed; what was there before is not ours."""
    ours = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    try:
        yield
    except BaseException:
        if ours:
            shutil.rmtree(folder, ignore_errors=True)
        raise


def _findings(data: LabelledDataset) -> list[Finding]:
    from conveyorqc.dataset import check_pictures, look_at

    facts: list[PictureFacts] = []
    broken: list[ConveyorQCError] = []
    for image in watched(data, "looking", total=len(data), unit="pictures"):
        try:
            facts.append(look_at(image))
        except (ImageError, DatasetError) as error:
            broken.append(error)
    found = [*_unreadable(broken), *check_pictures(facts), *_leak(facts)]
    return sorted(found, key=lambda finding: finding.severity)


def _unreadable(errors: list[ConveyorQCError] | tuple[DatasetError, ...]) -> list[Finding]:
    from conveyorqc.dataset import Finding

    return [Finding("unreadable", "error", str(error)) for error in errors]


def _leak(facts: list[PictureFacts]) -> list[Finding]:
    import numpy as np

    from conveyorqc.dataset import background_scores, leak_findings
    from conveyorqc.errors import NotEnoughData
    from conveyorqc.metrics import auroc

    if not facts:
        return []
    try:
        anomalous, scores = background_scores(
            np.stack([one.surroundings for one in facts]),
            [one.image.is_anomalous for one in facts],
            [one.image.object_id for one in facts],
            rng=np.random.default_rng(0),
        )
    except NotEnoughData:
        return []
    figure = auroc(anomalous, scores)
    return leak_findings(figure.value, figure.low, [str(one.image.path) for one in facts])


def _print(found: list[Finding], *, count: int) -> None:
    kinds = Counter[str]()
    for finding in found:
        kinds[finding.kind] += 1
        if kinds[finding.kind] > _SHOWN_OF_A_KIND:
            continue
        shown = ", ".join(finding.files[:_SHOWN_FILES])
        more = len(finding.files) - _SHOWN_FILES
        files = f": {shown}" + (f" and {more} more" if more > 0 else "") if shown else ""
        print_line(f"{finding.severity}: {finding.kind}: {finding.text}{files}")
    for kind, number in kinds.items():
        if number > _SHOWN_OF_A_KIND:
            print_line(f"and {number - _SHOWN_OF_A_KIND} more of the kind {kind}; --json gives all")
    errors = sum(finding.severity == "error" for finding in found)
    print_line(f"{count} pictures: {errors} errors, {len(found) - errors} warnings")
    if not found:
        note("nothing found that speaks against training on them", style="")
