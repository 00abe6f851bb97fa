"""A line from a configuration, whose sinks are closed with it."""

from __future__ import annotations

import pytest

from conveyorqc.anomaly import StubBackend
from conveyorqc.config import LineConfig
from conveyorqc.errors import ConfigError, SinkError
from conveyorqc.simulate import BeltSimulator
from conveyorqc.sinks import read_events
from conveyorqc.testing import example_event


@pytest.fixture
def config(tmp_path):
    return LineConfig.model_validate(
        {
            "direction": "left_to_right",
            "schedule": {"kind": "every_frames", "count": 3},
            "detector": {
                "kind": "color_threshold",
                "objects": [{"space": "hsv", "low": [5, 60, 60], "high": [30, 255, 255]}],
                "blobs": {"min_area": 200},
            },
            "tracker": {"max_distance": 20},
            "cropper": {"size": 32},
            "sinks": [
                {"kind": "memory"},
                {"kind": "jsonl", "path": str(tmp_path / "events.jsonl")},
                {"kind": "sqlite", "path": str(tmp_path / "events.db")},
            ],
        }
    )


def test_the_line_writes_to_the_sinks_of_the_configuration(config, tmp_path):
    simulator = BeltSimulator(width=320, height=180, fps=10.0, seconds=4.0, objects=3, speed_px_s=120.0, seed=1)
    with config.opened(backend=StubBackend(), run_id="test") as line:
        events = list(line.run(simulator.frames()))
    assert 3 == len(events)
    assert [event.event_id for event in events] == [event.event_id for event in read_events(tmp_path / "events.db")]
    assert 3 == len((tmp_path / "events.jsonl").read_text(encoding="utf-8").splitlines())


def test_the_sinks_are_closed_at_the_end_of_the_block(config, monkeypatch):
    built = []
    for settings in config.sinks:
        build = type(settings).build
        monkeypatch.setattr(type(settings), "build", lambda self, build=build: built.append(build(self)) or built[-1])
    with config.opened(backend=StubBackend()):
        built[2].write(example_event(1))
    for sink in built[1:]:
        with pytest.raises(SinkError):
            sink.write(example_event(2))


def test_the_sinks_are_closed_when_there_is_no_line_to_build(config):
    with pytest.raises(ConfigError, match="backend"), config.opened():
        pass


def test_a_sink_that_cannot_be_opened_closes_those_before_it(config, tmp_path):
    (tmp_path / "events.db").mkdir()
    with pytest.raises(SinkError), config.opened(backend=StubBackend()):
        pass
