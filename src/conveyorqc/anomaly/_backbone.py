"""Where the dense features come from: computed here, or by a network that somebody brings."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.imgproc import dense_features

__all__ = ["VIEW_PX", "Backbone", "LocalTexture"]

VIEW_PX = 192
"""Side of the view on which the numbers of the recipe are measured."""


@runtime_checkable
class Backbone(Protocol):
    """Says of each place of a view what it looks like.

    `LocalBackend` feeds the patch and the positional expert with it. The map should change little when the object is
    turned. 24 to 64 cells a side suit the rest of the model; of more than 64 numbers a cell, 64 random mixtures are
    used.
    """

    @property
    def name(self) -> str:
        """Of the features, with their version: a model only works with those that it was trained on."""
        ...

    @property
    def view_px(self) -> int:
        """Side of the square view that `features` is given."""
        ...

    def features(self, view: ImageU8, mask: Mask, /) -> NDArray[np.float32]:
        """(h, h, d) finite float32 for a (view_px, view_px, 3) uint8 BGR view and the bool mask of its object.

        The same view gives the same numbers, and the shape is the same for all views.
        """
        ...


class LocalTexture:
    """The `Backbone` that needs nothing else: colour, contrast, edges and outline around each place.

    48 x 48 cells of 37 numbers in some 3 ms; see `conveyorqc.imgproc.dense_features`.

    >>> LocalTexture().features(np.zeros((192, 192, 3), np.uint8), np.ones((192, 192), bool)).shape
    (48, 48, 37)
    """

    @property
    def name(self) -> str:
        """Of the features."""
        return "local-texture/1"

    @property
    def view_px(self) -> int:
        """192."""
        return VIEW_PX

    def features(self, view: ImageU8, mask: Mask, /) -> NDArray[np.float32]:
        """(48, 48, 37) float32."""
        return dense_features(view, mask)
