"""A backend of your own: one method, nothing to inherit, nothing to register; the contract suite checks it.

This one calls an object anomalous when it is not compact: broken, or two on top of each other. A disc has the least
second moment of all shapes of its area, so area / (2 pi (var x + var y)) is 1 for a disc and less for all others.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from conveyorqc import BeltSimulator, Verdict
from conveyorqc.calibrate import calibrate
from conveyorqc.core import ImageU8, Mask
from conveyorqc.imgproc import foreground_mask
from conveyorqc.testing import check_backend


class Compactness:
    """An `AnomalyBackend` for round products.

    Args:
        limit: compactness, 0-1, below which an object is anomalous.
    """

    def __init__(self, *, limit: float = 0.96) -> None:
        self._limit = limit

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> list[Verdict]:
        """One verdict per picture; the masks are hints."""
        hints = [None] * len(images) if masks is None else masks
        return [self._verdict(foreground_mask(image, hint=hint)) for image, hint in zip(images, hints, strict=True)]

    def _verdict(self, mask: Mask) -> Verdict:
        y, x = np.nonzero(mask)
        compactness = len(x) / (2 * np.pi * (x.var() + y.var() + 1 / 6))  # 1/6: pixels are squares, not points
        probability = float(1 / (1 + np.exp((compactness - self._limit) / 0.01)))
        is_anomalous = probability >= 0.5
        confidence = probability if is_anomalous else 1 - probability
        return Verdict(is_anomalous=is_anomalous, confidence=confidence, score=probability, model="compactness")


def main() -> None:
    check_backend(Compactness())
    print("Compactness keeps every promise of AnomalyBackend")

    simulator = BeltSimulator(width=640, height=360, seconds=8.0, objects=12, speed_px_s=160.0, seed=5)
    line = calibrate(simulator.frames()).build(backend=Compactness(), sinks=())
    for event in line.run(simulator.frames()):
        said = event.reason if event.verdict is None else f"{event.verdict.confidence:.0%} sure"
        print(f"  #{event.object_id}: {event.disposition.value} ({said})")
    counts, truth = line.counts, simulator.truth.counts
    print(f"{counts.entered} entered: {counts.passed} passed, {counts.rejected} rejected, {counts.unknown} unknown")
    print(f"truth: {truth['normal']} normal, {truth['broken']} broken, {truth['stacked']} stacked")


if __name__ == "__main__":
    main()
