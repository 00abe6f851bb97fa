"""What both detectors share: objects from masks, the entry strip, and the pixels of one object."""

from __future__ import annotations

import numpy as np
import pytest
from belts_with_discs import HEIGHT, RADIUS, WIDTH, disc_box, discs, frame_of

from conveyorqc.core import Direction, mask_shape
from conveyorqc.detect import BlobFinder, EntryStrip
from conveyorqc.detect._finder import ObjectFinder, Seen

BLOBS = BlobFinder(min_area=100, diameter=2 * RADIUS)
PIXELS = np.zeros((HEIGHT, WIDTH, 3), np.uint8)


class KnownMask:
    """A masker that is told the answer, and counts how often it is asked."""

    def __init__(self, mask, *, step=1):
        self._mask = mask
        self._step = step
        self.looks = 0

    def coarse(self, _frame, region):
        self.looks += 1
        return Seen(self.fine(_frame, region)[:: self._step, :: self._step])

    def fine(self, _frame, region):
        x0, y0, x1, y1 = region
        return np.ascontiguousarray(self._mask[y0:y1, x0:x1])


def finder_of(mask, *, step=1, strip=None):
    return ObjectFinder(KnownMask(mask, step=step), blobs=BLOBS, strip=strip)


@pytest.mark.parametrize(("step", "off"), [(1, 1), (2, 3)])
def test_boxes_are_px_of_the_frame_at_any_working_resolution(step, off):
    detections = finder_of(discs((40, 40), (110, 80)), step=step).detect(frame_of(PIXELS))

    boxes = detections.boxes[detections.boxes[:, 0].argsort()]
    assert np.abs(boxes - [disc_box(40, 40), disc_box(110, 80)]).max() <= off


def test_an_empty_belt_has_no_objects():
    assert len(finder_of(np.zeros((HEIGHT, WIDTH), bool)).detect(frame_of(PIXELS))) == 0


@pytest.mark.parametrize("direction", Direction)
def test_the_strip_gives_whole_objects_that_come_in_and_no_others(direction):
    places = [40, 120, 200]  # in the strip, across its inner edge, beyond it
    if direction in (Direction.RIGHT_TO_LEFT, Direction.BOTTOM_TO_TOP):
        places = [240 - place for place in places]
    centers = [(place, 50) if direction.horizontal else (50, place) for place in places]
    finder = finder_of(discs(*centers, width=240, height=240), strip=EntryStrip(direction, 0.5))

    boxes = finder.detect(frame_of(np.zeros((240, 240, 3), np.uint8))).boxes

    assert len(boxes) == 1
    assert np.abs(boxes[0] - disc_box(*centers[0])).max() <= 1


@pytest.mark.parametrize("step", [1, 2])
def test_segment_leaves_the_neighbours_out(step):
    mask = discs((50, 60), (84, 60))
    box = np.add(disc_box(50, 60), (-4.0, -4.0, 8.0, 4.0))

    found = finder_of(mask, step=step).segment(frame_of(PIXELS), box)

    own = discs((50, 60))[38:82, 28:76]
    assert found.shape == mask_shape(box) == own.shape
    assert found.dtype == np.bool_
    assert (found & own).sum() / (found | own).sum() > 0.93


def test_segment_takes_whole_pixels_of_a_box_between_them():
    box = np.array([31.5, 41.2, 68.4, 79.9])

    assert finder_of(discs((50, 60))).segment(frame_of(PIXELS), box).shape == mask_shape(box) == (39, 38)


def test_segment_finds_a_small_object_in_a_wide_box():
    own = discs((50, 60))

    found = finder_of(own | discs((120, 60))).segment(frame_of(PIXELS), np.array([5.0, 10, 115, 110]))

    assert (found ^ own[10:110, 5:115]).sum() < 0.03 * own.sum()


def test_segment_fills_holes():
    ring = discs((50, 60)) & ~discs((50, 60), radius=5)

    found = finder_of(ring).segment(frame_of(PIXELS), np.array(disc_box(50, 60), float))

    assert found[RADIUS, RADIUS]


def test_segment_of_a_crumb_gives_what_there_is():
    mask = discs((50, 60), radius=4)

    found = finder_of(mask).segment(frame_of(PIXELS), np.array([40.0, 50, 60, 70]))

    assert np.array_equal(found, mask[50:70, 40:60])


def test_segment_of_empty_belt_is_empty():
    found = finder_of(discs((50, 60))).segment(frame_of(PIXELS), np.array([120.0, 10, 150, 40]))

    assert found.shape == (30, 30)
    assert not found.any()


def test_one_frame_is_looked_at_once_however_many_objects_are_cut_from_it():
    masker = KnownMask(discs((40, 40), (110, 80)))
    finder = ObjectFinder(masker, blobs=BLOBS, strip=None)
    frame = frame_of(PIXELS)

    for box in finder.detect(frame).boxes:
        finder.segment(frame, box)
    assert masker.looks == 1

    finder.detect(frame_of(PIXELS))
    assert masker.looks == 2
