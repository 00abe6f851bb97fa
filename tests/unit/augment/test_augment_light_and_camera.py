"""Light and camera transforms: each does what its name says, and only that."""

import numpy as np
import pytest

from conveyorqc.augment import Blur, Brightness, CastShadow, Contrast, Hue, Jpeg, MotionBlur, Noise
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import luma_of, sharpness

SEEDS = range(12)


def rng(seed=7):
    return np.random.default_rng(seed)


def grey(level=120, side=40):
    return np.full((side, side, 3), level, np.uint8)


def texture(side=40):
    return rng(3).integers(60, 190, (side, side, 3), dtype=np.uint8)


def test_brightness_multiplies_all_values_alike():
    levels = np.array([[[10, 50, 100]]], np.uint8)

    for seed in SEEDS:
        changed = Brightness(0.3)(levels, rng(seed))[0, 0].astype(float)
        assert changed == pytest.approx(changed[2] * np.array([0.1, 0.5, 1.0]), abs=1)
        assert 69 <= changed[2] <= 131


def test_brightness_stops_at_white():
    assert {int(Brightness(1)(grey(250), rng(seed)).max()) for seed in SEEDS} <= set(range(256))


def test_contrast_keeps_the_mean_and_changes_the_spread():
    image = texture()
    changed = [Contrast(0.4)(image, rng(seed)) for seed in SEEDS]

    assert [luma_of(c).mean() for c in changed] == pytest.approx([luma_of(image).mean()] * len(SEEDS), abs=1)
    assert min(c.std() for c in changed) < 0.8 * image.std()
    assert max(c.std() for c in changed) > 1.2 * image.std()


def test_hue_turns_colours_and_leaves_grey():
    red = np.full((4, 4, 3), (40, 40, 160), np.uint8)

    assert Hue(30)(red, rng()).tolist() != red.tolist()
    assert Hue(30)(grey(), rng()).tolist() == grey().tolist()


def test_a_shadow_darkens_a_part_and_brightens_nothing():
    shadowed = [CastShadow(0.6)(grey(), rng(seed)) for seed in SEEDS]

    assert all(image.max() <= 120 for image in shadowed)
    assert all(image.min() >= 47 for image in shadowed)
    assert any(image.max() == 120 and image.min() < 110 for image in shadowed)


def test_a_soft_shadow_has_a_wider_edge_than_a_hard_one():
    def edge(softness):
        shadowed = CastShadow(1.0, softness)(grey(side=200), rng(9))
        return np.mean((shadowed > shadowed.min()) & (shadowed < shadowed.max()))

    assert edge(0.001) < 0.02
    assert edge(0.2) > 0.1


@pytest.mark.parametrize("transform", [Blur(3), MotionBlur(9)], ids=lambda t: type(t).__name__)
def test_a_blurred_picture_is_less_sharp_and_as_bright(transform):
    image = texture()

    blurred = transform(image, rng())

    assert sharpness(blurred) < 0.5 * sharpness(image)
    assert blurred.mean() == pytest.approx(image.mean(), abs=1.5)


def test_motion_blur_along_the_belt_leaves_what_lies_along_it():
    stripes = np.zeros((40, 40, 3), np.uint8)
    stripes[::2] = 200

    assert MotionBlur(9, angle_deg=0)(stripes, rng()).tolist() == stripes.tolist()
    assert MotionBlur(9, angle_deg=90)(stripes, rng()).std() < 0.5 * stripes.std()


def test_noise_has_at_most_the_given_strength_and_no_bias():
    noisy = [Noise(10)(grey(side=100), rng(seed)).astype(float) for seed in SEEDS]

    assert max(image.std() for image in noisy) == pytest.approx(9, abs=1.5)
    assert [image.mean() for image in noisy] == pytest.approx([120] * len(SEEDS), abs=0.5)


def test_jpeg_costs_more_at_low_quality():
    image = texture()
    coarse, fine = (np.abs(Jpeg(q, q)(image, rng()).astype(int) - image).mean() for q in (10, 100))

    assert 0 < fine < coarse


@pytest.mark.parametrize(
    "transform",
    [Brightness(0), Contrast(0), Hue(0), CastShadow(0), Blur(0), MotionBlur(0), Noise(0)],
    ids=lambda t: type(t).__name__,
)
def test_a_transform_without_strength_changes_nothing(transform):
    image = texture()

    assert transform(image, rng()).tolist() == image.tolist()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Brightness(1.5), "max_change: expected 0 to 1"),
        (lambda: Contrast(-1), "max_change"),
        (lambda: Hue(float("inf")), "max_deg"),
        (lambda: CastShadow(2), "max_strength"),
        (lambda: CastShadow(0.5, softness=0), "softness"),
        (lambda: Blur(-1), "max_sigma"),
        (lambda: MotionBlur(-1), "max_length_px"),
        (lambda: MotionBlur(1, angle_deg=float("nan")), "angle_deg"),
        (lambda: Noise(256), "max_sigma"),
        (lambda: Jpeg(low=0), "low: expected 1 to 100, got 0"),
        (lambda: Jpeg(low=90, high=80), "high: expected 90 to 100, got 80"),
    ],
)
def test_an_option_outside_its_range_is_refused(make, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        make()
