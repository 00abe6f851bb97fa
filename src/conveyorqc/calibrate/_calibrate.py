"""`calibrate` and `examine`: a line's configuration from a clip alone, without labels."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from conveyorqc.calibrate._calibration import Calibration
from conveyorqc.calibrate._doubts import doubts_about
from conveyorqc.calibrate._measured import Measured
from conveyorqc.calibrate._scene import SENSITIVITY, Scene
from conveyorqc.calibrate._sightings import Sightings, kinds_of_color, sightings, typical_color
from conveyorqc.calibrate._size import Sizes, sizes_in, thickness
from conveyorqc.calibrate._survey import SAMPLE_WIDTH, Survey, survey
from conveyorqc.config import (
    BackgroundSettings,
    BeltSettings,
    BlobSettings,
    ByTravelSettings,
    CentroidSettings,
    LineConfig,
    PhaseMotionSettings,
)
from conveyorqc.core import Direction, FloatArray, Frame
from conveyorqc.errors import CalibrationError
from conveyorqc.imgproc import ycrcb_to_bgr

__all__ = ["calibrate", "examine"]

_log = logging.getLogger(__name__)

_WORKING_WIDTH = 320
_LEAST_THICKNESS = 16.0
"""Working px that objects should be thick; thinner ones are looked at with more resolution."""

_MIN_AREA = 0.15
"""Of a typical object's area, below which a blob is a crumb."""

_CLEAN = 3.0
"""Working px of the squares that are cleaned by majority."""

_SPECK = 0.2
"""Of a typical object's area, below which a blob does not tell how large objects are."""

_MOST_SIGHTINGS = 1200
"""About; enough for medians."""

_STRIP_MARGIN = 8.0
"""Px between an object and the inner edge of the entry strip."""

_SHAKE_STEPS = 2.6
"""From where nine in ten pictures lie to three standard deviations of the way from one picture to the next."""

_BETWEEN_LOOKS = 0.35
"""Diameters that the belt moves from look to look."""


def calibrate(frames: Iterable[Frame], /, *, most_frames: int = 3000) -> LineConfig:
    """The configuration of the line that ``frames`` show: belt, direction, size of objects, thresholds, schedule.

    It needs no labels and no empty belt: objects may be in view all the time, as long as they move. `examine` gives
    the same configuration together with what it rests on.

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
    return examine(frames, most_frames=most_frames).line


def examine(frames: Iterable[Frame], /, *, most_frames: int = 3000) -> Calibration:
    """As `calibrate`, with speed, sizes, colours, counts, and what is doubtful.

    >>> from conveyorqc.simulate import BeltSimulator
    >>> simulator = BeltSimulator(width=240, height=136, fps=12.0, seconds=5.0, objects=6, speed_px_s=110.0, seed=1)
    >>> found = examine(simulator.frames())
    >>> found.line.direction.value, round(found.speed.value, -1), found.doubts
    ('left_to_right', 110.0, {})
    """
    seen = survey(frames, most_frames=most_frames)
    direction = seen.direction()
    across = 1 if direction.horizontal else 0
    scene = Scene.of(seen, working_width=_WORKING_WIDTH, across=across)
    thick = thickness(scene.masks[::4])
    if 0 < thick < _LEAST_THICKNESS and max(scene.belt.size) < max(seen.width, seen.height):
        finer = min(SAMPLE_WIDTH, round(_WORKING_WIDTH * 1.25 * _LEAST_THICKNESS / thick))
        scene = Scene.of(seen, working_width=finer, across=across)
        thick = thickness(scene.masks[::4])
    result = _concluded(seen, direction, scene, sizes_in(scene.masks, thickness=thick, axis=1 - across))
    _log.info(
        "calibrated from %d frames: %s at %.0f px/s, objects of about %.0f px",
        result.frames,
        direction.value,
        result.speed.value,
        result.diameter.value,
    )
    return result


def _concluded(seen: Survey, direction: Direction, scene: Scene, sizes: Sizes) -> Calibration:
    """What follows from belt, motion and sizes."""
    found = sightings(
        scene.pictures,
        scene.masks,
        _blobs(scene.scale * sizes.wanted, scene).build(),
        belt=scene.belt,
        scale=scene.scale,
        every=math.ceil(sizes.blobs / _MOST_SIGHTINGS),
    )
    diameter = _diameter(found, scene, least=_SPECK * sizes.usual)
    smaller = None if sizes.smaller is None else scene.scale * sizes.wanted
    usual = diameter.value if smaller is None else smaller
    line = _line(direction, scene, usual)
    step = seen.fast_step(direction)
    strip = _strip_px(found, scene, direction, diameter=usual, step=step)
    fullest = int(np.bincount(found.pictures, weights=found.whole, minlength=len(scene.pictures)).argmax())
    sample = scene.samples[fullest]
    facts = Calibration(
        line=line,
        size=(seen.width, seen.height),
        frames=seen.frames,
        moving=len(seen.velocities) / max(1, seen.frames - 1),
        agreement=seen.agreement,
        speed=seen.speed(direction),
        step=step / seen.extent(direction),
        diameter=diameter,
        other_diameter=smaller,
        sightings=int(found.whole.sum()),
        objects=_objects(found, scene, seen, direction),
        shake_px=scene.shake * scene.scale,
        belt_color=typical_color(scene.belt.picture[found.swept]),
        object_colors=kinds_of_color(found.colors[found.whole]),
        contrast=float(np.median(found.contrasts)),
        entry_strip=min(1.0, strip / seen.extent(direction)),
        doubts={},
        view=ycrcb_to_bgr(sample.picture),
        view_boxes=found.boxes[found.pictures == fullest] * (max(sample.picture.shape) / max(scene.belt.size)),
        view_frame=sample.frame_index,
    )
    return replace(facts, doubts=doubts_about(facts))


def _line(direction: Direction, scene: Scene, diameter: float) -> LineConfig:
    return LineConfig(
        direction=direction,
        motion=_motion(scene),
        schedule=ByTravelSettings(kind="by_travel", distance=_BETWEEN_LOOKS * diameter),
        detector=BackgroundSettings(
            belt=BeltSettings.of(scene.belt),
            blobs=_blobs(diameter, scene),
            sensitivity=SENSITIVITY,
            reach=scene.reach,
        ),
        tracker=CentroidSettings(max_distance=0.5 * diameter),
    )


def _motion(scene: Scene) -> PhaseMotionSettings:
    """A camera that shakes much moves the picture across the belt by more than is usually believed."""
    usual = PhaseMotionSettings()
    return usual.model_copy(update={"shake": max(usual.shake, _SHAKE_STEPS * scene.shake * scene.scale)})


def _blobs(diameter: float, scene: Scene) -> BlobSettings:
    return BlobSettings(min_area=_MIN_AREA * math.pi / 4 * diameter**2, diameter=diameter, clean=_CLEAN * scene.scale)


def _diameter(found: Sightings, scene: Scene, *, least: float) -> Measured:
    """Of the whole objects of at least ``least`` px² of the scene, full-frame px.

    Raises:
        CalibrationError: if there are none.
    """
    areas = found.areas[found.whole & (found.areas >= least)]
    if not len(areas):
        raise CalibrationError("expected objects that fit into the frame, but its edges cut all that were seen")
    return Measured.of(scene.scale * np.sqrt(4 / math.pi * areas))


def _objects(found: Sightings, scene: Scene, seen: Survey, direction: Direction) -> int:
    """How many came by: as many as lie on the belt that a picture shows, for all the belt that went past."""
    visible = seen.extent(direction) - scene.scale * float(np.median(_lengths(found, direction)))
    density = found.whole.sum() / len(found.looked) / max(visible, 1.0)
    return max(1, round(float(density) * (seen.travel(direction) + visible)))


def _strip_px(found: Sightings, scene: Scene, direction: Direction, *, diameter: float, step: float) -> float:
    """Px that hold a large object and twice the travel between looks: a new object counts from its second look."""
    lengths = _lengths(found, direction)
    between = _BETWEEN_LOOKS * diameter + step
    return scene.scale * float(np.percentile(lengths, 95)) + 2 * between + _STRIP_MARGIN


def _lengths(found: Sightings, direction: Direction) -> FloatArray:
    """Of whole objects along the belt, px of the scene."""
    axis = 0 if direction.horizontal else 1
    return np.asarray((found.boxes[:, axis + 2] - found.boxes[:, axis])[found.whole])
