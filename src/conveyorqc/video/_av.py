"""PyAV behind one door: how a file is opened, and what its errors mean in our tree."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import cast

import av
from av.codec.context import ThreadType
from av.container import InputContainer
from av.error import FFmpegError
from av.video.stream import VideoStream

from conveyorqc.errors import VideoError, VideoNotFound

__all__ = ["MADE_HERE", "opened", "translated"]

_LOG = logging.getLogger(__name__)

MADE_HERE = "conveyorqc: complete when it ends with an mfra box"
"""The comment in the files of `VideoWriter`, by which an unfinished one is known."""

_open = cast("Callable[..., InputContainer]", av.open)

# Titles and comments may be in any encoding. From PyAV 19 on they are read leniently without being told.
_LENIENT = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

# FFmpeg draws plain text as pictures with these; here it is a file that is not a video.
_TEXT_FORMATS = frozenset({"tty", "bin", "xbin", "adf", "idf"})


@contextmanager
def translated(name: str, error: Callable[[str], VideoError]) -> Iterator[None]:
    """Errors of PyAV inside the block become ``error(text)``: `FFmpegError`, and ValueError for an unknown codec."""
    try:
        yield
    except (FFmpegError, ValueError) as cause:
        raise error(f"{name}: {getattr(cause, 'strerror', None) or cause}") from cause


@contextmanager
def opened(
    path: Path,
    /,
    *,
    stop: int | None,
    unreadable: Callable[[str], VideoError],
    unshowable: Callable[[str], VideoError],
) -> Iterator[tuple[InputContainer, VideoStream]]:
    """The container at ``path`` and its first video stream, decoding in threads; closed at the end of the block.

    What lies behind byte ``stop`` is hidden from FFmpeg.

    Raises:
        VideoNotFound: if the file is gone.
        VideoError: ``unreadable(text)`` if it cannot be opened, ``unshowable(text)`` if it has no video to decode.
    """
    if not path.exists():
        raise VideoNotFound(f"{path}: no such file or folder")
    with translated(str(path), unreadable):
        where = str(path.absolute()) if stop is None else f"subfile,,start,0,end,{stop},,:{path.absolute()}"
        # A playlist may name other files, but nothing on the network.
        local = {"protocol_whitelist": "file,subfile"}
        container = _open(where, "r", container_options=local, **_LENIENT)
    try:
        videos = [stream for stream in container.streams.video if not _is_cover(stream)]
        if not videos or container.format.name in _TEXT_FORMATS:
            kinds = ", ".join(stream.type for stream in container.streams)
            raise unshowable(
                f"{path}: expected a video stream, got {container.format.long_name} with {kinds or 'none'}"
            )
        if videos[0].codec_context is None:
            raise unshowable(f"{path}: this FFmpeg has no decoder for its video stream")
        if len(videos) > 1:
            _LOG.info("%s holds %d video streams; the first one is read", path, len(videos))
        videos[0].codec_context.thread_type = ThreadType.AUTO
        yield container, videos[0]
    finally:
        container.close()


def _is_cover(stream: VideoStream) -> bool:
    """The cover of a piece of music is a video stream of one picture, without a rate."""
    return not stream.average_rate and bool(stream.container.streams.audio)
