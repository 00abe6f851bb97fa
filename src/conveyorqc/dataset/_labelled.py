"""Labelled pictures of objects: light records that know their files, and read them one at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.errors import DatasetError, InvalidInput
from conveyorqc.imgproc import read_image

__all__ = ["LABELS", "Label", "LabelledDataset", "LabelledImage", "LoadedImage", "MaskFile"]

Label: TypeAlias = Literal["normal", "anomaly"]
"""What an object is."""

LABELS: tuple[Label, ...] = ("normal", "anomaly")


@dataclass(frozen=True, slots=True)
class MaskFile:
    """A picture of which some pixels are marked.

    Attributes:
        path: of the picture.
        classes: name of each colour that counts, by ``#RRGGBB`` in upper case; every other colour is background.
            None: everything that is not black counts.
    """

    path: Path
    classes: Mapping[str, str] | None = None

    def load(self, *, width: int, height: int) -> Mask:
        """(height, width) bool, True on the marked pixels.

        Raises:
            ImageError: if the file cannot be read.
            DatasetError: if it has another size.
        """
        picture = read_image(self.path)
        if picture.shape[:2] != (height, width):
            actual = f"{picture.shape[1]}x{picture.shape[0]}"
            raise DatasetError(f"{self.path}: expected a mask of {width}x{height} px, as its picture, got {actual}")
        if self.classes is None:
            return np.asarray(picture.any(axis=2))
        marked = np.zeros((height, width), np.bool_)
        for code in self.classes:
            blue_green_red = [int(code[i : i + 2], 16) for i in (5, 3, 1)]
            marked |= np.all(picture == np.array(blue_green_red, np.uint8), axis=2)
        return marked


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
    """

    path: Path
    object_id: str
    label: Label
    object_mask: MaskFile | None = None
    defect_mask: MaskFile | None = None

    def __post_init__(self) -> None:
        if self.label not in LABELS:
            raise InvalidInput(f"label: expected {' or '.join(LABELS)}, got {self.label!r}")

    @property
    def is_anomalous(self) -> bool:
        """Whether the label is ``anomaly``."""
        return self.label == "anomaly"

    def load(self) -> LoadedImage:
        """Read the picture and its masks.

        Raises:
            ImageError: if a file is missing or no picture.
            DatasetError: if a mask has another size than the picture.
        """
        image = read_image(self.path)
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

    def load_images(self) -> Iterator[LoadedImage]:
        """Read one picture after another; only one is in memory unless the caller keeps them."""
        return (image.load() for image in self.images)
