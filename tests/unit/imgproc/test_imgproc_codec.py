"""Pictures in and out of files: lossless PNG, and a clear error for everything that is no picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from conveyorqc.errors import ImageError, InvalidInput
from conveyorqc.imgproc import _codec, decode_image, encode_jpeg, encode_png, read_image, write_png

NOISE = np.random.default_rng(3).integers(0, 256, (31, 47, 3), dtype=np.uint8)
RAMP = np.tile(np.linspace(0, 255, 64).astype(np.uint8)[None, :, None], (48, 1, 3))
UPRIGHT, QUARTER_TURN = 1, 6


def after_start(jpeg, extra):
    """``jpeg`` with bytes put behind its first marker."""
    return jpeg[:2] + extra + jpeg[2:]


def exif(orientation):
    """An APP1 segment with one tag: how the camera was held."""
    tiff = b"MM\0*\0\0\0\x08" + struct.pack(">HHHIHHI", 1, 0x0112, 3, 1, orientation, 0, 0)
    return b"\xff\xe1" + struct.pack(">H", len(tiff) + 8) + b"Exif\0\0" + tiff


def png_header(width, height):
    """The start of a PNG that declares this size."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def test_png_gives_back_the_same_pixels():
    assert np.array_equal(decode_image(encode_png(NOISE)), NOISE)


@pytest.mark.parametrize("name", ["plain.png", "küche und 饼干.png"])
def test_files_of_any_name_give_back_the_same_pixels(tmp_path, name):
    write_png(tmp_path / name, NOISE)

    assert np.array_equal(read_image(str(tmp_path / name)), NOISE)


def test_jpeg_is_close_and_smaller_at_lower_quality():
    good, poor = encode_jpeg(NOISE, quality=95), encode_jpeg(NOISE, quality=20)

    assert np.abs(decode_image(encode_jpeg(RAMP)).astype(int) - RAMP).max() <= 6
    assert len(poor) < len(good)


@pytest.mark.parametrize("quality", [0, 101])
def test_a_quality_that_jpeg_has_not_is_refused(quality):
    with pytest.raises(InvalidInput, match=f"quality: expected a number in 1-100, got {quality}"):
        encode_jpeg(RAMP, quality=quality)


@pytest.mark.parametrize("encode", [encode_png, encode_jpeg])
def test_what_is_no_picture_is_not_encoded(encode):
    with pytest.raises(InvalidInput, match="uint8"):
        encode(np.zeros((4, 4), np.uint8))


def test_a_jpeg_stands_as_its_camera_was_held():
    jpeg = encode_jpeg(RAMP)

    assert decode_image(after_start(jpeg, exif(UPRIGHT))).shape == (48, 64, 3)
    assert decode_image(after_start(jpeg, exif(QUARTER_TURN))).shape == (64, 48, 3)


@pytest.mark.parametrize("extra", [b"\xff", b"\xff\xfe\x00\x06\xff\xd9ab"])
def test_padding_and_comments_do_not_end_a_jpeg(extra):
    jpeg = after_start(encode_jpeg(NOISE, quality=98), extra)

    assert decode_image(jpeg).shape == NOISE.shape
    with pytest.raises(ImageError, match="expected a whole JPEG"):
        decode_image(jpeg[: len(jpeg) // 2])


@pytest.mark.parametrize("kept", [3, 30, 400, -2, -1])
def test_a_jpeg_that_is_cut_off_is_no_picture(kept):
    with pytest.raises(ImageError, match="half: expected a whole JPEG"):
        decode_image(encode_jpeg(NOISE)[:kept], name="half")


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"", "expected a picture, got an empty file"),
        (b"frame,time_s\n1,0.04\n", "expected PNG, JPEG, BMP, TIFF or WebP, got 20 bytes of something else"),
        (encode_png(NOISE)[:20], "image: "),
        (png_header(1 << 21, 1 << 21), "image: "),
    ],
)
def test_bytes_that_are_no_picture_are_refused(data, text):
    with pytest.raises(ImageError, match=text):
        decode_image(data)


def test_a_failure_inside_the_decoder_is_an_image_error(monkeypatch):
    def fail(*_):
        raise _codec.cv2.error("out of bounds")

    monkeypatch.setattr(_codec.cv2, "imdecode", fail)

    with pytest.raises(ImageError, match=r"a\.png: cannot be decoded: out of bounds") as caught:
        decode_image(encode_png(NOISE), name="a.png")
    assert isinstance(caught.value.__cause__, _codec.cv2.error)


def test_a_file_that_is_too_large_is_not_decoded(monkeypatch, tmp_path):
    write_png(tmp_path / "large.png", NOISE)
    monkeypatch.setattr(_codec, "_LARGEST_BYTES", 100)

    with pytest.raises(ImageError, match="expected at most 100 bytes, got more"):
        read_image(tmp_path / "large.png")


@pytest.mark.parametrize("name", ["missing.png", ".", "null\0byte.png"])
def test_a_path_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(ImageError, match="cannot be read"):
        read_image(tmp_path / name)


@pytest.mark.parametrize("name", ["no such folder/a.png", ".", "null\0byte.png"])
def test_a_path_that_cannot_be_written_is_named(tmp_path, name):
    with pytest.raises(ImageError, match="cannot be written"):
        write_png(tmp_path / name, NOISE)


def test_a_picture_too_wide_for_jpeg_is_refused():
    with pytest.raises(ImageError, match=r"cannot encode a picture of 65501x1 px as \.jpg"):
        encode_jpeg(np.zeros((1, 65_501, 3), np.uint8))


@pytest.mark.parametrize("answer", ["error", "no"])
def test_an_encoder_that_refuses_in_either_way_is_an_image_error(monkeypatch, answer):
    def refuse(*_):
        if answer == "error":
            raise _codec.cv2.error("too large")
        return False, None

    monkeypatch.setattr(_codec.cv2, "imencode", refuse)

    with pytest.raises(ImageError, match=r"cannot encode a picture of 47x31 px as \.png"):
        encode_png(NOISE)
