"""`calibrate`: a line's configuration from a clip alone, without labels."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from conveyorqc.calibrate._survey import SAMPLE_WIDTH, Survey, survey
from conveyorqc.config import (
    BackgroundSettings,
    BeltSettings,
    BlobSettings,
    ByTravelSettings,
    CentroidSettings,
    LineConfig,
)
from conveyorqc.core import FloatArray, Frame, Mask
from conveyorqc.detect import BeltAppearance, BeltComparison, BlobFinder, learn_belt
from conveyorqc.errors import CalibrationError
from conveyorqc.geometry import touches_edge
from conveyorqc.imgproc import resize, working_size

__all__ = ["calibrate"]

_log = logging.getLogger(__name__)

_WORKING_WIDTH = 320
_LEAST_DIAMETER = 20.0
"""Working px that a typical object should have; smaller ones are looked at with more resolution."""

_MOST_BELT_SAMPLES = 41
_MIN_AREA = 0.15
"""Of a typical object's area, below which a blob is a crumb."""


def calibrate(frames: Iterable[Frame], /, *, most_frames: int = 3000) -> LineConfig:
    """The configuration of the line that ``frames`` show: belt, direction, size of objects, thresholds, schedule.

    It needs no labels and no empty belt: objects may be in view all the time, as long as they move.

    Args:
        frames: one clip in order; it is gone through once, with bounded memory.
        most_frames: look at no more than the first so many, and take no more from ``frames``. More is surer and takes
            longer.

    Returns:
        A `LineConfig` without backend and sinks; it holds the picture of the empty belt.

    Raises:
        CalibrationError: if nothing moves, or what moves is no set of objects; the text says which.
        InvalidInput: if ``most_frames`` is below 1.
        VideoError: what the source of ``frames`` raises.
    """
    seen = survey(frames, most_frames=most_frames)
    direction = seen.direction()
    belt, diameter = _belt_and_size(seen)
    _log.info(
        "calibrated from %d frames: %s at %.0f px/s, objects of about %.0f px",
        seen.frames,
        direction.value,
        seen.speed(direction),
        diameter,
    )
    single = math.pi / 4 * diameter**2
    return LineConfig(
        direction=direction,
        schedule=ByTravelSettings(kind="by_travel", distance=0.35 * diameter),
        detector=BackgroundSettings(
            belt=BeltSettings.of(belt),
            blobs=BlobSettings(min_area=_MIN_AREA * single, diameter=diameter, clean=3.0 * _scale(seen, belt)),
        ),
        tracker=CentroidSettings(max_distance=0.5 * diameter),
    )


def _belt_and_size(seen: Survey) -> tuple[BeltAppearance, float]:
    """The belt at a resolution that suits the objects, and their typical diameter in full-frame px."""
    belt = learn_belt(_at_width(seen, _WORKING_WIDTH))
    diameter = _typical_diameter(seen, belt)
    enlargement = _LEAST_DIAMETER * _scale(seen, belt) / diameter
    if enlargement > 1.25 and max(belt.size) < max(seen.width, seen.height):
        belt = learn_belt(_at_width(seen, min(SAMPLE_WIDTH, round(_WORKING_WIDTH * enlargement))))
        diameter = _typical_diameter(seen, belt)
    return belt, diameter


def _at_width(seen: Survey, working_width: int) -> list[NDArray[np.uint8]]:
    """Some of the samples, spread evenly, at the resolution that detection is to work at."""
    width, height = working_size(seen.width, seen.height, working_width=working_width)
    chosen = np.linspace(0, len(seen.samples) - 1, min(_MOST_BELT_SAMPLES, len(seen.samples))).astype(int)
    return [resize(seen.samples[i], width=width, height=height, method="area") for i in chosen]


def _scale(seen: Survey, belt: BeltAppearance) -> float:
    """Full-frame px per working px."""
    return max(seen.width, seen.height) / max(belt.size)


def _typical_diameter(seen: Survey, belt: BeltAppearance) -> float:
    """Diameter of a disc as large as a typical object, full-frame px.

    First from blobs as they are, where touching objects count as one; then once more with those cut.

    Raises:
        CalibrationError: if there are no blobs, or none is whole.
    """
    masks = _foregrounds(seen, belt)
    rough = _diameter(masks, BlobFinder(min_area=0.0))
    single = math.pi / 4 * rough**2
    return _diameter(masks, BlobFinder(min_area=_MIN_AREA * single, diameter=rough)) * _scale(seen, belt)


def _foregrounds(seen: Survey, belt: BeltAppearance) -> list[Mask]:
    comparison = BeltComparison.of(belt, sensitivity=4.0, reach=1)
    width, height = belt.size
    return [comparison.foreground(resize(sample, width=width, height=height, method="area")) for sample in seen.samples]


def _diameter(masks: Sequence[Mask], finder: BlobFinder) -> float:
    """Typical diameter in working px of the blobs that no edge of the picture cuts."""
    areas: list[float] = []
    cut = 0
    for mask in masks:
        labels, boxes = finder.find(mask)
        sizes = np.bincount(labels.ravel(), minlength=len(boxes) + 1)[1:]
        whole = ~touches_edge(boxes, width=mask.shape[1], height=mask.shape[0]).any(axis=1)
        areas += sizes[whole].tolist()
        cut += int((~whole).sum())
    if areas:
        return math.sqrt(4 / math.pi * _typical(np.array(areas, dtype=np.float64)))
    if cut:
        raise CalibrationError(f"expected objects that fit into the frame, but its edges cut all {cut} that were seen")
    raise CalibrationError("expected objects on the belt, but nothing larger than a speck differs from it")


def _typical(areas: FloatArray) -> float:
    """The median object: specks do not count, however many there are.

    Half of all foreground lies in blobs larger than the area-weighted median; what is far smaller is no object.
    """
    ordered = np.sort(areas)
    heavy = ordered[np.searchsorted(np.cumsum(ordered), ordered.sum() / 2)]
    return float(np.median(ordered[ordered >= 0.2 * heavy]))
