"""What is in a data set, in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from conveyorqc.dataset._labelled import LABELS, LabelledImage
from conveyorqc.dataset._store import class_masks
from conveyorqc.imgproc import image_header

__all__ = ["DatasetStats", "DefectStats", "dataset_stats"]


@dataclass(frozen=True, slots=True)
class DefectStats:
    """A class of defect.

    Attributes:
        pictures: how many show it.
        marked: on how many of them a mask says where.
        mean_share: of the picture that it covers where it is marked; None without a mask.
    """

    pictures: int
    marked: int
    mean_share: float | None


@dataclass(frozen=True, slots=True)
class DatasetStats:
    """Counts of a data set.

    Attributes:
        pictures: by label.
        objects: by label; an object is anomalous if any of its pictures is.
        parts: pictures by ``train``, ``test`` and ``none``.
        sizes: pictures by ``WIDTHxHEIGHT``, px, the most common first.
        formats: pictures by format.
        defects: by class; ``anomaly`` has no name.
    """

    pictures: Mapping[str, int]
    objects: Mapping[str, int]
    parts: Mapping[str, int]
    sizes: Mapping[str, int]
    formats: Mapping[str, int]
    defects: Mapping[str, DefectStats]

    def data(self) -> dict[str, Any]:
        """All of it as JSON."""
        tables = ("pictures", "objects", "parts", "sizes", "formats")
        defects = {
            name: {"pictures": one.pictures, "marked": one.marked, "mean_share": one.mean_share}
            for name, one in self.defects.items()
        }
        return {**{name: dict(getattr(self, name)) for name in tables}, "defects": defects}


def dataset_stats(images: Iterable[LabelledImage], /) -> DatasetStats:
    """Count ``images``, one after the other; pictures are not decoded, masks are.

    Raises:
        ImageError: if a file is missing or no picture.
        DatasetError: if a mask has another size than its picture.
    """
    pictures, parts, sizes, formats = (Counter[str]() for _ in range(4))
    is_anomalous: dict[str, bool] = {}
    shown = Counter[str]()
    shares: dict[str, list[float]] = {}
    for image in images:
        header = image_header(image.path)
        pictures[image.label] += 1
        parts[image.split or "none"] += 1
        sizes[f"{header.width}x{header.height}"] += 1
        formats[header.format] += 1
        is_anomalous[image.object_id] = is_anomalous.get(image.object_id, False) or image.is_anomalous
        if image.is_anomalous:
            masks = class_masks(image)
            shown.update({*masks, *([image.defect] if image.defect else [])} or {"anomaly"})
            for name, mask in masks.items():
                shares.setdefault(name, []).append(float(mask.mean()))
    objects = Counter(LABELS[anomalous] for anomalous in is_anomalous.values())
    defects = {name: _defect(count, shares.get(name, [])) for name, count in shown.most_common()}
    return DatasetStats(
        {label: pictures[label] for label in LABELS},
        {label: objects[label] for label in LABELS},
        dict(parts),
        dict(sizes.most_common()),
        dict(formats.most_common()),
        defects,
    )


def _defect(count: int, shares: list[float]) -> DefectStats:
    return DefectStats(count, len(shares), float(np.mean(shares)) if shares else None)
