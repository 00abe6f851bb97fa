"""What is written can be read again, by us and by a browser; what cannot be written says so."""

from __future__ import annotations

import logging

import av
import numpy as np
import pytest
from video_clips import FPS, HEIGHT, WIDTH, pictures, remux

from conveyorqc.errors import InvalidInput, VideoWriteError
from conveyorqc.video import VideoWriter, open_video


def _write(path, count=30, **how):
    size = {"width": WIDTH, "height": HEIGHT}
    with VideoWriter(path, **{"fps": FPS, **size, **how}) as writer:
        for image in pictures(count, width=how.get("width", WIDTH), height=how.get("height", HEIGHT)):
            writer.write(image)
    return path


def test_pictures_come_back_as_they_were(tmp_path):
    path = _write(tmp_path / "out.mp4", crf=10)

    frames = list(open_video(path))

    assert len(frames) == 30
    for frame, image in zip(frames, pictures(30), strict=True):
        assert np.abs(frame.bgr.astype(np.int64) - image).mean() < 6


def test_the_file_is_a_fragmented_mp4_that_browsers_play(tmp_path):
    path = _write(tmp_path / "out.mp4", count=120)
    data = path.read_bytes()

    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        picture = next(container.decode(stream))

    assert stream.codec_context.name == "h264"
    assert stream.codec_context.pix_fmt == "yuv420p"
    assert (picture.colorspace, picture.color_range) == (6, 1)
    assert data.count(b"moof") >= 3
    assert data.index(b"moov") < data.index(b"moof")


@pytest.mark.parametrize(("width", "height"), [(63, 47), (64, 47), (1, 1), (5, 200)])
def test_odd_sizes_are_padded_by_one_edge_pixel(tmp_path, width, height):
    image = np.full((height, width, 3), (40, 120, 200), np.uint8)
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=width, height=height, crf=5) as writer:
        writer.write(image)

    frame = next(iter(open_video(tmp_path / "out.mp4")))

    assert (frame.width, frame.height) == (width + width % 2, height + height % 2)
    assert np.abs(frame.bgr.astype(np.int64) - (40, 120, 200)).max() <= 4


@pytest.mark.parametrize("fps", [25, 29.97, 30000 / 1001, 15, 12.5, 0.5, 240])
def test_pictures_without_times_follow_at_the_rate(tmp_path, fps):
    source = open_video(_write(tmp_path / "out.mp4", fps=fps, count=12))

    assert source.fps == pytest.approx(fps, rel=1e-3)
    assert [frame.time_s for frame in source] == pytest.approx([index / fps for index in range(12)], abs=1e-4)


def test_given_times_are_kept_relative_to_the_first(tmp_path):
    times_s = [100.0, 100.04, 100.5, 103.0, 103.001]
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        for image, time_s in zip(pictures(5), times_s, strict=True):
            writer.write(image, time_s=time_s)
        writer.write(next(pictures(1)))

    times = [frame.time_s for frame in open_video(tmp_path / "out.mp4")]

    assert times == pytest.approx([0.0, 0.04, 0.5, 3.0, 3.001, 3.041], abs=1e-4)


@pytest.mark.parametrize("time_s", [1.0, 0.999, 1.000001, float("nan"), float("inf")])
def test_times_must_increase(tmp_path, time_s):
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        writer.write(next(pictures(1)), time_s=1.0)
        with pytest.raises(InvalidInput, match="time_s"):
            writer.write(next(pictures(1)), time_s=time_s)

    assert len(list(open_video(tmp_path / "out.mp4"))) == 1


@pytest.mark.parametrize(
    "wrong", [np.zeros((HEIGHT, WIDTH), np.uint8), np.zeros((HEIGHT, WIDTH, 3)), np.zeros((WIDTH, HEIGHT, 3), np.uint8)]
)
def test_only_pictures_of_the_given_size_are_written(tmp_path, wrong):
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        writer.write(next(pictures(1)))
        with pytest.raises(InvalidInput, match="image: expected"):
            writer.write(wrong)


def test_the_picture_is_not_written_into(tmp_path):
    image = next(pictures(1))
    before = image.copy()

    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        writer.write(image)

    assert np.array_equal(image, before)


@pytest.mark.parametrize(
    "wrong",
    [{"width": 0}, {"height": -1}, {"fps": 0}, {"fps": float("nan")}, {"fps": 5000}, {"crf": -1}, {"crf": 64}],
)
def test_numbers_out_of_range_are_refused(tmp_path, wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong)) if "fps" in wrong or "crf" in wrong else "size"):
        VideoWriter(tmp_path / "out.mp4", **{"fps": FPS, "width": WIDTH, "height": HEIGHT, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [{"codec": "libnothing"}, {"codec": "aac"}, {"codec": "rawvideo"}, {"width": 1_000_000, "height": 1_000_000}],
)
def test_what_cannot_be_encoded_fails_at_once(tmp_path, wrong):
    with pytest.raises(VideoWriteError, match=r"out\.mp4"):
        VideoWriter(tmp_path / "out.mp4", **{"fps": FPS, "width": WIDTH, "height": HEIGHT, **wrong})


def test_a_missing_folder_fails_at_once(tmp_path):
    with pytest.raises(VideoWriteError, match="No such file"):
        VideoWriter(tmp_path / "nowhere" / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT)


def test_a_folder_cannot_be_overwritten(tmp_path):
    with pytest.raises(VideoWriteError):
        VideoWriter(tmp_path, fps=FPS, width=WIDTH, height=HEIGHT)

    assert tmp_path.is_dir()


def test_an_unknown_encoder_leaves_an_older_file_alone(tmp_path):
    path = _write(tmp_path / "out.mp4")
    before = path.read_bytes()

    with pytest.raises(VideoWriteError):
        VideoWriter(path, fps=FPS, width=WIDTH, height=HEIGHT, codec="libnothing")

    assert path.read_bytes() == before


def test_another_encoder_can_be_named(tmp_path):
    path = _write(tmp_path / "out.mp4", codec="mpeg4")

    assert len(list(open_video(path))) == 30


def test_closing_twice_is_closing_once(tmp_path):
    writer = VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT)
    writer.write(next(pictures(1)))

    writer.close()
    writer.close()

    assert writer.frames == 1
    assert len(list(open_video(tmp_path / "out.mp4"))) == 1


def test_nothing_is_written_after_closing(tmp_path):
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        writer.write(next(pictures(1)))

    with pytest.raises(VideoWriteError, match="closed"):
        writer.write(next(pictures(1)))


def test_an_error_in_the_block_goes_first_and_the_file_is_whole(tmp_path):
    def stumble():
        with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
            for image in pictures(7):
                writer.write(image)
            raise KeyError

    with pytest.raises(KeyError):
        stumble()

    assert len(list(open_video(tmp_path / "out.mp4"))) == 7


def test_a_video_without_pictures_is_an_error_and_no_file(tmp_path):
    with pytest.raises(VideoWriteError, match="at least one picture"):
        VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT).close()

    assert not (tmp_path / "out.mp4").exists()


def test_leaving_the_block_without_a_picture_is_an_error(tmp_path):
    with (
        pytest.raises(VideoWriteError, match="at least one picture"),
        VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT),
    ):
        pass


def test_a_copy_in_another_container_is_as_good(tmp_path):
    copy = remux(_write(tmp_path / "out.mp4"), tmp_path / "copy.mkv")

    assert len(list(open_video(copy))) == 30


def test_an_error_before_the_first_picture_is_not_hidden_by_the_empty_file(tmp_path, caplog):
    with (
        caplog.at_level(logging.WARNING),
        pytest.raises(KeyError),
        VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT),
    ):
        raise KeyError

    assert "at least one picture" in caplog.text
    assert not (tmp_path / "out.mp4").exists()


def test_an_existing_file_is_replaced(tmp_path):
    path = _write(tmp_path / "out.mp4", count=60)

    _write(path, count=5)

    assert len(list(open_video(path))) == 5
