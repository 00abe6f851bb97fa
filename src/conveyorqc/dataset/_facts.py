"""What a check needs to know of each picture: looked at once, and small enough to keep for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import FloatArray
from conveyorqc.dataset._labelled import LabelledImage
from conveyorqc.dataset._store import class_masks
from conveyorqc.imgproc import (
    ImageHeader,
    background_features,
    foreground_mask,
    image_header,
    perceptual_hash,
    picture_gist,
)

__all__ = ["PictureFacts", "look_at"]


@dataclass(frozen=True, slots=True, eq=False)
class PictureFacts:
    """What is kept of a picture, some 5 kB.

    Attributes:
        image: the record.
        header: size and format.
        size_bytes: of the file.
        digest: of the decoded pixels; equal only for pictures that are.
        bits: (256,) bool, `conveyorqc.imgproc.perceptual_hash`.
        gist: (1024,) float32, `conveyorqc.imgproc.picture_gist`.
        surroundings: (D,) float64, `conveyorqc.imgproc.background_features`.
        defect_shares: share of the picture that each class of defect covers.
    """

    image: LabelledImage
    header: ImageHeader
    size_bytes: int
    digest: bytes
    bits: NDArray[np.bool_]
    gist: NDArray[np.float32]
    surroundings: FloatArray
    defect_shares: Mapping[str, float]


def look_at(image: LabelledImage, /) -> PictureFacts:
    """Decode a picture and its masks once, and keep what a check needs.

    Raises:
        ImageError: if a file is missing or no picture.
        DatasetError: if a mask has another size than the picture, or the picture too many pixels.
    """
    pixels, object_mask, _ = image.load()
    around = foreground_mask(pixels, hint=object_mask)
    return PictureFacts(
        image,
        image_header(image.path),
        image.path.stat().st_size,
        blake2b(repr(pixels.shape).encode() + pixels.tobytes(), digest_size=16).digest(),
        perceptual_hash(pixels),
        picture_gist(pixels),
        background_features(pixels, around),
        {name: float(mask.mean()) for name, mask in class_masks(image).items()},
    )
