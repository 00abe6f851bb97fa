"""The account and the clock of a pass, on packets and pictures made by hand."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from conveyorqc.errors import CorruptVideo, EmptyVideo, TruncatedVideo
from conveyorqc.video._claim import Claim
from conveyorqc.video._tally import Tally
from conveyorqc.video._timeline import Timeline

CLAIM = {
    "frames": None,
    "duration_s": None,
    "may_hide": False,
    "payload": None,
    "cut_short": False,
    "cut_in_data": False,
    "unfinished": False,
    "damage": "",
    "in_slots": False,
    "silent_at_cut": False,
}


def _stream(codec="h264"):
    return SimpleNamespace(codec_context=SimpleNamespace(name=codec), time_base=Fraction(1, 25))


class _Packet(SimpleNamespace):
    def __bytes__(self):
        return self.data


def _packet(time, *, size=100, discard=False, data=b"\x10"):
    return _Packet(pts=time, dts=time, size=size, duration=1, is_discard=discard, is_corrupt=False, data=data)


def _picture(time, *, corrupt=False, interlaced=False):
    return SimpleNamespace(pts=time, is_corrupt=corrupt, interlaced_frame=interlaced)


def _tally(packets, shown, *, codec="h264", interlaced=False, **claim):
    tally = Tally("clip", Claim(**{**CLAIM, **claim}), _stream(codec))
    for packet in packets:
        tally.feed(packet)
    for time in range(shown):
        tally.show(_picture(time, interlaced=interlaced))
    return tally


def test_an_account_that_adds_up_is_closed_in_silence():
    tally = _tally(map(_packet, range(10)), 10, frames=10, duration_s=0.4)

    tally.close()

    assert tally.frames == 10


def test_fewer_packets_than_claimed_are_a_truncation():
    tally = _tally(map(_packet, range(8)), 8, frames=10, duration_s=0.4, may_hide=True)

    with pytest.raises(TruncatedVideo) as caught:
        tally.close()
    assert (caught.value.read, caught.value.declared) == (8, 10)


@pytest.mark.parametrize("duration_s", [None, 0.4])
def test_no_packet_at_all_is_a_truncation_where_some_are_claimed(duration_s):
    with pytest.raises(TruncatedVideo):
        _tally([], 0, frames=10, duration_s=duration_s).close()


def test_a_claim_without_duration_is_taken_by_its_word():
    with pytest.raises(TruncatedVideo):
        _tally(map(_packet, range(8)), 8, frames=10, may_hide=True).close()


def test_nothing_claimed_and_nothing_found_is_empty():
    with pytest.raises(EmptyVideo):
        _tally([], 0).close()


def test_what_an_edit_list_hides_is_explained_by_the_duration():
    packets = [_packet(time, discard=time < 3) for time in range(10)]

    assert _tally(packets, 7, frames=10, duration_s=7 / 25, may_hide=True).close() is None


def test_hidden_pictures_that_the_duration_does_not_explain_are_missed():
    packets = [_packet(time, discard=time == 4) for time in range(10)]

    with pytest.raises(TruncatedVideo):
        _tally(packets, 9, frames=10, duration_s=10 / 25, may_hide=True).close()


def test_empty_slots_of_an_avi_are_explained_by_its_last_picture():
    packets = [_packet(time) for time in (0, 1, 8, 9)]

    assert _tally(packets, 4, frames=10, duration_s=0.4, in_slots=True).close() is None
    with pytest.raises(TruncatedVideo):
        _tally(packets[:3], 3, frames=10, duration_s=0.4, in_slots=True).close()


def test_packets_that_give_no_picture_are_missed():
    with pytest.raises(CorruptVideo, match="2 of 10 pictures cannot be decoded"):
        _tally(map(_packet, range(10)), 8).close()


def test_two_fields_make_one_picture():
    assert _tally(map(_packet, range(20)), 10, interlaced=True).close() is None
    with pytest.raises(CorruptVideo):
        _tally(map(_packet, range(20)), 19, interlaced=True).close()


def test_pictures_shown_before_the_first_key_frame_may_be_missing_only_right_behind_it():
    leading = [_packet(time) for time in (3, 1, 2, 5, 4)]
    later = [_packet(time) for time in (3, 5, 1)]

    assert _tally(leading, 3).close() is None
    with pytest.raises(CorruptVideo):
        _tally(later, 2).close()


def test_codecs_that_hide_or_repeat_pictures_are_allowed_to():
    hidden = [_packet(0), _packet(1, data=b"\0"), _packet(2)]
    repeated = [_packet(0), _packet(1, size=7), _packet(2)]

    assert _tally(hidden, 2, codec="vp8").close() is None
    assert _tally(repeated, 2, codec="mpeg4").close() is None
    with pytest.raises(CorruptVideo):
        _tally(repeated, 2, codec="h264").close()


def test_bytes_of_fragments_without_a_picture_are_missed():
    assert _tally(map(_packet, range(10)), 10, payload=1000).close() is None
    with pytest.raises(CorruptVideo, match="1 bytes belong to no picture"):
        _tally(map(_packet, range(10)), 10, payload=1001).close()


def test_damage_of_the_structure_is_told_at_the_end():
    with pytest.raises(CorruptVideo, match="no element"):
        _tally(map(_packet, range(10)), 10, damage="no element").close()


@pytest.mark.parametrize("claim", [{"cut_short": True}, {"unfinished": True}])
def test_any_fault_of_a_cut_file_is_the_cut(claim):
    tally = _tally(map(_packet, range(10)), 10, frames=12, **claim)

    assert isinstance(tally.fault("decoder says no"), TruncatedVideo)
    with pytest.raises(TruncatedVideo, match="read 10 of 12"):
        tally.close()


def test_a_damaged_packet_is_told_at_the_end():
    tally = _tally(map(_packet, range(10)), 9)
    tally.refuse(_packet(9))

    with pytest.raises(CorruptVideo, match="a packet is damaged"):
        tally.close()


def test_a_damaged_picture_is_not_shown():
    tally = _tally(map(_packet, range(3)), 2)

    with pytest.raises(CorruptVideo, match="picture 2 is damaged"):
        tally.show(_picture(2, corrupt=True))
    assert tally.frames == 2


def test_pictures_behind_a_gap_are_held_back():
    tally = _tally(map(_packet, range(5)), 0)
    assert not tally.misses_before(_picture(99))

    tally.refuse(_packet(5))

    assert not tally.misses_before(_picture(4))
    assert tally.misses_before(_picture(5))
    assert not tally.misses_before(_picture(None))


def test_a_cut_without_a_damaged_packet_counts_from_the_last_one():
    tally = _tally(map(_packet, range(5)), 0, cut_short=True, cut_in_data=True, silent_at_cut=True)

    assert tally.doubts_last
    assert not tally.misses_before(_picture(4))
    assert tally.misses_before(_picture(5))


def _times(pictures, **how):
    timeline = Timeline("clip", _stream(), **{"period_s": 0.04, "in_slots": False, **how})
    return [timeline.time_s(_picture(time)) for time in pictures]


def test_times_are_counted_from_the_first_picture():
    assert _times([50, 51, 75]) == pytest.approx([0.0, 0.04, 1.0])


def test_missing_times_follow_at_the_rate():
    assert _times([None, None, 10, 11, None, 14]) == pytest.approx([0.0, 0.04, 0.08, 0.12, 0.16, 0.24])


@pytest.mark.parametrize("times", [[0, 1, 1], [0, 5, 4]])
def test_times_that_do_not_increase_are_damage(times):
    with pytest.raises(CorruptVideo, match="expected increasing times"):
        _times(times)


def test_slots_are_taken_in_order():
    timeline = Timeline("clip", _stream(), period_s=0.04, in_slots=True)
    for slot in (0, 1, 30):
        timeline.feed(_packet(slot))

    assert [timeline.time_s(_picture(time)) for time in (7, 3, 5)] == pytest.approx([0.0, 0.04, 1.2])
