"""Settings of the detectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from conveyorqc.config._base import Settings
from conveyorqc.config._belt import BeltSettings
from conveyorqc.core import Detector, Direction
from conveyorqc.detect import (
    BackgroundDetector,
    BlobFinder,
    Closing,
    ColorThresholdDetector,
    Dilation,
    EdgeMask,
    EntryStrip,
    Erosion,
    FillHoles,
    MaskOp,
    Opening,
    ShadowMask,
)
from conveyorqc.imgproc import ColorRange, ColorSpace

__all__ = [
    "BackgroundSettings",
    "BlobSettings",
    "ColorRangeSettings",
    "ColorThresholdSettings",
    "DetectorSettings",
    "EdgeSettings",
    "FillSettings",
    "MorphologySettings",
    "StripSettings",
]


class ColorRangeSettings(Settings):
    """See `conveyorqc.imgproc.ColorRange`."""

    space: ColorSpace
    low: tuple[int, ...]
    high: tuple[int, ...]

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.build()
        return self

    def build(self) -> ColorRange:
        """The range."""
        return ColorRange(self.space, self.low, self.high)


class BlobSettings(Settings):
    """See `conveyorqc.detect.BlobFinder`."""

    min_area: float = Field(ge=0)
    max_area: float | None = Field(default=None, gt=0)
    max_aspect: float | None = Field(default=None, ge=1)
    diameter: float | None = Field(default=None, gt=0)
    neck: float = Field(default=0.7, ge=0, le=1)
    join_gap: float = Field(default=0.12, ge=0)
    clean: float = Field(default=3.0, ge=0)

    def build(self) -> BlobFinder:
        """The finder."""
        return BlobFinder(**self.model_dump())


class StripSettings(Settings):
    """See `conveyorqc.detect.EntryStrip`; the direction is the line's."""

    fraction: float = Field(gt=0, le=1)

    def build(self, direction: Direction) -> EntryStrip:
        """The strip at the side where objects come in."""
        return EntryStrip(direction, self.fraction)


class EdgeSettings(Settings):
    """See `conveyorqc.detect.EdgeMask`."""

    low: float = Field(default=60.0, ge=0)
    high: float = Field(default=160.0, ge=0)
    width: int = Field(default=1, ge=1, le=255)

    @model_validator(mode="after")
    def _checked(self) -> Self:
        self.build()
        return self

    def build(self) -> EdgeMask:
        """The mask."""
        return EdgeMask(self.low, self.high, self.width)


class MorphologySettings(Settings):
    """One step of the cleaning: its name, and its size in working px."""

    op: Literal["erosion", "dilation", "opening", "closing"]
    size: int = Field(ge=1, le=255)

    def build(self) -> MaskOp:
        """The step."""
        steps: dict[str, Callable[[int], MaskOp]] = {
            "erosion": Erosion,
            "dilation": Dilation,
            "opening": Opening,
            "closing": Closing,
        }
        return steps[self.op](self.size)


class FillSettings(Settings):
    """The step that fills holes."""

    op: Literal["fill_holes"]

    def build(self) -> MaskOp:
        """The step."""
        return FillHoles()


class ColorThresholdSettings(Settings):
    """See `conveyorqc.detect.ColorThresholdDetector`."""

    kind: Literal["color_threshold"] = "color_threshold"
    belt: tuple[ColorRangeSettings, ...] = ()
    objects: tuple[ColorRangeSettings, ...] = ()
    blobs: BlobSettings
    shadow: tuple[ColorRangeSettings, ...] = ()
    edges: EdgeSettings | None = None
    cleaning: tuple[Annotated[MorphologySettings | FillSettings, Field(discriminator="op")], ...] = ()
    ratio: float = Field(default=1.0, gt=0, le=1)
    strip: StripSettings | None = None

    @model_validator(mode="after")
    def _checked(self) -> Self:
        if not (self.belt or self.objects):
            raise ValueError("expected colour ranges under belt or objects, got neither")
        return self

    def build(self, direction: Direction) -> Detector:
        """The detector."""
        return ColorThresholdDetector(
            belt=[color.build() for color in self.belt],
            objects=[color.build() for color in self.objects],
            blobs=self.blobs.build(),
            shadow=ShadowMask(tuple(color.build() for color in self.shadow)) if self.shadow else None,
            edges=self.edges.build() if self.edges else None,
            cleaning=[step.build() for step in self.cleaning],
            ratio=self.ratio,
            strip=self.strip.build(direction) if self.strip else None,
        )


class BackgroundSettings(Settings):
    """See `conveyorqc.detect.BackgroundDetector`."""

    kind: Literal["background"] = "background"
    belt: BeltSettings
    blobs: BlobSettings
    sensitivity: float = Field(default=4.0, gt=0)
    reach: int = Field(default=1, ge=0, le=100)
    strip: StripSettings | None = None

    def build(self, direction: Direction) -> Detector:
        """The detector."""
        return BackgroundDetector(
            self.belt.build(),
            blobs=self.blobs.build(),
            sensitivity=self.sensitivity,
            reach=self.reach,
            strip=self.strip.build(direction) if self.strip else None,
        )


DetectorSettings = Annotated[ColorThresholdSettings | BackgroundSettings, Field(discriminator="kind")]
