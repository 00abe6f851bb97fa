"""Counts what goes into the decoder and what comes out, so that a short clip never passes for a whole one."""

from __future__ import annotations

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from conveyorqc.errors import CorruptVideo, EmptyVideo, TruncatedVideo
from conveyorqc.video._claim import Claim

__all__ = ["Tally"]

# The MPEG-4 part 2 family repeats a picture by a packet of a few bytes ("not coded") that shows nothing.
_REPEATING_CODECS = frozenset({"mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "h263", "wmv1", "wmv2"})
_REPEAT_BYTES = 16


class Tally:
    """The account of one pass through a file; ``frames`` counts the pictures that came out sound."""

    def __init__(self, name: str, claim: Claim, stream: VideoStream, /) -> None:
        self.frames = 0
        self._name = name
        self._claim = claim
        self._codec = stream.codec_context.name
        self._tick_s = float(stream.time_base or 0)
        self._packets = self._hidden = self._due = self._bytes = 0
        self._fed_s = self._shown_s = 0.0
        self._first_pts: int | None = None
        self._last_dts: int | None = None
        self._refused: Packet[VideoStream] | None = None
        self._leading = True
        self._last_hidden = self._interlaced = False

    def feed(self, packet: Packet[VideoStream], /) -> None:
        """A packet goes in."""
        self._measure(packet)
        self._packets += 1
        self._bytes += packet.size
        leads = self._leads(packet)
        if packet.is_discard:  # an edit list hides what it shows
            self._hidden += not leads
        elif not leads:
            self._first_pts = packet.pts if self._first_pts is None else self._first_pts
            self._due += self._must_show(packet)

    def refuse(self, packet: Packet[VideoStream], /) -> None:
        """A damaged packet does not go in, nor does anything after it."""
        self._refused = packet

    @property
    def doubts_last(self) -> bool:
        """Whether the last packet may be half a picture that nobody marked."""
        return self._claim.cut_in_data and self._claim.silent_at_cut

    def misses_before(self, picture: VideoFrame, /) -> bool:
        """Whether, at a cut, others may be missing before a picture that the decoder held back until the end.

        No picture is shown before it is decoded (pts >= dts), so none is missing before the dts of the next packet.
        """
        next_dts = None
        if self._refused is not None:
            next_dts = self._refused.dts
        elif self._claim.cut_in_data and self._last_dts is not None:
            next_dts = self._last_dts + 1
        if self._claim.in_slots or next_dts is None or picture.pts is None:
            return False
        return picture.pts >= next_dts

    def show(self, picture: VideoFrame, /) -> None:
        """A picture comes out.

        Raises:
            CorruptVideo: if the decoder had to guess a part of it.
        """
        if picture.is_corrupt:
            raise self.fault(f"{self._name}: picture {self.frames} is damaged")
        self._interlaced = self._interlaced or picture.interlaced_frame
        self.frames += 1

    def fault(self, text: str, /) -> CorruptVideo:
        """The error for damage at this point: where the file is cut short, it is the cut."""
        if self._claim.cut_short or self._claim.unfinished:
            return self._truncated()
        return CorruptVideo(f"{text} (after {self.frames} sound ones)")

    def close(self) -> None:
        """The file is at its end.

        Raises:
            TruncatedVideo: if less came than the file claims to hold.
            CorruptVideo: if pictures got lost on the way.
            EmptyVideo: if it claims to hold none, and did.
        """
        if self._refused is not None:
            raise self.fault(f"{self._name}: a packet is damaged")
        if self._claim.cut_short or self._claim.unfinished or self._is_short():
            raise self._truncated()
        if self._claim.damage:
            raise self.fault(f"{self._name}: {self._claim.damage}")
        if self._lost():
            raise self.fault(f"{self._name}: {self._lost()} of {self._due} pictures cannot be decoded")
        if self._claim.payload is not None and self._bytes < self._claim.payload:
            raise self.fault(f"{self._name}: {self._claim.payload - self._bytes} bytes belong to no picture")
        if not self.frames:
            raise EmptyVideo(f"{self._name}: expected at least one picture, got a video without any")

    def _measure(self, packet: Packet[VideoStream]) -> None:
        """The packet before lasts until this one (FFmpeg 7 leaves ``duration`` at 0 for some files)."""
        if packet.dts is not None and self._last_dts is not None:
            step_s = (packet.dts - self._last_dts) * self._tick_s
            self._fed_s += step_s
            self._shown_s += 0.0 if self._last_hidden else step_s
        self._last_dts, self._last_hidden = packet.dts, packet.is_discard

    def _leads(self, packet: Packet[VideoStream]) -> bool:
        """Whether ``packet`` is shown before the first key frame.

        It leans on pictures before a cut there, which is legal and can only be so directly after that key frame.
        """
        if packet.pts is None or self._first_pts is None or not self._leading:
            return False
        self._leading = packet.pts < self._first_pts
        return self._leading

    def _must_show(self, packet: Packet[VideoStream]) -> bool:
        """Whether a picture must come of ``packet``."""
        if self._codec == "vp8":
            return bool(bytes(packet)[0] & 0x10)  # show_frame, RFC 6386, 9.1
        return packet.size >= _REPEAT_BYTES or self._codec not in _REPEATING_CODECS

    def _lost(self) -> int:
        """Packets that gave no picture; a packet may hold one field only, of the two of an interlaced picture."""
        in_fields = self._interlaced and self._due > 1.5 * self.frames
        return max(0, self._due - self.frames * (2 if in_fields else 1))

    def _is_short(self) -> bool:
        """Whether fewer packets came than were claimed, and neither empty slots nor an edit list explains it."""
        claim = self._claim
        if claim.frames is None or self._packets - self._hidden >= claim.frames:
            return False
        if claim.duration_s is None:
            return True
        if claim.in_slots:
            reached_s = ((self._last_dts or 0) + 1) * self._tick_s
            return reached_s < claim.duration_s - self._tick_s / 2
        period_s = self._fed_s / max(1, self._packets - 1)
        hidden_s = period_s * claim.frames - claim.duration_s  # what all would last, less what is shown
        shown_s = self._shown_s + (0.0 if self._last_hidden else period_s)
        slack_s = min(2 * period_s, claim.duration_s)
        explained = hidden_s > period_s / 2 and abs(shown_s - claim.duration_s) < slack_s
        return not (claim.may_hide and explained)

    def _truncated(self) -> TruncatedVideo:
        declared = self._claim.frames
        known = declared is not None and declared > self.frames
        return TruncatedVideo(self._name, read=self.frames, declared=declared if known else None)
