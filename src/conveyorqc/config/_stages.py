"""Settings of the stages after the detector."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from conveyorqc.anomaly import LocalBackend, StubBackend
from conveyorqc.config._backends import HttpSettings, OnnxSettings, RetryingSettings
from conveyorqc.config._base import FilePath, Settings
from conveyorqc.core import (
    AnomalyBackend,
    BeltMotion,
    Cropper,
    Detector,
    Direction,
    Schedule,
    Segmenter,
    Sink,
    Tracker,
    Verdict,
    VerdictPolicy,
    ViewSelector,
)
from conveyorqc.crop import BestViews, SquarePadCropper
from conveyorqc.detect import ByTravel, EveryFrames
from conveyorqc.policy import DispositionPolicy, KOfN, MaxPolicy, MeanPolicy
from conveyorqc.sinks import JsonlSink, MemorySink, SQLiteSink
from conveyorqc.track import CentroidTracker, ConstantMotion, EachObject, MilFollower, PhaseMotion

__all__ = [
    "BackendSettings",
    "ByTravelSettings",
    "CentroidSettings",
    "ConstantMotionSettings",
    "CropperSettings",
    "DispositionSettings",
    "EveryFramesSettings",
    "JsonlSettings",
    "KOfNSettings",
    "LocalSettings",
    "MaxSettings",
    "MeanSettings",
    "MemorySettings",
    "MotionSettings",
    "PhaseMotionSettings",
    "PolicySettings",
    "SQLiteSettings",
    "ScheduleSettings",
    "SinkSettings",
    "StubSettings",
    "ViewSettings",
]


class PhaseMotionSettings(Settings):
    """See `conveyorqc.track.PhaseMotion`; the direction is the line's."""

    kind: Literal["phase"] = "phase"
    working_width: int = Field(default=320, ge=16)
    least_confidence: float = Field(default=0.15, ge=0, le=1)
    shake: float = Field(default=12.0, ge=0)

    def build(self, direction: Direction) -> BeltMotion:
        """The measurement of the belt's motion."""
        return PhaseMotion(
            direction=direction,
            working_width=self.working_width,
            least_confidence=self.least_confidence,
            shake=self.shake,
        )


class ConstantMotionSettings(Settings):
    """See `conveyorqc.track.ConstantMotion`."""

    kind: Literal["constant"]
    dx_per_s: float = 0.0
    dy_per_s: float = 0.0

    def build(self, direction: Direction) -> BeltMotion:  # noqa: ARG002 (the speed says it)
        """The known motion."""
        return ConstantMotion(dx_per_s=self.dx_per_s, dy_per_s=self.dy_per_s)


MotionSettings = Annotated[PhaseMotionSettings | ConstantMotionSettings, Field(discriminator="kind")]


class EveryFramesSettings(Settings):
    """See `conveyorqc.detect.EveryFrames`."""

    kind: Literal["every_frames"]
    count: int = Field(default=20, ge=1)

    def build(self, motion: BeltMotion) -> Schedule:  # noqa: ARG002 (frames are counted, not travel)
        """The schedule."""
        return EveryFrames(self.count)


class ByTravelSettings(Settings):
    """See `conveyorqc.detect.ByTravel`."""

    kind: Literal["by_travel"]
    distance: float = Field(gt=0)
    at_most_s: float = Field(default=1.0, gt=0)

    def build(self, motion: BeltMotion) -> Schedule:
        """The schedule."""
        return ByTravel(motion, distance=self.distance, at_most_s=self.at_most_s)


ScheduleSettings = Annotated[EveryFramesSettings | ByTravelSettings, Field(discriminator="kind")]


class CentroidSettings(Settings):
    """See `conveyorqc.track.CentroidTracker`; ``propagator`` mil follows each object with OpenCV's MIL tracker."""

    kind: Literal["centroid"] = "centroid"
    max_distance: float = Field(gt=0)
    min_travel: float | None = Field(default=None, ge=0)
    confirm_hits: int = Field(default=2, ge=1)
    lost_after: int = Field(default=6, ge=1)
    lost_travel: float | None = Field(default=None, ge=0)
    lost_s: float = Field(default=2.0, gt=0)
    propagator: Literal["belt", "mil"] = "belt"

    def build(self, motion: BeltMotion, direction: Direction, *, look_fraction: float = 1.0) -> Tracker:
        """The tracker; ``look_fraction`` is that of the detector's strip."""
        return CentroidTracker(
            motion,
            direction=direction,
            max_distance=self.max_distance,
            min_travel=self.min_travel,
            confirm_hits=self.confirm_hits,
            lost_after=self.lost_after,
            lost_travel=self.lost_travel,
            lost_s=self.lost_s,
            look_fraction=look_fraction,
            propagator=EachObject(MilFollower) if self.propagator == "mil" else None,
        )


class CropperSettings(Settings):
    """See `conveyorqc.crop.SquarePadCropper`; ``segmenter`` detector gives each view the detector's mask."""

    size: int = Field(default=384, ge=8, le=4096)
    margin: float = Field(default=0.08, ge=0)
    spacing: float = Field(default=0.5, ge=0)
    segmenter: Literal["detector", "none"] = "detector"

    def build(self, detector: Detector) -> Cropper:
        """The cropper."""
        segmenter = detector if self.segmenter == "detector" and isinstance(detector, Segmenter) else None
        return SquarePadCropper(size=self.size, margin=self.margin, spacing=self.spacing, segmenter=segmenter)


class ViewSettings(Settings):
    """See `conveyorqc.crop.BestViews`."""

    collect: int = Field(default=5, ge=1)
    keep: int = Field(default=3, ge=1)

    def build(self) -> ViewSelector:
        """The selector."""
        return BestViews(collect=self.collect, keep=self.keep)


class LocalSettings(Settings):
    """A model trained by `conveyorqc.LocalBackend`; ``model`` is its folder."""

    kind: Literal["local"]
    model: FilePath

    def build(self) -> AnomalyBackend:
        """The backend, loaded."""
        return LocalBackend.load(self.model)


class StubSettings(Settings):
    """A backend that always says the same, for dry runs."""

    kind: Literal["stub"]
    is_anomalous: bool = False
    confidence: float = Field(default=1.0, ge=0, le=1)

    def build(self) -> AnomalyBackend:
        """The backend."""
        return StubBackend(default=Verdict(self.is_anomalous, self.confidence, model="stub"))


BackendSettings = Annotated[
    LocalSettings | OnnxSettings | HttpSettings | RetryingSettings | StubSettings, Field(discriminator="kind")
]


class MaxSettings(Settings):
    """See `conveyorqc.policy.MaxPolicy`."""

    kind: Literal["max"] = "max"

    def build(self) -> VerdictPolicy:
        """The policy."""
        return MaxPolicy()


class MeanSettings(Settings):
    """See `conveyorqc.policy.MeanPolicy`."""

    kind: Literal["mean"]

    def build(self) -> VerdictPolicy:
        """The policy."""
        return MeanPolicy()


class KOfNSettings(Settings):
    """See `conveyorqc.policy.KOfN`."""

    kind: Literal["k_of_n"]
    k: int = Field(ge=1)

    def build(self) -> VerdictPolicy:
        """The policy."""
        return KOfN(self.k)


PolicySettings = Annotated[MaxSettings | MeanSettings | KOfNSettings, Field(discriminator="kind")]


class DispositionSettings(Settings):
    """See `conveyorqc.policy.DispositionPolicy`."""

    min_confidence: float = Field(default=0.0, ge=0, le=1)

    def build(self) -> DispositionPolicy:
        """The policy."""
        return DispositionPolicy(min_confidence=self.min_confidence)


class MemorySettings(Settings):
    """See `conveyorqc.sinks.MemorySink`."""

    kind: Literal["memory"]

    def build(self) -> Sink:
        """The sink."""
        return MemorySink()


class JsonlSettings(Settings):
    """See `conveyorqc.sinks.JsonlSink`."""

    kind: Literal["jsonl"]
    path: FilePath

    def build(self) -> Sink:
        """The sink, opened."""
        return JsonlSink(self.path)


class SQLiteSettings(Settings):
    """See `conveyorqc.sinks.SQLiteSink`."""

    kind: Literal["sqlite"]
    path: FilePath

    def build(self) -> Sink:
        """The sink, opened."""
        return SQLiteSink(self.path)


SinkSettings = Annotated[MemorySettings | JsonlSettings | SQLiteSettings, Field(discriminator="kind")]
