"""What is not a video says so at once, with the narrowest error."""

from __future__ import annotations

import os
from pathlib import Path

import av
import pytest
from video_clips import write_audio, write_clip

from conveyorqc.errors import EmptyVideo, UnsupportedVideo, VideoError, VideoNotFound
from conveyorqc.video import VideoFile, open_video


def test_a_missing_file_is_not_found(tmp_path):
    with pytest.raises(VideoNotFound, match="no such file"):
        open_video(tmp_path / "nothing.mp4")


def test_a_file_that_goes_away_is_not_found(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))
    (tmp_path / "clip.mp4").unlink()

    with pytest.raises(VideoNotFound, match=r"clip\.mp4"):
        next(iter(source))


def test_a_file_without_a_byte_is_empty(tmp_path):
    (tmp_path / "clip.mp4").touch()

    with pytest.raises(EmptyVideo, match="empty file"):
        open_video(tmp_path / "clip.mp4")


@pytest.mark.parametrize("name", ["notes.mp4", "notes.txt", "notes.nfo", "notes.avi"])
def test_text_is_not_a_video(tmp_path, name):
    (tmp_path / name).write_text("belt 3, shift 2: 14 cookies, all well\n" * 200, encoding="utf-8")

    with pytest.raises(UnsupportedVideo, match="expected a video"):
        open_video(tmp_path / name)


@pytest.mark.parametrize("content", [b"\0" * 5000, bytes(range(256)) * 40, b"x"])
def test_bytes_without_meaning_are_not_a_video(tmp_path, content):
    (tmp_path / "clip.mp4").write_bytes(content)

    with pytest.raises(UnsupportedVideo):
        open_video(tmp_path / "clip.mp4")


def test_sound_alone_is_not_a_video(tmp_path):
    with pytest.raises(UnsupportedVideo, match=r"expected a video stream, got .* audio"):
        open_video(write_audio(tmp_path / "sound.mp4"))


def test_the_cover_of_a_song_is_not_a_video(tmp_path):
    path = tmp_path / "song.mp3"
    with av.open(str(path), "w") as container:
        sound = container.add_stream("mp3", rate=44100)
        cover = container.add_stream("mjpeg", rate=1)
        cover.width, cover.height, cover.pix_fmt = 64, 48, "yuvj420p"
        for index in range(20):
            silence = av.AudioFrame("fltp", "stereo", 1152)
            for plane in silence.planes:
                plane.update(bytes(plane.buffer_size))
            silence.rate, silence.pts = 44100, index * 1152
            container.mux(sound.encode(silence))
        picture = av.VideoFrame(64, 48, "yuvj420p")
        for plane in picture.planes:
            plane.update(bytes(plane.buffer_size))
        picture.pts = 0
        container.mux([*cover.encode(picture), *cover.encode(None), *sound.encode(None)])

    with pytest.raises(UnsupportedVideo, match="expected a video stream"):
        open_video(path)


def test_an_unknown_codec_is_named_as_the_reason(tmp_path):
    path = write_clip(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzzz"))

    with pytest.raises(UnsupportedVideo, match="no decoder"):
        open_video(path)


def test_a_folder_is_no_video_file(tmp_path):
    with pytest.raises(UnsupportedVideo, match="folder"):
        VideoFile(tmp_path)


def test_a_name_that_no_system_takes_is_a_video_error(tmp_path):
    with pytest.raises(VideoError):
        VideoFile(tmp_path / "null\0byte.mp4")


def test_a_file_that_may_not_be_read_is_a_video_error(tmp_path, monkeypatch):
    path = write_clip(tmp_path / "clip.mp4")

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied", os.fspath(path))

    monkeypatch.setattr(Path, "open", refuse)

    with pytest.raises(VideoError, match="Permission denied"):
        open_video(path)
