"""What the first bytes of a picture file say about it, before anything is decoded."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from conveyorqc.errors import ImageError

__all__ = ["ImageHeader", "image_header"]

_PNG, _JPEG, _BMP = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"BM"
_TIFF = {b"II*\x00": "<", b"MM\x00*": ">"}
_SIZE_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_NO_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})
_EXIF = b"Exif\x00\x00"
_ORIENTATION = 0x0112
_MOST_SEGMENTS = 4096


class ImageHeader(NamedTuple):
    """Size of a picture, px, upright as its EXIF data says, and its format: PNG, JPEG, BMP, TIFF or WebP."""

    width: int
    height: int
    format: str


def image_header(path: Path | str, /) -> ImageHeader:
    """Read size and format of a picture without decoding it: a few bytes, however large it claims to be.

    Raises:
        ImageError: if the file cannot be read, is none of the five formats, or has no pixel.
    """
    try:
        with Path(path).open("rb") as file:
            found = _header_in(file)
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise ImageError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    except (struct.error, IndexError) as error:
        raise ImageError(f"{path}: expected a whole picture, got one that ends in its header") from error
    if found is None:
        raise ImageError(f"{path}: expected PNG, JPEG, BMP, TIFF or WebP, got something else")
    if found.width < 1 or found.height < 1:
        raise ImageError(f"{path}: expected a picture with pixels, got {found.width}x{found.height}")
    return found


def _header_in(file: BinaryIO) -> ImageHeader | None:
    start = file.read(32)
    if start.startswith(_PNG):
        width, height = struct.unpack(">II", start[16:24])
        return ImageHeader(width, height, "PNG")
    if start.startswith(_JPEG):
        return _jpeg(file)
    if start.startswith(_BMP):
        width, height = struct.unpack("<ii", start[18:26])
        return ImageHeader(width, abs(height), "BMP")
    if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
        return _webp(start)
    if start[:4] in _TIFF:
        return _tiff(file, _TIFF[start[:4]])
    return None


def _jpeg(file: BinaryIO) -> ImageHeader | None:
    """Rec. ITU-T T.81, annex B: segments with a length each, until the one that holds the size."""
    file.seek(2)
    turned = False
    for _ in range(_MOST_SEGMENTS):
        marker = _next_marker(file)
        if marker in _NO_LENGTH:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _SIZE_MARKERS:
            _, height, width = struct.unpack(">BHH", file.read(5))
            return ImageHeader(height, width, "JPEG") if turned else ImageHeader(width, height, "JPEG")
        content = file.read(length - 2) if length > 2 else b""
        if marker == 0xE1 and content.startswith(_EXIF):
            turned = _turned(content[len(_EXIF) :])
    return None


def _next_marker(file: BinaryIO) -> int:
    """The second byte of the next marker; any number of FF may stand before it."""
    byte = file.read(1)[0]
    while byte != 0xFF:
        byte = file.read(1)[0]
    while byte == 0xFF:
        byte = file.read(1)[0]
    return byte


def _turned(exif: bytes) -> bool:
    """Whether the picture is stored lying on its side."""
    order = _TIFF.get(exif[:4])
    if order is None:
        return False
    try:
        (at,) = struct.unpack_from(f"{order}I", exif, 4)
        (count,) = struct.unpack_from(f"{order}H", exif, at)
        for entry in range(at + 2, at + 2 + 12 * count, 12):
            tag, _, _, value = struct.unpack_from(f"{order}HHIH", exif, entry)
            if tag == _ORIENTATION:
                return bool(5 <= value <= 8)
    except struct.error:  # damaged EXIF data are no reason to refuse a picture; decoders ignore them too
        return False
    return False


def _webp(start: bytes) -> ImageHeader | None:
    """https://developers.google.com/speed/webp/docs/riff_container."""
    kind = start[12:16]
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(start[at : at + 3], "little") for at in (24, 27))
        return ImageHeader(width, height, "WebP")
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", start[21:25])
        return ImageHeader(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF), "WebP")
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", start[26:30])
        return ImageHeader(width & 0x3FFF, height & 0x3FFF, "WebP")
    return None


def _tiff(file: BinaryIO, order: str) -> ImageHeader | None:
    """The first page; TIFF 6.0, section 2."""
    file.seek(4)
    (at,) = struct.unpack(f"{order}I", file.read(4))
    file.seek(at)
    (count,) = struct.unpack(f"{order}H", file.read(2))
    found: dict[int, int] = {}
    for _ in range(count):
        entry = file.read(12)
        tag, kind = struct.unpack_from(f"{order}HH", entry)
        if tag in (256, 257) and kind in (3, 4):
            (found[tag],) = struct.unpack_from(f"{order}{'H' if kind == 3 else 'I'}", entry, 8)
    return ImageHeader(found[256], found[257], "TIFF") if len(found) == 2 else None
