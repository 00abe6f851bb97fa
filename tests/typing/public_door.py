"""Never run, only type-checked: what a reader writes against the public door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_type

import conveyorqc
from conveyorqc import AnomalyBackend, Direction, Disposition, Frame, InspectionEvent, Sink, Verdict
from conveyorqc.core import Boxes, ImageU8, Mask


class OwnBackend:
    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:
        return [Verdict(is_anomalous=False, confidence=1.0) for _ in images]


class OwnSink:
    def write(self, event: InspectionEvent, /) -> None:
        assert_type(event.disposition, Disposition)


def own_classes_fit_without_inheriting() -> tuple[AnomalyBackend, Sink]:
    return OwnBackend(), OwnSink()


def the_door_is_typed(frame: Frame) -> None:
    assert_type(conveyorqc.__version__, str)
    assert_type(conveyorqc.Direction.LEFT_TO_RIGHT.unit, tuple[float, float])
    assert_type(conveyorqc.Detections([]).boxes, Boxes)
    assert_type(frame.bgr, ImageU8)
    assert_type(Direction("left_to_right").horizontal, bool)
