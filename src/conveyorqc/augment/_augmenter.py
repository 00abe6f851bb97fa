"""Applies transforms by chance, to a picture alone or to a picture and its mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from conveyorqc.augment._camera import Blur, Jpeg, MotionBlur, Noise
from conveyorqc.augment._geometric import Flip, GeometricTransform, Rotate, Scale, Shift, move
from conveyorqc.augment._light import Brightness, CastShadow, Contrast, Hue
from conveyorqc.augment._ranges import check_range
from conveyorqc.core import FloatArray, ImageU8, Mask, as_image, as_mask
from conveyorqc.errors import InvalidInput

__all__ = ["Augmenter", "Transform", "conveyor_augmenter"]

Transform: TypeAlias = Callable[[ImageU8, np.random.Generator], ImageU8]
"""Any callable from a picture and a generator to a new picture of the same shape; the picture is read-only."""


class Augmenter:
    """Applies each of ``transforms``, in order, with one ``probability``.

    Neighbouring `GeometricTransform` steps are composed into one map, so that pixels are resampled once. Any other
    callable changes the picture only: a mask stays as it is.

    Args:
        transforms: in the order in which they happen; scene first, then light, then camera.
        probability: of each step, 0 to 1. Higher varies more and shows fewer pictures as they were.

    Raises:
        InvalidInput: if ``probability`` is outside 0 to 1.

    >>> import numpy as np
    >>> augmenter = Augmenter([lambda image, rng: 255 - image], probability=1.0)
    >>> augmenter.augment(np.zeros((1, 1, 3), np.uint8), rng=np.random.default_rng(7)).tolist()
    [[[255, 255, 255]]]
    """

    def __init__(self, transforms: Sequence[Transform], *, probability: float = 0.5) -> None:
        check_range("probability", probability, low=0, high=1)
        self._transforms = tuple(transforms)
        self._probability = probability

    def augment(self, image: ImageU8, /, *, rng: np.random.Generator) -> ImageU8:
        """A changed copy of ``image`` (H, W, 3) uint8 BGR, same shape; the same generator state gives the same copy.

        Raises:
            InvalidInput: if the picture is not (H, W, 3) uint8, or a transform returns something else.
        """
        return self._run(as_image(image), rng)[0]

    def augment_pair(self, image: ImageU8, mask: Mask, /, *, rng: np.random.Generator) -> tuple[ImageU8, Mask]:
        """``image`` and its ``mask`` (H, W) bool, changed alike; what moves in from outside is False in the mask.

        Raises:
            InvalidInput: if the mask does not fit the picture; else as `augment`, which gives the same picture.
        """
        image = as_image(image)
        mask = as_mask(mask, (image.shape[0], image.shape[1]))
        changed, path = self._run(image, rng)
        return changed, move(mask, path, border="constant")

    def _run(self, image: ImageU8, rng: np.random.Generator) -> tuple[ImageU8, FloatArray]:
        """The changed picture, and the (3, 3) way that its pixels went altogether."""
        height, width = image.shape[:2]
        path, pending = np.eye(3), np.eye(3)
        for transform in self._transforms:
            if rng.random() >= self._probability:
                continue
            if isinstance(transform, GeometricTransform):
                step = transform.matrix(width, height, rng)
                path, pending = step @ path, step @ pending
            else:
                image, pending = _checked(transform, _moved(image, pending), rng), np.eye(3)
        image = _moved(image, pending)
        return (image if image.flags.writeable else image.copy()), path


def conveyor_augmenter(*, probability: float = 0.5) -> Augmenter:
    """The default set, "to simulate scenarios common to manufacturing" as the article puts it.

    Objects lie at any angle and a little off the middle; lamps, sun and shadows change; the belt smears; lens,
    sensor and codec do their part. In this order, which is the order in which it happens.
    """
    scene: list[Transform] = [Flip(), Rotate(), Scale(), Shift()]
    light: list[Transform] = [Brightness(), Contrast(), Hue(), CastShadow()]
    camera: list[Transform] = [MotionBlur(), Blur(), Noise(), Jpeg()]
    return Augmenter(scene + light + camera, probability=probability)


def _moved(image: ImageU8, matrix: FloatArray) -> ImageU8:
    return image if np.array_equal(matrix, np.eye(3)) else move(image, matrix, border="replicate")


def _checked(transform: Transform, image: ImageU8, rng: np.random.Generator) -> ImageU8:
    changed: object = transform(as_image(image), rng)
    if not isinstance(changed, np.ndarray) or changed.dtype != np.uint8 or changed.shape != image.shape:
        got = f"{changed.dtype} of shape {changed.shape}" if isinstance(changed, np.ndarray) else repr(changed)[:80]
        raise InvalidInput(f"{transform!r}: expected uint8 of shape {image.shape}, got {got}")
    return changed
