"""When something becomes an object, and when an object ends."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.track._book import Rows

__all__ = ["Patience", "has_left", "is_proven", "is_stray"]

_FARTHEST_BACK = 2.0
"""Lengths of the frame behind the entry up to which an object that the belt took back out is waited for."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an object that should be in view may not be found.

    Attributes:
        looks: in a row that did not find it, and besides
        travel: px that the belt has moved since it was found, or else
        seconds: that have passed since.
    """

    looks: int
    travel: float
    seconds: float

    def is_over(self, rows: Rows, /, *, belt_along: float, time_s: float) -> NDArray[np.bool_]:
        """(N,) which confirmed rows are to be given up; unconfirmed ones are after two looks."""
        missed = rows["misses"] >= np.where(rows["id"] > 0, self.looks, 2)
        waited = (np.abs(belt_along - rows["seen_at"]) >= self.travel) | (time_s - rows["seen_s"] >= self.seconds)
        return np.asarray(missed & (waited | (rows["id"] == 0)), np.bool_)


def is_proven(rows: Rows, /, *, hits: int, travel: float, gate: float) -> NDArray[np.bool_]:
    """(N,) which unconfirmed rows were seen ``hits`` times to ride with the belt over ``travel`` px or more.

    What stands still drifts by as much as the belt travels. Over a short way hardly any drift is forgiven; over more
    than half of ``gate``, also what a box may be off by.
    """
    way = np.abs(rows["seen_at"] - rows["born_at"])
    forgiven = np.where(way >= 0.6 * gate, 0.3 * way + 0.2 * gate, 0.25 * way)
    found = (rows["id"] == 0) & (rows["hits"] >= hits)
    return np.asarray(found & (way >= travel) & (rows["drift"] <= forgiven), np.bool_)


def is_stray(rows: Rows, /, *, gate: float) -> NDArray[np.bool_]:
    """(N,) which unconfirmed rows move otherwise than the belt, so that what comes there next is something else."""
    return np.asarray((rows["id"] == 0) & (rows["drift"] > 2 * gate), np.bool_)


def has_left(rows: Rows, /, *, length: float, breadth: float) -> NDArray[np.bool_]:
    """(N,) which rows are out of the frame for good: over the exit or a side, or far behind the entry.

    Behind the entry an object is on the belt yet, and comes in again when the belt runs on; what was not confirmed
    is forgotten there.
    """
    box = rows["box"]
    back = np.where(rows["id"] > 0, _FARTHEST_BACK * length, 0.0)
    along = (box[:, 0] >= length) | (box[:, 2] <= -back)
    return np.asarray(along | (box[:, 3] <= 0) | (box[:, 1] >= breadth), np.bool_)
