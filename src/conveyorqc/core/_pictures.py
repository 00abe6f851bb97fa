"""What every backend is given: pictures and hints, checked before anything is computed or sent."""

from __future__ import annotations

from collections.abc import Sequence

from conveyorqc.core._arrays import as_image, as_mask
from conveyorqc.core._types import ImageU8, Mask
from conveyorqc.errors import InvalidInput

__all__ = ["as_pictures"]


def as_pictures(images: Sequence[ImageU8], masks: Sequence[Mask | None] | None, /) -> list[tuple[ImageU8, Mask | None]]:
    """Each picture with its mask or None, as read-only views.

    Raises:
        InvalidInput: if there is not one mask or None per picture, or they are not (H, W, 3) uint8 and (H, W) bool;
            the text names the position.

    >>> import numpy as np
    >>> [(picture, mask)] = as_pictures([np.zeros((2, 3, 3), np.uint8)], None)
    >>> picture.shape, mask
    ((2, 3, 3), None)
    """
    hints = [None] * len(images) if masks is None else masks
    if len(hints) != len(images):
        raise InvalidInput(f"masks: expected {len(images)}, one per picture, got {len(hints)}")
    checked: list[tuple[ImageU8, Mask | None]] = []
    for position, (image, hint) in enumerate(zip(images, hints, strict=True)):
        picture = as_image(image, name=f"images[{position}]")
        mask = None if hint is None else as_mask(hint, picture.shape[:2], name=f"masks[{position}]")
        checked.append((picture, mask))
    return checked
