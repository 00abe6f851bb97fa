"""`CropRecorder`: which views of which objects are kept, and when."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.core import Crop, Tracks
from conveyorqc.crop import BestViews, SquarePadCropper
from conveyorqc.dataset import read_crops
from conveyorqc.errors import DatasetError
from conveyorqc.imgproc import read_image
from conveyorqc.record import CropRecorder
from conveyorqc.testing import belt_scene

SIDE = 16


def view(object_id: int, frame_index: int, *, complete: bool = True, contrast: int = 0) -> Crop:
    """A picture that is the sharper the greater ``contrast``."""
    image = np.full((SIDE, SIDE, 3), 100, np.uint8)
    image[::2] += np.uint8(contrast)
    return Crop(object_id, frame_index, [0.0, 0.0, 10.0, 10.0], image, None, complete)


class ScriptedCropper:
    """Gives the views written down for each frame, also of objects that nobody asked about."""

    def __init__(self, *views: Crop) -> None:
        self._views = views

    def crop(self, frame, tracks, /):
        return [view for view in self._views if view.frame_index == frame.index]


def tracks(*ids: int, entered=(), ended=()) -> Tracks:
    return Tracks(ids, [[0, 0, 10, 10]] * len(ids), entered, ended)


def stored(folder) -> list[tuple[int, int]]:
    return [(crop.object_id, crop.frame_index) for crop in read_crops(folder)]


@pytest.fixture
def frames():
    return belt_scene().frames


def test_a_run_becomes_a_folder_with_the_views_of_every_object(tmp_path):
    scene = belt_scene()
    with CropRecorder(tmp_path, cropper=SquarePadCropper(size=48), views=BestViews(collect=3, keep=2)) as recorder:
        for frame, seen in zip(scene.frames, scene.tracks, strict=True):
            recorder.add(frame, seen)
    crops = read_crops(tmp_path)
    assert {1, 2, 3} == {crop.object_id for crop in crops}
    assert (3, 6) == (recorder.objects, recorder.stored)
    assert recorder.stored == len(crops)
    assert all(crop.complete for crop in crops)
    assert {(48, 48, 3)} == {read_image(crop.path).shape for crop in crops}


def test_only_the_best_views_are_kept(tmp_path, frames):
    views = [view(1, index, contrast=contrast) for index, contrast in enumerate([10, 90, 40, 80])]
    with CropRecorder(tmp_path, cropper=ScriptedCropper(*views), views=BestViews(collect=9, keep=2)) as recorder:
        recorder.add(frames[0], tracks(1, entered=(1,)))
        for frame in frames[1:4]:
            recorder.add(frame, tracks(1))
    assert [(1, 1), (1, 3)] == stored(tmp_path)


def test_an_object_is_stored_once_it_was_seen_enough_and_never_again(tmp_path, frames):
    views = [view(1, index, contrast=10 * index) for index in range(5)]
    recorder = CropRecorder(tmp_path, cropper=ScriptedCropper(*views), views=BestViews(collect=2, keep=1))
    recorder.add(frames[0], tracks(1, entered=(1,)))
    assert 0 == recorder.stored
    recorder.add(frames[1], tracks(1))
    assert [(1, 1)] == stored(tmp_path)
    recorder.add(frames[2], tracks(1))
    recorder.add(frames[3], tracks(ended=(1,)))
    recorder.close()
    assert [(1, 1)] == stored(tmp_path)
    assert (1, 1) == (recorder.objects, recorder.stored)


def test_an_object_that_left_early_is_stored_when_it_ends(tmp_path, frames):
    cropper = ScriptedCropper(view(1, 0, complete=False))
    with CropRecorder(tmp_path, cropper=cropper, views=BestViews()) as recorder:
        recorder.add(frames[0], tracks(1, entered=(1,)))
        recorder.add(frames[1], tracks(ended=(1,)))
        assert [(1, 0)] == stored(tmp_path)


def test_what_is_still_on_the_belt_is_stored_at_the_end(tmp_path, frames):
    cropper = ScriptedCropper(view(2, 0), view(1, 0))
    with CropRecorder(tmp_path, cropper=cropper, views=BestViews()) as recorder:
        recorder.add(frames[0], tracks(1, 2, entered=(1, 2)))
        assert [] == stored(tmp_path)
    assert [(1, 0), (2, 0)] == stored(tmp_path)


def test_an_object_without_a_view_is_no_object_of_the_folder(tmp_path, frames):
    with CropRecorder(tmp_path, cropper=ScriptedCropper(), views=BestViews()) as recorder:
        recorder.add(frames[0], tracks(1, entered=(1,)))
    assert (0, 0) == (recorder.objects, recorder.stored)
    assert [] == stored(tmp_path)


def test_closing_twice_stores_nothing_twice(tmp_path, frames):
    recorder = CropRecorder(tmp_path, cropper=ScriptedCropper(view(1, 0)), views=BestViews())
    recorder.add(frames[0], tracks(1, entered=(1,)))
    recorder.close()
    recorder.close()
    assert [(1, 0)] == stored(tmp_path)
    assert 1 == recorder.stored


def test_what_was_seen_is_stored_also_when_the_block_fails(tmp_path, frames):
    def torn() -> None:
        with CropRecorder(tmp_path, cropper=ScriptedCropper(view(1, 0)), views=BestViews()) as recorder:
            recorder.add(frames[0], tracks(1, entered=(1,)))
            raise RuntimeError("belt torn")

    with pytest.raises(RuntimeError, match="belt torn"):
        torn()
    assert [(1, 0)] == stored(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "taken").write_bytes(b"")
    with pytest.raises(DatasetError, match="taken"):
        CropRecorder(tmp_path / "taken", cropper=ScriptedCropper(), views=BestViews())
