"""The real packages `supervision` and `trackers`: their trackers in our line, their line counter on our tracks."""

from __future__ import annotations

import pytest
import supervision as sv
from trackers import ByteTrackTracker, OCSORTTracker, SORTTracker

from conveyorqc import BeltSimulator, CentroidTracker, Detections, InspectionLine, MemorySink, PhaseMotion, StubBackend
from conveyorqc.crop import SquarePadCropper
from conveyorqc.interop import SupervisionTracker, to_supervision
from conveyorqc.testing import ScriptedDetector, check_tracker
from conveyorqc.track import ConstantMotion, CrossingCounter

SPEED = 90.0


@pytest.fixture(scope="module")
def clip():
    """A short belt: its frames, its truth, and a detector that sees what is at least a third in view."""
    simulator = BeltSimulator(
        width=320, height=180, fps=15.0, seconds=9.0, objects=9, speed_px_s=SPEED, object_diameter_px=44.0, seed=5
    )
    labels = simulator.truth.labelled()
    script = {index: Detections((there := labels.at(index)).boxes[there.visible > 0.33]) for index in labels.frames}
    return list(simulator.frames()), simulator.truth, ScriptedDetector(script)


@pytest.mark.parametrize("new", [ByteTrackTracker, SORTTracker, OCSORTTracker])
@pytest.mark.parametrize("settings", [{}, {"give": ("timestamp",)}, {"lost_after": 5}], ids=str)
def test_trackers_keep_the_promises_of_a_tracker(new, settings):
    assert check_tracker(lambda: SupervisionTracker(new(), **settings)) is None


def test_they_keep_them_with_the_motion_of_the_belt_too():
    assert check_tracker(lambda: SupervisionTracker(SORTTracker(), motion=ConstantMotion(dx_per_s=200.0))) is None


def test_they_keep_them_when_asked_whom_they_still_have():
    def new():
        other = ByteTrackTracker()
        return SupervisionTracker(other, alive=lambda: [track.tracker_id for track in other.tracks])

    assert check_tracker(new) is None


@pytest.mark.parametrize("new", [ByteTrackTracker, SORTTracker])
def test_a_line_with_their_tracker_decides_each_object_once(clip, new):
    frames, truth, detector = clip
    sink = MemorySink()
    line = InspectionLine(
        detector=detector,
        tracker=SupervisionTracker(new(lost_track_buffer=5), lost_after=5, motion=ConstantMotion(dx_per_s=SPEED)),
        cropper=SquarePadCropper(size=64),
        backend=StubBackend(),
        sinks=[sink],
    )

    list(line.run(frames))

    whole = [found for found in truth.objects if found.fully_in_frame is not None]
    assert len(whole) <= line.counts.entered <= len(truth.objects)
    assert line.counts.entered == line.counts.passed + line.counts.unknown
    assert line.counts.entered == len({event.object_id for event in sink.events}) == len(sink.events)


def test_a_line_zone_counts_our_tracks_as_we_do(clip):
    frames, truth, detector = clip
    motion = PhaseMotion(direction=truth.direction)
    tracker = CentroidTracker(motion, direction=truth.direction, max_distance=22.0)
    ours = CrossingCounter(direction=truth.direction)
    middle = truth.width / 2
    theirs = sv.LineZone(
        start=sv.Point(middle, 0), end=sv.Point(middle, truth.height), triggering_anchors=[sv.Position.CENTER]
    )

    for frame in frames:
        tracks = tracker.update(frame, detector.detect(frame))
        ours.update(frame, tracks)
        theirs.trigger(to_supervision(tracks))

    assert truth.counts["crossed_centre"] == ours.count > 3
    assert {0, ours.count} == {theirs.in_count, theirs.out_count}
