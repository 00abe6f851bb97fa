"""The time of each picture, from the container's own timestamps."""

from __future__ import annotations

from collections import deque

from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from conveyorqc.errors import CorruptVideo

__all__ = ["Timeline"]


class Timeline:
    """Seconds since the first picture, always increasing.

    A picture without a timestamp (raw streams) follows the one before by ``period_s``. With ``in_slots`` (AVI) pictures
    take the times of the packets in order, since packets are stored in another order than they are shown.
    """

    def __init__(self, name: str, stream: VideoStream, /, *, period_s: float, in_slots: bool) -> None:
        self._name = name
        self._time_base = stream.time_base
        self._period_s = period_s
        self._slots: deque[int | None] | None = deque() if in_slots else None
        self._origin: tuple[int, float] | None = None  # a stamp, and the time that it stands for
        self._last_s: float | None = None

    def feed(self, packet: Packet[VideoStream], /) -> None:
        """A packet goes into the decoder."""
        if self._slots is not None and packet.size:
            self._slots.append(packet.dts)

    def time_s(self, picture: VideoFrame, /) -> float:
        """The time of the next picture in order of display.

        Raises:
            CorruptVideo: if it is not later than the one before.
        """
        due_s = 0.0 if self._last_s is None else self._last_s + self._period_s
        ticks = self._slots.popleft() if self._slots else picture.pts
        if ticks is None or self._time_base is None:
            time_s = due_s
        else:
            first, first_s = self._origin = self._origin or (ticks, due_s)
            time_s = first_s + (ticks - first) * self._time_base.numerator / self._time_base.denominator
        if self._last_s is not None and time_s <= self._last_s:
            raise CorruptVideo(
                f"{self._name}: expected increasing times, got {time_s:.3f} s after {self._last_s:.3f} s "
                "(damaged, or joined from several recordings)"
            )
        self._last_s = time_s
        return time_s
