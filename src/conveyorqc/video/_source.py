"""`open_video`: one door for everything that lies on disk as a video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

from conveyorqc.core import Frame
from conveyorqc.video._file import VideoFile
from conveyorqc.video._images import ImageFolder

__all__ = ["FrameSource", "open_video"]


@runtime_checkable
class FrameSource(Protocol):
    """Frames that can be read again and again, and what is known of them beforehand."""

    @property
    def name(self) -> str:
        """Where they come from, for people."""
        ...

    @property
    def width(self) -> int:
        """Px."""
        ...

    @property
    def height(self) -> int:
        """Px."""
        ...

    @property
    def fps(self) -> float:
        """Average frames per second."""
        ...

    @property
    def declared_frames(self) -> int | None:
        """How many frames there should be, or None."""
        ...

    @property
    def duration_s(self) -> float | None:
        """How long it should last, or None."""
        ...

    def __iter__(self) -> Iterator[Frame]:
        """The frames from the first one on."""
        ...


def open_video(path: Path | str, /, *, fps: float = 25.0) -> FrameSource:
    """The frames of a video file (`VideoFile`) or of a folder of pictures (`ImageFolder`).

    Args:
        path: file or folder; unicode is fine.
        fps: frames per second of a folder of pictures, which have no times of their own. A video file has its own
            times, for which this is not used.

    Raises:
        VideoNotFound: if there is nothing at ``path``.
        EmptyVideo: if the file or folder holds no picture.
        UnsupportedVideo: if the file is not a video, or nothing here decodes it.
        CorruptVideo: if it is damaged before its first picture.
        InvalidInput: if ``fps`` is not a finite number above 0.
    """
    return ImageFolder(path, fps=fps) if Path(path).is_dir() else VideoFile(path)
