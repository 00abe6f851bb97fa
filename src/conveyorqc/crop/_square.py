"""A picture of any shape as a square of one size: aspect kept, edges repeated."""

from __future__ import annotations

import numpy as np

from conveyorqc.core import ImageU8, Mask, as_image, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import square_padding
from conveyorqc.imgproc import pad_image, resize, resize_mask

__all__ = ["square_pad"]


def square_pad(image: ImageU8, /, *, size: int, mask: Mask | None = None) -> tuple[ImageU8, Mask | None]:
    """``image`` with its longer side at ``size`` px, in the middle of a square.

    The rest of the square repeats the outermost pixels, so that no frame of a foreign colour surrounds the object.
    After the article: "rescaled all images to the same square size (384x384) and padded them where required".
    Shrinking averages; enlarging is linear, which adds no ringing that a model could take for a defect.

    Args:
        image: (H, W, 3) uint8 BGR.
        size: side of the square, px. Larger shows finer defects and costs quadratically more to judge.
        mask: (H, W) bool or None; it takes the same way and is False in the padding.

    Returns:
        The picture, (size, size, 3) uint8 BGR, and the mask, (size, size) bool or None.

    Raises:
        InvalidInput: if the picture is not (H, W, 3) uint8, the mask does not fit it or ``size`` is below 1.

    >>> import numpy as np
    >>> picture, mask = square_pad(np.zeros((20, 10, 3), np.uint8), size=8, mask=np.ones((20, 10), bool))
    >>> picture.shape, mask.any(axis=0).tolist()
    ((8, 8, 3), [False, False, True, True, True, True, False, False])
    """
    image = as_image(image)
    height, width = image.shape[:2]
    if size < 1:
        raise InvalidInput(f"size: expected 1 px or more, got {size}")
    scale = size / max(width, height)
    inner_width, inner_height = max(1, round(width * scale)), max(1, round(height * scale))
    left, top, right, bottom = square_padding(inner_width, inner_height)
    inner = resize(image, width=inner_width, height=inner_height, method="area" if scale < 1 else "linear")
    square = pad_image(inner, left=left, top=top, right=right, bottom=bottom)
    if mask is None:
        return square, None
    small = resize_mask(as_mask(mask, (height, width)), width=inner_width, height=inner_height)
    return square, np.pad(small, ((top, bottom), (left, right)))
