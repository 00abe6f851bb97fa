"""Colours: right for every matrix and range, only where somebody asks, and alike for a region and the whole."""

from __future__ import annotations

import av
import numpy as np
import pytest
from video_clips import HEIGHT, WIDTH, pictures, write_clip, write_tagged

from conveyorqc.imgproc import yuv420_to_bgr
from conveyorqc.video import open_video

SPACES = {1: "bt709", 5: "bt601", 9: "bt2020"}
RANGES = {1: "limited", 2: "full"}


def _difference(first, second):
    return np.abs(first.astype(np.int64) - second.astype(np.int64))


def test_colours_of_an_untagged_clip_equal_those_of_pyav(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", options={"crf": "5"})
    with av.open(str(path)) as container:
        expected = next(container.decode(video=0)).to_ndarray(format="bgr24")

    difference = _difference(next(iter(open_video(path))).bgr, expected)

    assert difference.max() <= 4


@pytest.mark.parametrize("colorspace", SPACES)
@pytest.mark.parametrize("color_range", RANGES)
def test_the_matrix_and_range_of_the_stream_are_used(tmp_path, colorspace, color_range):
    original = next(pictures(1))
    path = write_tagged(tmp_path / "clip.mp4", original, colorspace=colorspace, color_range=color_range)

    frame = next(iter(open_video(path)))

    errors = {
        (matrix, levels): _difference(
            yuv420_to_bgr(frame.planes, (0, 0, WIDTH, HEIGHT), matrix=matrix, levels=levels), original
        ).mean()
        for matrix in SPACES.values()
        for levels in RANGES.values()
    }
    assert min(errors, key=errors.__getitem__) == (SPACES[colorspace], RANGES[color_range])
    assert _difference(frame.bgr, original).mean() == min(errors.values()) < 4


def test_jpeg_pictures_are_full_range(tmp_path):
    path = write_clip(tmp_path / "clip.avi", codec="mjpeg", pix_fmt="yuvj420p", options={"qmin": "1", "qmax": "1"})
    with av.open(str(path)) as container:
        luma = np.frombuffer(memoryview(next(container.decode(video=0)).planes[0]), np.uint8).reshape(HEIGHT, -1)

    frame = next(iter(open_video(path)))
    grey = frame.bgr.astype(np.float64) @ (0.114, 0.587, 0.299)

    assert np.abs(grey - luma[:, :WIDTH]).mean() < 2


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuvj420p", "yuv444p", "yuv420p10le", "yuv422p"])
def test_a_region_equals_the_same_part_of_the_whole(tmp_path, pix_fmt):
    path = write_clip(tmp_path / "clip.mp4", pix_fmt=pix_fmt, count=3)
    regions = [(0, 0, 1, 1), (3, 5, 20, 18), (63, 47, 64, 48), (1, 0, 64, 47), (10, 11, 12, 40)]

    for region in regions:
        x0, y0, x1, y1 = region
        frame, same = (next(iter(open_video(path))) for _ in range(2))
        assert np.array_equal(frame.bgr_in(region), same.bgr[y0:y1, x0:x1])


def test_formats_without_views_are_converted_by_pyav(tmp_path):
    path = write_clip(tmp_path / "clip.mp4", pix_fmt="yuv444p", options={"crf": "1"})

    frame = next(iter(open_video(path)))

    assert frame.planes is None
    assert np.array_equal(frame.bgr_in((3, 5, 9, 8)), frame.bgr_in((0, 0, WIDTH, HEIGHT))[5:8, 3:9])
    assert _difference(frame.bgr, next(pictures(1))).mean() < 4


def test_nothing_is_converted_before_somebody_asks(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "conveyorqc.video._planes.yuv420_to_bgr",
        lambda planes, region, **how: asked.append(region) or yuv420_to_bgr(planes, region, **how),
    )
    frames = list(open_video(write_clip(tmp_path / "clip.mp4", count=5)))
    assert asked == []

    frames[2].bgr_in((4, 4, 8, 8))

    assert asked == [(4, 4, 8, 8)]
