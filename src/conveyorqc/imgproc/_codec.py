"""Single pictures in and out of files and bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from conveyorqc.core import ImageU8, as_image
from conveyorqc.errors import ImageError
from conveyorqc.imgproc._opencv import cv2

__all__ = ["decode_image", "encode_jpeg", "encode_png", "read_image", "write_png"]

_LARGEST_BYTES = 256 * 1024 * 1024


def decode_image(data: bytes, /, *, name: str = "image") -> ImageU8:
    """(H, W, 3) uint8 BGR from the bytes of a PNG, JPEG, BMP, TIFF or WebP file.

    Raises:
        ImageError: if the bytes are empty, truncated or no picture.
    """
    if not data:
        raise ImageError(f"{name}: expected a picture, got an empty file")
    if len(data) > _LARGEST_BYTES:
        raise ImageError(f"{name}: expected at most {_LARGEST_BYTES} bytes, got {len(data)}")
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise ImageError(f"{name}: cannot be decoded: {error}") from error
    if image is None:
        raise ImageError(f"{name}: expected PNG, JPEG, BMP, TIFF or WebP, got {len(data)} bytes of something else")
    return np.asarray(image, dtype=np.uint8)


def read_image(path: Path | str, /) -> ImageU8:
    """(H, W, 3) uint8 BGR from a picture file; any path that Python can open, unicode included.

    Raises:
        ImageError: if the file is missing, unreadable or no picture.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be read: {error.strerror or error}") from error
    return decode_image(data, name=str(path))


def encode_png(image: ImageU8, /) -> bytes:
    """The bytes of a PNG file with ``image`` (H, W, 3) uint8 BGR; lossless."""
    return _encode(as_image(image), ".png", [])


def encode_jpeg(image: ImageU8, /, *, quality: int = 90) -> bytes:
    """The bytes of a JPEG file; ``quality`` 1-100, lower is smaller and blockier."""
    return _encode(as_image(image), ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def write_png(path: Path | str, image: ImageU8, /) -> None:
    """Write ``image`` (H, W, 3) uint8 BGR as PNG.

    Raises:
        ImageError: if the file cannot be written.
    """
    try:
        Path(path).write_bytes(encode_png(image))
    except OSError as error:
        raise ImageError(f"{path}: cannot be written: {error.strerror or error}") from error


def _encode(image: ImageU8, extension: str, options: list[int]) -> bytes:
    done, data = cv2.imencode(extension, image, options)
    if not done:
        raise ImageError(f"cannot encode a picture of {image.shape[1]}x{image.shape[0]} px as {extension}")
    return bytes(data)
