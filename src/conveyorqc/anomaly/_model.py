"""What training leaves behind: experts, how usual their opinions are, and how they are fused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from conveyorqc.anomaly._fusion import probability, surprise
from conveyorqc.anomaly._gaussian import Gaussian
from conveyorqc.anomaly._kernel import KernelMachine
from conveyorqc.anomaly._recipe import group_slices
from conveyorqc.core import FloatArray

__all__ = ["Head", "Model", "distances", "opinions"]

Head: TypeAlias = Literal["one-class", "fused"]
"""``one-class`` knows normal pictures only; ``fused`` also learned from anomalies."""


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """Numbers of a picture in, probability of an anomaly out.

    Attributes:
        head: what was learned from.
        experts: a `Gaussian` of the normal pictures for each group of the recipe.
        usual, scatter: (G,) centre and spread of the experts' distances on normal pictures they had not seen.
        machine: the supervised expert; without opinion in a one-class model.
        coefficients: of the logistic on `opinions`.
        threshold: probability from which on a picture is anomalous.
    """

    head: Head
    experts: Mapping[str, Gaussian]
    usual: FloatArray
    scatter: FloatArray
    machine: KernelMachine
    coefficients: FloatArray
    threshold: float = 0.5

    def probability(self, rows: FloatArray, /) -> FloatArray:
        """(N,) how probable an anomaly is, for (N, D) rows of the recipe."""
        standard = (distances(self.experts, rows) - self.usual) / self.scatter
        return probability(opinions(self.head, standard, self.machine.decide(rows)), self.coefficients)


def distances(experts: Mapping[str, Gaussian], rows: FloatArray, /) -> FloatArray:
    """(N, G) what each expert says of its group of numbers."""
    columns = [
        expert.distance(rows[:, part]) for expert, part in zip(experts.values(), group_slices().values(), strict=True)
    ]
    return np.stack(columns, axis=1)


def opinions(head: Head, standard: FloatArray, decisions: FloatArray, /) -> FloatArray:
    """(N, K) columns that the logistic fuses.

    Args:
        head: what the model learned from.
        standard: (N, G) standardised distances.
        decisions: (N,) of the supervised expert.
    """
    bounded = np.clip(standard, -3, 12)
    if head == "one-class":
        return surprise(bounded)[:, None]
    # Of like size, so that the penalty on the weights prefers none.
    return np.column_stack([bounded / 2, 2 * decisions])
