"""Keeps the few best views of each object until it is decided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conveyorqc.core import Crop
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import sharpness

__all__ = ["BestViews"]


@dataclass(slots=True)
class _Views:
    ranked: list[tuple[float, Crop]] = field(default_factory=list)
    complete: int = 0


class BestViews:
    """A `ViewSelector`: whole views before cut ones, sharp ones before blurred ones.

    A view that an edge of the frame cuts looks like a broken object. It serves only as a fallback: as soon as a
    complete view is offered, incomplete ones are dropped. Complete views rank by sharpness on the object,
    incomplete ones by how much of the object they show.

    Args:
        collect: complete views after which an object is `ready`. More finds a sharper view and decides later.
        keep: views that `take` returns at most. More steadies the verdict and costs more to judge.

    Raises:
        InvalidInput: if either is below 1.
    """

    def __init__(self, *, collect: int = 5, keep: int = 3) -> None:
        for name, value in (("collect", collect), ("keep", keep)):
            if value < 1:
                raise InvalidInput(f"{name}: expected 1 or more, got {value}")
        self._collect = collect
        self._keep = keep
        self._objects: dict[int, _Views] = {}

    def offer(self, crop: Crop, /) -> None:
        """Consider a view; at most ``keep`` of each object stay in memory."""
        views = self._objects.setdefault(crop.object_id, _Views())
        if crop.complete:
            views.ranked = views.ranked if views.complete else []
            views.complete += 1
        elif views.complete:
            return
        views.ranked.append((_rank(crop), crop))
        views.ranked.sort(key=lambda ranked: -ranked[0])
        del views.ranked[self._keep :]

    def ready(self) -> Sequence[int]:
        """Ids of which ``collect`` complete views were offered, each until it is taken."""
        return [object_id for object_id, views in self._objects.items() if views.complete >= self._collect]

    def has_complete(self, object_id: int, /) -> bool:
        """Whether a complete view of the object was offered since it was last taken."""
        views = self._objects.get(object_id)
        return views is not None and views.complete > 0

    def take(self, object_id: int, /) -> Sequence[Crop]:
        """The best views, best first, possibly none; the object is forgotten.

        Views of the same id offered later would start a new collection: offer none of an object that is decided.
        """
        views = self._objects.pop(object_id, _Views())
        return tuple(crop for _, crop in views.ranked)


def _rank(crop: Crop) -> float:
    if crop.complete:
        return sharpness(crop.image, mask=crop.mask)
    width, height = crop.box[2:] - crop.box[:2]
    return float(width * height)
