"""A model of the store, whose verdicts say which version they come from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from conveyorqc.core import ImageU8, Mask, Verdict

__all__ = ["Model", "VersionedModel"]


class Model(Protocol):
    """What the store keeps: an `AnomalyBackend` that can be saved; `conveyorqc.anomaly.LocalBackend` is one."""

    @property
    def fingerprint(self) -> str:
        """Of all that it was trained on."""
        ...

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:
        """One verdict per image."""
        ...

    def save(self, folder: Path, /) -> None:
        """Write it into ``folder``."""
        ...


class VersionedModel:
    """An `AnomalyBackend`: the ``model`` of each verdict is ``name/version:fingerprint``.

    Args:
        model: does the work.
        name: of the store.
        version: in the store.
    """

    def __init__(self, model: Model, /, *, name: str, version: int) -> None:
        self.model = model
        self.version = version
        self._label = f"{name}/{version}:{model.fingerprint[:8]}"

    @property
    def fingerprint(self) -> str:
        """Of all that the model was trained on."""
        return self.model.fingerprint

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture, as the model gives them.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each, roughly the object.

        Raises:
            InvalidInput: if a picture or a mask is not such an array.
        """
        return [replace(verdict, model=self._label) for verdict in self.model.inspect(images, masks=masks)]
