"""Everything that training looks at more than once, measured once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from conveyorqc.anomaly._folds import blocks_by_look, object_weights
from conveyorqc.anomaly._gaussian import Gaussian, fit_gaussian
from conveyorqc.anomaly._kernel import KernelMachine, fit_kernel_machine, no_kernel_machine
from conveyorqc.anomaly._model import group_distances
from conveyorqc.anomaly._patch import PatchBank, fit_patch_bank, peak
from conveyorqc.anomaly._position import Alignment, Positions, fit_alignment, fit_positions
from conveyorqc.anomaly._recipe import Look, group_slices
from conveyorqc.core import FloatArray, IntArray, Mask

__all__ = ["Evidence", "Experts", "gather"]

_BLOCKS = 12
"""Parts that can be held out. More make finer folds possible, and more memory."""

_Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Experts:
    """Those that were trained on some of the blocks."""

    gaussians: dict[str, Gaussian]
    positions: Positions
    machine: KernelMachine


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """What is known of N pictures, real and made up.

    Attributes:
        numbers: (N, D) of the recipe.
        laid: (N, 24, 24, d) float16, the cells on the common grid.
        squared: (n, B) for each picture, distances of its cells to the nearest place of each block.
        insides: (h, h) bool each.
        is_anomalous, is_real: (N,) bool.
        objects: (N,) index of the object.
        blocks: (N,) which part it belongs to.
        weights: (N,) how much it counts.
        bank: places of all real normal pictures.
        alignment: of all real normal pictures.
    """

    numbers: FloatArray
    laid: NDArray[np.float16]
    squared: Sequence[NDArray[np.float32]]
    insides: Sequence[Mask]
    is_anomalous: _Flags
    is_real: _Flags
    objects: IntArray
    blocks: IntArray
    weights: FloatArray
    bank: PatchBank
    alignment: Alignment

    @property
    def normal_blocks(self) -> IntArray:
        """The blocks that hold normal objects."""
        return np.unique(self.blocks[self.is_real & ~self.is_anomalous])

    def experts(self, kept: _Flags, /, *, supervised: bool) -> Experts:
        """Trained on the rows that are ``kept``; the supervised one on real pictures, if of both kinds."""
        sound = kept & ~self.is_anomalous
        shown = kept & self.is_real
        machine = no_kernel_machine(self.numbers.shape[1])
        if supervised and self.is_anomalous[shown].any():
            machine = fit_kernel_machine(self.numbers[shown], self.is_anomalous[shown], self.weights[shown])
        return Experts(
            {name: fit_gaussian(self.numbers[sound, part]) for name, part in group_slices().items()},
            fit_positions(self.laid[sound & self.is_real]),
            machine,
        )

    def distances(self, experts: Experts, rows: _Flags, without: IntArray, /) -> FloatArray:
        """(n, 6) what the experts say of some rows, the patch expert without some blocks."""
        blocks = np.setdiff1d(self.normal_blocks, without)
        peaks = [
            peak(self.squared[row][:, blocks].min(axis=1), self.insides[row])[0]
            for row in np.flatnonzero(rows).tolist()
        ]
        odd = experts.positions.oddness(self.laid[rows])
        return np.column_stack([group_distances(experts.gaussians, self.numbers[rows]), peaks, odd])


def gather(
    looks: Sequence[Look], is_anomalous: _Flags, is_real: _Flags, objects: IntArray, /, *, rng: np.random.Generator
) -> Evidence:
    """The evidence of N pictures; what was made of an object carries its index."""
    numbers = np.stack([look.numbers for look in looks])
    blocks = _blocks(numbers, is_anomalous, is_real, objects)
    sound = np.flatnonzero(~is_anomalous & is_real).tolist()
    alignment = fit_alignment([looks[row] for row in sound])
    bank = fit_patch_bank(
        [looks[row].cells.astype(np.float32) for row in sound],
        [looks[row].inside for row in sound],
        blocks[sound],
        rng=rng,
    )
    return Evidence(
        numbers=numbers,
        laid=np.stack([alignment.lay(look) for look in looks]),
        squared=[bank.distances(look.cells.astype(np.float32), look.inside, count=_BLOCKS) for look in looks],
        insides=[look.inside for look in looks],
        is_anomalous=is_anomalous,
        is_real=is_real,
        objects=objects,
        blocks=blocks,
        weights=object_weights(2 * objects + is_anomalous, is_anomalous),
        bank=bank,
        alignment=alignment,
    )


def _blocks(numbers: FloatArray, is_anomalous: _Flags, is_real: _Flags, objects: IntArray) -> IntArray:
    """Made-up pictures belong to the block of the object that they were made of."""
    real = np.flatnonzero(is_real)
    _, index = np.unique(objects[real], return_inverse=True)
    count = min(_BLOCKS, len(np.unique(objects[real][~is_anomalous[real]])))
    of_object = dict(
        zip(objects[real].tolist(), blocks_by_look(numbers[real], index, is_anomalous[real], blocks=count), strict=True)
    )
    return np.array([of_object[one] for one in objects.tolist()], dtype=np.int64)
