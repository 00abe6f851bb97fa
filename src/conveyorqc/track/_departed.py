"""Objects that left over the exit, until the belt cannot bring them back any more."""

from __future__ import annotations

import numpy as np

from conveyorqc.track._book import ROW, Rows

__all__ = ["Departed"]


class Departed:
    """Rows that ended outside the exit; their boxes count from where the belt began, so that nobody carries them.

    Args:
        lengths: how far the belt may run back, in lengths of the frame, before what it brings back counts as new.
    """

    def __init__(self, *, lengths: float = 1.0) -> None:
        self._lengths = lengths
        self.rows: Rows = np.empty(0, ROW)

    def add(self, rows: Rows, /, *, belt_along: float, length: float) -> None:
        """Keep ``rows``, and forget those that are too far away by now."""
        near = self.rows["box"][:, 0] + belt_along < (1.0 + self._lengths) * length
        rows["box"][:, ::2] -= belt_along
        self.rows = np.concatenate([self.rows[near], rows])

    def back(self, *, belt_along: float, length: float) -> Rows:
        """Rows that show again with the belt at ``belt_along``; they are no longer kept."""
        shows = self.rows["box"][:, 0] + belt_along < length
        found = self.rows[shows]
        found["box"][:, ::2] += belt_along
        found["gone"] = True
        self.rows = self.rows[~shows]
        return found
