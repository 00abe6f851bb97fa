"""Cookies: outlines, damage, paint and stacks."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.imgproc import components
from conveyorqc.simulate._noise import periodic_noise
from conveyorqc.simulate._paint import CookiePainter
from conveyorqc.simulate._product import paint_product, random_product
from conveyorqc.simulate._shape import BREAKS, cookie_shape

DIAMETER = 60.0


def shape(seed: int, damage: str = "intact"):
    return cookie_shape(np.random.default_rng(seed), damage=damage, diameter_px=DIAMETER)


def product(seed: int, label: str, *, crumbs: int = 4, largest_height: int = 400):
    rng = np.random.default_rng(seed)
    return random_product(rng, label=label, diameter_px=DIAMETER, crumbs=crumbs, largest_height=largest_height)


def test_noise_continues_over_its_edges_and_is_centred():
    field = periodic_noise(np.random.default_rng(0), 48, 64, bands=((9.0, 2.0), (2.0, 0.0)))
    inner = np.abs(np.diff(field, axis=1)).max()
    assert field.dtype == np.float32
    assert abs(float(field.mean())) < 0.05
    assert float(field.std()) == pytest.approx(2.0, rel=0.25)
    assert float(np.abs(field[:, 0] - field[:, -1]).max()) <= float(inner)


def test_stretched_noise_changes_more_slowly_along_x():
    field = periodic_noise(np.random.default_rng(1), 128, 128, bands=((6.0, 1.0),), stretch=4.0)
    assert float(np.abs(np.diff(field, axis=1)).mean()) < 0.5 * float(np.abs(np.diff(field, axis=0)).mean())


@pytest.mark.parametrize("seed", range(6))
def test_an_intact_cookie_is_one_roundish_piece_of_the_wanted_size(seed):
    mask = shape(seed).mask
    _, boxes, areas = components(mask)
    assert len(boxes) == 1
    assert float(areas[0]) == pytest.approx(np.pi * DIAMETER**2 / 4, rel=0.2)
    assert boxes[0].min() > 0
    assert boxes[0].max() < len(mask)


@pytest.mark.parametrize("damage", [damage for damage in BREAKS if damage != "cracked"])
def test_every_cut_takes_something_away(damage):
    for seed in range(4):
        intact, broken = shape(seed).mask.sum(), shape(seed, damage).mask.sum()
        assert 0.2 * intact < broken < 0.99 * intact


def test_halves_are_smaller_than_thirds_gone_and_those_smaller_than_torn_edges():
    areas = {
        damage: np.mean([shape(seed, damage).mask.sum() for seed in range(8)])
        for damage in ("cut_half", "cut_third", "torn_edge")
    }
    assert areas["torn_edge"] > areas["cut_half"]
    assert areas["torn_edge"] > areas["cut_third"]


def test_a_cracked_cookie_falls_into_pieces_with_a_gap():
    broken = [shape(seed, "cracked").mask for seed in range(12)]
    assert sum(len(components(mask)[1]) >= 2 for mask in broken) >= 8
    for seed, mask in enumerate(broken):
        assert float(mask.sum()) == pytest.approx(float(shape(seed).mask.sum()), rel=0.05)


def test_the_same_seed_gives_the_same_cookie_and_another_seed_another():
    np.testing.assert_array_equal(shape(3, "cut_bite").depth, shape(3, "cut_bite").depth)
    assert not np.array_equal(shape(3).depth, shape(4).depth)


@pytest.mark.parametrize(("label", "cookies"), [("normal", {1}), ("broken", {1}), ("stacked", {2, 3})])
def test_products_carry_their_label_kind_and_number_of_cookies(label, cookies):
    made = [product(seed, label) for seed in range(10)]
    assert {one.label for one in made} == {label}
    assert {len(one.layers) for one in made} <= cookies
    kinds = {one.kind for one in made}
    if label == "stacked":
        assert all(kind.startswith(f"stack{len(one.layers)}") for one in made for kind in [one.kind])
    else:
        assert kinds <= ({"intact"} if label == "normal" else set(BREAKS))


def test_only_broken_cookies_shed_crumbs():
    assert sum(len(product(seed, "broken").crumbs) for seed in range(5)) > 0
    assert all(len(product(seed, "normal").crumbs) == 0 for seed in range(5))
    assert len(product(1, "broken", crumbs=0).crumbs) == 0


def test_a_stack_is_larger_than_a_cookie_and_overlaps_a_lot():
    single = np.pi * DIAMETER**2 / 4
    areas = [product(seed, "stacked").mask.sum() / single for seed in range(10)]
    assert 1.2 < float(np.mean(areas)) < 1.75


def test_the_mask_ends_where_the_object_ends():
    for seed, label in enumerate(("normal", "broken", "stacked")):
        mask = product(seed, label).mask
        assert mask[0].any()
        assert mask[-1].any()
        assert mask[:, 0].any()
        assert mask[:, -1].any()


def test_what_is_too_high_for_the_belt_is_drawn_smaller():
    assert product(2, "stacked", largest_height=70).height <= 70


@pytest.mark.parametrize("label", ["normal", "broken", "stacked"])
def test_the_picture_covers_exactly_the_mask(label):
    one = product(5, label)
    painter = CookiePainter(np.random.default_rng(0), diameter_px=DIAMETER)
    sprite = paint_product(one, painter)
    inner = np.s_[sprite.margin : -sprite.margin, sprite.margin : -sprite.margin]
    assert sprite.bgr.shape == (one.height + 2 * sprite.margin, one.width + 2 * sprite.margin, 3)
    np.testing.assert_array_equal(sprite.cover[inner] >= 0.5, one.mask)
    np.testing.assert_array_equal(sprite.bgr, paint_product(one, painter).bgr)


def test_a_cookie_is_brown_with_dark_chips():
    one = product(1, "normal")
    sprite = paint_product(one, CookiePainter(np.random.default_rng(0), diameter_px=DIAMETER))
    colors = sprite.bgr[sprite.cover == 1].astype(float)
    blue, green, red = np.median(colors, axis=0)
    assert blue < green < red
    dark = (colors.mean(axis=1) < 80).mean()
    assert 0.01 < dark < 0.3
