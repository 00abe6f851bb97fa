"""Objects in pictures: what is whole, of which colour, how clear; and kinds of colour."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.calibrate._measured import Measured
from conveyorqc.calibrate._sightings import kinds_of_color, sightings, typical_color
from conveyorqc.detect import BeltAppearance, BlobFinder

BELT = BeltAppearance(np.full((40, 80, 3), (100, 128, 128), np.uint8), (4.0, 1.0, 1.0))


def picture(*places):
    image = BELT.picture.copy()
    for x, y, luma in places:
        image[y : y + 10, x : x + 10, 0] = luma
    return image


def seen(*pictures, every=1):
    masks = [(image != BELT.picture).any(axis=2) for image in pictures]
    return sightings(pictures, masks, BlobFinder(min_area=200.0), belt=BELT, scale=2.0, every=every)


def test_each_object_of_each_picture_has_a_row():
    found = seen(picture((10, 10, 140), (0, 28, 60)), picture(), picture((50, 10, 180)))
    assert [0, 0, 2] == found.pictures.tolist()
    assert [True, False, True] == found.whole.tolist()
    assert [140, 60, 180] == found.colors[:, 0].tolist()
    assert [10, 10, 20] == found.contrasts.tolist()
    assert [100, 100, 100] == pytest.approx(found.areas, abs=4)
    assert found.areas.sum() == found.swept.sum()


def test_every_so_many_pictures_are_enough():
    found = seen(*[picture((10, 10, 140))] * 7, every=3)
    assert [0, 3, 6] == list(found.looked) == found.pictures.tolist()


def test_pictures_without_objects_give_no_rows():
    assert (0, 4) == seen(picture(), picture()).boxes.shape


def test_kinds_of_colour_are_ordered_by_how_common_they_are():
    rng = np.random.default_rng(2)
    colors = np.concatenate(
        [rng.normal(center, 2, (count, 3)) for center, count in (((90, 150, 110), 12), ((200, 128, 128), 30))]
    )
    kinds = kinds_of_color(colors)
    assert [30 / 42, 12 / 42] == pytest.approx([kind.share for kind in kinds])
    assert (200, 200, 200) == pytest.approx(kinds[0].bgr, abs=4)
    assert kinds[1].bgr[2] > kinds[1].bgr[0]


def test_rare_colours_are_left_out_and_many_objects_asked_in_part():
    colors = np.concatenate([np.full((990, 3), 100.0), np.full((10, 3), 200.0)])
    assert [1.0] == pytest.approx([kind.share for kind in kinds_of_color(colors)], abs=0.02)
    assert () == kinds_of_color(np.empty((0, 3)))


def test_the_typical_colour_is_blue_green_red():
    assert (100, 100, 100) == typical_color(np.array([[100, 128, 128]] * 3 + [[0, 0, 255]]))


def test_a_figure_has_a_spread():
    figure = Measured.of([1.0, 2.0, 3.0])
    assert (2.0, 3) == (figure.value, figure.n)
    assert figure.low < 2.0 < figure.high
