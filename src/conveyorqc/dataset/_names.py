"""Whose picture a file is, when nothing but its name can tell."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

__all__ = ["object_of"]

_CROP_NAME = re.compile(r"(\d{6,})_(\d{6,})")


def object_of(reference: str, /) -> str:
    """The object id of a picture: its path without the suffix.

    Pictures named as `CropWriter` names them (``OBJECT_FRAME``) keep their object wherever they were moved or sorted
    to, so that views of one object stay on one side of a split.

    >>> object_of("anomaly/cracked-7.jpg"), object_of("anomaly/000012_000345.png")
    ('anomaly/cracked-7', '12')
    """
    path = PurePosixPath(reference)
    crop = _CROP_NAME.fullmatch(path.stem)
    name = str(int(crop[1])) if crop else str(path.with_suffix(""))
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)
