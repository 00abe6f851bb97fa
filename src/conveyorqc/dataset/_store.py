"""A folder that a data set is written to: pictures copied byte for byte, masks painted, no name twice."""

from __future__ import annotations

import colorsys
import json
import shutil
from collections.abc import Iterable, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

from conveyorqc.core import ImageU8, Mask
from conveyorqc.dataset._labelled import LabelledImage
from conveyorqc.dataset._masks import UNNAMED
from conveyorqc.errors import DatasetError
from conveyorqc.imgproc import image_header, write_png

__all__ = ["Palette", "PictureStore", "class_masks", "object_pixels", "painted"]

_FIRST_COLORS = ("#23A436", "#14A3B3", "#F76902", "#9380FF")
"""Those with which the masks of Lookout for Vision begin."""

_GOLDEN_RATIO = 0.618034

_SUFFIXES = {
    "PNG": (".png",), "JPEG": (".jpg", ".jpeg"), "BMP": (".bmp",), "TIFF": (".tif", ".tiff"), "WebP": (".webp",)
}  # fmt: skip

_REFUSED = frozenset('<>:"/\\|?*')
"""Letters that not every system takes in the name of a file."""


class PictureStore:
    """Puts files below ``folder``; paths that it returns are relative to it, with ``/``.

    Raises:
        DatasetError: if the folder holds something already or cannot be made.
    """

    def __init__(self, folder: Path | str, /) -> None:
        self.folder = Path(folder)
        self._taken: set[str] = set()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            occupied = any(self.folder.iterdir())
        except (OSError, ValueError) as error:
            raise DatasetError(f"{folder}: cannot hold a data set: {getattr(error, 'strerror', error)}") from error
        if occupied:
            raise DatasetError(
                f"{folder}: expected a new or an empty folder to write a data set to, got one with files"
            )

    def add_picture(self, image: LabelledImage, into: str, /) -> str:
        """Copy the picture under its own name, or with a number where that is taken.

        Raises:
            ImageError: if it is no picture.
            DatasetError: if it cannot be copied.
        """
        kind = image_header(image.path).format
        suffix = image.path.suffix.lower()
        name = self._free(into, _fit(image.path.stem), suffix if suffix in _SUFFIXES[kind] else _SUFFIXES[kind][0])
        target = self._place_for(name)
        try:
            shutil.copyfile(image.path, target)
        except OSError as error:
            raise DatasetError(f"{target}: cannot be written: {error.strerror or error}") from error
        return name

    def add_mask(self, pixels: ImageU8, name: str, /) -> str:
        """Write (H, W, 3) uint8 BGR as the PNG file ``name``.

        Raises:
            ImageError: if it cannot be written.
            DatasetError: if its folder cannot be made.
        """
        write_png(self._place_for(name), pixels)
        return name

    def write_text(self, name: str, lines: Iterable[str], /) -> None:
        """Write lines of UTF-8.

        Raises:
            DatasetError: if the file cannot be written.
        """
        try:
            with (self.folder / name).open("w", encoding="utf-8", newline="\n") as file:
                file.writelines(f"{line}\n" for line in lines)
        except (OSError, UnicodeEncodeError) as error:
            raise DatasetError(f"{self.folder / name}: cannot be written: {error}") from error

    def write_json(self, name: str, data: Mapping[str, Any], /) -> None:
        """Write one JSON object."""
        self.write_text(name, [json.dumps(data, separators=(",", ":"), allow_nan=False)])

    def _free(self, into: str, stem: str, suffix: str) -> str:
        """A name of which no other file has even the stem: masks are found by it, and some systems ignore case."""
        stems = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        name = next(name for name in (f"{into}/{stem}" for stem in stems) if name.casefold() not in self._taken)
        self._taken.add(name.casefold())
        return name + suffix

    def _place_for(self, name: str) -> Path:
        """The path of the file ``name``, with its folder."""
        path = self.folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise DatasetError(f"{path.parent}: cannot be made: {error.strerror or error}") from error
        return path


class Palette:
    """A colour of its own, ``#RRGGBB``, for every class of defect; none is black or white."""

    def __init__(self) -> None:
        self._colors: dict[str, str] = {}

    def color(self, name: str, /) -> str:
        """The colour of the class ``name``, the same each time.

        >>> palette = Palette()
        >>> palette.color("crack"), palette.color("burn"), palette.color("crack")
        ('#23A436', '#14A3B3', '#23A436')
        """
        if name not in self._colors:
            taken = set(self._colors.values())
            self._colors[name] = next(code for code in map(_nth_color, count()) if code not in taken)
        return self._colors[name]


def _fit(stem: str) -> str:
    """``stem`` as any system takes it, and not hidden."""
    fit = "".join(letter if letter.isprintable() and letter not in _REFUSED else "_" for letter in stem)
    return fit.lstrip(".").rstrip(". ") or "picture"


def _nth_color(number: int) -> str:
    if number < len(_FIRST_COLORS):
        return _FIRST_COLORS[number]
    lightness = 0.35 + 0.3 * (number % 7) / 7
    rgb = colorsys.hls_to_rgb(number * _GOLDEN_RATIO % 1, lightness, 0.8)
    return "#" + "".join(f"{round(255 * part):02X}" for part in rgb)


def class_masks(image: LabelledImage, /) -> dict[str, Mask]:
    """(H, W) bool of each class of defect that marks a pixel of ``image``; one without a name has the picture's.

    Raises:
        ImageError: if the picture or its mask cannot be read.
        DatasetError: if they have not one size.
    """
    if image.defect_mask is None:
        return {}
    header = image_header(image.path)
    masks = image.defect_mask.by_class(width=header.width, height=header.height)
    if image.defect is not None and UNNAMED in masks:
        unnamed = masks.pop(UNNAMED)
        masks[image.defect] = unnamed | masks.get(image.defect, unnamed)
    return masks


def painted(masks: Mapping[str, Mask], colors: Mapping[str, str], /) -> ImageU8:
    """(H, W, 3) uint8 BGR: each class in its colour on black; where two overlap, the later one."""
    shape = next(iter(masks.values())).shape
    pixels = np.zeros((*shape, 3), np.uint8)
    for name, mask in masks.items():
        pixels[mask] = [int(colors[name][i : i + 2], 16) for i in (5, 3, 1)]
    return pixels


def object_pixels(image: LabelledImage, /) -> ImageU8 | None:
    """(H, W, 3) uint8, white on the object; None where it is not marked.

    Raises:
        ImageError: if the picture or its mask cannot be read.
        DatasetError: if they have not one size.
    """
    if image.object_mask is None:
        return None
    header = image_header(image.path)
    mask = image.object_mask.load(width=header.width, height=header.height)
    return painted({"object": mask}, {"object": "#FFFFFF"})
