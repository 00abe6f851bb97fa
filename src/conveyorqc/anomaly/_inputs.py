"""What every backend of this room is given: pictures and hints, checked before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from conveyorqc.core import ImageU8, Mask, as_image, as_mask
from conveyorqc.errors import InvalidInput

__all__ = ["checked_pair", "paired_masks"]

_Mask = TypeVar("_Mask")


def paired_masks(masks: Sequence[_Mask | None] | None, count: int, /, *, name: str = "masks") -> Sequence[_Mask | None]:
    """One mask or None for each of ``count`` pictures.

    Raises:
        InvalidInput: if their number differs; the text calls them by ``name``.
    """
    if masks is None:
        return [None] * count
    if len(masks) != count:
        raise InvalidInput(f"{name}: expected {count}, one per picture, got {len(masks)}")
    return masks


def checked_pair(image: ImageU8, mask: Mask | None, /, *, position: int) -> tuple[ImageU8, Mask | None]:
    """Read-only views of a picture and its mask.

    Raises:
        InvalidInput: if they are not (H, W, 3) uint8 and (H, W) bool; the text names the position.
    """
    checked = as_image(image, name=f"images[{position}]")
    if mask is None:
        return checked, None
    return checked, as_mask(mask, checked.shape[:2], name=f"masks[{position}]")
