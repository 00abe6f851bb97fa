"""From pictures to what a network is fed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.errors import ModelError
from conveyorqc.imgproc import luma_of, resize
from conveyorqc.onnx._mapping import OnnxInput
from conveyorqc.onnx._network import DTYPES, Network, Tensor

__all__ = ["Feeding", "feeding_of"]

_GRAY = 128


@dataclass(frozen=True, slots=True)
class Feeding:
    """How one network is fed.

    Attributes:
        declared: how pictures are prepared.
        tensor: the input.
        batch: how many pictures it takes in one call, or None for any number.
        size: (height, width) that pictures are brought to, or None for their own.
    """

    declared: OnnxInput
    tensor: Tensor
    batch: int | None
    size: tuple[int, int] | None

    def prepare(self, image: ImageU8, mask: Mask | None, /) -> NDArray[Any]:
        """One picture (H, W, 3) uint8 BGR as the network takes it, without the axis N."""
        how = self.declared
        if mask is not None and how.background == "gray":
            image = np.where(mask[..., None], image, np.uint8(_GRAY))
        height, width = self.size or image.shape[:2]
        shrinks = height < image.shape[0] or width < image.shape[1]
        small = resize(image, width=width, height=height, method="area" if shrinks else "linear")
        values = self._scaled(_channels(small, how.color))
        return values if how.layout == "NHWC" else np.moveaxis(values, 2, 0)

    def batch_of(self, pictures: Sequence[NDArray[Any]], /) -> NDArray[Any]:
        """Prepared pictures of one shape as one batch; the last is repeated where the network wants more."""
        missing = (self.batch or len(pictures)) - len(pictures)
        return np.ascontiguousarray(np.stack([*pictures, *[pictures[-1]] * missing]))

    def _scaled(self, values: NDArray[np.uint8]) -> NDArray[Any]:
        dtype, how = DTYPES[self.tensor.kind], self.declared
        whole = dtype is np.uint8
        scale = how.scale if how.scale is not None else 1.0 if whole else 1 / 255
        mean, std = np.array(how.mean, np.float32), np.array(how.std, np.float32)
        result: NDArray[Any] = (values * np.float32(scale) - mean) / std
        return np.clip(np.rint(result), 0, 255).astype(np.uint8) if whole else result.astype(dtype)


def feeding_of(network: Network, declared: OnnxInput, /) -> Feeding:
    """How ``network`` is fed with pictures prepared as ``declared``.

    Raises:
        ModelError: if its input is none for such pictures; the text says what it declares.
    """
    tensor = network.input(declared.name)
    if tensor.kind not in DTYPES:
        raise ModelError(f"{network.path}: expected an input of {', '.join(DTYPES)}, got {tensor}")
    if len(tensor.shape) != 4:
        raise ModelError(f"{network.path}: expected an input of 4 axes ({declared.layout}), got {tensor}")
    lengths = dict(zip(declared.layout, tensor.shape, strict=True))
    if lengths["C"] not in (None, declared.channels):
        raise ModelError(
            f"{network.path}: expected {declared.channels} channels as {declared.layout} and {declared.color} say, "
            f"got {tensor}"
        )
    height, width = lengths["H"], lengths["W"]
    size = declared.size or (None if height is None or width is None else (height, width))
    if size is not None and (height not in (None, size[0]) or width not in (None, size[1])):
        raise ModelError(f"{network.path}: expected an input of (height, width) {size}, got {tensor}")
    return Feeding(declared, tensor, lengths["N"], size)


def _channels(image: ImageU8, color: str) -> NDArray[np.uint8]:
    """(H, W, 3) or (H, W, 1)."""
    if color == "GRAY":
        return luma_of(image)[..., None]
    return image[..., ::-1] if color == "RGB" else image
