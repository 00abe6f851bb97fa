"""The empty belt of crowded clips: where its commonest colour is that of the products, the surroundings decide."""

from __future__ import annotations

import numpy as np

from conveyorqc.detect import learn_belt

BELT, PRODUCT, RAIL = (130, 112, 145), (155, 156, 94), (190, 128, 128)
HEIGHT, WIDTH, COUNT = 60, 96, 40
LANE = np.s_[24:36]


def crowded(*, free):
    """Pictures of a belt between two rails; one lane shows the belt in ``free`` of them only, at changing places."""
    rng = np.random.default_rng(5)
    pictures = np.empty((COUNT, HEIGHT, WIDTH, 3))
    pictures[:] = BELT
    pictures[:, :6], pictures[:, -6:] = RAIL, RAIL
    pictures[:, 6:-6][rng.random((COUNT, HEIGHT - 12, WIDTH)) < 0.3] = PRODUCT
    hidden = np.argsort(rng.random((COUNT, WIDTH)), axis=0) >= free
    pictures[:, LANE] = np.where(hidden[:, None, :, None], PRODUCT, BELT)
    return [np.rint(picture + rng.normal(0, 1.0, picture.shape)).astype(np.uint8) for picture in pictures]


def farthest(picture, rows, color):
    return np.abs(picture[rows].astype(float) - color).max()


def test_a_lane_that_products_cover_most_of_the_time_is_belt():
    assert farthest(learn_belt(crowded(free=14)).picture, LANE, BELT) <= 6


def test_a_lane_that_never_shows_the_belt_gets_it_from_beside():
    # Nothing in it is sure, for it holds products of several colours.
    pictures = crowded(free=0)
    for number, picture in enumerate(pictures):
        picture[LANE] += np.uint8(12 * (number % 4))

    assert farthest(learn_belt(pictures).picture, LANE, BELT) <= 6


def test_what_stands_still_beside_a_crowded_belt_stays_as_it_is():
    belt = learn_belt(crowded(free=14)).picture

    assert farthest(belt, np.s_[:6], RAIL) <= 3
    assert farthest(belt, np.s_[-6:], RAIL) <= 3


def test_the_noise_is_that_of_the_belt_however_many_products_pass():
    luma, red, blue = learn_belt(crowded(free=14)).noise

    assert (2.5, 1.0, 1.0) <= (luma, red, blue) < (3.0, 1.5, 1.5)


def test_light_that_falls_off_over_the_belt_is_no_reason_to_choose_the_product():
    light = np.linspace(1.0, 0.5, WIDTH)[None, :, None]
    pictures = crowded(free=14)
    dimmed = [np.rint(128 + (p - (0, 128, 128)) * light - (128, 0, 0)).clip(0, 255).astype(np.uint8) for p in pictures]

    picture = learn_belt(dimmed).picture

    expected = 128 + (np.array(BELT) - (0, 128, 128)) * light[0] - (128, 0, 0)
    assert np.abs(picture[LANE].astype(float) - expected[None]).max() <= 8
