"""What training leaves behind: experts, how usual their opinions are, and how they are fused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._fusion import probability
from conveyorqc.anomaly._gaussian import Gaussian
from conveyorqc.anomaly._kernel import KernelMachine
from conveyorqc.anomaly._patch import PatchBank, peak
from conveyorqc.anomaly._position import Alignment, Positions
from conveyorqc.anomaly._recipe import GROUPS, Look, group_slices
from conveyorqc.core import FloatArray

__all__ = ["EXPERTS", "Head", "Model", "group_distances", "opinions"]

Head: TypeAlias = Literal["experts", "full"]
"""``experts`` fuses the one-class experts; in ``full`` a supervised one has a say too."""

EXPERTS = (*GROUPS, "patch", "position")
"""The one-class experts, in the order of their columns."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Looks in, probabilities of an anomaly out.

    Attributes:
        head: who has a say.
        gaussians: a `Gaussian` of the normal pictures for each group of the recipe.
        bank: places on normal objects.
        alignment: how objects are laid over one another.
        positions: what is usual at each place.
        usual, scatter: (6,) centre and spread of the experts' distances on normal pictures they had not seen.
        machine: the supervised expert; without opinion where there is none.
        coefficients: of the logistic on `opinions`.
        threshold: probability from which on a picture is anomalous.
    """

    head: Head
    gaussians: Mapping[str, Gaussian]
    bank: PatchBank
    alignment: Alignment
    positions: Positions
    usual: FloatArray
    scatter: FloatArray
    machine: KernelMachine
    coefficients: FloatArray
    threshold: float = 0.5

    def distances(self, looks: Sequence[Look], /) -> tuple[FloatArray, list[NDArray[np.float32]]]:
        """(N, 6) what each expert says, and the patch expert's map (h, h) of each look."""
        numbers = np.stack([look.numbers for look in looks])
        peaks, maps = zip(*(self._patch(look) for look in looks), strict=True)
        laid = np.stack([self.alignment.lay(look) for look in looks])
        apart = np.column_stack([group_distances(self.gaussians, numbers), peaks, self.positions.oddness(laid)])
        return apart, list(maps)

    def standard(self, looks: Sequence[Look], /) -> FloatArray:
        """(N, 6) what each expert says, in spreads of what it says of normal pictures that it had not seen."""
        return (self.distances(looks)[0] - self.usual) / self.scatter

    def probability(self, looks: Sequence[Look], /) -> tuple[FloatArray, list[NDArray[np.float32]]]:
        """(N,) how probable an anomaly is, and the patch expert's map (h, h) of each look."""
        apart, maps = self.distances(looks)
        decisions = self.machine.decide(np.stack([look.numbers for look in looks]))
        columns = opinions((apart - self.usual) / self.scatter, decisions if self.head == "full" else None)
        return probability(columns, self.coefficients), maps

    def _patch(self, look: Look) -> tuple[float, NDArray[np.float32]]:
        squared = self.bank.distances(look.cells.astype(np.float32), look.inside)
        return peak(squared[:, 0], look.inside)


def group_distances(gaussians: Mapping[str, Gaussian], numbers: FloatArray, /) -> FloatArray:
    """(N, 4) what the expert of each group says of (N, D) numbers."""
    parts = group_slices()
    return np.stack([gaussian.distance(numbers[:, parts[name]]) for name, gaussian in gaussians.items()], axis=1)


def opinions(standard: FloatArray, decisions: FloatArray | None, /) -> FloatArray:
    """(N, K) columns that the logistic fuses: of like size, so that the penalty on the weights prefers none.

    Args:
        standard: (N, 6) standardised distances.
        decisions: (N,) of the supervised expert, or None where it has no say.
    """
    columns = np.arcsinh(np.clip(standard, -3, None))
    return columns if decisions is None else np.column_stack([columns, 2 * decisions])
