"""What is told of whole pictures: fingerprints, surroundings, headers."""

import struct

import numpy as np
import pytest

from conveyorqc.errors import ImageError, InvalidInput
from conveyorqc.imgproc import (
    HASH_BITS,
    background_features,
    image_header,
    perceptual_hash,
    picture_gist,
    resize,
    write_png,
)
from conveyorqc.imgproc._opencv import cv2


def noise(seed, width=64, height=48):
    rough = np.random.default_rng(seed).integers(0, 255, (8, 8, 3), dtype=np.uint8)
    return resize(rough, width=width, height=height, method="cubic")


def test_copies_have_nearly_the_same_hash_and_gist_and_others_do_not():
    picture = noise(1, 128, 96)
    copy = resize(picture, width=64, height=48, method="area")

    assert HASH_BITS == len(perceptual_hash(picture))
    assert (perceptual_hash(picture) != perceptual_hash(copy)).sum() < 16
    assert (perceptual_hash(picture) != perceptual_hash(noise(2))).sum() > 64
    assert picture_gist(picture) @ picture_gist(copy) > 0.99
    assert picture_gist(picture) @ picture_gist(noise(2)) < 0.8


def test_a_plain_picture_has_no_gist():
    assert not picture_gist(np.full((9, 9, 3), 77, np.uint8)).any()


@pytest.mark.parametrize("measure", [perceptual_hash, picture_gist])
def test_what_is_no_picture_has_no_fingerprint(measure):
    with pytest.raises(InvalidInput):
        measure(np.zeros((4, 4), np.uint8))


def test_the_object_changes_nothing_of_its_surroundings():
    picture, mask = noise(3, 90, 90), np.zeros((90, 90), np.bool_)
    mask[30:60, 30:60] = True
    other = picture.copy()
    other[mask] = 255

    features = background_features(picture, mask)

    assert (71,) == features.shape
    assert features.tolist() == background_features(other, mask).tolist()
    other[:5] = 0
    assert features.tolist() != background_features(other, mask).tolist()


def test_a_picture_without_surroundings_has_no_figures():
    assert not background_features(noise(1), np.ones((48, 64), np.bool_)).any()


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".webp"])
def test_a_header_tells_size_and_format_before_decoding(tmp_path, suffix):
    done, data = cv2.imencode(suffix, noise(1, 61, 35))
    path = tmp_path / "unnamed"
    path.write_bytes(bytes(data))

    names = {".png": "PNG", ".jpg": "JPEG", ".bmp": "BMP", ".tif": "TIFF", ".webp": "WebP"}
    assert done
    assert (61, 35, names[suffix]) == image_header(path)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_that_lies_on_its_side_is_measured_upright(tmp_path, orientation):
    _, data = cv2.imencode(".jpg", noise(1, 61, 35))
    tiff = b"MM\x00*" + struct.pack(">IHHHIHHI", 8, 1, 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\x00\x00" + tiff
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + bytes(data)[2:])

    decoded = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    assert decoded.shape[1::-1] == image_header(path)[:2]


@pytest.mark.parametrize("exif", [b"", b"MM\x00*", b"MM\x00*\x00\x00\x00\x08\x00\x09", b"XX"])
def test_damaged_exif_data_are_passed_over(tmp_path, exif):
    _, data = cv2.imencode(".jpg", noise(1, 61, 35))
    segment = b"Exif\x00\x00" + exif
    path = tmp_path / "a.jpg"
    path.write_bytes(
        b"\xff\xd8\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment + b"\xff\xff\xd0" + bytes(data)[2:]
    )

    assert (61, 35, "JPEG") == image_header(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (bytes([*b"RIFF", 0, 0, 0, 0, *b"WEBPVP8X", 10, 0, 0, 0, 0, 0, 0, 0, 9, 1, 0, 4, 0, 0]), (266, 5, "WebP")),
        (b"RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f" + struct.pack("<I", 59 | 34 << 14), (60, 35, "WebP")),
    ],
)
def test_the_other_kinds_of_webp(tmp_path, content, expected):
    (tmp_path / "a").write_bytes(content + bytes(16))

    assert expected == image_header(tmp_path / "a")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "expected PNG, JPEG, BMP, TIFF or WebP"),
        (b"text", "expected PNG, JPEG, BMP, TIFF or WebP"),
        (b"\x89PNG\r\n\x1a\n", "ends in its header"),
        (b"\x89PNG\r\n\x1a\n" + bytes(24), "expected a picture with pixels, got 0x0"),
        (b"\xff\xd8\xff", "ends in its header"),
        (b"\xff\xd8\xff\xe0\x00\x00" * 5000, "expected PNG"),
        (b"BM", "ends in its header"),
        (b"II*\x00", "ends in its header"),
        (b"II*\x00\x08\x00\x00\x00\x00\x00", "expected PNG"),
        (b"RIFF____WEBPVP9 " + bytes(20), "expected PNG"),
    ],
)
def test_what_is_no_whole_header_is_refused(tmp_path, content, complaint):
    (tmp_path / "a").write_bytes(content)

    with pytest.raises(ImageError, match=complaint):
        image_header(tmp_path / "a")


def test_a_missing_file_has_no_header(tmp_path):
    with pytest.raises(ImageError, match="cannot be read"):
        image_header(tmp_path / "gone")
    with pytest.raises(ImageError, match="cannot be read"):
        image_header("a\0b")
    write_png(tmp_path / "a.png", noise(1))
    assert "PNG" == image_header(str(tmp_path / "a.png")).format
