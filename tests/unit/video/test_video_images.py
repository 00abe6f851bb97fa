"""Folders of pictures and arrays from anywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from conveyorqc.errors import CorruptVideo, EmptyVideo, InvalidInput, VideoError, VideoNotFound
from conveyorqc.imgproc import encode_jpeg, write_png
from conveyorqc.video import FrameSource, ImageFolder, frames_from, open_video


def _picture(value, *, width=16, height=12):
    return np.full((height, width, 3), value, np.uint8)


def test_pictures_come_in_natural_order(tmp_path):
    for number in (10, 2, 1, 33):
        write_png(tmp_path / f"img{number}.png", _picture(number))

    frames = list(open_video(tmp_path, fps=4))

    assert [frame.bgr[0, 0, 0] for frame in frames] == [1, 2, 10, 33]
    assert [(frame.index, frame.time_s) for frame in frames] == [(0, 0.0), (1, 0.25), (2, 0.5), (3, 0.75)]


def test_names_with_equal_numbers_keep_one_order(tmp_path):
    for value, name in enumerate(["a01.png", "a1.png", "A2.png", "b.png", "7.png"]):
        write_png(tmp_path / name, _picture(value))

    assert [frame.bgr[0, 0, 0] for frame in ImageFolder(tmp_path, fps=1)] == [4, 0, 1, 2, 3]


def test_a_folder_tells_what_it_holds(tmp_path):
    for number in range(5):
        write_png(tmp_path / f"{number}.png", _picture(number))

    source = open_video(tmp_path, fps=10)

    assert isinstance(source, FrameSource)
    assert (source.width, source.height, source.fps) == (16, 12, 10.0)
    assert (source.declared_frames, source.duration_s, source.name) == (5, 0.5, str(tmp_path))


def test_other_files_are_passed_over(tmp_path):
    write_png(tmp_path / "a.PNG", _picture(1))
    (tmp_path / "b.jpeg").write_bytes(encode_jpeg(_picture(2)))
    write_png(tmp_path / "._a.png", _picture(3))
    (tmp_path / "notes.txt").write_text("belt 3", encoding="utf-8")
    (tmp_path / "sub.png").mkdir()

    assert len(list(open_video(tmp_path))) == 2


def test_a_folder_can_be_read_again(tmp_path):
    for number in range(3):
        write_png(tmp_path / f"{number}.png", _picture(number))
    source = open_video(tmp_path)

    assert [frame.index for frame in source] == [frame.index for frame in source] == [0, 1, 2]


def test_a_folder_without_pictures_is_empty(tmp_path):
    with pytest.raises(EmptyVideo, match="found none"):
        open_video(tmp_path)


def test_a_picture_of_another_size_is_named(tmp_path):
    write_png(tmp_path / "1.png", _picture(1))
    write_png(tmp_path / "2.png", _picture(2, width=20))

    with pytest.raises(CorruptVideo, match=r"2\.png: expected 16x12 px, got 20x12"):
        list(open_video(tmp_path))


def test_a_broken_picture_is_named(tmp_path):
    write_png(tmp_path / "1.png", _picture(1))
    (tmp_path / "2.png").write_bytes(b"no picture")

    with pytest.raises(CorruptVideo, match=r"2\.png"):
        list(open_video(tmp_path))


def test_a_folder_that_cannot_be_listed_is_a_video_error(tmp_path, monkeypatch):
    def refuse(_folder):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)

    with pytest.raises(VideoError, match="cannot be listed: Permission denied"):
        ImageFolder(tmp_path, fps=1)


def test_a_missing_folder_is_not_found(tmp_path):
    with pytest.raises(VideoNotFound):
        open_video(tmp_path / "nowhere")


@pytest.mark.parametrize("fps", [0, -1, float("nan"), float("inf")])
def test_the_rate_must_be_a_positive_number(tmp_path, fps):
    with pytest.raises(InvalidInput, match="fps"):
        frames_from([], fps=fps)
    with pytest.raises(InvalidInput, match="fps"):
        ImageFolder(tmp_path, fps=fps)


def test_arrays_become_frames_without_being_copied():
    images = [_picture(value) for value in range(4)]

    frames = list(frames_from(images, fps=8))

    assert [(frame.index, frame.time_s) for frame in frames] == [(0, 0.0), (1, 0.125), (2, 0.25), (3, 0.375)]
    assert np.shares_memory(frames[2].bgr, images[2])


def test_generators_stay_lazy():
    taken = []

    def camera():
        while True:
            taken.append(1)
            yield _picture(0)

    frames = frames_from(camera(), fps=25)
    assert not taken

    next(frames)

    assert len(taken) == 1


@pytest.mark.parametrize(
    "wrong", [np.zeros((12, 16), np.uint8), np.zeros((12, 16, 3)), np.zeros((0, 16, 3), np.uint8), "picture"]
)
def test_what_is_no_picture_is_refused_with_its_number(wrong):
    frames = frames_from([_picture(0), wrong], fps=25)
    next(frames)

    with pytest.raises(InvalidInput, match="image 1"):
        next(frames)


def test_a_change_of_shape_is_refused():
    frames = frames_from([_picture(0), _picture(0, height=14)], fps=25)
    next(frames)

    with pytest.raises(InvalidInput, match=r"image 1: expected shape \(12, 16, 3\) as before, got \(14, 16, 3\)"):
        next(frames)


def test_no_pictures_are_no_frames():
    assert list(frames_from([], fps=25)) == []
