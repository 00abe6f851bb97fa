"""Croppers and view selectors keep their promises; the suites notice who does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from conveyorqc.core import Crop
from conveyorqc.crop import BestViews, SquarePadCropper
from conveyorqc.testing import belt_scene, check_cropper, check_view_selector


@pytest.mark.parametrize("options", [{"size": 48}, {"size": 33, "margin": 0.0}, {"size": 16, "spacing": 0.0}])
def test_croppers(options):
    check_cropper(lambda: SquarePadCropper(**options))


@pytest.mark.parametrize("new_selector", [BestViews, lambda: BestViews(collect=1, keep=9)])
def test_view_selectors(new_selector):
    check_view_selector(new_selector)


class _Crops:
    """Says what ``spoil(frame, crops)`` makes of the views of a good cropper."""

    def __init__(self, spoil):
        self._good = SquarePadCropper(size=16)
        self._spoil = spoil

    def crop(self, frame, tracks, /):
        return self._spoil(frame, self._good.crop(frame, tracks))


def _shrunk(crop):
    side = 1 + crop.frame_index % 9
    return replace(crop, image=crop.image[:side, :side])


def _each(**changes):
    return lambda frame, crops: [replace(crop, **changes) for crop in crops]


@pytest.mark.parametrize(
    ("spoil", "promise"),
    [
        (lambda frame, crops: [], "at least once"),
        (lambda frame, crops: [crop.image for crop in crops], "gives Crops"),
        (lambda frame, crops: None, "TypeError"),
        (lambda frame, crops: frame.bgr.fill(0), "only reads it"),
        (lambda frame, crops: (frame.bgr.base.fill(0), crops)[1], "only reads the frames"),
        (_each(object_id=99), "cuts tracked objects"),
        (_each(frame_index=99), "names its frame"),
        (_each(box=np.array([0.0, 0.0, 240.0, 120.0])), "the box of a view is its object's"),
        (_each(complete=True), "complete when the object touches no edge"),
        (_each(complete=False), "complete when the object touches no edge"),
        (lambda frame, crops: [_shrunk(crop) for crop in crops], "all views to one size"),
        (
            lambda frame, crops: crops or [Crop(1, frame.index, [0, 0, 9, 9], frame.bgr[:9, :9], None, complete=True)],
            "cuts tracked objects",
        ),
    ],
)
def test_a_cropper_that_breaks_a_promise_is_told_which(spoil, promise):
    with pytest.raises(AssertionError, match=promise):
        check_cropper(lambda: _Crops(spoil), scene=belt_scene())


def test_a_cropper_that_invents_an_object_is_told():
    class Inventive(SquarePadCropper):
        def crop(self, frame, tracks, /):
            found = super().crop(frame, tracks)
            nothing_there = frame.index == 24 and not len(tracks)
            return [Crop(9, 24, [0, 0, 9, 9], frame.bgr[:9, :9], None, complete=True)] if nothing_there else found

    with pytest.raises(AssertionError, match="nothing where nothing is tracked"):
        check_cropper(lambda: Inventive(size=16))


class _Views(BestViews):
    """A good selector that a subclass spoils in one place."""


class _ReadyTooSoon(_Views):
    def ready(self):
        return super().ready() or [1]


class _NeverReady(_Views):
    def ready(self):
        return []


class _InventsViews(_Views):
    def take(self, object_id, /):
        return super().take(object_id) or [None]


class _HandsOutTwice(_Views):
    def take(self, object_id, /):
        crops = super().take(object_id)
        for crop in crops:
            self.offer(crop)
        return crops


class _StaysReady(_Views):
    def __init__(self):
        super().__init__()
        self._once = set()

    def ready(self):
        self._once |= set(super().ready())
        return sorted(self._once)


class _EmptyHanded(_Views):
    def take(self, object_id, /):
        super().take(object_id)
        return []


class _Confused(_Views):
    def take(self, object_id, /):
        return super().take(object_id) and super().take(3 - object_id)


class _Repeats(_Views):
    def take(self, object_id, /):
        return tuple(super().take(object_id)) * 2


class _Refuses(_Views):
    def offer(self, crop, /):
        raise RuntimeError("no more room")


@pytest.mark.parametrize(
    ("new_selector", "promise"),
    [
        (_ReadyTooSoon, "nothing ready before"),
        (_NeverReady, "ready when 50 complete views"),
        (_InventsViews, "an object that it does not know"),
        (_HandsOutTwice, "once and forgets them"),
        (_StaysReady, "no longer ready"),
        (_EmptyHanded, "has a view of an object that is ready"),
        (_Confused, "are its own"),
        (_Repeats, "each view once"),
        (_Refuses, "no more room"),
    ],
)
def test_a_view_selector_that_breaks_a_promise_is_told_which(new_selector, promise):
    with pytest.raises(AssertionError, match=promise):
        check_view_selector(new_selector)
