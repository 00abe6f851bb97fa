"""What is measured on a picture: the one place that says which numbers a model sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._backbone import VIEW_PX, Backbone, LocalTexture
from conveyorqc.core import FloatArray, ImageU8, Mask
from conveyorqc.errors import BadBackendResponse
from conveyorqc.imgproc import (
    Piece,
    ViewSquare,
    cut_view,
    dense_features,
    foreground_mask,
    object_features,
    object_square,
    picture_square,
    resize_mask,
)

__all__ = [
    "FRAMINGS",
    "GROUPS",
    "RECIPE_NAME",
    "RECIPE_VERSION",
    "Framing",
    "Look",
    "Recipe",
    "fitting_framing",
    "group_slices",
]

RECIPE_NAME = "outline-surface-relief-texture"
RECIPE_VERSION = 2
"""Goes up whenever the same picture gives other numbers: models of another version cannot be used."""

GROUPS = MappingProxyType({"outline": 57, "surface": 60, "relief": 17, "texture": 132})
"""Groups of numbers, in their order, and how many there are in each."""

Framing: TypeAlias = Literal["object", "picture"]
"""What a view shows: the object, cut out of its belt, or the whole picture, which the product fills."""

FRAMINGS = get_args(Framing)

_WORKING = 144
_TEXTURES = 33  # the channels of `dense_features` that are not about the outline
_ALL_OVER = 0.999
_FRAMED_ENOUGH = 0.9
_GAP = 0.15
_DEEPEST = 64


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """What is measured on one picture.

    Attributes:
        numbers: (266,) float64, of the whole object; see `GROUPS`.
        cells: (h, h, d) float16, of each place, d at most 64; see `Backbone`.
        inside: (h, h) bool, the cells on the object; at least one.
        side: of the view, as a share of the picture's longer side.
    """

    numbers: FloatArray
    cells: NDArray[np.float16]
    inside: Mask
    side: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """How pictures are measured.

    Attributes:
        framing: what the view shows.
        backbone: where the dense features come from.
    """

    framing: Framing = "object"
    backbone: Backbone = field(default_factory=LocalTexture)

    def look(self, image: ImageU8, hint: Mask | None, /) -> tuple[Look, ViewSquare]:
        """All numbers of a picture, and where its view lies.

        Args:
            image: (H, W, 3) uint8 BGR.
            hint: (H, W) bool, roughly the object, or None; see `foreground_mask`.
        """
        square, mask = self._place(image, hint)
        return self._measure(Piece(image, mask), square, scale=1 / max(mask.shape)), square

    def piece(self, image: ImageU8, hint: Mask | None, /) -> tuple[Piece, float]:
        """The object with room around it for changes, and one px of that as a share of the picture's longer side."""
        square, mask = self._place(image, hint)
        size = VIEW_PX
        if self.framing == "object":
            gap = round(_GAP * square.side)
            square = ViewSquare(square.left - gap, square.top - gap, square.side + 2 * gap)
            size = round(VIEW_PX * (1 + 2 * _GAP))
        return Piece(*cut_view(image, mask, square, size=size)), square.side / size / max(mask.shape)

    def look_at(self, piece: Piece, /, *, scale: float) -> Look:
        """All numbers of what `piece` gave, also when it was changed since."""
        if self.framing == "picture":
            return self._measure(Piece(piece.image, np.ones_like(piece.mask)), _whole(piece.mask), scale=scale)
        return self._measure(piece, object_square(piece.mask), scale=scale)

    def _place(self, image: ImageU8, hint: Mask | None) -> tuple[ViewSquare, Mask]:
        if self.framing == "picture":
            whole = np.ones(image.shape[:2], np.bool_)
            return _whole(whole), whole
        mask = foreground_mask(image, hint=hint, working_px=_WORKING)
        return object_square(mask), mask

    def _measure(self, piece: Piece, square: ViewSquare, *, scale: float) -> Look:
        """All numbers of a square of a picture, of which one px is ``scale`` of the picture's longer side."""
        image, own = cut_view(*piece, square, size=VIEW_PX)
        dense = dense_features(image, own)
        cells = dense if isinstance(self.backbone, LocalTexture) else self._cells(piece, square)
        outline, surface, relief = object_features(image, own)
        size = float(np.log(piece.mask.sum() * scale**2))
        numbers = [*outline.values(), size, *surface.values(), *relief.values()]
        textures = np.sort(dense[_cells_inside(own, len(dense))][:, :_TEXTURES].T, axis=1)
        low, high = (textures[:, round(share * (textures.shape[1] - 1))] for share in (0.03, 0.97))
        return Look(
            np.concatenate([numbers, textures.mean(axis=1), textures.std(axis=1), low, high]),
            cells.astype(np.float16),
            _cells_inside(own, len(cells)),
            square.side * scale,
        )

    def _cells(self, piece: Piece, square: ViewSquare) -> NDArray[np.float32]:
        cells = self.backbone.features(*cut_view(*piece, square, size=self.backbone.view_px))
        if cells.ndim != 3 or cells.shape[0] != cells.shape[1] or not np.isfinite(cells).all():
            raise BadBackendResponse(
                f"{self.backbone.name}: expected finite features of shape (h, h, d), got {cells.shape}"
            )
        depth = cells.shape[2]
        if depth <= _DEEPEST:
            return cells
        mixing = np.random.default_rng(0).normal(size=(depth, _DEEPEST)) / np.sqrt(depth)
        return np.asarray(cells @ mixing.astype(np.float32))


def _whole(mask: Mask) -> ViewSquare:
    return picture_square(*mask.shape)


def fitting_framing(images: Sequence[ImageU8], /) -> Framing:
    """Whether objects stand out from a belt in these pictures, nearly all of them, or fill them."""
    framed = [foreground_mask(image, working_px=_WORKING).mean() < _ALL_OVER for image in images]
    return "object" if float(np.mean(framed)) >= _FRAMED_ENOUGH else "picture"


def group_slices() -> dict[str, slice]:
    """Where each group lies in the numbers."""
    ends = np.cumsum(list(GROUPS.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(GROUPS.items(), ends, strict=True)}


def _cells_inside(own: Mask, size: int) -> Mask:
    small = resize_mask(own, width=size, height=size)
    return small if small.any() else np.ones_like(small)
