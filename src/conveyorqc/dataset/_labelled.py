"""Labelled pictures of objects: light records that know their files, and read them one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.dataset._masks import MarkedPixels, load_picture
from conveyorqc.errors import InvalidInput

__all__ = ["LABELS", "SPLITS", "Label", "LabelledDataset", "LabelledImage", "LoadedImage", "Split"]

Label: TypeAlias = Literal["normal", "anomaly"]
"""What an object is."""

LABELS: tuple[Label, ...] = ("normal", "anomaly")

Split: TypeAlias = Literal["train", "test"]
"""What a picture is for."""

SPLITS: tuple[Split, ...] = ("train", "test")


class LoadedImage(NamedTuple):
    """A picture in memory: ``image`` (H, W, 3) uint8 BGR; masks (H, W) bool or None."""

    image: ImageU8
    object_mask: Mask | None
    defect_mask: Mask | None


@dataclass(frozen=True, slots=True)
class LabelledImage:
    """One picture of one object.

    Attributes:
        path: of the picture.
        object_id: whose picture it is, unique in its data set; pictures of the same object share it.
        label: what the object is.
        object_mask: marks the object, or None.
        defect_mask: marks the defect of an anomalous object, or None.
        defect: what is wrong with an anomalous object, in one word, where the data set says it of the whole picture.
        split: the part that the data set puts it in, or None.

    Raises:
        InvalidInput: if ``label`` or ``split`` is none of the words above, a normal object has a ``defect``, or
            ``object_id`` or ``defect`` is no text that can be printed.
    """

    path: Path
    object_id: str
    label: Label
    object_mask: MarkedPixels | None = None
    defect_mask: MarkedPixels | None = None
    defect: str | None = None
    split: Split | None = None

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise InvalidInput(f"label: expected {' or '.join(LABELS)}, got {self.label!r}")
        if self.split not in (None, *SPLITS):
            raise InvalidInput(f"split: expected {' or '.join(SPLITS)} or None, got {self.split!r}")
        if self.defect is not None and self.label == "normal":
            raise InvalidInput(f"defect: expected none of a normal object, got {self.defect!r}")
        for name, word in (("object_id", self.object_id), ("defect", self.defect)):
            if word is not None and not (word and word.isprintable()):
                raise InvalidInput(f"{name}: expected text that can be printed, got {word!r:.80}")

    @property
    def is_anomalous(self) -> bool:
        """Whether the label is ``anomaly``."""
        return self.label == "anomaly"

    def load(self) -> LoadedImage:
        """Read the picture and its masks.

        Raises:
            ImageError: if a file is missing or no picture.
            DatasetError: if a mask has another size than the picture, or the picture more than 2**27 px.
        """
        image = load_picture(self.path)
        height, width = image.shape[:2]
        masks = (self.object_mask, self.defect_mask)
        return LoadedImage(image, *(None if m is None else m.load(width=width, height=height) for m in masks))


@dataclass(frozen=True, slots=True)
class LabelledDataset:
    """Labelled pictures in a fixed order; the pictures themselves stay in their files.

    Attributes:
        images: the records.
        source: the folder or file that they come from.
    """

    images: tuple[LabelledImage, ...]
    source: Path

    def __len__(self) -> int:
        return len(self.images)

    def __iter__(self) -> Iterator[LabelledImage]:
        return iter(self.images)

    def __getitem__(self, row: int, /) -> LabelledImage:
        return self.images[row]

    @property
    def anomalous(self) -> NDArray[np.bool_]:
        """(N,) bool, True where the label is ``anomaly``."""
        return np.array([image.is_anomalous for image in self.images], dtype=np.bool_)

    @property
    def object_ids(self) -> tuple[str, ...]:
        """Whose picture each one is."""
        return tuple(image.object_id for image in self.images)

    def rows(self, rows: Iterable[int], /) -> LabelledDataset:
        """The data set of these rows, in the order given."""
        return LabelledDataset(tuple(self.images[row] for row in rows), self.source)

    def part(self, split: Split, /) -> LabelledDataset:
        """The pictures that the data set puts in this part."""
        return LabelledDataset(tuple(image for image in self.images if image.split == split), self.source)

    def as_part(self, split: Split, /) -> LabelledDataset:
        """The same pictures, all of them in this part."""
        return LabelledDataset(tuple(replace(image, split=split) for image in self.images), self.source)

    def joined(self, other: LabelledDataset, /) -> LabelledDataset:
        """These pictures and those of ``other``."""
        return LabelledDataset((*self.images, *other.images), self.source)

    def renamed(self, name: Callable[[str], str], /) -> LabelledDataset:
        """The same pictures with other object ids: ``name`` of what they are."""
        return LabelledDataset(tuple(replace(image, object_id=name(image.object_id)) for image in self), self.source)

    def load_images(self) -> Iterator[LoadedImage]:
        """Read one picture after another; only one is in memory unless the caller keeps them."""
        return (image.load() for image in self.images)
