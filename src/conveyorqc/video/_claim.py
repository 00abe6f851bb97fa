"""What a file says of its video stream before anything is decoded: the sum that the account must come to."""

from __future__ import annotations

from dataclasses import dataclass

from av.container import InputContainer
from av.video.stream import VideoStream

from conveyorqc.video._av import MADE_HERE
from conveyorqc.video._inventory import Inventory

__all__ = ["Claim", "claim_of"]

_CONTAINER_TICKS_PER_S = 1_000_000
# The demuxers of these hand out what is left of a picture at a cut without a word.
_SILENT_AT_CUTS = frozenset({"matroska,webm", "mpegts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What should come out of a video stream.

    Attributes:
        frames: how many pictures it holds, or None when it does not say.
        duration_s: how long it lasts when shown, or None when it does not say.
        may_hide: an edit list may leave out some of ``frames``.
        payload: bytes that the packets add up to, or None when it does not say.
        cut_short, cut_in_data, damage: as in `Inventory`.
        unfinished: every part is whole, but the mark of the end is missing.
        in_slots: pictures have no times of their own but stand in slots of equal length, in order, some of which may
            be empty (AVI).
        silent_at_cut: nothing marks the last packet of a file that is cut short as half a picture.
    """

    frames: int | None
    duration_s: float | None
    may_hide: bool
    payload: int | None
    cut_short: bool
    cut_in_data: bool
    unfinished: bool
    damage: str
    in_slots: bool
    silent_at_cut: bool


def claim_of(inventory: Inventory, container: InputContainer, stream: VideoStream) -> Claim:
    """The claim of an opened file, from its own structure first and from FFmpeg's reading of its headers second."""
    counted = inventory.frames.get(stream.index)
    alone = len(container.streams) == 1
    fragmented = inventory.payload is not None
    return Claim(
        frames=counted or stream.frames or None,
        duration_s=_duration_s(container, stream, alone=alone),
        may_hide=not counted and container.format.name.startswith("mov,"),
        payload=inventory.payload if alone else None,
        cut_short=inventory.cut_short,
        cut_in_data=inventory.cut_in_data,
        unfinished=fragmented and not inventory.has_tail and container.metadata.get("comment") == MADE_HERE,
        damage=inventory.damage,
        in_slots=container.format.name == "avi",
        silent_at_cut=container.format.name in _SILENT_AT_CUTS,
    )


def _duration_s(container: InputContainer, stream: VideoStream, *, alone: bool) -> float | None:
    """Of the stream; if it is alone rather the container's, which FFmpeg does not derive from edit lists."""
    whole = None if container.duration is None else container.duration / _CONTAINER_TICKS_PER_S
    own = None if stream.duration is None or stream.time_base is None else float(stream.duration * stream.time_base)
    return (whole or own) if alone else (own or whole)
