"""Sound files of every kind: all frames, their own times, released handles."""

from __future__ import annotations

import itertools
import os
import struct
from pathlib import Path

import av
import numpy as np
import pytest
from video_clips import FPS, HEIGHT, WIDTH, remux, write_clip

from conveyorqc.errors import CorruptVideo
from conveyorqc.video import FrameSource, VideoFile, VideoWriter, open_video

B_FRAMES = {"preset": "medium", "bf": "3", "g": "20"}
OPEN_GOPS = {"x264-params": "open-gop=1:keyint=12:min-keyint=12:bframes=3:b-adapt=0:scenecut=0"}
GAP = [index / FPS + (1.0 if index >= 20 else 0.0) for index in range(40)]


@pytest.mark.parametrize(
    ("name", "making", "has_planes"),
    [
        ("plain.mp4", {"options": B_FRAMES}, True),
        ("faststart.mp4", {"movflags": "faststart"}, True),
        ("fragments.mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof", "options": {"g": "10"}}, True),
        ("quick.mov", {"options": B_FRAMES}, True),
        ("matroska.mkv", {"options": B_FRAMES}, True),
        ("vp9.webm", {"codec": "libvpx-vp9"}, True),
        ("vp8.webm", {"codec": "libvpx", "options": {"auto-alt-ref": "1", "lag-in-frames": "16"}}, True),
        ("transport.ts", {"options": B_FRAMES}, True),
        ("part2.avi", {"codec": "mpeg4", "options": {"bf": "2"}}, True),
        ("h264.avi", {"options": B_FRAMES}, True),
        ("motion.avi", {"codec": "mjpeg", "pix_fmt": "yuvj420p"}, True),
        ("raw.h264", {}, True),
        ("odd.mkv", {"codec": "ffv1", "size": (63, 47)}, True),
        ("semiplanar.mkv", {"codec": "rawvideo", "pix_fmt": "nv12"}, True),
        ("ten_bit.mp4", {"pix_fmt": "yuv420p10le"}, False),
        ("dense_chroma.mp4", {"pix_fmt": "yuv444p"}, False),
        ("interlaced.mp4", {"options": {"x264-params": "tff=1"}}, True),
    ],
)
def test_every_kind_of_file_gives_all_its_frames_in_time(tmp_path, name, making, has_planes):
    path = write_clip(tmp_path / name, **making)

    frames = list(open_video(path))

    assert [frame.index for frame in frames] == list(range(40))
    assert [frame.time_s for frame in frames] == pytest.approx([index / FPS for index in range(40)], abs=2e-3)
    assert {frame.planes is not None for frame in frames} == {has_planes}


def test_what_is_known_beforehand_is_told(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))

    assert isinstance(source, FrameSource)
    assert (source.width, source.height, source.fps, source.declared_frames) == (WIDTH, HEIGHT, FPS, 40)
    assert source.duration_s == pytest.approx(40 / FPS)
    assert source.name == str(tmp_path / "clip.mp4")


@pytest.mark.parametrize(
    ("name", "declared"), [("a.mkv", 40), ("a.mp4", 40), ("a.mov", 40), ("a.ts", None), ("a.avi", 65)]
)
def test_gaps_of_a_variable_frame_rate_stay_visible(tmp_path, name, declared):
    codec = "mpeg4" if name.endswith("avi") else "libx264"
    source = open_video(write_clip(tmp_path / name, codec=codec, times_s=GAP))

    assert source.declared_frames == declared
    assert [frame.time_s for frame in source] == pytest.approx(GAP, abs=2e-3)


def test_reading_twice_gives_equal_frames(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))

    for first, second in zip(source, source, strict=True):
        assert first.time_s == second.time_s
        assert np.array_equal(first.planes.luma, second.planes.luma)
        assert np.array_equal(first.bgr, second.bgr)


def test_frames_kept_in_a_list_keep_their_pixels(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))
    at_once = [(frame.planes.luma.copy(), frame.planes.cb.copy(), frame.bgr.copy()) for frame in source]

    kept = list(source)

    for (luma, cb, bgr), frame in zip(at_once, kept, strict=True):
        assert np.array_equal(luma, frame.planes.luma)
        assert np.array_equal(cb, frame.planes.cb)
        assert np.array_equal(bgr, frame.bgr)


def test_planes_are_read_only_views_without_the_decoders_padding(tmp_path):
    frame = next(iter(open_video(write_clip(tmp_path / "odd.mkv", codec="ffv1", size=(63, 47)))))

    assert frame.planes.luma.shape == (47, 63)
    assert frame.planes.cr.shape == (24, 32)
    assert not frame.planes.luma.flags.owndata
    assert not frame.planes.luma.flags.writeable


def _is_open(path: Path) -> bool:
    handles = Path("/proc/self/fd")
    if handles.exists():
        return any(os.path.realpath(handle) == str(path) for handle in handles.iterdir())
    try:  # elsewhere than on Linux: Windows does not rename an open file
        path.rename(path.with_suffix(".moved")).rename(path)
    except OSError:
        return True
    return False


def test_a_loop_that_is_left_early_closes_the_file(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))
    assert not _is_open(tmp_path / "clip.mp4")

    for frame in source:
        if frame.index == 3:
            break

    assert not _is_open(tmp_path / "clip.mp4")


def test_an_error_in_the_loop_closes_the_file(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))

    def stumble():
        for _ in source:
            raise KeyError

    with pytest.raises(KeyError):
        stumble()

    assert not _is_open(tmp_path / "clip.mp4")


def test_two_loops_over_one_source_do_not_disturb_each_other(tmp_path):
    source = open_video(write_clip(tmp_path / "clip.mp4"))
    first, second = iter(source), iter(source)

    indices = [next(first).index, next(first).index, next(second).index, next(first).index, next(second).index]

    assert indices == [0, 1, 0, 2, 1]


def test_names_may_be_in_any_script(tmp_path):
    path = write_clip(tmp_path / "Förderband ベルト №1.mp4")

    assert len(list(open_video(str(path)))) == 40


def test_times_begin_at_zero_whatever_the_container_begins_with(tmp_path):
    late = write_clip(tmp_path / "late.mkv", times_s=[5.0 + index / FPS for index in range(40)])

    times = [frame.time_s for frame in open_video(late)]

    assert times[0] == 0.0
    assert times[-1] == pytest.approx(39 / FPS, abs=2e-3)


@pytest.mark.parametrize(("a", "b", "turns"), [(0, 1, 3), (-1, 0, 2), (0, -1, 1)])
def test_quarter_turns_in_the_display_matrix_are_applied(tmp_path, a, b, turns):
    path = write_clip(tmp_path / "clip.mp4")
    upright = next(iter(open_video(path)))
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", a << 16, b << 16, 0, -b << 16, a << 16, 0, 0, 0, 1 << 30)
    path.write_bytes(data)

    source = open_video(path)
    turned = next(iter(source))

    assert (source.height, source.width) == turned.bgr.shape[:2]
    assert np.array_equal(turned.planes.luma, np.rot90(upright.planes.luma, turns))
    assert np.array_equal(turned.bgr, np.rot90(upright.bgr, turns))


def test_a_turned_picture_without_planes_is_turned_too(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", pix_fmt="yuv444p")
    upright = next(iter(open_video(path)))
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
    path.write_bytes(data)

    turned = next(iter(open_video(path)))

    assert (turned.width, turned.height) == (HEIGHT, WIDTH)
    assert np.array_equal(turned.bgr, np.rot90(upright.bgr, 3))


def test_what_an_edit_list_hides_is_not_missed(tmp_path):
    whole = write_clip(tmp_path / "whole.mkv", options={"g": "10", "bf": "2"})
    trimmed = remux(whole, tmp_path / "trimmed.mp4", from_key=2, back_s=13 / FPS)

    source = open_video(trimmed)
    frames = list(source)

    assert len(frames) == 27
    assert source.declared_frames == 30


@pytest.mark.parametrize("name", ["cut.mkv", "cut.mp4"])
def test_pictures_that_lean_on_what_was_cut_away_before_them_are_not_missed(tmp_path, name):
    whole = write_clip(tmp_path / "whole.mkv", options=OPEN_GOPS)
    cut = remux(whole, tmp_path / name, from_key=2)

    frames = list(open_video(cut))

    assert 20 < len(frames) < open_video(cut).declared_frames


def test_a_change_of_size_is_an_error_not_a_crash_later(tmp_path):
    small = write_clip(tmp_path / "small.h264", count=10)
    large = write_clip(tmp_path / "large.h264", count=10, size=(96, 80))
    small.write_bytes(small.read_bytes() + large.read_bytes())

    frames = []
    with pytest.raises(CorruptVideo, match=r"expected 64x48 px throughout, got 96x80 at frame 10"):
        frames.extend(open_video(small))


def test_of_several_video_streams_the_first_is_read(tmp_path, caplog):
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mpeg4", rate=FPS) for _ in range(2)]
        for number, stream in enumerate(streams):
            stream.width, stream.height, stream.pix_fmt = 64 + 32 * number, 48, "yuv420p"
        for index, stream in itertools.product(range(10), streams):
            picture = av.VideoFrame(stream.width, stream.height, "yuv420p")
            for plane in picture.planes:
                plane.update(bytes([100] * plane.buffer_size))
            picture.pts = index
            container.mux(stream.encode(picture))
        for stream in streams:
            container.mux(stream.encode(None))

    with caplog.at_level("INFO"):
        source = open_video(path)

    assert (source.width, len(list(source))) == (64, 10)
    assert "2 video streams" in caplog.text


def test_what_the_writer_wrote_is_read_back(tmp_path):
    with VideoWriter(tmp_path / "out.mp4", fps=FPS, width=WIDTH, height=HEIGHT) as writer:
        for _ in range(30):
            writer.write(np.full((HEIGHT, WIDTH, 3), 90, np.uint8))

    source = VideoFile(tmp_path / "out.mp4")

    assert source.declared_frames == 30
    assert len(list(source)) == 30
