"""`VideoWriter`: annotated pictures as H.264 in a fragmented MP4, which survives a crash and plays in a browser."""

from __future__ import annotations

import logging
import math
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self, cast

import av
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from conveyorqc.core import ImageU8, as_image
from conveyorqc.errors import InvalidInput, VideoWriteError
from conveyorqc.imgproc import bgr_to_yuv420, pad_image
from conveyorqc.video._av import MADE_HERE, translated
from conveyorqc.video._images import checked_fps

__all__ = ["VideoWriter"]

_LOG = logging.getLogger(__name__)

_TICK_S = Fraction(1, 60_000)  # a whole number of them for 24, 25, 30 and 60 fps; MPEG-4 part 2 goes to 1/65535
_FRAGMENT_S = 2
_HIGHEST_FPS, _LOWEST_FPS = 1000, Fraction(1, 1001)
_BT601, _LIMITED_RANGE = 6, 1  # AVCOL_SPC_SMPTE170M and AVCOL_RANGE_MPEG of libavutil/pixfmt.h


class VideoWriter:
    """Writes BGR pictures as a video; use it as a context manager.

    The MP4 is fragmented: when the process is killed, all but about the last three seconds can still be read
    (`open_video` then ends with `TruncatedVideo`). Colours are BT.601, limited range, 4:2:0, and tagged so. Memory
    does not grow with the length of the video.

    ``libx264``, the default, is GPL software inside PyAV's binary wheels: whoever ships those in a product has to look
    at that licence, or name another encoder that the build has (``libvpx-vp9``, ``libsvtav1``, ``h264_nvenc``).

    Args:
        path: the file to write; one that exists is replaced.
        fps: frames per second, above 0, at most 1000.
        width, height: px of the pictures. 4:2:0 needs even sizes: an odd one is made even by repeating the last
            column or row.
        crf: constant rate factor, 0 to 63: lower is better and larger. With x264 18 looks like the original, 23 is
            good, 30 is small. Encoders that do not know it ignore it.
        preset: effort of the encoder, ``ultrafast`` to ``veryslow`` with x264: slower is smaller at the same quality.
        codec: FFmpeg's name of the encoder.

    Attributes:
        frames: how many pictures were written so far.

    Raises:
        InvalidInput: if a number is out of range.
        VideoWriteError: if the file cannot be made, or the encoder is unknown or refuses.
    """

    def __init__(
        self,
        path: Path | str,
        /,
        *,
        fps: float,
        width: int,
        height: int,
        crf: float = 23,
        preset: str = "veryfast",
        codec: str = "libx264",
    ) -> None:
        if width < 1 or height < 1:
            raise InvalidInput(f"size: expected 1x1 px or more, got {width}x{height}")
        if not 0 <= crf <= 63:
            raise InvalidInput(f"crf: expected a number in 0-63, got {crf}")
        self.frames = 0
        self._path = Path(path)
        self._shape = (height, width, 3)
        if checked_fps(fps) > _HIGHEST_FPS:
            raise InvalidInput(f"fps: expected at most {_HIGHEST_FPS}, got {fps}")
        self._period_s = 1 / max(Fraction(fps).limit_denominator(1001), _LOWEST_FPS)
        self._origin_s = self._last_s = Fraction(0)
        self._closed = False
        self._container, self._stream = self._started(codec, {"crf": str(crf), "preset": preset})

    def write(self, image: ImageU8, /, *, time_s: float | None = None) -> None:
        """Append a picture.

        Args:
            image: (H, W, 3) uint8 BGR of the size given above; not kept.
            time_s: when it was taken, later than the one before by at least 1/60000 s; only differences count, the
                video begins at 0. Without it the picture follows the one before by ``1 / fps``.

        Raises:
            InvalidInput: if it is no such picture, or its time does not increase.
            VideoWriteError: if the writer is closed, or the file cannot be written.
        """
        if self._closed:
            raise VideoWriteError(f"{self._path}: expected an open writer, got one that is closed")
        checked = as_image(image)
        if checked.shape != self._shape:
            raise InvalidInput(f"image: expected shape {self._shape}, got {checked.shape}")
        height, width = self._shape[:2]
        if height % 2 or width % 2:
            checked = pad_image(checked, left=0, top=0, right=width % 2, bottom=height % 2)
        picture = VideoFrame.from_ndarray(bgr_to_yuv420(checked), format="yuv420p")
        picture.time_base = _TICK_S
        picture.pts = self._next_ticks(time_s)
        with translated(str(self._path), VideoWriteError):
            self._container.mux(self._stream.encode(picture))
        self.frames += 1

    def close(self) -> None:
        """Finish the file; a second call does nothing.

        Raises:
            VideoWriteError: if the rest cannot be written, or if there was no picture at all: there is no such video,
                and none is left behind.
        """
        if self._closed:
            return
        self._closed = True
        if not self.frames:
            self._container.close()
            self._path.unlink(missing_ok=True)
            raise VideoWriteError(f"{self._path}: expected at least one picture before the end, got none")
        with translated(str(self._path), VideoWriteError):
            try:
                self._container.mux(self._stream.encode(None))
            finally:
                self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; an error of the block goes first, one of closing is then only logged."""
        try:
            self.close()
        except VideoWriteError as late:
            if error is None:
                raise
            _LOG.warning("%s", late)

    def _next_ticks(self, time_s: float | None) -> int:
        if time_s is None:
            at_s = self._last_s + self._period_s if self.frames else self._last_s
        elif math.isfinite(time_s):
            at_s = Fraction(time_s)
        else:
            raise InvalidInput(f"time_s: expected a finite time, got {time_s}")
        if not self.frames:
            self._origin_s = at_s
        elif at_s - self._last_s < _TICK_S:
            raise InvalidInput(f"time_s: expected later than {float(self._last_s)}, got {time_s}")
        self._last_s = at_s
        return round((at_s - self._origin_s) / _TICK_S)

    def _started(self, codec: str, options: dict[str, str]) -> tuple[OutputContainer, VideoStream]:
        """Opens encoder and file, and writes the header, so that what cannot work fails now."""
        height, width = self._shape[:2]
        with translated(str(self._path), VideoWriteError):
            kind = av.Codec(codec, "w").type
        if kind != "video":
            raise VideoWriteError(f"{self._path}: expected a video encoder, got {codec} for {kind}")
        with translated(str(self._path), VideoWriteError), ExitStack() as undo:
            safe = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}
            container = av.open(str(self._path.absolute()), "w", format="mp4", container_options=safe)
            undo.callback(container.close)
            container.metadata["comment"] = MADE_HERE
            stream = cast("VideoStream", container.add_stream(codec, rate=1 / self._period_s, options=options))
            stream.width, stream.height, stream.pix_fmt = width + width % 2, height + height % 2, "yuv420p"
            context = stream.codec_context
            context.time_base = _TICK_S
            context.gop_size = max(1, round(_FRAGMENT_S / self._period_s))
            context.colorspace, context.color_range = _BT601, _LIMITED_RANGE
            container.start_encoding()
            undo.pop_all()
        return container, stream
