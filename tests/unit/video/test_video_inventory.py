"""What containers say of themselves, on bytes made by hand."""

from __future__ import annotations

import io
import struct

import pytest
from video_clips import write_clip

from conveyorqc.video._containers import take_inventory
from conveyorqc.video._inventory import Inventory
from conveyorqc.video._isobmff import isobmff_inventory
from conveyorqc.video._matroska import matroska_inventory


def _box(kind, payload=b""):
    return struct.pack(">I4s", 8 + len(payload), kind) + payload


def _large_box(kind, payload=b""):
    return struct.pack(">I4sQ", 1, kind, 16 + len(payload)) + payload


def _moov(*track_ids, wide=0):
    tracks = (
        _box(
            b"trak",
            _box(b"tkhd", bytes([wide, 0, 0, 0]) + bytes(16 if wide else 8) + track.to_bytes(4, "big") + bytes(60)),
        )
        for track in track_ids
    )
    return _box(b"moov", b"".join(tracks))


def _moof(samples):
    parts = (
        _box(b"traf", _box(b"tfhd", struct.pack(">II", 0, track)) + _box(b"trun", struct.pack(">II", 0, count)))
        for track, count in samples.items()
    )
    return _box(b"moof", _box(b"mfhd", bytes(8)) + b"".join(parts))


def _isobmff(data):
    return isobmff_inventory(io.BytesIO(data), len(data))


FTYP = _box(b"ftyp", b"isom\0\0\2\0")
PLAIN = FTYP + _moov(1) + _box(b"mdat", bytes(100))
FRAGMENTED = (
    FTYP + _moov(1, 2) + _moof({2: 7}) + _box(b"mdat", bytes(50)) + _moof({2: 5, 1: 1}) + _box(b"mdat", bytes(30))
)


def test_a_plain_mp4_is_whole():
    assert _isobmff(PLAIN) == Inventory()


@pytest.mark.parametrize("last", [_large_box(b"mdat", bytes(100)), struct.pack(">I4s", 0, b"mdat") + bytes(9)])
def test_large_and_open_boxes_are_understood(last):
    assert _isobmff(FTYP + _moov(1) + last) == Inventory()


def test_a_cut_in_the_data_of_a_plain_mp4_is_found():
    assert _isobmff(PLAIN[:-1]) == Inventory(cut_short=True, cut_in_data=True)


def test_bytes_behind_a_plain_mp4_do_not_matter():
    assert _isobmff(PLAIN + b"\0\0\0\2some junk of another program") == Inventory()


def test_an_mp4_without_its_index_is_cut_short():
    assert _isobmff(FTYP + _box(b"mdat", bytes(100))).cut_short


@pytest.mark.parametrize("wide", [0, 1])
def test_samples_and_bytes_of_fragments_are_counted(wide):
    data = FTYP + _moov(1, 2, wide=wide) + FRAGMENTED[len(FTYP + _moov(1, 2)) :]

    inventory = _isobmff(data)

    assert inventory == Inventory(frames={1: 12, 0: 1}, payload=80)


def test_an_mp4_that_announces_fragments_is_held_to_their_rules_without_any():
    header = FTYP + _box(b"moov", _box(b"mvex", bytes(8)))

    assert _isobmff(header) == Inventory(payload=0)
    assert _isobmff(header + b"\x7f\0\0\0\xde\xad\xbe\xef" + bytes(50)).cut_short


def test_the_index_of_fragments_marks_a_finished_recording():
    assert _isobmff(FRAGMENTED + _box(b"mfra", bytes(20))).has_tail


@pytest.mark.parametrize("cut", [1, 29])
def test_a_cut_in_the_data_of_a_fragment_is_found(cut):
    inventory = _isobmff(FRAGMENTED[:-cut])

    assert (inventory.cut_short, inventory.cut_in_data, inventory.stop) == (True, True, None)


def test_half_a_header_of_a_fragment_is_hidden_from_the_reader():
    whole = FTYP + _moov(1, 2) + _moof({2: 7}) + _box(b"mdat", bytes(50))

    inventory = _isobmff(whole + _moof({2: 5})[:-3])

    assert (inventory.cut_short, inventory.cut_in_data, inventory.stop) == (True, False, len(whole))


@pytest.mark.parametrize("rest", [1, 7])
def test_a_few_bytes_of_a_next_box_are_a_cut(rest):
    assert _isobmff(FRAGMENTED + bytes(rest)).cut_short


def test_bytes_behind_fragments_that_are_no_box_are_damage():
    assert "12 bytes" in _isobmff(FRAGMENTED + b"\0\0\0\2" + bytes(8)).damage


def _element(kind, payload=b"", *, size=None):
    length = len(payload) if size is None else size
    return kind.to_bytes((kind.bit_length() + 7) // 8, "big") + (length | 1 << 56).to_bytes(8, "big") + payload


def _matroska(segment, *, open_segment=False):
    data = _element(0x1A45DFA3, b"\x42\x82\x84webm")
    if open_segment:
        data += bytes.fromhex("18538067 01FFFFFFFFFFFFFF".replace(" ", "")) + segment
    else:
        data += _element(0x18538067, segment)
    return matroska_inventory(io.BytesIO(data), len(data)), data


TRACKS = _element(
    0x1654AE6B, b"".join(_element(0xAE, _element(0xD7, bytes([n])) + _element(0x63A2, b"x")) for n in (3, 1))
)
BLOCK = _element(0xA3, b"\x83\0\0\x80picture")
OTHER_BLOCK = _element(0xA0, _element(0xA1, b"\x81\0\0\0sound") + _element(0x9B, b"\x05"))
CLUSTER = _element(0x1F43B675, _element(0xE7, b"\0") + BLOCK + BLOCK + OTHER_BLOCK)


@pytest.mark.parametrize("open_segment", [True, False])
def test_blocks_are_counted_by_track(open_segment):
    inventory, _ = _matroska(TRACKS + CLUSTER + CLUSTER, open_segment=open_segment)

    assert inventory == Inventory(frames={0: 4, 1: 2})


def test_bytes_behind_a_segment_do_not_matter():
    _, data = _matroska(TRACKS + CLUSTER)

    assert matroska_inventory(io.BytesIO(data + b"junk"), len(data) + 4) == Inventory(frames={0: 2, 1: 1})


def test_a_cut_in_a_block_is_in_the_data():
    _, data = _matroska(TRACKS + CLUSTER)
    cut = data[:-4]

    inventory = matroska_inventory(io.BytesIO(cut), len(cut))

    assert (inventory.cut_short, inventory.cut_in_data) == (True, True)


def test_a_cut_in_the_tags_is_not_in_the_data():
    _, data = _matroska(TRACKS + CLUSTER + _element(0x1254C367, bytes(40)))
    cut = data[:-4]

    inventory = matroska_inventory(io.BytesIO(cut), len(cut))

    assert (inventory.cut_short, inventory.cut_in_data, inventory.frames) == (True, False, {0: 2, 1: 1})


@pytest.mark.parametrize(
    "damage",
    [
        b"\0" * 20,
        b"\x43\x21\x81x" + bytes(20),
        b"\xa3\xff" + bytes(20),
        _element(0xA7, bytes(9)),
        b"\xa3\0" + bytes(20),
    ],
)
def test_what_is_no_element_is_damage(damage):
    inventory, _ = _matroska(TRACKS + CLUSTER + damage + CLUSTER)

    assert "no Matroska element begins at byte" in inventory.damage
    assert not inventory.cut_short


def test_a_block_of_an_unknown_track_is_damage():
    inventory, _ = _matroska(TRACKS + _element(0x1F43B675, _element(0xA3, b"\x87\0\0\x80picture")))

    assert "track 7" in inventory.damage


def _on_disk(tmp_path, data):
    (tmp_path / "file").write_bytes(data)
    return take_inventory(tmp_path / "file")


def _riff(form, payload):
    return b"RIFF" + struct.pack("<I", 4 + len(payload)) + form + payload


@pytest.mark.parametrize(
    ("data", "cut_short"),
    [
        (_riff(b"AVI ", bytes(100)), False),
        (_riff(b"AVI ", bytes(100)) + _riff(b"AVIX", bytes(60)), False),
        (_riff(b"AVI ", bytes(99)) + b"\0", False),
        (_riff(b"AVI ", bytes(100)) + b"appended", False),
        (_riff(b"AVI ", bytes(100))[:-1], True),
        (_riff(b"AVI ", bytes(100)) + _riff(b"AVIX", bytes(60))[:-20], True),
        (b"RIFF\0\0\0\0AVI " + bytes(100), True),
    ],
)
def test_an_avi_ends_where_its_chunks_end(tmp_path, data, cut_short):
    assert _on_disk(tmp_path, data).cut_short is cut_short


@pytest.mark.parametrize(("row", "before"), [(188, b""), (192, b"\0\0\0\1")])
@pytest.mark.parametrize("rest", [0, 50])
def test_a_transport_stream_ends_with_a_whole_row(tmp_path, row, before, rest):
    data = (before + b"\x47" + bytes(187)) * 5
    assert len(data) == 5 * row

    assert _on_disk(tmp_path, data + data[:rest]).cut_short is bool(rest)


@pytest.mark.parametrize("data", [b"", b"hello", b"\x47" + bytes(400), bytes(500)])
def test_nothing_is_known_of_other_files(tmp_path, data):
    assert _on_disk(tmp_path, data) is None


@pytest.mark.parametrize(
    ("name", "making", "frames"),
    [
        ("a.mkv", {}, {0: 40}),
        ("a.webm", {"codec": "libvpx-vp9"}, {0: 40}),
        ("a.mp4", {"movflags": "frag_keyframe+empty_moov+default_base_moof"}, {0: 40}),
        ("b.mp4", {}, {}),
        ("a.avi", {"codec": "mpeg4"}, {}),
        ("a.ts", {}, {}),
    ],
)
def test_real_files_are_whole_and_counted(tmp_path, name, making, frames):
    inventory = take_inventory(write_clip(tmp_path / name, **making))

    assert (inventory.frames, inventory.cut_short, inventory.damage) == (frames, False, "")
