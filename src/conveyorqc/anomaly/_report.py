"""What is enough to train on, and how well a model did on what it had not seen."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._model import Head
from conveyorqc.core import FloatArray, read_only
from conveyorqc.errors import InvalidInput, NotEnoughData

__all__ = ["ANOMALOUS_OBJECTS", "MODES", "FewPicturesWarning", "Mode", "TrainingReport", "check_enough", "mode_of"]

Mode: TypeAlias = Literal["normals", "few-anomalies", "anomalies"]
"""What labels a model learned from: none but normal, 1 to 4 anomalous objects, or more."""

MODES: tuple[Mode, ...] = get_args(Mode)

ANOMALOUS_OBJECTS = 5
"""Anomalous objects from which on a supervised expert is tried and the threshold lies between the two kinds."""

_NORMALS = 20
_NORMALS_AT_LEAST = 10
_NORMAL_OBJECTS_AT_LEAST = 3


class FewPicturesWarning(UserWarning):
    """Training works, but with fewer normal pictures than the threshold can be trusted with."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainingReport:
    """How well a model did in training on objects that it had not seen: nested cross-validation.

    Attributes:
        scores: (N,) probability of an anomaly for each training picture, by models whose experts, head, weights and
            threshold were all chosen without its object and without the objects most like it.
        is_anomalous: (N,) the labels.
        object_ids: (N,) the object in each picture.
        mode: what labels there were.
        head: who has a say in the final model.
        threshold: probability from which on a picture is anomalous.
        made_up: number of made-up defects that took part; they are not in ``scores``.
    """

    scores: FloatArray
    is_anomalous: NDArray[np.bool_]
    object_ids: tuple[int | str, ...]
    mode: Mode
    head: Head
    threshold: float
    made_up: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "scores", read_only(self.scores))
        object.__setattr__(self, "is_anomalous", read_only(self.is_anomalous))


def mode_of(is_anomalous: NDArray[np.bool_], object_ids: Sequence[int | str], /) -> Mode:
    """What can be learned from these labels."""
    known = len({object_id for object_id, bad in zip(object_ids, is_anomalous, strict=True) if bad})
    return "normals" if not known else "few-anomalies" if known < ANOMALOUS_OBJECTS else "anomalies"


def check_enough(is_anomalous: NDArray[np.bool_], object_ids: Sequence[int | str], /) -> None:
    """Whether there is enough to train on.

    Warns:
        FewPicturesWarning: below 20 normal pictures.

    Raises:
        InvalidInput: if one object has both labels.
        NotEnoughData: below 10 normal pictures, or below 3 normal objects; the text says how many are missing.
    """
    normal = {object_id for object_id, bad in zip(object_ids, is_anomalous, strict=True) if not bad}
    both = normal & {object_id for object_id, bad in zip(object_ids, is_anomalous, strict=True) if bad}
    if both:
        raise InvalidInput(f"labels: expected one label per object, got both for object {min(both, key=str)!r}")
    count = int((~is_anomalous).sum())
    if count < _NORMALS_AT_LEAST:
        raise NotEnoughData(
            f"expected {_NORMALS} normal pictures (at the very least {_NORMALS_AT_LEAST}), got {count}: "
            f"{_NORMALS_AT_LEAST - count} are missing"
        )
    if len(normal) < _NORMAL_OBJECTS_AT_LEAST:
        raise NotEnoughData(
            f"expected pictures of {_NORMAL_OBJECTS_AT_LEAST} different normal objects or more, got {len(normal)}: "
            f"{_NORMAL_OBJECTS_AT_LEAST - len(normal)} are missing"
        )
    if count < _NORMALS:
        text = f"trained on {count} normal pictures: expected {_NORMALS} or more for a threshold that can be trusted"
        warnings.warn(text, FewPicturesWarning, stacklevel=3)
