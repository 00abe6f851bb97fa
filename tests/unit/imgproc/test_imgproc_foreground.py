from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from conveyorqc.core import Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import foreground_mask

SIDE = 160
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE]
BELT, BISCUIT, CHIP = (150, 110, 70), (70, 140, 200), (30, 40, 60)


def disc(x: float, y: float, radius: float) -> Mask:
    return np.asarray((COLUMNS - x) ** 2 + (ROWS - y) ** 2 <= radius**2)


def picture(*layers: tuple[Mask, tuple[int, int, int]], noise: float = 3.0) -> NDArray[np.uint8]:
    """A belt that gets lighter to the right, with coloured layers on it."""
    values = np.array(BELT, float) * (0.8 + 0.4 * COLUMNS[..., None] / SIDE)
    for mask, color in layers:
        values[mask] = color
    values += np.random.default_rng(5).normal(0, noise, values.shape)
    return np.clip(values, 0, 255).astype(np.uint8)


def overlap(found: Mask, expected: Mask) -> float:
    return float((found & expected).sum() / (found | expected).sum())


OBJECT = disc(80, 80, 45)


def test_an_object_on_an_uneven_belt_is_found() -> None:
    assert overlap(foreground_mask(picture((OBJECT, BISCUIT))), OBJECT) > 0.97


def test_a_cast_shadow_is_belt() -> None:
    shadow = disc(92, 92, 45) & ~OBJECT
    image = picture((OBJECT, BISCUIT))
    image[shadow] = image[shadow] // 2

    assert overlap(foreground_mask(image), OBJECT) > 0.95


def test_dark_inclusions_on_the_rim_belong_to_the_object() -> None:
    inclusions = (disc(40, 80, 7) | disc(80, 124, 7) | disc(100, 60, 7)) & OBJECT

    assert overlap(foreground_mask(picture((OBJECT, BISCUIT), (inclusions, CHIP))), OBJECT) > 0.96


def test_both_halves_of_a_broken_object_are_the_object() -> None:
    halves = OBJECT & (np.abs(COLUMNS - 75) > 5)

    assert overlap(foreground_mask(picture((halves, BISCUIT))), halves) > 0.95


def test_a_hole_through_which_the_belt_shows_stays_a_hole() -> None:
    ring = OBJECT & ~disc(80, 80, 15)

    found = foreground_mask(picture((ring, BISCUIT)))

    assert not found[80, 80]
    assert overlap(found, ring) > 0.9


def test_a_neighbour_that_the_border_cuts_is_left_out() -> None:
    neighbour = disc(158, 20, 30)

    assert overlap(foreground_mask(picture((OBJECT, BISCUIT), (neighbour, BISCUIT))), OBJECT) > 0.96


def test_a_neighbour_that_touches_is_cut_off_at_the_neck() -> None:
    neighbour = disc(156, 80, 33)

    found = foreground_mask(picture((OBJECT, BISCUIT), (neighbour, BISCUIT)))

    assert overlap(found, OBJECT) > 0.93
    assert not found[80, 155]


def test_crumbs_are_not_the_object() -> None:
    assert overlap(foreground_mask(picture((OBJECT | disc(15, 15, 2), BISCUIT))), OBJECT) > 0.97


def test_an_object_of_the_belt_s_hue_is_told_by_its_lightness() -> None:
    assert overlap(foreground_mask(picture((OBJECT, (225, 205, 190)))), OBJECT) > 0.95


def test_vivid_parts_do_not_make_pale_ones_look_like_belt() -> None:
    pale = OBJECT & (COLUMNS > 90)

    assert overlap(foreground_mask(picture((OBJECT, (0, 0, 255)), (pale, (120, 150, 170)))), OBJECT) > 0.95


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_where_nothing_stands_out_the_object_fills_the_picture(shade: int) -> None:
    assert foreground_mask(np.full((50, 40, 3), shade, np.uint8)).all()


def test_a_speck_alone_is_no_object() -> None:
    assert foreground_mask(picture((disc(80, 80, 2), BISCUIT))).all()


def test_a_hint_says_which_of_two_objects_is_meant() -> None:
    left, right = disc(45, 80, 25), disc(110, 80, 30)
    image = picture((left | right, BISCUIT))

    assert overlap(foreground_mask(image, hint=disc(47, 82, 24)), left) > 0.93
    assert overlap(foreground_mask(image, hint=disc(108, 78, 31)), right) > 0.93


def test_a_hint_parts_touching_objects() -> None:
    left, right = disc(47, 80, 30), disc(108, 80, 33)

    assert overlap(foreground_mask(picture((left | right, BISCUIT)), hint=disc(46, 80, 30)), left) > 0.93


def test_a_coarse_hint_gives_the_same_mask_as_none() -> None:
    image = picture((OBJECT, BISCUIT))
    coarse = np.kron(OBJECT[4::8, 4::8], np.ones((8, 8), np.bool_)) | disc(84, 84, 45)

    assert overlap(foreground_mask(image, hint=coarse), foreground_mask(image)) > 0.99


def test_a_hint_is_believed_where_the_colors_say_something_else() -> None:
    hint = disc(40, 40, 20)

    assert (foreground_mask(picture((OBJECT, BISCUIT)), hint=hint) == hint).all()
    assert (foreground_mask(np.zeros((SIDE, SIDE, 3), np.uint8), hint=hint) == hint).all()


@pytest.mark.parametrize("value", [True, False])
def test_a_hint_that_is_all_one_value_says_nothing(*, value: bool) -> None:
    image = picture((OBJECT, BISCUIT))

    assert (foreground_mask(image, hint=np.full((SIDE, SIDE), value)) == foreground_mask(image)).all()


@pytest.mark.parametrize("shape", [(1, 1), (8, 8), (1, 300), (300, 1), (2, 3), (900, 700)])
def test_pictures_of_any_size_have_a_mask_of_that_size(shape: tuple[int, int]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)

    found = foreground_mask(noise)

    assert found.shape == shape
    assert found.dtype == np.bool_
    assert found.any()


def test_the_picture_is_only_read() -> None:
    image, hint = picture((OBJECT, BISCUIT)), OBJECT.copy()
    before = image.copy()
    image.flags.writeable = hint.flags.writeable = False

    foreground_mask(image, hint=hint)

    assert (image == before).all()


def test_a_hint_of_another_shape_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="hint: expected bool of shape"):
        foreground_mask(picture(), hint=np.ones((3, 3), np.bool_))


def test_a_working_size_that_shows_nothing_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="working_px: expected 16 or more, got 8"):
        foreground_mask(picture(), working_px=8)
