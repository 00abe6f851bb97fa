"""A `LocalBackend` as named arrays and a card, and back, every piece of the shape that the others ask for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._archive import read_archive, write_archive
from conveyorqc.anomaly._backbone import Backbone
from conveyorqc.anomaly._gaussian import Gaussian
from conveyorqc.anomaly._kernel import KernelMachine
from conveyorqc.anomaly._lesson import LABELS
from conveyorqc.anomaly._model import EXPERTS, Head, Model
from conveyorqc.anomaly._patch import PatchBank
from conveyorqc.anomaly._pixels import PixelHead
from conveyorqc.anomaly._position import GRID, POSES, Alignment, Positions
from conveyorqc.anomaly._recipe import FRAMINGS, GROUPS, RECIPE_NAME, RECIPE_VERSION, Recipe
from conveyorqc.anomaly._report import MODES, TrainingReport
from conveyorqc.errors import CorruptModel, ModelError, ModelVersionError

__all__ = ["Stored", "load_model", "save_model"]

_FORMAT, _VERSION = "conveyorqc-local-model", 2
_Choice = TypeVar("_Choice", bound=str)


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """All of a `LocalBackend`."""

    recipe: Recipe
    model: Model
    pixels: PixelHead | None
    class_names: tuple[str, ...]
    report: TrainingReport
    fingerprint: str

    def named(self, fingerprint: str, /) -> Stored:
        """The same with another fingerprint."""
        return replace(self, fingerprint=fingerprint)


def save_model(folder: Path, stored: Stored, /) -> None:
    """Write it.

    Raises:
        ModelError: if it cannot be written.
    """
    model, report = stored.model, stored.report
    card = {
        "format": _FORMAT,
        "version": _VERSION,
        "recipe": {"name": RECIPE_NAME, "version": RECIPE_VERSION},
        "backbone": stored.recipe.backbone.name,
        "framing": stored.recipe.framing,
        "fingerprint": stored.fingerprint,
        "head": model.head,
        "threshold": model.threshold,
        "classes": list(LABELS),
        "class_names": list(stored.class_names),
        "pose": model.alignment.pose,
        "side": model.alignment.side,
        "mode": report.mode,
        "made_up": report.made_up,
        "object_ids": list(report.object_ids),
    }
    write_archive(folder, card, _to_arrays(stored))


def load_model(folder: Path, backbone: Backbone, /) -> Stored:
    """Read it.

    Raises:
        ModelNotFound: if a file is missing.
        CorruptModel: if one fails a check.
        ModelVersionError: if a newer version wrote them, or measured pictures in another way.
        ModelError: if it needs another backbone.
    """
    card, arrays = read_archive(folder, kind=_FORMAT, version=_VERSION)
    recipe = card.get("recipe")
    if recipe != {"name": RECIPE_NAME, "version": RECIPE_VERSION}:
        raise ModelVersionError(
            f"{folder}: expected recipe {RECIPE_NAME} {RECIPE_VERSION}, got {recipe}: train it again"
        )
    if card.get("backbone") != backbone.name:
        raise ModelError(f"{folder}: expected the backbone {card.get('backbone')!r}, got {backbone.name!r}")
    try:
        return _Reader(card, arrays).stored(backbone)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise CorruptModel(f"{folder}: expected a model of {RECIPE_NAME}, got {error!r}") from error


def _to_arrays(stored: Stored) -> dict[str, NDArray[Any]]:
    model, machine, report = stored.model, stored.model.machine, stored.report
    arrays: dict[str, NDArray[Any]] = {
        "usual": model.usual,
        "scatter": model.scatter,
        "coefficients": model.coefficients,
        "machine_mean": machine.mean,
        "machine_spread": machine.spread,
        "machine_vectors": machine.vectors,
        "machine_weights": machine.weights,
        "machine_offset": machine.offset,
        "bank_mean": model.bank.mean,
        "bank_whitening": model.bank.whitening,
        "bank_vectors": model.bank.vectors,
        "template": model.alignment.template,
        "position_whitening": model.positions.whitening,
        "position_mean": model.positions.mean,
        "position_precision": model.positions.precision,
        "report_scores": report.scores,
        "report_is_anomalous": report.is_anomalous.astype(np.float64),
    }
    for name, expert in model.gaussians.items():
        arrays |= {f"{name}_mean": expert.mean, f"{name}_spread": expert.spread, f"{name}_precision": expert.precision}
    if stored.pixels is not None:
        pixels = stored.pixels
        arrays |= {
            "pixel_mean": pixels.mean,
            "pixel_spread": pixels.spread,
            "pixel_inner": pixels.inner,
            "pixel_outer": pixels.outer,
        }
    return arrays


class _Reader:
    """Takes a model from a card and arrays, nothing of which is believed."""

    def __init__(self, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], /) -> None:
        self._card = card
        self._arrays = arrays

    def stored(self, backbone: Backbone) -> Stored:
        names = tuple(map(str, self._card["class_names"]))
        depth = len(self._arrays["position_whitening"])
        model = self._model(depth)
        return Stored(
            Recipe(self._choice("framing", FRAMINGS), backbone),
            model,
            self._pixels(2 * depth, len(names)) if names else None,
            names,
            self._report(model),
            str(self._card["fingerprint"]),
        )

    def _model(self, depth: int) -> Model:
        width, vectors = sum(GROUPS.values()), len(self._arrays["machine_weights"])
        head, threshold = self._choice("head", get_args(Head)), float(self._card["threshold"])
        if not 0 <= threshold <= 1:
            raise CorruptModel(f"threshold: expected 0-1, got {threshold}")
        return Model(
            head=head,
            gaussians={
                name: Gaussian(
                    self._take(f"{name}_mean", size),
                    self._take(f"{name}_spread", size),
                    self._take(f"{name}_precision", size, size),
                )
                for name, size in GROUPS.items()
            },
            bank=self._bank(2 * depth),
            alignment=self._alignment(),
            positions=Positions(
                self._take("position_whitening", depth, depth),
                self._take("position_mean", GRID, GRID, depth),
                self._take("position_precision", GRID, GRID, depth),
            ),
            usual=self._take("usual", len(EXPERTS)),
            scatter=self._take("scatter", len(EXPERTS)),
            machine=KernelMachine(
                self._take("machine_mean", width),
                self._take("machine_spread", width),
                self._take("machine_vectors", vectors, width),
                self._take("machine_weights", vectors),
                self._take("machine_offset", 1),
            ),
            coefficients=self._take("coefficients", len(EXPERTS) + (2 if head == "full" else 1)),
            threshold=threshold,
        )

    def _bank(self, depth: int) -> PatchBank:
        count = len(self._arrays["bank_vectors"])
        if not count:
            raise CorruptModel("bank_vectors: expected one or more, got none")
        return PatchBank(
            self._take("bank_mean", depth),
            self._take("bank_whitening", depth, depth),
            self._take("bank_vectors", count, depth),
            np.zeros(count, np.int64),
        )

    def _alignment(self) -> Alignment:
        side, size = float(self._card["side"]), len(self._arrays["template"])
        if not 0 < side < 100:
            raise CorruptModel(f"side: expected a share of the picture, got {side}")
        return Alignment(self._choice("pose", POSES), side, self._take("template", size, size))

    def _pixels(self, depth: int, classes: int) -> PixelHead:
        hidden = self._arrays["pixel_inner"].shape[1]
        return PixelHead(
            self._take("pixel_mean", depth),
            self._take("pixel_spread", depth),
            self._take("pixel_inner", depth + 1, hidden),
            self._take("pixel_outer", hidden + 1, classes),
        )

    def _report(self, model: Model) -> TrainingReport:
        ids = tuple(self._card["object_ids"])
        return TrainingReport(
            self._take("report_scores", len(ids)),
            self._take("report_is_anomalous", len(ids)) != 0,
            ids,
            self._choice("mode", MODES),
            model.head,
            model.threshold,
            int(self._card["made_up"]),
        )

    def _take(self, name: str, *shape: int) -> NDArray[Any]:
        if self._arrays[name].shape != shape:
            raise CorruptModel(f"{name}: expected shape {shape}, got {self._arrays[name].shape}")
        return self._arrays[name]

    def _choice(self, name: str, known: Sequence[_Choice]) -> _Choice:
        if self._card[name] not in known:
            raise CorruptModel(f"{name}: expected one of {tuple(known)}, got {self._card[name]!r}")
        return known[list(known).index(self._card[name])]
