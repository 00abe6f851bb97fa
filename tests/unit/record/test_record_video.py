"""`AnnotatedVideo`: a file that plays, as long as the run, closed whatever happens."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from conveyorqc.anomaly import StubBackend
from conveyorqc.core import Disposition, Frame, LedgerCounts, Tracks, Verdict
from conveyorqc.crop import SquarePadCropper
from conveyorqc.errors import InvalidInput, VideoWriteError
from conveyorqc.line import InspectionLine, Step
from conveyorqc.record import AnnotatedVideo
from conveyorqc.testing import ManualClock, ScriptedDetector, ScriptedTracker, belt_scene, example_event
from conveyorqc.video import open_video

BOX = [[10, 10, 40, 40]]
NOTHING = LedgerCounts(0, 0, 0, 0, 0)


class RecordingAnnotator:
    """Remembers what it was asked to draw, and gives the frame back."""

    def __init__(self) -> None:
        self.dispositions: list[dict] = []
        self.counts: list[LedgerCounts] = []

    def draw(self, frame, tracks, /, *, dispositions, counts):
        self.dispositions.append(dict(dispositions))
        self.counts.append(counts)
        return frame.bgr


@pytest.fixture
def scene():
    return belt_scene()


@pytest.fixture
def source():
    """Of a source of frames, the part that a writer needs."""
    return SimpleNamespace(fps=25.0, width=240, height=120)


def line_over(scene) -> InspectionLine:
    return InspectionLine(
        detector=ScriptedDetector(dict(enumerate(scene.detections))),
        tracker=ScriptedTracker(dict(enumerate(scene.tracks))),
        cropper=SquarePadCropper(size=48),
        backend=StubBackend([Verdict(is_anomalous=True, confidence=0.9)]),
        sinks=[],
        clock=ManualClock(),
        run_id="test",
    )


def step(tracks: Tracks, *events) -> Step:
    return Step(tracks, events, NOTHING)


def blank(index: int) -> Frame:
    return Frame.from_bgr(np.full((120, 240, 3), 90, np.uint8), index=index, time_s=index / 25)


def test_the_video_plays_and_has_every_frame_at_its_time(tmp_path, scene, source):
    path = tmp_path / "annotiert 带.mp4"
    with AnnotatedVideo(path, source) as video:
        events = list(line_over(scene).run(scene.frames, on_step=video.write))
    played = open_video(path)
    frames = list(played)
    assert 3 == len(events)
    assert (240, 120) == (played.width, played.height)
    assert [frame.time_s for frame in scene.frames] == pytest.approx([frame.time_s for frame in frames], abs=1e-3)


def test_boxes_are_drawn_on_the_frames(tmp_path, scene, source):
    path = tmp_path / "out.mp4"
    with AnnotatedVideo(path, source) as video:
        list(line_over(scene).run(scene.frames, on_step=video.write))
    at = next(i for i, tracks in enumerate(scene.tracks) if len(tracks) == 2)
    drawn, plain = list(open_video(path))[at].bgr, scene.frames[at].bgr
    changed = np.abs(drawn.astype(int) - plain).max(axis=2) > 60
    assert 100 < int(changed.sum()) < changed.size / 2


def test_a_decided_object_keeps_its_disposition_until_it_leaves(tmp_path, source):
    annotator = RecordingAnnotator()
    with AnnotatedVideo(tmp_path / "out.mp4", source, annotator=annotator) as video:
        video.write(blank(0), step(Tracks([1], BOX, (1,))))
        video.write(blank(1), step(Tracks([1], BOX), example_event(1)))
        video.write(blank(2), step(Tracks([1], BOX)))
        video.write(blank(3), step(Tracks([], [], (), (1,))))
    decided = {1: (example_event(1).disposition, example_event(1).verdict.confidence)}
    assert [{}, decided, decided, {}] == annotator.dispositions
    assert [NOTHING] * 4 == annotator.counts


def test_an_event_of_an_object_that_has_left_is_not_kept(tmp_path, source):
    annotator = RecordingAnnotator()
    with AnnotatedVideo(tmp_path / "out.mp4", source, annotator=annotator) as video:
        video.write(blank(0), step(Tracks([1], BOX, (1,))))
        video.write(blank(1), step(Tracks([], [], (), (1,)), example_event(1)))
        video.write(blank(2), step(Tracks([2], BOX, (2,)), example_event(1)))
    assert [{}, {}, {}] == annotator.dispositions


def test_an_object_without_a_verdict_has_no_confidence(tmp_path, source, scene):
    annotator = RecordingAnnotator()
    unknown = example_event(1, disposition=Disposition.UNKNOWN)
    with AnnotatedVideo(tmp_path / "out.mp4", source, annotator=annotator) as video:
        video.write(blank(0), step(Tracks([1], BOX, (1,)), unknown))
    assert [{1: (Disposition.UNKNOWN, None)}] == annotator.dispositions


def test_an_error_closes_the_file_and_what_was_drawn_plays(tmp_path, source):
    video = AnnotatedVideo(tmp_path / "out.mp4", source)

    def torn() -> None:
        with video:
            for index in range(5):
                video.write(blank(index), step(Tracks([], [])))
            raise RuntimeError("belt torn")

    with pytest.raises(RuntimeError, match="belt torn"):
        torn()
    assert 5 == sum(1 for _ in open_video(tmp_path / "out.mp4"))
    with pytest.raises(VideoWriteError, match="closed"):
        video.write(blank(5), step(Tracks([], [])))


def test_an_error_before_the_first_frame_is_the_one_that_is_seen(tmp_path, source):
    path = tmp_path / "out.mp4"
    with pytest.raises(RuntimeError, match="belt torn"), AnnotatedVideo(path, source):
        raise RuntimeError("belt torn")
    assert not path.exists()


def test_closing_by_hand_finishes_the_file(tmp_path, source):
    video = AnnotatedVideo(tmp_path / "out.mp4", source)
    video.write(blank(0), step(Tracks([], [])))
    video.close()
    assert 1 == sum(1 for _ in open_video(tmp_path / "out.mp4"))


def test_a_run_without_a_frame_is_no_video(tmp_path, source):
    with pytest.raises(VideoWriteError, match="expected at least one picture"), AnnotatedVideo(tmp_path / "o", source):
        pass


def test_a_frame_of_another_size_is_refused(tmp_path, source):
    small = Frame.from_bgr(np.zeros((60, 80, 3), np.uint8), index=1, time_s=0.04)
    with AnnotatedVideo(tmp_path / "out.mp4", source) as video:
        video.write(blank(0), step(Tracks([], [])))
        with pytest.raises(InvalidInput, match="shape"):
            video.write(small, step(Tracks([], [])))


def test_a_folder_that_does_not_exist_is_named(tmp_path, source):
    with pytest.raises(VideoWriteError, match="nowhere"):
        AnnotatedVideo(tmp_path / "nowhere" / "out.mp4", source)
