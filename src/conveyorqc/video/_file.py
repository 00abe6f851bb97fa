"""`VideoFile`: the frames of one video file with their own times, and a typed error where they end too soon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from conveyorqc.core import Frame
from conveyorqc.errors import CorruptVideo, EmptyVideo, TruncatedVideo, UnsupportedVideo, VideoError, VideoNotFound
from conveyorqc.video._av import opened, translated
from conveyorqc.video._claim import claim_of
from conveyorqc.video._containers import take_inventory
from conveyorqc.video._inventory import Inventory
from conveyorqc.video._planes import quarter_turns, to_frame
from conveyorqc.video._tally import Tally
from conveyorqc.video._timeline import Timeline

__all__ = ["VideoFile"]

_FALLBACK_FPS = 25.0  # what FFmpeg assumes of a stream that has no rate


class VideoFile:
    """A video file of any format that FFmpeg reads, decoded by PyAV.

    Each iteration opens the file anew and closes it at the end, also when the loop is left early. Making one reads
    the headers and decodes the first picture, so that most of what can be wrong is known at once.

    Pictures come upright (quarter turns in the file's display matrix are applied) and in the pixels that are stored
    (a pixel aspect other than 1:1 is not corrected). Their times are the container's, counted from the first
    picture. AVI keeps no times but slots of equal length; raw streams keep none, there it is the average rate.

    Frames are yielded as long as they are sound; what follows them is an error if the file is damaged. Found are:
    packets and pictures that the decoder flags or refuses, packets that give no picture, fewer packets than the
    container declares, a file shorter than its own structure (MP4, MOV, Matroska, WebM, AVI, MPEG-TS), times that run
    backwards, a picture size that changes. Not found: a flipped bit that decodes to other pixels or other times
    without contradiction (video streams carry no checksums), and a loss of whole pictures from files that declare
    neither their length nor their number (MPEG-TS, FLV, raw streams, live recordings, fragmented MP4 of other programs
    cut between two fragments).

    Attributes:
        name: the path as given.
        width, height: px, as displayed.
        fps: average frames per second.
        declared_frames: how many frames the container says it has, or None; an edit list may hide some of them, and
            in an AVI some may be empty.
        duration_s: how long it says it lasts, or None.

    Raises:
        VideoNotFound: if there is no such file.
        EmptyVideo: if it has no byte, or no picture.
        UnsupportedVideo: if it is not a video, or nothing here decodes it.
        CorruptVideo: if it is damaged before its first picture (`TruncatedVideo` when it is cut off there).
        VideoError: if the system does not let us read it.
    """

    def __init__(self, path: Path | str, /) -> None:
        self.name = str(path)
        self._path = Path(path)
        self._inventory = _inventory_of(self._path)
        with self._opened() as (container, stream):
            self.fps = float(stream.average_rate or stream.guessed_rate or _FALLBACK_FPS)
            self._claim = claim_of(self._inventory or Inventory(), container, stream)
            first, _ = next(self._decode(container, stream, Tally(self.name, self._claim, stream)))
            self._stored_size = first.width, first.height
            self._turns = quarter_turns(first)
        self.width, self.height = self._stored_size[::-1] if self._turns % 2 else self._stored_size
        self.declared_frames = self._claim.frames
        self.duration_s = self._claim.duration_s

    def __iter__(self) -> Iterator[Frame]:
        """The frames in order of display.

        Raises:
            TruncatedVideo: after the last sound frame, if the file ends before what it declares.
            CorruptVideo: after the last sound frame, if the file is damaged.
            VideoNotFound: if the file is gone.
        """
        with self._opened() as (container, stream):
            tally = Tally(self.name, self._claim, stream)
            for index, (picture, time_s) in enumerate(self._decode(container, stream, tally)):
                if (picture.width, picture.height) != self._stored_size:
                    before, after = (f"{w}x{h}" for w, h in (self._stored_size, (picture.width, picture.height)))
                    raise CorruptVideo(f"{self.name}: expected {before} px throughout, got {after} at frame {index}")
                yield to_frame(picture, index=index, time_s=time_s, turns=self._turns)

    def _decode(
        self, container: InputContainer, stream: VideoStream, tally: Tally
    ) -> Iterator[tuple[VideoFrame, float]]:
        """Sound pictures and their times, then the verdict on the whole."""
        timeline = Timeline(self.name, stream, period_s=1 / self.fps, in_slots=self._claim.in_slots)
        with translated(self.name, tally.fault):
            for packet in _sound_packets(container.demux(stream), tally):
                if packet is not None:
                    tally.feed(packet)
                    timeline.feed(packet)
                for picture in stream.codec_context.decode(packet):
                    if packet is None and tally.misses_before(picture):
                        break
                    tally.show(picture)
                    yield picture, timeline.time_s(picture)
        tally.close()

    def _opened(self) -> AbstractContextManager[tuple[InputContainer, VideoStream]]:
        stop = None if self._inventory is None else self._inventory.stop
        return opened(self._path, stop=stop, unreadable=self._unreadable, unshowable=self._unshowable)

    def _unreadable(self, text: str) -> VideoError:
        """The error for a file that FFmpeg cannot open, by what its first bytes promise."""
        if self._inventory is None:
            return UnsupportedVideo(f"{text}: expected a video")
        return self._cut_or(CorruptVideo(text))

    def _unshowable(self, text: str) -> VideoError:
        """The error for a file without a video stream that can be decoded."""
        return self._cut_or(UnsupportedVideo(text))

    def _cut_or(self, error: VideoError) -> VideoError:
        if self._inventory is not None and self._inventory.cut_short:
            return TruncatedVideo(self.name, read=0, declared=None)
        return error


def _inventory_of(path: Path) -> Inventory | None:
    try:
        if not path.is_file():
            if path.exists():
                raise UnsupportedVideo(f"{path}: expected a file, got a folder or a device")
            raise VideoNotFound(f"{path}: no such file or folder")
        if not path.stat().st_size:
            raise EmptyVideo(f"{path}: expected a video, got an empty file")
        return take_inventory(path)
    except VideoError:
        raise
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        raise VideoError(f"{path}: cannot be read: {error}") from error


def _sound_packets(packets: Iterator[Packet[VideoStream]], tally: Tally) -> Iterator[Packet[VideoStream] | None]:
    """Packets as far as they are whole, then None, upon which the decoder hands out what it still holds."""
    held: Packet[VideoStream] | None = None
    for packet in packets:
        if not packet.size:  # PyAV's own mark of the end
            continue
        if held is not None:
            yield held
            held = None
        if packet.is_corrupt:
            tally.refuse(packet)
            break
        held = packet
    if held is not None and tally.doubts_last:
        tally.refuse(held)
    elif held is not None:
        yield held
    yield None
