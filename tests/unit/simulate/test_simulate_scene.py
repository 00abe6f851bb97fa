"""Belt, strip, camera and the four directions."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from conveyorqc.core import Direction
from conveyorqc.errors import InvalidInput
from conveyorqc.simulate import BELT_COLORS, Look
from conveyorqc.simulate._belt import belt_surface, rail
from conveyorqc.simulate._camera import Camera, camera_shake
from conveyorqc.simulate._layout import place
from conveyorqc.simulate._orient import turned_boxes, turned_image
from conveyorqc.simulate._paint import CookiePainter
from conveyorqc.simulate._product import random_product
from conveyorqc.simulate._strip import Strip


def surface(*, texture: float = 1.0, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return belt_surface(rng, height=60, frame_length=160, color="green", texture=texture)


def strip(*, shadow: float = 0.6) -> Strip:
    rng = np.random.default_rng(2)
    kinds = ["normal", "broken", "stacked"] * 2
    made = [random_product(rng, label=kind, diameter_px=20.0, crumbs=5, largest_height=56) for kind in kinds]
    found = place(rng, made, pairs=1, top=2, bottom=58, travel=300, gap=2, lanes=None)
    painter = CookiePainter(np.random.default_rng(3), diameter_px=20.0)
    return Strip(surface(), found, painter, shadow=shadow, diameter_px=20.0)


def camera(**look: float) -> Camera:
    rng = np.random.default_rng(5)
    off = {"lighting": 0, "flicker": 0, "noise": 0, "shadow": 0}
    return Camera(rng, length=120, breadth=80, rail_px=8, look=Look(**{**off, **look}))


def exposed(eye: Camera, *, time_s: float = 0.0, shake: tuple[float, float] = (0.0, 0.0), seed: int = 0) -> np.ndarray:
    belt = np.full((64, 120 + 2 * eye.margin, 3), 100, np.uint8)
    return eye.expose(belt, np.random.default_rng(seed), time_s=time_s, shake=np.array(shake))


def test_the_belt_has_its_colour_and_a_texture_that_continues_over_the_ends():
    belt = surface().astype(float)
    assert belt.shape[0] == 60
    assert belt.shape[1] > 160
    np.testing.assert_allclose(belt.mean(axis=(0, 1)), BELT_COLORS["green"], atol=6)
    steps = np.abs(np.diff(belt[..., 1], axis=1)).mean(axis=0)
    over_the_ends = np.abs(belt[:, 0, 1] - belt[:, -1, 1]).mean()
    assert float(over_the_ends) <= float(steps.max())


def test_a_belt_without_texture_is_even():
    assert np.unique(surface(texture=0).reshape(-1, 3), axis=0).tolist() == [list(BELT_COLORS["green"])]


def test_a_rail_is_bright_steel_with_bolts():
    steel = rail(200, 20, bolt_every=50)
    assert steel.shape == (20, 200, 3)
    middle = steel[10, :, 0].astype(int)
    assert int(np.count_nonzero(np.diff((middle < 150).astype(int)) == 1)) == 4


@pytest.mark.parametrize("shadow", [0.0, 0.6])
def test_any_window_of_the_strip_shows_the_same_pixels(shadow):
    long = strip(shadow=shadow).window(-420, 500)
    another = strip(shadow=shadow)
    for start in (-100, -420, -97, -260, 5):
        expected = long[:, start + 420 : start + 420 + 75]
        np.testing.assert_array_equal(another.window(start, 75), expected)


def test_shadows_only_darken():
    bright, dark = strip(shadow=0.0).window(-300, 300), strip(shadow=1.0).window(-300, 300)
    assert bool((dark <= bright).all())
    assert float(bright.mean()) - float(dark.mean()) > 1


def test_the_strip_repeats_the_belt_where_nothing_lies():
    empty = surface()
    np.testing.assert_array_equal(strip().window(2000, 90), empty[:, np.arange(2000, 2090) % empty.shape[1]])


def test_a_long_walk_keeps_only_a_few_pieces():
    walk = strip()
    walk.window(0, 120)
    tracemalloc.start()
    for start in range(0, -6000, -40):
        walk.window(start, 120)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_500_000


def test_a_plain_camera_shows_the_belt_between_its_rails():
    picture = exposed(camera())
    assert picture.shape == (80, 120, 3)
    np.testing.assert_array_equal(picture[8:-8], 100)
    np.testing.assert_array_equal(picture[:8], picture[:-9:-1])


def test_noise_has_the_wanted_strength_and_differs_from_frame_to_frame():
    eye = camera(noise=4.0)
    first, second = exposed(eye, seed=1)[8:-8].astype(float), exposed(eye, seed=2)[8:-8].astype(float)
    assert float(first.std()) == pytest.approx(4.0, rel=0.1)
    assert float(first.mean()) == pytest.approx(100.0, abs=0.5)
    assert not np.array_equal(first, second)


def test_lighting_falls_off_smoothly():
    belt = exposed(camera(lighting=0.4))[8:-8, :, 0].astype(float)
    assert 15 < float(np.ptp(belt)) < 45
    assert float(np.abs(np.diff(belt, axis=1)).max()) <= 2


def test_flicker_changes_brightness_over_time_only():
    eye = camera(flicker=0.1)
    means = [float(exposed(eye, time_s=time)[8:-8].mean()) for time in np.linspace(0, 3, 20)]
    assert 4 < float(np.ptp(means)) <= 20
    assert exposed(eye, time_s=1.0)[8:-8].std() == 0


def test_shake_moves_the_whole_picture():
    eye = camera(shake_px=2.0)
    still, moved = exposed(eye), exposed(eye, shake=(0.0, 2.0))
    np.testing.assert_array_equal(moved[2:], still[:-2])


def test_shake_is_bounded_and_off_at_zero():
    shake = camera_shake(np.random.default_rng(0), 400, shake_px=1.5)
    assert shake.shape == (400, 2)
    assert float(np.abs(shake).max()) <= 3.0
    assert 1.0 < float(shake.std()) < 1.8
    assert not camera_shake(np.random.default_rng(0), 5, shake_px=0.0).any()


@pytest.mark.parametrize("direction", list(Direction))
def test_boxes_turn_as_pixels_do(direction):
    image = np.zeros((30, 50, 3), np.uint8)
    image[4:11, 7:19] = 255
    turned = turned_image(image, direction=direction)
    rows, columns = np.nonzero(turned[..., 0])
    expected = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
    box = turned_boxes(np.array([[7.0, 4.0, 19.0, 11.0]]), direction=direction, length=50)
    assert expected == box[0].tolist()


@pytest.mark.parametrize(
    "arguments",
    [{"belt": "pink"}, {"noise": -1.0}, {"shutter": 1.5}, {"shadow": float("nan")}, {"shake_px": 99.0}],
)
def test_an_impossible_look_is_refused(arguments):
    with pytest.raises(InvalidInput, match="expected"):
        Look(**arguments)


def test_a_plain_look_turns_everything_off():
    look = Look.plain(belt="grey")
    assert (look.belt, look.texture, look.noise, look.shutter, look.shake_px) == ("grey", 0, 0, 0, 0)
