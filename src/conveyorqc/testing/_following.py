"""Contract suites for what follows objects: trackers, propagators, trackers of single objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from conveyorqc.core import (
    Boxes,
    Detections,
    Frame,
    IntArray,
    Propagator,
    Resumable,
    SingleObjectTracker,
    Tracker,
    Tracks,
)
from conveyorqc.geometry import box_intersection, box_iou
from conveyorqc.testing._looking import pixels_of
from conveyorqc.testing._promises import is_finite_array, promise, promised
from conveyorqc.testing._scene import BeltScene, belt_scene

__all__ = ["check_propagator", "check_single_object_tracker", "check_tracker"]


def check_tracker(new_tracker: Callable[[], Tracker], /, *, scene: BeltScene | None = None) -> None:
    """Check a `Tracker`: dense ascending ids, each entered once and never reused, sound boxes, None is not empty.

    One that is `Resumable` must go on after a restart, through JSON, with the same ids.

    Args:
        new_tracker: makes a fresh instance, set up for the direction of the scene.
        scene: what passes before it, with perfect detections; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    scene = belt_scene() if scene is None else scene
    before = pixels_of(scene.frames)
    watched = _track(new_tracker(), scene)
    entered = _check_identities(scene.frames, watched)
    promise(entered == 3, f"a Tracker gives each of three objects, seen on every frame, one identity, got {entered}")
    every_third = [(frame, found if frame.index % 3 == 0 else None) for frame, found in scene]
    _check_identities(scene.frames, _track(new_tracker(), every_third))
    nothing = [(frame, Detections([])) for frame in scene.frames]
    promise(_check_identities(scene.frames, _track(new_tracker(), nothing)) == 0, "a Tracker invents no object")
    _check_none_is_not_empty(new_tracker(), scene)
    _check_independence(new_tracker, scene, watched)
    if isinstance(new_tracker(), Resumable):
        for cut in (1, 15, 24, 40, len(scene.frames) - 1):
            _check_restart(new_tracker, scene, watched, cut)
    promise(pixels_of(scene.frames) == before, "a Tracker only reads the frames")


def check_propagator(new_propagator: Callable[[], Propagator], /, *, scene: BeltScene | None = None) -> None:
    """Check a `Propagator`: one finite box per id, in the order of the ids, also for none.

    Args:
        new_propagator: makes a fresh instance.
        scene: what passes before it; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    scene = belt_scene() if scene is None else scene
    before = pixels_of(scene.frames)
    first, second = new_propagator(), new_propagator()
    for index in range(18, 26):
        frame, known = scene.frames[index], scene.tracks[index - 1]
        carried = _carry(first, frame, known.ids, known.boxes)
        backwards = _carry(second, frame, known.ids[::-1], known.boxes[::-1])
        same = np.diagonal(box_iou(carried, backwards[::-1]))  # trackers that draw lots differ by some px
        promise((same > 0.5).all(), "a Propagator gives row i of its boxes for row i of the ids, in whatever order")
    none = _carry(first, scene.frames[26], np.empty(0, np.int64), np.empty((0, 4)))
    promise(none.shape == (0, 4), f"a Propagator carries no boxes to (0, 4), got {none.shape}")
    promise(pixels_of(scene.frames) == before, "a Propagator only reads the frames")


def check_single_object_tracker(
    new_tracker: Callable[[], SingleObjectTracker], /, *, scene: BeltScene | None = None
) -> None:
    """Check a `SingleObjectTracker`: stays with its object or says that it is lost, and can begin anew.

    Args:
        new_tracker: makes a fresh instance.
        scene: what passes before it; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    scene = belt_scene() if scene is None else scene
    before = pixels_of(scene.frames)
    tracker = new_tracker()
    _check_following(tracker, scene, row=0, first=14)
    _check_following(tracker, scene, row=1, first=20)
    promise(pixels_of(scene.frames) == before, "a SingleObjectTracker only reads the frames")


def _track(tracker: Tracker, looks: Iterable[tuple[Frame, Detections | None]]) -> list[Tracks]:
    return [_update(tracker, frame, detections) for frame, detections in looks]


def _update(tracker: Tracker, frame: Frame, detections: Detections | None) -> Tracks:
    with promised(f"a Tracker takes every frame, looked at or not (index {frame.index}, {detections})"):
        tracks = tracker.update(frame, detections)
    promise(isinstance(tracks, Tracks), f"a Tracker gives Tracks, got {type(tracks).__name__}")
    return tracks


def _check_identities(frames: Sequence[Frame], watched: Sequence[Tracks]) -> int:
    """The promises about ids over a whole run; returns how many entered."""
    latest, alive = 0, set[int]()
    for frame, tracks in zip(frames, watched, strict=True):
        expected = tuple(range(latest + 1, latest + 1 + len(tracks.entered)))
        promise(
            tracks.entered == expected,
            f"ids enter once, ascending from 1 without gaps: expected {expected}, got {tracks.entered}",
        )
        latest += len(expected)
        alive |= set(expected)
        promise(set(tracks.ended) <= alive, f"an id ends once, after it entered: {tracks.ended} are not all of {alive}")
        alive -= set(tracks.ended)
        promise(
            set(tracks.removed) <= set(tracks.ended), f"what was removed has ended: {tracks.removed}, {tracks.ended}"
        )
        followed = tracks.ids.tolist()
        promise(set(followed) <= alive, f"ids are on the belt from entered to ended: {followed} are not all of {alive}")
        _check_boxes(frame, tracks)
    return latest


def _check_boxes(frame: Frame, tracks: Tracks) -> None:
    limits = np.array([frame.width, frame.height, frame.width, frame.height])
    for boxes in (tracks.boxes, *(past.boxes for past in tracks.past)):
        promise(
            ((boxes >= 0) & (boxes <= limits)).all(),
            f"boxes of a Tracker are clipped to the {frame.width}x{frame.height} frame, got {boxes.tolist()}",
        )
    for past in tracks.past:
        promise(past.object_id in tracks.entered, "a Tracker tells the past of objects that enter at this frame")
        promise((past.frame_indices < frame.index).all(), "the past of a Tracker is before this frame")
        promise((np.diff(past.frame_indices) > 0).all(), "the past of a Tracker ascends, each frame once")


def _check_none_is_not_empty(tracker: Tracker, scene: BeltScene) -> None:
    looked = _track(tracker, list(scene)[:25])[-1]
    for frame in scene.frames[25:28]:
        unlooked = _update(tracker, frame, None)
        promise(
            unlooked.ids.tolist() == looked.ids.tolist(),
            f"None means that nobody looked: objects {looked.ids.tolist()} stay, got {unlooked.ids.tolist()}",
        )


def _check_independence(new_tracker: Callable[[], Tracker], scene: BeltScene, watched: Sequence[Tracks]) -> None:
    one, two = new_tracker(), new_tracker()
    for (frame, detections), expected in zip(scene, watched, strict=True):
        for tracker in (one, two):
            tracks = _update(tracker, frame, detections)
            promise(
                tracks.entered == expected.entered and np.array_equal(tracks.ids, expected.ids),
                "a Tracker shares no state with another instance: the same run gives the same ids in each",
            )


def _check_restart(new_tracker: Callable[[], Tracker], scene: BeltScene, watched: Sequence[Tracks], cut: int) -> None:
    """Another instance, which was told the state after ``cut`` frames, must tell the same of the rest.

    Its motion starts anew, so that an object may be confirmed a frame later.
    """
    looks = list(scene)
    before, after = new_tracker(), new_tracker()
    _track(before, looks[:cut])
    if not (isinstance(before, Resumable) and isinstance(after, Resumable)):
        return
    with promised("a Resumable tracker gives its state as JSON, and restores it"):
        after.restore(json.loads(json.dumps(before.state(), allow_nan=False)))
    rest = _track(after, looks[cut:])
    for name in ("entered", "ended"):
        expected = [i for tracks in watched[cut:] for i in getattr(tracks, name)]
        told = [i for tracks in rest for i in getattr(tracks, name)]
        promise(
            told == expected,
            f"a Resumable tracker goes on with the same ids after a restart at frame {cut}: {expected} {name}, "
            f"got {told}",
        )
    owners = [set(tracks.ids.tolist()) for tracks in (watched[cut], rest[0])]
    known = set(watched[cut - 1].ids.tolist())
    promise(
        owners[0] & known == owners[1] & known,
        f"a Resumable tracker still follows {owners[0] & known} on the frame after a restart, got {owners[1]}",
    )


def _carry(propagator: Propagator, frame: Frame, ids: IntArray, boxes: Boxes) -> Boxes:
    ids, boxes = ids.copy(), boxes.copy()
    ids.flags.writeable = boxes.flags.writeable = False
    with promised(f"a Propagator carries {len(ids)} boxes and only reads them"):
        carried = propagator.carry(frame, ids, boxes)
    promise(
        is_finite_array(carried, boxes.shape),
        f"a Propagator gives a finite box for each of {len(ids)} ids, got {carried!r}",
    )
    return carried


def _check_following(tracker: SingleObjectTracker, scene: BeltScene, *, row: int, first: int) -> None:
    with promised("a SingleObjectTracker starts on a box that it only reads, as often as it is told"):
        tracker.start(scene.frames[first], scene.tracks[first].boxes[row])
    for index in range(first + 1, first + 6):
        with promised("a SingleObjectTracker follows from frame to frame"):
            box = tracker.follow(scene.frames[index])
        if box is None:
            return
        promise(
            is_finite_array(box, (4,)),
            f"a SingleObjectTracker gives one finite (4,) box or None, got {box!r}",
        )
        there = scene.tracks[index].boxes[[row]]
        promise(
            box_intersection(box[None], there).item() > 0,
            f"a SingleObjectTracker stays with its object ({there[0].tolist()}) or says it is lost, got {box.tolist()}",
        )
