"""Contract suites for what chooses and keeps views: croppers and view selectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from conveyorqc.core import Crop, Cropper, Frame, Tracks, ViewSelector
from conveyorqc.geometry import box_iou, touches_edge
from conveyorqc.testing._looking import pixels_of
from conveyorqc.testing._promises import promise, promised
from conveyorqc.testing._scene import BeltScene, belt_scene

__all__ = ["check_cropper", "check_view_selector"]

_PLENTY = 50


def check_cropper(new_cropper: Callable[[], Cropper], /, *, scene: BeltScene | None = None) -> None:
    """Check a `Cropper`: views of tracked objects only, all of one size, marked complete when they are.

    Args:
        new_cropper: makes a fresh instance.
        scene: what passes before it, with perfect tracks; `belt_scene` when None.

    Raises:
        AssertionError: naming the broken promise.
    """
    scene = belt_scene() if scene is None else scene
    before = pixels_of(scene.frames)
    cropper, sizes = new_cropper(), set[int]()
    for frame, tracks in zip(scene.frames, scene.tracks, strict=True):
        for crop in _crop(cropper, frame, tracks):
            _check_crop(frame, tracks, crop)
            sizes.add(len(crop.image))
    promise(sizes, "a Cropper cuts a view at least once while three objects pass in full view")
    promise(len(sizes) == 1, f"a Cropper cuts all views to one size, got {sorted(sizes)} px")
    empty = Tracks(np.empty(0, np.int64), np.empty((0, 4)))
    promise(len(_crop(new_cropper(), scene.frames[24], empty)) == 0, "a Cropper cuts nothing where nothing is tracked")
    promise(pixels_of(scene.frames) == before, "a Cropper only reads the frames")


def check_view_selector(new_selector: Callable[[], ViewSelector], /) -> None:
    """Check a `ViewSelector`: each object's own views, handed out once, ready when plenty was seen.

    Raises:
        AssertionError: naming the broken promise.
    """
    selector = new_selector()
    promise(not _ready(selector), "a ViewSelector has nothing ready before it was offered a view")
    promise(not _take(selector, 1), "a ViewSelector takes no view of an object that it does not know")
    rng = np.random.default_rng(3)
    for index in range(_PLENTY):
        for object_id in (1, 2):
            box = np.array([10.0, 20.0, 42.0, 52.0])
            image = rng.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            with promised("a ViewSelector considers every view"):
                selector.offer(Crop(object_id, index, box, image, None, complete=True))
    promise(set(_ready(selector)) == {1, 2}, f"an object is ready when {_PLENTY} complete views of it were offered")
    _check_taking(selector, 1)
    promise(set(_ready(selector)) == {2}, "an object that was taken is no longer ready, the others still are")
    promise(not _take(selector, 1), "a ViewSelector hands out the views of an object once and forgets them")
    _check_taking(selector, 2)


def _crop(cropper: Cropper, frame: Frame, tracks: Tracks) -> Sequence[Crop]:
    with promised(f"a Cropper takes every frame (index {frame.index}, {len(tracks)} objects) and only reads it"):
        crops = tuple(cropper.crop(frame, tracks))
    promise(all(isinstance(crop, Crop) for crop in crops), f"a Cropper gives Crops, got {crops!r}")
    return crops


def _check_crop(frame: Frame, tracks: Tracks, crop: Crop) -> None:
    promise(crop.object_id in tracks.ids, f"a Cropper cuts tracked objects {tracks.ids.tolist()}, got {crop.object_id}")
    promise(crop.frame_index == frame.index, f"a view names its frame {frame.index}, got {crop.frame_index}")
    box = tracks.boxes[tracks.ids == crop.object_id]
    promise(
        box_iou(crop.box[None], box).item() > 0.5,
        f"the box of a view is its object's, {box[0].tolist()}, got {crop.box.tolist()}",
    )
    cut, near = (touches_edge(box, width=frame.width, height=frame.height, margin=px).any() for px in (0.0, 4.0))
    if cut or not near:  # in between, croppers may differ
        promise(crop.complete != cut, f"a view is complete when the object touches no edge: {crop.box.tolist()}")


def _ready(selector: ViewSelector) -> Sequence[int]:
    with promised("a ViewSelector tells at any time what is ready"):
        return tuple(selector.ready())


def _take(selector: ViewSelector, object_id: int) -> Sequence[Crop]:
    with promised("a ViewSelector hands out views of any object, possibly none"):
        return tuple(selector.take(object_id))


def _check_taking(selector: ViewSelector, object_id: int) -> None:
    taken = _take(selector, object_id)
    promise(taken, "a ViewSelector has a view of an object that is ready")
    promise(
        all(crop.object_id == object_id for crop in taken),
        f"the views that a ViewSelector gives of object {object_id} are its own, got {[c.object_id for c in taken]}",
    )
    indices = [crop.frame_index for crop in taken]
    promise(len(set(indices)) == len(indices), f"a ViewSelector gives each view once, got frames {indices}")
