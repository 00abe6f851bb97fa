"""Damaged files: sound frames first, then a typed error, never a shorter clip that passes for a whole one."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from video_clips import HEIGHT, WIDTH, pictures, write_clip

from conveyorqc.errors import CorruptVideo, TruncatedVideo, UnsupportedVideo, VideoError
from conveyorqc.video import VideoWriter, open_video

FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "options": {"g": "10"}}
FASTSTART = {"movflags": "faststart", "options": {"g": "20", "bf": "3"}}


def _read(path):
    """(time, luma) of each frame that comes, and the error that ends them."""
    frames = []
    try:
        for frame in open_video(path):
            frames.append((frame.time_s, frame.planes.luma))  # noqa: PERF401 (what came before the error counts)
    except VideoError as error:
        return frames, error
    return frames, None


def _is_beginning(part, whole):
    return all(
        time == whole_time and np.array_equal(luma, whole_luma)
        for (time, luma), (whole_time, whole_luma) in zip(part, whole[: len(part)], strict=True)
    )


@pytest.mark.parametrize(
    ("name", "making"),
    [
        ("fragments.mp4", FRAGMENTS),
        ("faststart.mp4", FASTSTART),
        ("index_at_end.mp4", {}),
        ("quick.mov", FASTSTART),
        ("matroska.mkv", {"options": {"g": "10", "bf": "3"}}),
        ("vp9.webm", {"codec": "libvpx-vp9"}),
        ("part2.avi", {"codec": "mpeg4"}),
        ("transport.ts", {"options": {"bf": "2"}}),
    ],
)
def test_a_file_cut_anywhere_ends_as_truncated_after_sound_frames(tmp_path, name, making):
    path = write_clip(tmp_path / name, **making)
    data = path.read_bytes()
    whole, error = _read(path)
    assert error is None
    cuts = [cut for cut in np.linspace(400, len(data) - 1, 16).astype(int).tolist() if cut % 188]

    counts = []
    for cut in cuts:
        path.write_bytes(data[:cut])
        frames, error = _read(path)
        assert type(error) is TruncatedVideo, (cut, error)
        assert error.read == len(frames)
        assert error.declared is None or error.declared > error.read
        assert _is_beginning(frames, whole)
        counts.append(len(frames))

    assert name == "index_at_end.mp4" or counts[-1] >= 35


def test_the_declared_number_of_frames_is_told(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", **FASTSTART)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])

    _, error = _read(path)

    assert (error.declared, 0 < error.read < 40) == (40, True)
    assert f"read {error.read} of 40 declared frames" in str(error)


def test_without_its_index_an_mp4_is_truncated_at_once(tmp_path):
    path = write_clip(tmp_path / "clip.mp4")
    path.write_bytes(path.read_bytes()[:-100])

    with pytest.raises(TruncatedVideo, match="read 0 of 40 declared frames"):
        open_video(path)
    path.write_bytes(path.read_bytes()[:-1500])
    with pytest.raises(TruncatedVideo, match="read 0 of an unknown number of frames"):
        open_video(path)


def test_a_cut_inside_the_header_leaves_no_video(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", **FASTSTART)
    path.write_bytes(path.read_bytes()[:20])

    with pytest.raises(TruncatedVideo):
        open_video(path)


@pytest.mark.parametrize(
    ("name", "making"),
    [
        ("fragments.mp4", FRAGMENTS),
        ("faststart.mp4", FASTSTART),
        ("clip.mkv", {}),
        ("vp9.webm", {"codec": "libvpx-vp9"}),
        ("part2.avi", {"codec": "mpeg4"}),
    ],
)
def test_flipped_bits_never_shorten_a_clip_in_silence(tmp_path, name, making):
    path = write_clip(tmp_path / name, **making)
    data = path.read_bytes()
    rng = np.random.default_rng(5)

    for flips in [1] * 25 + [20] * 5:
        damaged = bytearray(data)
        for bit in rng.integers(0, 8 * len(data), flips):
            damaged[bit // 8] ^= 1 << (bit % 8)
        path.write_bytes(damaged)
        frames, error = _read(path)
        assert error is not None or len(frames) == 40


def test_many_flipped_bits_are_found(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", options={"g": "10"})
    data = bytearray(path.read_bytes())
    for byte in np.random.default_rng(1).integers(len(data) // 4, len(data) * 3 // 4, 60):
        data[byte] ^= 0xFF
    path.write_bytes(data)

    frames, error = _read(path)

    assert type(error) is CorruptVideo
    assert 0 < len(frames) < 40


def test_damage_of_the_picture_data_is_told_with_the_number_of_sound_frames(tmp_path):
    path = write_clip(tmp_path / "clip.mkv", options={"g": "10"})
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)

    with pytest.raises(CorruptVideo, match=r"after \d+ sound ones"):
        list(open_video(path))


def test_a_header_that_cannot_be_read_is_corrupt_not_unsupported(tmp_path):
    path = write_clip(tmp_path / "clip.mkv")
    data = bytearray(path.read_bytes())
    at = data.index(bytes.fromhex("1654AE6B"))
    data[at + 4 : at + 60] = bytes(56)
    path.write_bytes(data)

    with pytest.raises((CorruptVideo, UnsupportedVideo)):
        list(open_video(path))


@pytest.mark.parametrize("box", [b"moof", b"traf"])
def test_a_fragment_that_drops_out_is_missed(tmp_path, box):
    path = write_clip(tmp_path / "clip.mp4", **FRAGMENTS)
    data = path.read_bytes()
    second = data.index(box, data.index(box) + 1)
    path.write_bytes(data[:second] + b"zzzz" + data[second + 4 :])

    frames, error = _read(path)

    assert isinstance(error, CorruptVideo)
    assert len(frames) <= 40


def test_bytes_after_the_last_fragment_are_damage(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", **FRAGMENTS)
    path.write_bytes(path.read_bytes() + bytes(range(5, 64)))

    frames, error = _read(path)

    assert len(frames) == 40
    assert isinstance(error, CorruptVideo)


KILLED = """
import os, sys
import numpy as np
from conveyorqc.video import VideoWriter

writer = VideoWriter(sys.argv[1], fps=10, width=96, height=64)
noise = np.random.default_rng(0).integers(0, 256, (64, 96, 3), np.uint8)
for shift in range(int(sys.argv[2])):
    writer.write(np.roll(noise, shift, axis=1))
os._exit(9)
"""


@pytest.mark.parametrize("written", [100, 137])
def test_a_writer_that_is_killed_leaves_whole_fragments_and_the_error(tmp_path, written):
    path = tmp_path / "killed.mp4"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(written)], check=False)

    frames, error = _read(path)

    assert isinstance(error, TruncatedVideo)
    assert len(frames) > written // 2
    assert [time for time, _ in frames] == pytest.approx([index / 10 for index in range(len(frames))])


def test_a_writer_that_is_killed_between_two_fragments_is_found_out(tmp_path):
    path = tmp_path / "clip.mp4"
    with VideoWriter(path, fps=5, width=WIDTH, height=HEIGHT) as writer:
        for image in pictures(40):
            writer.write(image)
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"moof") - 4])

    frames, error = _read(path)

    assert isinstance(error, TruncatedVideo)
    assert len(frames) == 30
