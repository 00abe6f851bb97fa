"""Pictures that become a video by being in order: a folder of image files, or arrays from anywhere."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from conveyorqc.core import Frame, ImageU8, as_image
from conveyorqc.errors import CorruptVideo, EmptyVideo, ImageError, InvalidInput, VideoError
from conveyorqc.imgproc import read_image

__all__ = ["ImageFolder", "checked_fps", "frames_from"]

_EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"})


class ImageFolder:
    """The pictures of a folder (PNG, JPEG, BMP, TIFF, WebP) as a video, in natural order: ``img2`` before ``img10``.

    Hidden files, other files and sub-folders are passed over. The list is made once; pictures are read when their turn
    comes.

    Args:
        path: the folder.
        fps: frames per second, above 0: pictures have no times, so frame i is at ``i / fps`` seconds.

    Attributes:
        name: the path as given.
        width, height: px, of every picture.
        fps, declared_frames, duration_s: the rate, the number of pictures, and what follows from them.

    Raises:
        InvalidInput: if ``fps`` is not a finite number above 0.
        EmptyVideo: if there is no picture in the folder.
        CorruptVideo: if the first picture cannot be read.
        VideoError: if the system does not let us list it.
    """

    def __init__(self, path: Path | str, /, *, fps: float) -> None:
        self.name = str(path)
        self.fps = checked_fps(fps)
        self._files = _pictures_in(Path(path))
        self.declared_frames = len(self._files)
        self.duration_s = len(self._files) / self.fps
        self.height, self.width = _read(self._files[0]).shape[:2]

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order.

        Raises:
            CorruptVideo: if a picture cannot be read or has another size than the first; the text names it.
        """
        for index, file in enumerate(self._files):
            image = _read(file)
            height, width = image.shape[:2]
            if (width, height) != (self.width, self.height):
                raise CorruptVideo(f"{file}: expected {self.width}x{self.height} px, got {width}x{height}")
            yield Frame.from_bgr(image, index=index, time_s=index / self.fps)


def frames_from(images: Iterable[ImageU8], /, *, fps: float) -> Iterator[Frame]:
    """Frames around arrays from any source: a camera library, a list, a generator (which stays lazy).

    Args:
        images: (H, W, 3) uint8 BGR each, all of one size; not copied.
        fps: frames per second, above 0: frame i is at ``i / fps`` seconds. Where true times are known, make the frames
            with `Frame.from_bgr` instead.

    Raises:
        InvalidInput: if ``fps`` is not a finite number above 0; later, if an array is no picture or has another size.

    >>> import numpy as np
    >>> [frame.time_s for frame in frames_from(np.zeros((3, 4, 6, 3), np.uint8), fps=10)]
    [0.0, 0.1, 0.2]
    """
    return _frames(images, checked_fps(fps))


def checked_fps(fps: float) -> float:
    """``fps`` as a float, if it is finite and above 0."""
    if not (math.isfinite(fps) and fps > 0):
        raise InvalidInput(f"fps: expected a finite number above 0, got {fps}")
    return float(fps)


def _frames(images: Iterable[ImageU8], fps: float) -> Iterator[Frame]:
    shape: tuple[int, ...] | None = None
    for index, image in enumerate(images):
        checked = as_image(image, name=f"image {index}")
        shape = shape or checked.shape
        if checked.shape != shape:
            raise InvalidInput(f"image {index}: expected shape {shape} as before, got {checked.shape}")
        yield Frame.from_bgr(checked, index=index, time_s=index / fps)


def _pictures_in(folder: Path) -> list[Path]:
    try:
        files = [file for file in folder.iterdir() if file.suffix.lower() in _EXTENSIONS and file.is_file()]
    except OSError as error:
        raise VideoError(f"{folder}: cannot be listed: {error.strerror or error}") from error
    visible = [file for file in files if not file.name.startswith(".")]
    if not visible:
        raise EmptyVideo(f"{folder}: expected PNG, JPEG, BMP, TIFF or WebP files, found none")
    return sorted(visible, key=_natural)


def _natural(file: Path) -> tuple[list[str | int], str]:
    """Numbers in a name count as numbers; the name itself decides between equals (``a1``, ``a01``)."""
    parts = re.split(r"(\d+)", file.name.casefold())
    return [int(part) if part.isdecimal() else part for part in parts], file.name


def _read(file: Path) -> ImageU8:
    try:
        return read_image(file)
    except ImageError as error:
        raise CorruptVideo(f"frame cannot be read: {error}") from error
