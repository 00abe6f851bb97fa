"""Properties of video: regions, damage, order."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import Planes
from conveyorqc.errors import TruncatedVideo, UnsupportedVideo, VideoError
from conveyorqc.imgproc import write_png, yuv420_to_bgr
from conveyorqc.video import ImageFolder, VideoWriter, frames_from, open_video

COUNT = 24


@st.composite
def pictures_and_regions(draw):
    width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    chroma = rng.integers(0, 256, (2, (height + 1) // 2, (width + 1) // 2), np.uint8)
    planes = Planes(rng.integers(0, 256, (height, width), np.uint8), chroma[0], chroma[1])
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return planes, (x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height)))


@given(
    pictures_and_regions(),
    st.sampled_from(["bt601", "bt709", "bt2020"]),
    st.sampled_from(["limited", "full"]),
)
def test_a_region_equals_the_same_part_of_the_whole(case, matrix, levels):
    planes, region = case
    height, width = planes.luma.shape
    x0, y0, x1, y1 = region

    whole = yuv420_to_bgr(planes, (0, 0, width, height), matrix=matrix, levels=levels)
    part = yuv420_to_bgr(planes, region, matrix=matrix, levels=levels)

    assert np.array_equal(part, whole[y0:y1, x0:x1])


@cache
def _clip():
    """The bytes of a clip of `COUNT` frames, and its frames."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
        with VideoWriter(path, fps=4, width=64, height=48, crf=35) as writer:
            for shift in range(COUNT):
                writer.write(np.roll(noise, shift, axis=1))
        return path.read_bytes(), [frame.planes.luma.tobytes() for frame in open_video(path)]


def _read(data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        path.write_bytes(data)
        frames = []
        try:
            for frame in open_video(path):
                frames.append(frame.planes.luma.tobytes())  # noqa: PERF401 (what came before the error counts)
        except VideoError as error:
            return frames, error
        return frames, None


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_a_cut_anywhere_gives_the_beginning_and_then_the_error(data):
    clip, whole = _clip()
    cut = data.draw(st.integers(1, len(clip) - 1))

    frames, error = _read(clip[:cut])

    assert isinstance(error, TruncatedVideo if cut >= 8 else UnsupportedVideo)
    assert frames == whole[: len(frames)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_flipped_bits_never_shorten_a_clip_in_silence(data):
    clip, whole = _clip()
    damaged = bytearray(clip)
    for bit in data.draw(st.lists(st.integers(0, 8 * len(clip) - 1), min_size=1, max_size=4)):
        damaged[bit // 8] ^= 1 << (bit % 8)

    frames, error = _read(bytes(damaged))

    assert error is not None or len(frames) == len(whole)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.floats(0.001, 30.0), min_size=1, max_size=12), st.floats(-1e6, 1e6))
def test_times_survive_writing_and_reading(gaps_s, start_s):
    image = np.full((16, 16, 3), 100, np.uint8)
    times_s = start_s + np.cumsum(gaps_s)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "clip.mp4")
        with VideoWriter(path, fps=25, width=16, height=16) as writer:
            for time_s in times_s.tolist():
                writer.write(image, time_s=time_s)
        read = [frame.time_s for frame in open_video(path)]

    assert np.allclose(read, times_s - times_s[0], atol=1e-4)


@settings(max_examples=15, deadline=None)
@given(st.sets(st.integers(0, 10**12), min_size=1, max_size=8))
def test_numbered_pictures_come_in_the_order_of_their_numbers(numbers):
    with tempfile.TemporaryDirectory() as folder:
        for number in numbers:
            write_png(Path(folder, f"img{number}.png"), np.full((2, 2, 3), number % 251, np.uint8))
        read = [int(frame.bgr[0, 0, 0]) for frame in ImageFolder(folder, fps=1)]

    assert read == [number % 251 for number in sorted(numbers)]


@given(st.integers(0, 30), st.floats(0.1, 1000))
def test_frames_of_arrays_stand_at_equal_distances(count, fps):
    frames = list(frames_from((np.zeros((1, 1, 3), np.uint8) for _ in range(count)), fps=fps))

    assert [frame.index for frame in frames] == list(range(count))
    assert all(abs(frame.time_s * fps - frame.index) < 1e-6 for frame in frames)
