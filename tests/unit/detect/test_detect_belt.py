"""The empty belt, learned although objects pass, and what still counts as that belt."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.detect import BeltAppearance, BeltComparison, learn_belt
from conveyorqc.errors import CalibrationError, InvalidInput

HEIGHT, WIDTH = 42, 64
COVERED = np.s_[10:26, 20:44]


def textured_belt():
    """(h, w, 3) Y Cr Cb: a belt with a texture of its own and a tint."""
    rng = np.random.default_rng(11)
    luma = rng.integers(90, 150, (HEIGHT, WIDTH))
    return np.stack([luma, np.full_like(luma, 110), np.full_like(luma, 150)], axis=-1).astype(np.float64)


def samples(count, *, covered, noise):
    """Pictures of the belt; in the first ``covered`` of them an object, each of its own brightness, hides a part."""
    rng = np.random.default_rng(12)
    pictures = []
    for number in range(count):
        picture = textured_belt()
        if number < covered:
            picture[COVERED] = (20 + 15 * number, 150, 100)
        picture += rng.normal(0, noise, picture.shape)
        pictures.append(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
    return pictures


def comparison(*, sensitivity=4.0, reach=0, noise=(2.5, 1.0, 1.0)):
    belt = BeltAppearance(textured_belt().astype(np.uint8), noise)
    return BeltComparison.of(belt, sensitivity=sensitivity, reach=reach)


def share(mask):
    return float(mask.mean())


def lit(factor):
    """The belt under ``factor`` of its light: luma and tint shrink alike."""
    picture = textured_belt()
    picture[..., 0] *= factor
    picture[..., 1:] = 128 + factor * (picture[..., 1:] - 128)
    return np.rint(picture).astype(np.uint8)


def tinted(luma_factor, cr, cb):
    picture = textured_belt()
    picture[..., 0] *= luma_factor
    picture[..., 1:] = cr, cb
    return np.rint(picture).astype(np.uint8)


def test_the_belt_is_found_behind_objects_that_hide_it_most_of_the_time():
    belt = learn_belt(samples(20, covered=14, noise=1.0))

    assert np.abs(belt.picture.astype(float) - textured_belt()).max() <= 3
    assert belt.size == (WIDTH, HEIGHT)


def test_the_order_of_the_samples_does_not_matter():
    pictures = samples(12, covered=6, noise=1.0)

    forth, back = learn_belt(pictures), learn_belt(pictures[::2] + pictures[1::2])

    assert np.abs(forth.picture.astype(int) - back.picture).max() <= 4


def test_the_noise_of_the_sensor_is_measured():
    luma, red, blue = learn_belt(samples(30, covered=0, noise=5.0)).noise

    assert luma == pytest.approx(5.0, rel=0.3)
    assert red == pytest.approx(5.0, rel=0.3)
    assert blue == pytest.approx(5.0, rel=0.3)


def test_a_noise_that_compression_hides_is_not_believed():
    assert learn_belt(samples(5, covered=0, noise=0.0)).noise == (2.5, 1.0, 1.0)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_samples_teach_nothing(count):
    with pytest.raises(CalibrationError, match=f"expected at least 5 pictures of the belt, got {count}"):
        learn_belt(samples(count, covered=0, noise=1.0))


def test_samples_of_different_sizes_are_refused():
    pictures = samples(5, covered=0, noise=1.0)

    with pytest.raises(InvalidInput, match=r"samples: expected one size, got \[\(40, 64\), \(42, 64\)\]"):
        learn_belt([*pictures[:4], pictures[4][:40]])


def test_samples_that_are_no_pictures_are_refused():
    with pytest.raises(InvalidInput, match="samples: expected"):
        learn_belt([textured_belt()] * 5)


@pytest.mark.parametrize("noise", [(1.0, 1.0), (0.0, 1.0, 1.0), (1.0, float("nan"), 1.0), (1.0, 1.0, 256.0)])
def test_a_noise_that_cannot_be_is_refused(noise):
    with pytest.raises(InvalidInput, match="noise: expected three numbers above 0 and below 256"):
        BeltAppearance(np.zeros((2, 2, 3), np.uint8), noise)


def test_the_learned_belt_is_read_only():
    assert not learn_belt(samples(5, covered=0, noise=0.0)).picture.flags.writeable


def test_the_belt_itself_is_belt():
    assert not comparison().foreground(textured_belt().astype(np.uint8)).any()


@pytest.mark.parametrize("factor", [0.9, 0.7, 0.5])
def test_a_shadow_is_belt(factor):
    assert share(comparison().foreground(lit(factor))) < 0.01


@pytest.mark.parametrize("factor", [0.3, 0.1])
def test_what_is_darker_than_any_shadow_is_object(factor):
    assert share(comparison().foreground(lit(factor))) > 0.99


def test_less_light_of_another_tint_is_object():
    assert share(comparison().foreground(tinted(0.7, 150, 110))) == 1.0


def test_what_is_brighter_than_the_belt_is_object():
    assert share(comparison().foreground(lit(1.4))) > 0.99


def test_the_same_light_of_another_tint_is_object():
    assert share(comparison().foreground(tinted(1.0, 118, 150))) == 1.0


def test_lower_sensitivity_finds_what_looks_like_the_belt():
    slightly = tinted(1.0, 113, 150)

    assert [share(comparison(sensitivity=value).foreground(slightly)) for value in (2.0, 6.0)] == [1.0, 0.0]


def test_reach_forgives_a_camera_that_shakes():
    shaken = np.roll(textured_belt(), 1, axis=1).astype(np.uint8)
    inner = np.s_[1:-1, 1:-1]

    assert share(comparison(reach=0).foreground(shaken)[inner]) > 0.2
    assert not comparison(reach=1).foreground(shaken)[inner].any()


def test_a_part_compares_as_the_whole_does():
    picture = textured_belt()
    picture[15:30, 20:40] = (220, 128, 128)
    whole = comparison(reach=2)

    part = whole.part((10, 5, 50, 35)).foreground(picture[5:35, 10:50].astype(np.uint8))

    assert np.array_equal(part, whole.foreground(picture.astype(np.uint8))[5:35, 10:50])
    assert part.any()


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(InvalidInput, match=r"picture: expected shape \(42, 64\), as the belt's, got \(2, 2\)"):
        comparison().foreground(np.zeros((2, 2, 3), np.uint8))


@pytest.mark.parametrize("sensitivity", [0.0, -1.0, float("nan"), float("inf")])
def test_a_sensitivity_that_is_none_is_refused(sensitivity):
    with pytest.raises(InvalidInput, match="sensitivity: expected a number above 0"):
        comparison(sensitivity=sensitivity)


@pytest.mark.parametrize("reach", [-1, 101])
def test_a_reach_outside_its_range_is_refused(reach):
    with pytest.raises(InvalidInput, match=f"reach: expected 0-100 px, got {reach}"):
        comparison(reach=reach)
