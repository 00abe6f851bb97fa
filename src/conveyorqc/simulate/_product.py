"""What lies on the belt as one object: a cookie, a broken one with its pieces, or a stack."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.core import ImageU8, Mask
from conveyorqc.imgproc import blur
from conveyorqc.simulate._paint import CookiePainter
from conveyorqc.simulate._shape import BREAKS, CookieShape, Damage, cookie_shape

__all__ = ["Label", "Product", "Sprite", "paint_product", "random_product"]

Label: TypeAlias = Literal["normal", "broken", "stacked"]

_DARKEST_UNDER = 0.5  # how much light the upper cookie of a stack takes from the lower one


@dataclass(frozen=True, slots=True)
class _Layer:
    """One cookie of a product: how to draw it again, and where its canvas lies in the product's."""

    seed: int
    damage: Damage
    diameter_px: float
    x: int
    y: int

    def shape(self) -> tuple[CookieShape, np.random.Generator]:
        """The cookie, and the generator that goes on to paint it."""
        rng = np.random.default_rng(self.seed)
        return cookie_shape(rng, damage=self.damage, diameter_px=self.diameter_px), rng


@dataclass(frozen=True, slots=True, eq=False)
class Product:
    """One object: its label and its outline. Colours are made when it comes into view, see `paint_product`.

    Attributes:
        label: normal, broken or stacked.
        kind: how it came to the label, as in the ground truth.
        mask: (H, W) bool, True on the object; its first and last rows and columns are not empty.
        crumbs: (K, 3) x, y from the middle of the mask and radius, px; they are no part of the object.
        layers: the cookies it consists of, from the belt upwards.
    """

    label: Label
    kind: str
    mask: Mask
    crumbs: NDArray[np.float64]
    layers: tuple[_Layer, ...]

    @property
    def height(self) -> int:
        """Rows of the mask, px."""
        return int(self.mask.shape[0])

    @property
    def width(self) -> int:
        """Columns of the mask, px."""
        return int(self.mask.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Sprite:
    """The picture of a product with ``margin`` px around its mask: colours and how much of each pixel they cover."""

    bgr: ImageU8
    cover: NDArray[np.float32]
    margin: int


def random_product(
    rng: np.random.Generator, /, *, label: Label, diameter_px: float, crumbs: int, largest_height: int
) -> Product:
    """A random product of this kind, at most ``largest_height`` px across the belt.

    Args:
        rng: draws everything about it.
        label: normal, broken or stacked.
        diameter_px: of a usual cookie; each differs a little.
        crumbs: how many lie around a broken one on average.
        largest_height: room across the belt; what is larger is drawn again smaller.
    """
    scale = 1.0
    while True:
        layers, kind = _random_layers(rng, label, diameter_px * scale)
        mask, layers = _trimmed(layers)
        if mask.shape[0] <= largest_height:
            count = rng.poisson(crumbs) if label == "broken" else 0
            return Product(label, kind, mask, _random_crumbs(rng, mask, count, diameter_px), layers)
        scale *= 0.97


def paint_product(product: Product, painter: CookiePainter, /) -> Sprite:
    """The product in colour: its layers one over the other, each shading the one below."""
    margin = 2
    bottom, right = product.height + 2 * margin, product.width + 2 * margin
    color, cover = np.zeros((bottom, right, 3), np.float32), np.zeros((bottom, right), np.float32)
    for i, layer in enumerate(product.layers):
        shape, rng = layer.shape()
        own_color = _placed(painter.paint(shape, rng), layer, color.shape, margin)
        own_cover = _placed(np.clip(shape.depth + 0.5, 0.0, 1.0), layer, cover.shape, margin)
        if i:
            reach = max(1.0, 0.035 * layer.diameter_px)
            cast = np.roll(blur(own_cover, sigma=reach), (round(reach), round(reach)), axis=(0, 1))
            contact = blur(own_cover, sigma=0.5 * reach)
            color *= (1.0 - _DARKEST_UNDER * np.maximum(cast, 0.7 * contact))[..., None]
        color += (own_color - color) * own_cover[..., None]
        cover = np.maximum(cover, own_cover)
    return Sprite(np.rint(color).astype(np.uint8), cover, margin)


def _random_layers(rng: np.random.Generator, label: Label, diameter: float) -> tuple[tuple[_Layer, ...], str]:
    size = diameter * rng.uniform(0.93, 1.09)
    if label == "normal":
        return (_random_layer(rng, "intact", size),), "intact"
    damage: Damage = BREAKS[int(rng.integers(len(BREAKS)))]
    if label == "broken":
        return (_random_layer(rng, damage, size),), damage
    count = 3 if rng.random() < 0.25 else 2
    with_broken = rng.random() < 0.2
    layers, angle, x, y = [_random_layer(rng, "intact", size)], rng.uniform(0, 2 * math.pi), 0, 0
    for i in range(1, count):
        step = size * rng.uniform(0.28, 0.5) / math.sqrt(count - 1)
        x, y = x + round(step * math.cos(angle)), y + round(step * math.sin(angle))
        uppermost: Damage = damage if with_broken and i == count - 1 else "intact"
        layers.append(_random_layer(rng, uppermost, size * rng.uniform(0.94, 1.06), x, y))
        angle += rng.normal(0.0, 0.6)
    return tuple(layers), f"stack{count}" + ("_with_broken" if with_broken else "")


def _random_layer(rng: np.random.Generator, damage: Damage, size: float, x: int = 0, y: int = 0) -> _Layer:
    """A cookie with its middle at (x, y)."""
    half = math.ceil(size * 0.75)
    return _Layer(int(rng.integers(2**63)), damage, size, x - half, y - half)


def _trimmed(layers: tuple[_Layer, ...]) -> tuple[Mask, tuple[_Layer, ...]]:
    """The union of the layers' masks cut to its box, and the layers placed relative to that box."""
    masks = [layer.shape()[0].mask for layer in layers]
    left, top = min(layer.x for layer in layers), min(layer.y for layer in layers)
    right = max(layer.x + mask.shape[1] for layer, mask in zip(layers, masks, strict=True))
    bottom = max(layer.y + mask.shape[0] for layer, mask in zip(layers, masks, strict=True))
    union = np.zeros((bottom - top, right - left), np.bool_)
    for layer, mask in zip(layers, masks, strict=True):
        y, x = layer.y - top, layer.x - left
        union[y : y + mask.shape[0], x : x + mask.shape[1]] |= mask
    rows, columns = np.flatnonzero(union.any(axis=1)), np.flatnonzero(union.any(axis=0))
    cut = union[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].copy()
    moved = tuple(
        _Layer(one.seed, one.damage, one.diameter_px, one.x - left - int(columns[0]), one.y - top - int(rows[0]))
        for one in layers
    )
    return cut, moved


def _random_crumbs(rng: np.random.Generator, mask: Mask, count: int, diameter: float) -> NDArray[np.float64]:
    """Crumbs within a third of a cookie around the mask's box, most of them small."""
    angle = rng.uniform(0, 2 * math.pi, count)
    away = rng.uniform(0.9, 1.35, count)
    radius = np.clip(diameter * 0.009 * rng.lognormal(0.0, 0.45, count), 0.5, diameter * 0.022)
    return np.column_stack(
        [away * np.cos(angle) * mask.shape[1] / 2, away * np.sin(angle) * mask.shape[0] / 2, radius]
    ).reshape(-1, 3)


def _placed(plane: NDArray[np.float32], layer: _Layer, shape: tuple[int, ...], margin: int) -> NDArray[np.float32]:
    """``plane`` of a layer on the canvas of its product, zero around it."""
    canvas = np.zeros(shape, np.float32)
    top, left = layer.y + margin, layer.x + margin
    first_row, first_column = max(0, -top), max(0, -left)
    part = plane[first_row : shape[0] - top, first_column : shape[1] - left]
    canvas[top + first_row : top + first_row + part.shape[0], left + first_column :][:, : part.shape[1]] = part
    return canvas
