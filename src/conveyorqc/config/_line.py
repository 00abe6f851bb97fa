"""`LineConfig`: a whole line as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from conveyorqc.config._base import Settings
from conveyorqc.config._detect import DetectorSettings
from conveyorqc.config._stages import (
    BackendSettings,
    CentroidSettings,
    CropperSettings,
    DispositionSettings,
    MaxSettings,
    MotionSettings,
    PhaseMotionSettings,
    PolicySettings,
    ScheduleSettings,
    SinkSettings,
    ViewSettings,
)
from conveyorqc.core import (
    AnomalyBackend,
    BeltMotion,
    Clock,
    Cropper,
    Detector,
    Direction,
    Inspector,
    Schedule,
    Sink,
    Tracker,
    ViewSelector,
)
from conveyorqc.errors import ConfigError
from conveyorqc.line import InspectionLine

__all__ = ["LineConfig", "Stages"]


@dataclass(frozen=True, slots=True)
class Stages:
    """The step objects of a line, for those who write the loop themselves."""

    motion: BeltMotion
    schedule: Schedule
    detector: Detector
    tracker: Tracker
    cropper: Cropper
    views: ViewSelector


_Name = Annotated[str, Field(min_length=1, pattern=r"^[^/]+$")]


class LineConfig(Settings):
    """A line: what `conveyorqc.load_config` reads from YAML, and what calibration makes.

    ``backend`` and ``sinks`` may be missing: tracking and cropping do not need them.
    """

    line_id: _Name = "line-1"
    camera_id: _Name = "camera-1"
    direction: Direction
    motion: MotionSettings = PhaseMotionSettings()
    schedule: ScheduleSettings
    detector: DetectorSettings
    tracker: CentroidSettings
    cropper: CropperSettings = CropperSettings()
    views: ViewSettings = ViewSettings()
    backend: BackendSettings | None = None
    policy: PolicySettings = MaxSettings()
    dispositions: DispositionSettings = DispositionSettings()
    sinks: tuple[SinkSettings, ...] = ()

    def build_stages(self) -> Stages:
        """New step objects, which share one belt motion.

        Raises:
            ConveyorQCError: if a file that the configuration names is missing or broken.
        """
        motion = self.motion.build(self.direction)
        detector, strip = self.detector.build(self.direction), self.detector.strip
        return Stages(
            motion=motion,
            schedule=self.schedule.build(motion),
            detector=detector,
            tracker=self.tracker.build(motion, self.direction, look_fraction=strip.fraction if strip else 1.0),
            cropper=self.cropper.build(detector),
            views=self.views.build(),
        )

    def build(
        self,
        *,
        backend: AnomalyBackend | Inspector | None = None,
        sinks: Sequence[Sink] | None = None,
        run_id: str | None = None,
        clock: Clock | None = None,
    ) -> InspectionLine:
        """The line. ``backend`` and ``sinks`` take the place of those in the configuration.

        Nobody closes sinks that the configuration names: use `opened` where that matters.

        Raises:
            ConfigError: if there is no backend in either place.
            ConveyorQCError: if a file that the configuration names is missing or broken.
        """
        if backend is None:
            if self.backend is None:
                raise ConfigError("backend: expected settings or an AnomalyBackend, got neither")
            backend = self.backend.build()
        stages = self.build_stages()
        return InspectionLine(
            detector=stages.detector,
            tracker=stages.tracker,
            cropper=stages.cropper,
            views=stages.views,
            backend=backend,
            policy=self.policy.build(),
            dispositions=self.dispositions.build(),
            sinks=[settings.build() for settings in self.sinks] if sinks is None else list(sinks),
            schedule=stages.schedule,
            motion=stages.motion,
            line_id=self.line_id,
            camera_id=self.camera_id,
            run_id=run_id,
            clock=clock,
        )

    @contextmanager
    def opened(
        self,
        *,
        backend: AnomalyBackend | Inspector | None = None,
        run_id: str | None = None,
        clock: Clock | None = None,
    ) -> Iterator[InspectionLine]:
        """The line for a ``with`` block, at the end of which the sinks that the configuration names are closed.

        Raises:
            ConfigError, ConveyorQCError: as `build`.
        """
        with ExitStack() as stack:
            sinks = []
            for settings in self.sinks:
                sink = settings.build()
                sinks.append(stack.enter_context(sink) if isinstance(sink, AbstractContextManager) else sink)
            yield self.build(backend=backend, sinks=sinks, run_id=run_id, clock=clock)
