"""`FrozenSet`: labelled pictures that no model is ever trained on."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from conveyorqc.dataset import LabelledDataset, LabelledImage
from conveyorqc.errors import DatasetError

__all__ = ["FrozenSet", "picture_digest"]


@dataclass(frozen=True, slots=True, eq=False)
class FrozenSet:
    """What candidates are compared on.

    Attributes:
        data: the pictures.
        digests: SHA-256 of the pixels of each.
        fingerprint: SHA-256 of all pictures with their labels and objects, in whatever order.
    """

    data: LabelledDataset
    digests: tuple[str, ...]
    fingerprint: str

    @classmethod
    def of(cls, data: LabelledDataset, /) -> FrozenSet:
        """Read every picture once.

        Raises:
            ImageError: if one cannot be read.
        """
        digests = tuple(picture_digest(image) for image in data)
        rows = sorted((digest, one.object_id, one.label) for digest, one in zip(digests, data, strict=True))
        return cls(data, digests, hashlib.sha256(repr(rows).encode()).hexdigest())

    def check_apart(self, training: LabelledDataset, /) -> None:
        """Refuse training data that shares an object or a picture with this set.

        Objects are the same when they have one id, and their pictures lie in one folder or come from one source;
        pictures when their pixels are.

        Raises:
            DatasetError: if there is one; the text names it.
            ImageError: if a picture cannot be read.
        """
        names = {name for image in self.data for name in _names(image, self.data)}
        pictures = dict(zip(self.digests, self.data, strict=True))
        for image in training:
            if not names.isdisjoint(_names(image, training)):
                raise DatasetError(f"object {image.object_id} is in the frozen set: expected to train on others only")
            twin = pictures.get(picture_digest(image))
            if twin is not None:
                raise DatasetError(f"{image.path}: the frozen set has the same picture, {twin.path}")


def picture_digest(image: LabelledImage, /) -> str:
    """SHA-256 of size and pixels."""
    pixels = image.load().image
    return hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()


def _names(image: LabelledImage, data: LabelledDataset) -> tuple[tuple[str, str], ...]:
    """Whose picture it is, wherever its id holds: in its folder, and in its data set."""
    return tuple((str(place.resolve()), image.object_id) for place in (image.path.parent, data.source))
