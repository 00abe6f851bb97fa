"""From pictures to events: what a camera does is told, on a line too, and written down."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

import numpy as np
import pytest

from conveyorqc.anomaly import StubBackend
from conveyorqc.core import Answer, Crop, Inspector, Verdict
from conveyorqc.drift import Appearance, DriftEvent, DriftLog, DriftMonitor, WatchedInspector, appearance_of
from conveyorqc.errors import BackendError, InvalidInput, SinkError
from conveyorqc.imgproc import blur, turn_hue
from conveyorqc.line import Inline

SIDE = 96
Y, X = np.mgrid[:SIDE, :SIDE] - SIDE / 2
EVENT = DriftEvent("brightness", "down", -0.2, 300, 308, 1.3, 1.2)


class StoppedClock:
    def now(self):
        return datetime(2026, 11, 20, 12, tzinfo=UTC)

    def monotonic_s(self):
        return 0.0


def biscuit(rng):
    """A brown disc with chips on a blue belt, and its mask."""
    mask = np.hypot(X, Y) < rng.normal(32, 1.5)
    picture = np.where(mask[..., None], (70, 130, 190), (150, 110, 60)) * rng.normal(1, 0.03)
    for _ in range(6):
        x, y = rng.uniform(-20, 20, 2)
        picture[np.hypot(X - x, Y - y) < 4] *= 0.5
    return np.clip(picture + rng.normal(0, 3, picture.shape), 0, 255).astype(np.uint8), mask


@pytest.fixture(scope="module")
def biscuits():
    rng = np.random.default_rng(0)
    return [biscuit(rng) for _ in range(180)]


@pytest.mark.parametrize(
    ("change", "feature", "direction"),
    [
        (lambda image: np.clip(image * 1.2, 0, 255).astype(np.uint8), "brightness", "up"),
        (lambda image: (image * 0.8).astype(np.uint8), "brightness", "down"),
        (lambda image: blur(image, sigma=1.5).astype(np.uint8), "sharpness", "down"),
        (lambda image: turn_hue(image, angle_deg=20.0), "red", "down"),
    ],
    ids=["brighter", "darker", "blurred", "hue"],
)
def test_what_a_camera_does_is_told_within_fifty_objects(biscuits, change, feature, direction):
    monitor = DriftMonitor([appearance_of(image, mask) for image, mask in biscuits[:130]])
    events = [monitor.observe(change(image), mask) for image, mask in biscuits[130:]]
    assert (feature, direction) in {(event.feature, event.direction) for event in events if event is not None}


def test_the_belt_does_not_count_where_there_is_a_mask():
    rng = np.random.default_rng(1)
    image, mask = biscuit(rng)
    darker = image.copy()
    darker[~mask] //= 2
    assert appearance_of(image, mask).brightness == appearance_of(darker, mask).brightness
    assert appearance_of(image).brightness > appearance_of(darker).brightness


def test_light_changes_neither_colour_nor_sharpness(biscuits):
    image, mask = biscuits[0]
    bright, dark = appearance_of(image, mask), appearance_of((image * 0.7).astype(np.uint8), mask)
    assert np.log(0.7) == pytest.approx(dark.brightness - bright.brightness, abs=0.02)
    assert [0.0] * 3 == pytest.approx(
        [dark.red - bright.red, dark.blue - bright.blue, dark.sharpness - bright.sharpness], abs=0.02
    )


def test_size_is_that_of_the_box_or_else_of_the_mask(biscuits):
    image, mask = biscuits[0]
    assert np.log(40) == pytest.approx(appearance_of(image, mask, box=[10, 10, 30, 90]).size)
    assert np.log(mask.sum()) / 2 == pytest.approx(appearance_of(image, mask).size)
    assert appearance_of(image).size is None
    assert appearance_of(image, np.zeros_like(mask)).size is None


@pytest.mark.parametrize("size", [(1, 1), (3, 7), (2, 400)])
def test_pictures_of_any_size_are_measured(size):
    assert 0.0 == appearance_of(np.full((*size, 3), 90, np.uint8)).sharpness


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "bright", None, True])
def test_an_appearance_is_made_of_finite_numbers(value):
    with pytest.raises(InvalidInput, match="brightness: expected a finite number"):
        Appearance(value, 0.0, 0.0, 0.0)


def test_a_tiny_mask_between_the_looked_at_pixels_still_counts():
    image = np.zeros((400, 400, 3), np.uint8)
    image[1, 1] = 250
    mask = np.zeros((400, 400), np.bool_)
    mask[1, 1] = True
    assert appearance_of(image, mask).brightness > 5


def crop_of(image, mask, *, object_id, complete=True):
    return Crop(object_id, object_id, [10, 10, 60, 60], image, mask, complete)


def test_a_watched_inspector_passes_everything_on_and_tells_drift(biscuits):
    backend = StubBackend([Verdict(is_anomalous=False, confidence=0.9, score=0.1)])
    told = []
    monitor = DriftMonitor(learn=100)
    inspector = WatchedInspector(Inline(backend), monitor=monitor, on_drift=told.append)
    answers = []
    for number, (image, mask) in enumerate(biscuits):
        dimmed = image if number < 130 else image // 2
        inspector.submit(number, [crop_of(dimmed, mask, object_id=number)])
        answers += inspector.collect()
    assert isinstance(inspector, Inspector)
    assert list(range(180)) == [answer.object_id for answer in answers]
    assert ["brightness"] == [event.feature for event in told]
    assert 180 == monitor.objects


class Deaf:
    """An inspector that answers with errors, and once for an object that nobody asked about."""

    def __init__(self):
        self.asked = []

    def submit(self, object_id, crops, /):
        self.asked.append(object_id)

    def collect(self):
        return [Answer(99, ())]

    def drain(self):
        return [Answer(object_id, (), BackendError("dead")) for object_id in self.asked]


def test_objects_without_views_verdicts_or_a_whole_view_are_taken_as_they_are(biscuits):
    monitor = DriftMonitor(learn=100)
    inspector = WatchedInspector(Deaf(), monitor=monitor, on_drift=print)
    inspector.submit(1, [])
    inspector.submit(2, [crop_of(*biscuits[0], object_id=2, complete=False)])
    assert [99] == [answer.object_id for answer in inspector.collect()]
    assert [1, 2] == [answer.object_id for answer in inspector.drain()]
    assert 1 == monitor.objects
    features = monitor.state()["features"]
    assert ([], []) == (features["size"]["learned"], features["score"]["learned"])


def test_the_log_keeps_every_event_with_place_and_time(tmp_path, caplog):
    log = DriftLog(tmp_path / "drift ä.jsonl", line_id="a", camera_id="b", clock=StoppedClock())
    with caplog.at_level(logging.WARNING):
        log.write(EVENT)
        log.write(EVENT)
    rows = [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]
    place = {"at": "2026-11-20T12:00:00+00:00", "line_id": "a", "camera_id": "b"}
    assert [{**place, **EVENT.to_dict()}] * 2 == rows
    assert "a, b: drift: brightness -20% since object 300 (noticed at object 308)" == caplog.messages[0]


def test_a_log_that_cannot_be_written_says_so(tmp_path):
    with pytest.raises(SinkError, match="no folder"):
        DriftLog(tmp_path / "no folder" / "drift.jsonl").write(EVENT)
    with pytest.raises(InvalidInput, match="line_id"):
        DriftLog(tmp_path / "drift.jsonl", line_id="")


def test_the_change_of_a_score_is_one_of_rank():
    event = DriftEvent("score", "up", 0.31, 3, 9, 2.0, 1.0)
    assert "score +0.31 in rank since object 3 (noticed at object 9)" == str(event)
