"""Small clips of every kind that the tests of video need, made with PyAV itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

FPS = 25
WIDTH, HEIGHT = 64, 48


def pictures(count: int, *, width: int = WIDTH, height: int = HEIGHT) -> Iterator[np.ndarray]:
    """Smooth colours that move, with some grain so that the coder has work to do."""
    rng = np.random.default_rng(7)
    grain = rng.integers(-12, 13, (height, width, 1))
    rows, columns = np.mgrid[0:height, 0:width]
    for shift in range(count):
        blue = 128 + 80 * np.sin((columns + 2 * shift) / 9)
        green = 128 + 60 * np.cos((rows + columns - shift) / 11)
        red = 128 + 70 * np.sin((rows - shift) / 7)
        noisy = np.stack([blue, green, red], axis=2) + np.roll(grain, shift, axis=1)
        yield np.clip(noisy, 0, 255).astype(np.uint8)


def write_clip(
    path: Path,
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    count: int = 40,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    times_s: Sequence[float] | None = None,
    options: dict[str, str] | None = None,
    movflags: str | None = None,
) -> Path:
    container_options = {} if movflags is None else {"movflags": movflags}
    with av.open(str(path), "w", container_options=container_options) as container:
        stream = container.add_stream(codec, rate=FPS, options=options or {})
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        for index, image in enumerate(pictures(count, width=size[0], height=size[1])):
            picture = av.VideoFrame.from_ndarray(image, format="bgr24").reformat(format=pix_fmt)
            time_s = index / FPS if times_s is None else times_s[index]
            picture.pts, picture.time_base = round(time_s * 1000), Fraction(1, 1000)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def write_tagged(path: Path, image: np.ndarray, *, colorspace: int, color_range: int) -> Path:
    """One picture, coded with the given matrix (AVColorSpace) and range (1 limited, 2 full), and tagged so."""
    red, blue = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}[colorspace]
    b, g, r = image.astype(np.float64).transpose(2, 0, 1)
    luma = red * r + (1 - red - blue) * g + blue * b
    chroma = [(b - luma) / (2 - 2 * blue), (r - luma) / (2 - 2 * red)]
    height, width = luma.shape
    halved = [plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3)) for plane in chroma]
    if color_range == 1:
        luma, halved = luma * 219 / 255 + 16, [plane * 224 / 255 for plane in halved]
    stacked = np.concatenate([luma.ravel(), *(plane.ravel() + 128 for plane in halved)]).reshape(-1, width)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"crf": "1"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.colorspace, stream.codec_context.color_range = colorspace, color_range
        picture = av.VideoFrame.from_ndarray(np.clip(stacked.round(), 0, 255).astype(np.uint8), format="yuv420p")
        picture.pts = 0
        container.mux([*stream.encode(picture), *stream.encode(None)])
    return path


def write_audio(path: Path) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=44100)
        for index in range(20):
            sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
            sound.rate, sound.pts = 44100, index * 1024
            container.mux(stream.encode(sound))
        container.mux(stream.encode(None))
    return path


def remux(source: Path, target: Path, *, from_key: int = 1, back_s: float = 0.0) -> Path:
    """Copies packets from the given key frame on, with all times moved back: what ``ffmpeg -ss -c copy`` makes."""
    with av.open(str(source)) as reader, av.open(str(target), "w") as writer:
        stream = reader.streams.video[0]
        if hasattr(writer, "add_stream_from_template"):
            copy = writer.add_stream_from_template(stream)
        else:  # PyAV 13
            copy = writer.add_stream(template=stream)
        writer.metadata.update(reader.metadata)
        keys = 0
        for packet in reader.demux(stream):
            keys += packet.is_keyframe
            if packet.dts is None or keys < from_key:
                continue
            ticks = round(back_s / stream.time_base)
            packet.pts, packet.dts, packet.stream = packet.pts - ticks, packet.dts - ticks, copy
            writer.mux(packet)
    return target
