"""Single pictures in and out of files and bytes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from conveyorqc.core import ImageU8, as_image
from conveyorqc.errors import ImageError, InvalidInput
from conveyorqc.imgproc._opencv import cv2

__all__ = ["decode_image", "encode_jpeg", "encode_png", "read_image", "write_png"]

_LARGEST_BYTES = 256 * 1024 * 1024

_JPEG_END = 0xD9
_WITHOUT_LENGTH = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
"""Second bytes of JPEG markers that no length follows; 00 is none at all but a stuffed FF."""


def decode_image(data: bytes, /, *, name: str = "image") -> ImageU8:
    """(H, W, 3) uint8 BGR from the bytes of a PNG, JPEG, BMP, TIFF or WebP file, upright as its EXIF data says.

    Raises:
        ImageError: if the bytes are empty, truncated, no picture or more than 256 MB.
    """
    if not data:
        raise ImageError(f"{name}: expected a picture, got an empty file")
    if len(data) > _LARGEST_BYTES:
        raise ImageError(f"{name}: expected at most {_LARGEST_BYTES} bytes, got more")
    if data.startswith(b"\xff\xd8") and not _ends_as_jpeg(data):
        raise ImageError(f"{name}: expected a whole JPEG, got {len(data)} bytes that are cut off")
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
        with Path(path).open("rb") as file:
            data = file.read(_LARGEST_BYTES + 1)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ImageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return decode_image(data, name=str(path))


def encode_png(image: ImageU8, /) -> bytes:
    """The bytes of a PNG file with ``image`` (H, W, 3) uint8 BGR; lossless.

    Raises:
        ImageError: if the format cannot hold it.
    """
    return _encode(as_image(image), ".png", [])


def encode_jpeg(image: ImageU8, /, *, quality: int = 90) -> bytes:
    """The bytes of a JPEG file; ``quality`` 1-100, lower is smaller and blockier.

    Raises:
        InvalidInput: if ``quality`` is outside 1-100.
        ImageError: if the format cannot hold it: 65,500 px are the most on a side.
    """
    if not 1 <= quality <= 100:
        raise InvalidInput(f"quality: expected a number in 1-100, got {quality}")
    return _encode(as_image(image), ".jpg", [cv2.IMWRITE_JPEG_QUALITY, quality])


def write_png(path: Path | str, image: ImageU8, /) -> None:
    """Write ``image`` (H, W, 3) uint8 BGR as PNG.

    Raises:
        ImageError: if the file cannot be written.
    """
    try:
        Path(path).write_bytes(encode_png(image))
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ImageError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}") from error


def _encode(image: ImageU8, extension: str, options: list[int]) -> bytes:
    unfit = ImageError(f"cannot encode a picture of {image.shape[1]}x{image.shape[0]} px as {extension}")
    try:
        done, data = cv2.imencode(extension, image, options)
    except cv2.error as error:  # so OpenCV 4 says what 5 says by its first answer
        raise unfit from error
    if not done:
        raise unfit
    return bytes(data)


def _ends_as_jpeg(data: bytes) -> bool:
    """Whether a JPEG goes on to its end marker: OpenCV 4 fills what is missing with grey and says nothing.

    Source: Rec. ITU-T T.81, annex B.
    """
    at = data.find(b"\xff", 2)
    while 0 <= at < len(data) - 1:
        marker = data[at + 1]
        if marker == _JPEG_END:
            return True
        if marker == 0xFF:  # padding before a marker
            at += 1
        elif marker in _WITHOUT_LENGTH:
            at += 2
        else:
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        at = data.find(b"\xff", at)
    return False
