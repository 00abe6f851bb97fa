"""What is known of the blobs of one mask, kept up as they are cut and joined."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import Boxes, FloatArray, Mask
from conveyorqc.imgproc import components

__all__ = ["Labelled"]


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """Blobs with their boxes and areas, so that nobody has to go through all pixels again.

    Attributes:
        labels: (H, W) int32, 0 for belt and i + 1 for blob i.
        boxes: (N, 4) px of the mask.
        areas: (N,) px².
    """

    labels: NDArray[np.int32]
    boxes: Boxes
    areas: FloatArray

    @classmethod
    def of(cls, mask: Mask, /) -> Labelled:
        """The connected parts of ``mask``."""
        return cls(*components(mask))

    def chosen(self, owner: NDArray[np.int32], /) -> NDArray[np.int32]:
        """The labels after blob i got the label ``owner[i + 1]``, with ``owner[0]`` for the belt."""
        return np.take(owner, self.labels) if (owner != np.arange(len(owner))).any() else self.labels
