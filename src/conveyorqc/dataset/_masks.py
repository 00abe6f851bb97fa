"""Which pixels of a picture are marked: from another picture, or from polygons and run lengths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np

from conveyorqc.core import ImageU8, Mask
from conveyorqc.dataset._regions import Region
from conveyorqc.errors import DatasetError
from conveyorqc.imgproc import image_header, read_image

__all__ = ["LARGEST_PICTURE", "UNNAMED", "MarkedPixels", "MaskFile", "MaskRegions", "load_picture"]

UNNAMED = "anomaly"
"""The class of a defect that nobody named."""

LARGEST_PICTURE = 2**27
"""Pixels that a picture may have: decoded it takes 384 MiB. What claims to have more is not decoded."""


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
        return _union(self.by_class(width=width, height=height), (height, width))

    def by_class(self, *, width: int, height: int) -> dict[str, Mask]:
        """(height, width) bool of each class that marks a pixel; ``anomaly`` is the one without a name.

        Raises:
            ImageError: if the file cannot be read.
            DatasetError: if it has another size.
        """
        picture = load_picture(self.path)
        if picture.shape[:2] != (height, width):
            actual = f"{picture.shape[1]}x{picture.shape[0]}"
            raise DatasetError(f"{self.path}: expected a mask of {width}x{height} px, as its picture, got {actual}")
        if self.classes is None:
            return _marking({UNNAMED: np.asarray(picture.any(axis=2))})
        found: dict[str, Mask] = {}
        for code, name in self.classes.items():
            blue_green_red = [int(code[i : i + 2], 16) for i in (5, 3, 1)]
            marked = np.all(picture == np.array(blue_green_red, np.uint8), axis=2)
            found[name] = marked | found[name] if name in found else marked
        return _marking(found)


@dataclass(frozen=True, slots=True)
class MaskRegions:
    """Pixels that a file of annotations marks.

    Attributes:
        path: of the file.
        regions: what is marked, and as what.
    """

    path: Path
    regions: tuple[tuple[str, Region], ...]

    def load(self, *, width: int, height: int) -> Mask:
        """(height, width) bool, True on the marked pixels.

        Raises:
            DatasetError: if a region is one of a picture of another size.
        """
        return _union(self.by_class(width=width, height=height), (height, width))

    def by_class(self, *, width: int, height: int) -> dict[str, Mask]:
        """(height, width) bool of each class that marks a pixel.

        Raises:
            DatasetError: if a region is one of a picture of another size.
        """
        found: dict[str, Mask] = {}
        for name, region in self.regions:
            try:
                marked = region.pixels(width=width, height=height)
            except DatasetError as error:
                raise DatasetError(f"{self.path}: {error}") from error
            found[name] = marked | found[name] if name in found else marked
        return _marking(found)


MarkedPixels: TypeAlias = MaskFile | MaskRegions


def load_picture(path: Path, /) -> ImageU8:
    """(H, W, 3) uint8 BGR, if the header does not claim more pixels than anyone needs.

    Raises:
        ImageError: if the file is missing or no picture.
        DatasetError: if it is too large.
    """
    header = image_header(path)
    if header.width * header.height > LARGEST_PICTURE:
        raise DatasetError(f"{path}: expected at most {LARGEST_PICTURE} px, got {header.width}x{header.height}")
    return read_image(path)


def _union(masks: Mapping[str, Mask], shape: tuple[int, int]) -> Mask:
    marked = np.zeros(shape, np.bool_)
    for mask in masks.values():
        marked |= mask
    return marked


def _marking(masks: dict[str, Mask]) -> dict[str, Mask]:
    return {name: mask for name, mask in masks.items() if mask.any()}
