"""What is measured on a picture: the one place that says which numbers a model sees."""

from __future__ import annotations

from types import MappingProxyType

import numpy as np

from conveyorqc.core import FloatArray, ImageU8, Mask
from conveyorqc.imgproc import foreground_mask, object_view, outline_features, relief_features, surface_features

__all__ = ["GROUPS", "RECIPE_NAME", "RECIPE_VERSION", "describe", "group_slices"]

RECIPE_NAME = "outline-surface-relief"
RECIPE_VERSION = 1
"""Goes up whenever the same picture gives other numbers: models of another version cannot be used."""

GROUPS = MappingProxyType({"outline": 57, "surface": 60, "relief": 17})
"""Groups of numbers, in the order in which `describe` gives them, and how many there are in each."""


def describe(image: ImageU8, mask: Mask | None, /) -> FloatArray:
    """(134,) finite numbers that describe the object in a picture, whatever its place and the way it lies.

    Args:
        image: (H, W, 3) uint8 BGR.
        mask: (H, W) bool, roughly the object, or None; see `foreground_mask`.
    """
    found = foreground_mask(image, hint=mask)
    view, own = object_view(image, found)
    outline = {**outline_features(own), "size": float(np.log(found.mean()))}
    numbers = [*outline.values(), *surface_features(view, own).values(), *relief_features(view, own).values()]
    return np.array(numbers, dtype=np.float64)


def group_slices() -> dict[str, slice]:
    """Where each group lies in what `describe` gives."""
    ends = np.cumsum(list(GROUPS.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(GROUPS.items(), ends, strict=True)}
