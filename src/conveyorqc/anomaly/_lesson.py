"""Labelled pictures turned into what training works on: checked, measured, and defects made up where none are known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._backbone import Backbone
from conveyorqc.anomaly._folds import object_indices
from conveyorqc.anomaly._inputs import checked_pair, paired_masks
from conveyorqc.anomaly._recipe import Framing, Look, Recipe, fitting_framing
from conveyorqc.core import ImageU8, IntArray, Mask, as_mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import Piece, ViewSquare, cut_plane, spoiled

__all__ = ["LABELS", "DefectMask", "Labelled", "Lesson", "study"]

LABELS = ("normal", "anomaly")

DefectMask: TypeAlias = NDArray[np.bool_] | NDArray[np.integer]
"""(H, W): bool, True on the defect; or whole numbers, 0 where it is sound and k on the k-th class of defect."""

_TRIED_FOR_FRAMING = 12
_MADE_UP = 2
_SPOILED = 60
_LEAST_SHARE = 0.25
"""Of a cell, from which on it shows the defect: a crack is thinner than a cell."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """N labelled pictures, checked as far as they can be without looking at them.

    Attributes:
        images: (H, W, 3) uint8 BGR each, asked for one at a time.
        is_anomalous: (N,) bool.
        object_ids: the object in each picture.
        hints: (H, W) bool or None each, roughly the object.
        defects: where the defect is in each picture, or None.
        class_names: of the defects.
    """

    images: Sequence[ImageU8]
    is_anomalous: NDArray[np.bool_]
    object_ids: tuple[int | str, ...]
    hints: Sequence[Mask | None]
    defects: Sequence[DefectMask | None]
    class_names: tuple[str, ...]

    @classmethod
    def of(
        cls,
        images: Sequence[ImageU8],
        labels: Sequence[str],
        /,
        *,
        object_ids: Sequence[int | str] | None,
        hints: Sequence[Mask | None] | None,
        defects: Sequence[DefectMask | None] | None,
        class_names: Sequence[str],
    ) -> Labelled:
        """What `LocalBackend.fit` is given.

        Raises:
            InvalidInput: if lengths differ, a label is unknown or the names are not different and not empty.
        """
        names = tuple(map(str, class_names))
        if not names or len(set(names)) < len(names) or not all(names):
            raise InvalidInput(f"class_names: expected one name or more, all different, got {names}")
        count = len(images)
        return cls(
            images,
            _as_flags(labels, count),
            _as_ids(object_ids, count),
            paired_masks(hints, count, name="object_masks"),
            paired_masks(defects, count),
            names,
        )

    def classes_at(self, row: int, shape: tuple[int, int], /) -> NDArray[np.int64] | None:
        """(H, W) the class of each pixel, 0 where it is sound; None where it is not known.

        Raises:
            InvalidInput: if the mask does not fit, has a class without a name, or marks a defect on a normal object.
        """
        mask, name = self.defects[row], f"masks[{row}]"
        if mask is None:
            return None if self.is_anomalous[row] else np.zeros(shape, np.int64)
        array = np.asarray(mask)
        if array.dtype.kind not in "iu":
            array = as_mask(array, shape, name=name)
        classes = array.astype(np.int64)
        most = len(self.class_names)
        if classes.shape != shape or classes.min(initial=0) < 0 or classes.max(initial=0) > most:
            raise InvalidInput(
                f"{name}: expected classes 0-{most} of shape {shape}, got {classes.min(initial=0)}-"
                f"{classes.max(initial=0)} of shape {classes.shape}"
            )
        if classes.any() and not self.is_anomalous[row]:
            raise InvalidInput(
                f"{name}: expected no defect on a normal object, got {int((classes > 0).sum())} px (masks mark "
                "defects; masks of whole objects go into object_masks)"
            )
        return classes


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What was measured: rows for real pictures first, then for made-up ones.

    Attributes:
        recipe: how.
        looks: M rows.
        is_anomalous, is_real: (M,) bool.
        objects: (M,) index of the object that each shows or was made of.
        targets: class of defect (h, h) of each place, None where not known, for the real pictures.
        digest: SHA-256 of all that the real ones were measured on.
    """

    recipe: Recipe
    looks: list[Look]
    is_anomalous: NDArray[np.bool_]
    is_real: NDArray[np.bool_]
    objects: IntArray
    targets: list[NDArray[np.int64] | None]
    digest: str


def study(
    given: Labelled,
    /,
    *,
    backbone: Backbone,
    make_up: bool,
    rng: np.random.Generator,
    progress: Callable[[int, int], None] | None,
) -> Lesson:
    """Measure every picture once; with ``make_up``, also two spoiled copies of normal ones.

    Raises:
        InvalidInput: if a picture or a mask is not one.
    """
    recipe = Recipe(_framing(given), backbone)
    objects, digest = object_indices(given.object_ids), hashlib.sha256()
    looks, targets, made, made_of = [], [], [], []
    donor: Piece | None = None
    spoil = set(_to_spoil(given) if make_up else ())
    for row in range(len(given.images)):
        image, hint = checked_pair(given.images[row], given.hints[row], position=row)
        classes = given.classes_at(row, image.shape[:2])
        for array in (image, hint, None if given.defects[row] is None else classes):
            digest.update(b"none" if array is None else repr(array.shape).encode() + array.tobytes())
        look, square = recipe.look(image, hint)
        looks.append(look)
        targets.append(None if classes is None else _on_cells(classes, square, look.inside.shape[0]))
        if row in spoil:
            piece, scale = recipe.piece(image, hint)
            for _ in range(_MADE_UP):
                copy = spoiled(piece, donor or piece, rng=rng, on_belt=recipe.framing == "object")
                made.append(recipe.look_at(copy, scale=scale))
                made_of.append(objects[row])
            donor = piece
        if progress is not None:
            progress(row + 1, len(given.images) + 1)
    return Lesson(
        recipe,
        looks + made,
        np.append(given.is_anomalous, np.ones(len(made), np.bool_)),
        np.arange(len(looks) + len(made)) < len(looks),
        np.append(objects, np.array(made_of, dtype=np.int64)),
        targets,
        digest.hexdigest(),
    )


def _to_spoil(given: Labelled) -> list[int]:
    """Normal pictures, evenly chosen where there are many."""
    normal = np.flatnonzero(~given.is_anomalous)
    return [int(row) for row in normal[:: max(1, len(normal) // _SPOILED)]]


def _framing(given: Labelled) -> Framing:
    """Told from some of the normal pictures; where objects are marked in them, there are objects."""
    normal = np.flatnonzero(~given.is_anomalous)
    some = normal[:: max(1, len(normal) // _TRIED_FOR_FRAMING)].tolist()
    pairs = [checked_pair(given.images[row], given.hints[row], position=row) for row in some]
    if any(hint is not None and not hint.all() for _, hint in pairs):
        return "object"
    return fitting_framing([image for image, _ in pairs])


def _on_cells(classes: NDArray[np.int64], square: ViewSquare, size: int) -> NDArray[np.int64]:
    """(size, size) the class that covers most of each cell; a defect smaller than a cell still has one."""
    cells = np.zeros((size, size), np.int64)
    most = np.full((size, size), 0.0, np.float32)
    for kind in np.unique(classes[classes > 0]):
        share = cut_plane((classes == kind).astype(np.float32), square, size=size)
        here = (share > most) & (share >= min(_LEAST_SHARE, share.max()))
        cells[here], most[here] = kind, share[here]
    return cells


def _as_flags(labels: Sequence[str], count: int) -> NDArray[np.bool_]:
    """(N,) True for "anomaly"."""
    if len(labels) != count:
        raise InvalidInput(f"labels: expected {count}, one per picture, got {len(labels)}")
    unknown = sorted(set(map(str, labels)) - set(LABELS))
    if unknown:
        raise InvalidInput(f"labels: expected {' or '.join(LABELS)}, got {unknown[0]!r}")
    return np.array([label == LABELS[1] for label in labels], dtype=np.bool_)


def _as_ids(object_ids: Sequence[int | str] | None, count: int) -> tuple[int | str, ...]:
    """Plain numbers or names, as JSON can hold them."""
    if object_ids is None:
        return tuple(range(count))
    if len(object_ids) != count:
        raise InvalidInput(f"object_ids: expected {count}, one per picture, got {len(object_ids)}")
    return tuple(int(one) if isinstance(one, (int, np.integer)) else str(one) for one in object_ids)
