"""The plugs of the line: one verb each. Any object with the method fits; nothing needs to be inherited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from conveyorqc.core._event import InspectionEvent
from conveyorqc.core._frame import Frame
from conveyorqc.core._records import BeltShift, Crop, Detections, Tracks, Verdict
from conveyorqc.core._types import Boxes, ImageU8, IntArray, Mask
from conveyorqc.errors import BackendError

__all__ = [
    "AnomalyBackend",
    "Answer",
    "BeltMotion",
    "Clock",
    "Cropper",
    "Detector",
    "Inspector",
    "Propagator",
    "Resumable",
    "RunIds",
    "Schedule",
    "Segmenter",
    "SingleObjectTracker",
    "Sink",
    "Tracker",
    "VerdictPolicy",
    "ViewSelector",
]


@runtime_checkable
class Detector(Protocol):
    """Finds the objects of one frame. Keeps no state between frames that changes the answer."""

    def detect(self, frame: Frame, /) -> Detections:
        """Every object in ``frame``, boxes in full-frame px whatever resolution the detector works at."""
        ...


@runtime_checkable
class Segmenter(Protocol):
    """Tells object from belt, pixel by pixel, inside one box."""

    def segment(self, frame: Frame, box: Boxes, /) -> Mask:
        """(ceil(y1) - floor(y0), ceil(x1) - floor(x0)) bool, True on the object; ``box`` lies within the frame."""
        ...


@runtime_checkable
class BeltMotion(Protocol):
    """Measures how far the belt moved."""

    def measure(self, frame: Frame, /) -> BeltShift:
        """The shift since the frame before.

        Frames come in order. Asked again for the same frame it gives the same answer, so that the schedule and
        the tracker can share one instance.
        """
        ...


@runtime_checkable
class Schedule(Protocol):
    """Decides on which frames the detector looks."""

    def due(self, frame: Frame, /) -> bool:
        """Whether to look at this frame; called once for each frame, in order."""
        ...


@runtime_checkable
class Propagator(Protocol):
    """Carries the boxes of known objects from the frame before to this one."""

    def carry(self, frame: Frame, ids: IntArray, boxes: Boxes, /) -> Boxes:
        """(N, 4) boxes at ``frame`` for objects ``ids`` (N,) that were at ``boxes`` (N, 4); may reach outside it."""
        ...


@runtime_checkable
class SingleObjectTracker(Protocol):
    """Follows one object from frame to frame, as the trackers of OpenCV do."""

    def start(self, frame: Frame, box: Boxes, /) -> None:
        """Begin to follow what is inside ``box`` (4,)."""
        ...

    def follow(self, frame: Frame, /) -> Boxes | None:
        """The (4,) box at ``frame``, or None when the object is lost."""
        ...


@runtime_checkable
class Tracker(Protocol):
    """Gives each object one identity."""

    def update(self, frame: Frame, detections: Detections | None, /) -> Tracks:
        """The objects at ``frame``. ``None`` means that nobody looked; empty means looked and found none."""
        ...


@runtime_checkable
class Resumable(Protocol):
    """Can be stopped and go on in another process; see `conveyorqc.track.save_state`."""

    def state(self) -> dict[str, object]:
        """All that it remembers, as JSON with a ``version``."""
        ...

    def restore(self, state: Mapping[str, object], /) -> None:
        """Go on from what `state` gave in another process, to an instance with the same settings.

        Raises:
            InvalidInput: if it is not such a state, or of a newer version.
        """
        ...


@runtime_checkable
class Cropper(Protocol):
    """Cuts views of objects out of a frame."""

    def crop(self, frame: Frame, tracks: Tracks, /) -> Sequence[Crop]:
        """The views of this frame that are worth having; often none."""
        ...


@runtime_checkable
class ViewSelector(Protocol):
    """Keeps the best views of each object until it is decided."""

    def offer(self, crop: Crop, /) -> None:
        """Consider a view."""
        ...

    def ready(self) -> Sequence[int]:
        """Ids of objects of which enough has been seen to decide."""
        ...

    def has_complete(self, object_id: int, /) -> bool:
        """Whether a view of this object that no edge of the frame cuts was offered."""
        ...

    def take(self, object_id: int, /) -> Sequence[Crop]:
        """The best views of an object, best first (possibly none); its memory is released."""
        ...


@runtime_checkable
class AnomalyBackend(Protocol):
    """Judges pictures of single objects. Usable without any line around it."""

    def inspect(self, images: Sequence[ImageU8], /, masks: Sequence[Mask | None] | None = None) -> Sequence[Verdict]:
        """One verdict per image, in order.

        Args:
            images: (H, W, 3) uint8 BGR each.
            masks: (H, W) bool or None for each image, True on the object: a hint that a backend may ignore.

        Raises:
            BackendError: if it cannot judge; no partial answers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one object: its verdicts, one per view, or the reason why there are none."""

    object_id: int
    verdicts: tuple[Verdict, ...]
    error: BackendError | None = None


@runtime_checkable
class Inspector(Protocol):
    """Puts objects to a backend, now or in the background; the line cannot tell which."""

    def submit(self, object_id: int, crops: Sequence[Crop], /) -> None:
        """Ask for verdicts on the views of one object; never blocks on the backend for longer than it must."""
        ...

    def collect(self) -> Sequence[Answer]:
        """The answers that have arrived since the last call, each submitted object exactly once."""
        ...

    def drain(self) -> Sequence[Answer]:
        """Wait for everything still outstanding and collect it."""
        ...


@runtime_checkable
class VerdictPolicy(Protocol):
    """Makes one verdict of many views."""

    def decide(self, verdicts: Sequence[Verdict], /) -> Verdict:
        """The verdict on the object; ``verdicts`` holds at least one."""
        ...


@runtime_checkable
class Sink(Protocol):
    """Stores events. Writing the same ``event_id`` again changes nothing."""

    def write(self, event: InspectionEvent, /) -> None:
        """Return only when the event is as safe as this sink can make it.

        Raises:
            SinkError: if it is not; the line keeps the event and offers it again.
        """
        ...


@runtime_checkable
class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """The wall clock, aware UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds on a clock that never jumps."""
        ...


@runtime_checkable
class RunIds(Protocol):
    """Where names of runs come from."""

    def new_id(self) -> str:
        """A name that no other run has; no slash in it."""
        ...
