"""From settings to stages: every field reaches what it is named after, and a line made so inspects a clip."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from config_lines import ORANGE, background_line, rich_line, threshold_line, write_yaml

from conveyorqc import config as room
from conveyorqc.anomaly import LocalBackend, Retrying, StubBackend
from conveyorqc.calibrate import calibrate
from conveyorqc.config import LineConfig, load_config, save_config
from conveyorqc.core import BeltShift, Direction, Disposition, Frame, Tracks
from conveyorqc.crop import BestViews, SquarePadCropper
from conveyorqc.detect import (
    BackgroundDetector,
    BeltAppearance,
    BlobFinder,
    ByTravel,
    Closing,
    ColorThresholdDetector,
    Dilation,
    EdgeMask,
    EntryStrip,
    Erosion,
    EveryFrames,
    FillHoles,
    Opening,
)
from conveyorqc.errors import ConfigError, ModelError
from conveyorqc.imgproc import ColorRange
from conveyorqc.line import InspectionLine
from conveyorqc.onnx import OnnxBackend, OnnxInput, OnnxMapping
from conveyorqc.policy import DispositionPolicy, KOfN, MaxPolicy, MeanPolicy
from conveyorqc.remote import HttpBackend, HttpMapping
from conveyorqc.simulate import BeltSimulator
from conveyorqc.sinks import JsonlSink, MemorySink, SQLiteSink
from conveyorqc.testing import ManualClock, ScriptedMotion
from conveyorqc.track import CentroidTracker, ConstantMotion, PhaseMotion

BUILT = {
    "BackgroundSettings": (BackgroundDetector,),
    "BeltSettings": (BeltAppearance,),
    "BlobSettings": (BlobFinder,),
    "ByTravelSettings": (ByTravel,),
    "CentroidSettings": (CentroidTracker,),
    "ColorRangeSettings": (ColorRange,),
    "ColorThresholdSettings": (ColorThresholdDetector,),
    "ConstantMotionSettings": (ConstantMotion,),
    "CropperSettings": (SquarePadCropper,),
    "DispositionSettings": (DispositionPolicy,),
    "EdgeSettings": (EdgeMask,),
    "EveryFramesSettings": (EveryFrames,),
    "FillSettings": (FillHoles,),
    "HttpMappingSettings": (HttpMapping,),
    "HttpSettings": (HttpBackend,),
    "JsonlSettings": (JsonlSink,),
    "KOfNSettings": (KOfN,),
    "LineConfig": (InspectionLine,),
    "MaxSettings": (MaxPolicy,),
    "MeanSettings": (MeanPolicy,),
    "MemorySettings": (MemorySink,),
    "MorphologySettings": (Erosion, Dilation, Opening, Closing),
    "OnnxInputSettings": (OnnxInput,),
    "OnnxMappingSettings": (OnnxMapping,),
    "OnnxSettings": (OnnxBackend,),
    "PhaseMotionSettings": (PhaseMotion,),
    "RetryingSettings": (Retrying,),
    "SQLiteSettings": (SQLiteSink,),
    "StripSettings": (EntryStrip,),
    "ViewSettings": (BestViews,),
}
"""Settings by name, and the classes whose keywords their fields equal."""

SAID_BY_THE_LINE = {"direction", "motion", "look_fraction"}
"""Keywords of stages that a line's other settings decide."""

LEFT_TO_THE_CALLER = {"run_id", "run_ids", "clock", "busy_timeout_s", "sleep", "rng"}

WITHOUT_A_KEYWORD = {"LocalSettings", "StubSettings"}
"""Settings of backends: a folder to load, and the parts of a verdict. Tested by what they build."""


def settings_of(name: str):
    return getattr(room, name)


def fields_of(name: str) -> set[str]:
    """Fields that are more than the name of an alternative."""
    return set(settings_of(name).model_fields) - {"kind", "op"}


def shared_defaults() -> list[tuple[str, type, str]]:
    """Every field that has a default of a plain type on both sides."""
    plain = (int, float, str, bool, type(None))
    return [
        (name, built, field)
        for name, classes in BUILT.items()
        for built in classes
        for field in sorted(fields_of(name))
        if isinstance(settings_of(name).model_fields[field].default, plain)
        and field not in {"segmenter", "propagator"}  # a word in the file, an object in the constructor
        and (name, field) != ("LineConfig", "backend")  # a line that only tracks needs none
    ]


def test_every_model_of_settings_is_accounted_for():
    models = {name for name in room.__all__ if inspect.isclass(made := settings_of(name)) and hasattr(made, "build")}
    assert models == BUILT.keys() | WITHOUT_A_KEYWORD


@pytest.mark.parametrize("name", BUILT)
def test_fields_are_the_keywords_of_what_is_built(name):
    for built in BUILT[name]:
        keywords = set(inspect.signature(built).parameters)
        supplied = keywords & (SAID_BY_THE_LINE | LEFT_TO_THE_CALLER) - fields_of(name)
        own = {"direction"} if name == "LineConfig" else set()
        assert keywords - supplied == fields_of(name) - own


@pytest.mark.parametrize(("name", "built", "field"), shared_defaults())
def test_defaults_are_those_of_what_is_built(name, built, field):
    assert inspect.signature(built).parameters[field].default == settings_of(name).model_fields[field].default


def test_what_is_left_out_builds_the_usual_stages():
    stages = LineConfig.model_validate(threshold_line()).build_stages()
    assert (PhaseMotion, EveryFrames, ColorThresholdDetector, CentroidTracker, SquarePadCropper, BestViews) == tuple(
        type(stage)
        for stage in (stages.motion, stages.schedule, stages.detector, stages.tracker, stages.cropper, stages.views)
    )


def test_a_line_with_every_option_builds():
    stages = LineConfig.model_validate(rich_line()).build_stages()
    assert isinstance(stages.motion, ConstantMotion)
    assert isinstance(stages.schedule, ByTravel)


def test_each_call_builds_new_stages():
    config = LineConfig.model_validate(threshold_line())
    assert config.build_stages().tracker is not config.build_stages().tracker


def test_a_background_line_builds_its_detector_and_strip():
    data = background_line()
    data["detector"]["strip"] = {"fraction": 0.5}
    stages = LineConfig.model_validate(data).build_stages()
    assert isinstance(stages.detector, BackgroundDetector)
    assert EntryStrip(Direction.RIGHT_TO_LEFT, 0.5) == room.StripSettings(fraction=0.5).build(Direction.RIGHT_TO_LEFT)


@pytest.mark.parametrize(
    ("op", "built"),
    [("erosion", Erosion(3)), ("dilation", Dilation(3)), ("opening", Opening(3)), ("closing", Closing(3))],
)
def test_each_step_of_cleaning_is_the_one_it_is_called(op, built):
    assert built == room.MorphologySettings(op=op, size=3).build()


def test_simple_settings_build_equal_values():
    assert ColorRange("hsv", (5, 60, 60), (30, 255, 255)) == room.ColorRangeSettings.model_validate(ORANGE).build()
    assert BlobFinder(7.0, diameter=20.0, neck=0.5) == room.BlobSettings(min_area=7, diameter=20, neck=0.5).build()
    assert EdgeMask(10.0, 20.0, 3) == room.EdgeSettings(low=10, high=20, width=3).build()
    assert isinstance(room.FillSettings(op="fill_holes").build(), FillHoles)


@pytest.mark.parametrize(
    ("policy", "built"),
    [({"kind": "max"}, MaxPolicy), ({"kind": "mean"}, MeanPolicy), ({"kind": "k_of_n", "k": 2}, KOfN)],
)
def test_each_policy_is_the_one_it_is_called(policy, built):
    assert isinstance(LineConfig.model_validate(threshold_line(policy=policy)).policy.build(), built)


def test_the_cropper_asks_the_detector_for_masks_unless_told_otherwise():
    simulator = BeltSimulator(width=160, height=96, fps=10.0, seconds=3.0, objects=3, speed_px_s=80.0, seed=1)
    frame = list(simulator.frames())[20]
    _, boxes, _ = simulator.truth.boxes_at(20)
    config = LineConfig.model_validate(threshold_line())
    detector = config.build_stages().detector
    found = {
        choice: room.CropperSettings(size=32, segmenter=choice).build(detector).crop(frame, detected(boxes))
        for choice in ("detector", "none")
    }
    assert any(crop.mask is not None for crop in found["detector"])
    assert all(crop.mask is None for crop in found["none"])


def test_a_detector_that_cannot_segment_gives_views_without_masks():
    class Blind:
        def detect(self, frame, /):
            raise AssertionError(frame)

    frame = Frame.from_bgr(np.zeros((40, 40, 3), np.uint8), index=0, time_s=0.0)
    [crop] = room.CropperSettings(size=32).build(Blind()).crop(frame, detected(np.array([[4.0, 4.0, 20.0, 20.0]])))
    assert crop.mask is None


def detected(boxes: np.ndarray) -> Tracks:
    return Tracks(np.arange(1, len(boxes) + 1), boxes)


def test_the_schedule_asks_the_motion_of_the_line():
    motion = ScriptedMotion({index: BeltShift(4.0, 0.0, 1.0) for index in range(9)})
    schedule = room.ByTravelSettings(kind="by_travel", distance=8, at_most_s=60).build(motion)
    image = np.zeros((8, 8, 3), np.uint8)
    due = [schedule.due(Frame.from_bgr(image, index=index, time_s=index / 25)) for index in range(9)]
    assert 4 <= sum(due) <= 5


def test_a_line_needs_a_backend():
    with pytest.raises(ConfigError, match="backend: expected settings or an AnomalyBackend, got neither"):
        LineConfig.model_validate(threshold_line()).build()


def test_a_model_that_is_missing_is_named(tmp_path):
    data = threshold_line(backend={"kind": "local", "model": "models/v1"})
    config = load_config(write_yaml(tmp_path / "line.yaml", data))
    with pytest.raises(ModelError, match="v1"):
        config.build()


def test_a_model_is_loaded_from_beside_the_file(tmp_path, monkeypatch):
    loaded = []
    monkeypatch.setattr(LocalBackend, "load", lambda path: loaded.append(path) or StubBackend())
    data = threshold_line(backend={"kind": "local", "model": "models/v1"})
    load_config(write_yaml(tmp_path / "line.yaml", data)).build()
    assert [tmp_path / "models" / "v1"] == loaded


def test_backend_and_sinks_of_the_call_take_the_place_of_those_in_the_file(tmp_path):
    sinks = [{"kind": "sqlite", "path": str(tmp_path / "never.db")}]
    config = LineConfig.model_validate(threshold_line(backend={"kind": "local", "model": "gone"}, sinks=sinks))
    config.build(backend=StubBackend(), sinks=[])
    assert not (tmp_path / "never.db").exists()


def test_sinks_of_the_file_are_opened_for_the_line():
    config = LineConfig.model_validate(threshold_line(backend={"kind": "stub"}, sinks=[{"kind": "memory"}]))
    assert 0 == config.build().counts.entered


@pytest.fixture(scope="module")
def clip() -> BeltSimulator:
    return BeltSimulator(width=320, height=180, fps=12.0, seconds=4.0, objects=4, speed_px_s=130.0, seed=1)


@pytest.fixture(scope="module")
def found(clip) -> LineConfig:
    return calibrate(clip.frames())


@pytest.mark.parametrize(
    ("backend", "disposition"),
    [
        ({"kind": "stub"}, Disposition.PASS),
        ({"kind": "stub", "is_anomalous": True, "confidence": 0.9}, Disposition.REJECT),
        ({"kind": "stub", "confidence": 0.3}, Disposition.UNKNOWN),
    ],
)
def test_a_calibrated_line_in_a_file_gives_each_object_one_event(tmp_path, clip, found, backend, disposition):
    rest = {"backend": backend, "dispositions": {"min_confidence": 0.5}, "cropper": {"size": 32}}
    save_config(LineConfig.model_validate(found.model_dump() | rest), tmp_path / "line.yaml")
    line = load_config(tmp_path / "line.yaml").build(run_id="test", clock=ManualClock())
    events = list(line.run(clip.frames()))
    assert [1, 2, 3, 4] == sorted(event.object_id for event in events)
    assert 4 == clip.truth.counts["objects"] == line.counts.entered
    assert 0 == line.counts.in_flight
    assert {disposition} == {event.disposition for event in events if event.views}
    assert {"line-1/camera-1/test"} == {event.event_id.rpartition("/")[0] for event in events}
