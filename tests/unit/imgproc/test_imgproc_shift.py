"""Phase correlation on pictures that are shifted by a known way."""

from __future__ import annotations

import math

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import PhaseCorrelator, blur, transform_size, warp_affine

WIDTH, HEIGHT = 128, 96
GRAIN = np.clip(
    128 + 400 * blur(np.random.default_rng(8).normal(0, 1, (256, 384)).astype(np.float32), sigma=2.0), 0, 255
).astype(np.uint8)


def view(dx=0.0, dy=0.0, picture=GRAIN, width=WIDTH, height=HEIGHT):
    """The middle of ``picture``, whose content is moved by (dx, dy)."""
    coloured = np.repeat(picture[..., None], 3, axis=2)
    moved = [[1.0, 0.0, dx - 128.0], [0.0, 1.0, dy - 80.0]]
    return np.ascontiguousarray(warp_affine(coloured, moved, width=width, height=height)[..., 0])


def found(before, after, *, expected=None, **options):
    height, width = before.shape
    correlator = PhaseCorrelator(width, height, **options)
    return correlator.shift(correlator.spectrum(after), correlator.spectrum(before), expected=expected)


def rows_of_spots(travel, *, pitch=32, noise=0.0):
    x, y = np.meshgrid(np.arange(256.0) - travel, np.arange(96.0))
    spots = np.hypot((x + pitch / 2) % pitch - pitch / 2, (y + 24) % 48 - 24) < 9
    rng = np.random.default_rng(round(travel))
    picture = np.where(spots, 200.0, 90.0) + rng.normal(0, 2.0 + noise, spots.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(("dx", "dy"), [(0.0, 0.0), (5.0, 0.0), (-7.0, 3.0), (2.25, -1.5), (0.5, 4.75), (0.06, 0.0)])
def test_it_finds_how_far_a_picture_moved(dx, dy):
    peak = found(view(), view(dx, dy))

    assert (dx, dy) == pytest.approx((peak.dx, peak.dy), abs=0.06)
    assert 0.7 < peak.response <= 1
    assert peak.contrast > 20


@pytest.mark.parametrize("share", [0.2, 0.3, 0.4])
@pytest.mark.parametrize("sign", [-1, 1])
def test_it_finds_shifts_of_a_large_part_of_the_picture(share, sign):
    dx = sign * share * WIDTH
    peak = found(view(-dx / 2), view(dx / 2))

    assert (dx, 0.0) == pytest.approx((peak.dx, peak.dy), abs=0.3)
    assert peak.contrast > 8


@pytest.mark.parametrize(("width", "height"), [(120, 90), (90, 120), (100, 40), (40, 100)])
def test_sides_that_are_no_powers_of_two_do_as_well(width, height):
    peak = found(view(width=width, height=height), view(1.5, -0.75, width=width, height=height))
    assert (1.5, -0.75) == pytest.approx((peak.dx, peak.dy), abs=0.15)


@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize(("width", "height"), [(128, 8), (8, 128), (8, 8)])
def test_narrow_strips_tell_the_way_along_them(width, height, axis):
    options = {"axis": axis, "reach": 1.0}
    wanted = (2.0 if width > 8 else 0.0, 2.0 if height > 8 else 0.0)
    peak = found(view(width=width, height=height), view(*wanted, width=width, height=height), **options)

    along, across = (0, 1) if axis == "x" else (1, 0)
    assert wanted[along] == pytest.approx((peak.dx, peak.dy)[along], abs=0.25)
    assert abs((peak.dx, peak.dy)[across]) < 3


def test_the_axis_only_turns_the_picture():
    straight = found(view(), view(6.3, -1.2), axis="x", reach=4.0)
    turned = found(view().T.copy(), view(6.3, -1.2).T.copy(), axis="y", reach=4.0)

    assert (straight.dx, straight.dy) == pytest.approx((turned.dy, turned.dx), abs=0.02)


def test_shifts_across_beyond_the_reach_are_not_found():
    assert 9.0 == pytest.approx(found(view(), view(3.0, 9.0), reach=9.0).dy, abs=0.1)
    peak = found(view(), view(3.0, 9.0), reach=4.0)
    assert peak.contrast < 6
    assert abs(peak.dy) < 7


def test_the_light_does_not_matter():
    ramp = np.linspace(0.5, 1.0, WIDTH)
    peak = found(view(), (view(3.4) * ramp * 0.7 + 20).astype(np.uint8))
    assert (3.4, 0.0) == pytest.approx((peak.dx, peak.dy), abs=0.1)


def test_unrelated_pictures_stay_below_six_standard_deviations():
    rng = np.random.default_rng(9)
    peaks = [found(*rng.integers(0, 256, (2, HEIGHT, WIDTH), dtype=np.uint8)) for _ in range(20)]

    assert max(peak.contrast for peak in peaks) < 6
    assert max(peak.response for peak in peaks) < 0.1


@pytest.mark.parametrize("level", [0, 90, 255])
def test_pictures_without_contrast_respond_with_nothing(level):
    blank = np.full((HEIGHT, WIDTH), level, np.uint8)
    peak = found(blank, blank)
    assert (0.0, 0.0) == (peak.response, peak.contrast)


def test_a_difference_below_one_grey_level_is_no_texture():
    nearly = np.full((HEIGHT, WIDTH), 90, np.uint8)
    nearly[40, 60] = 91
    assert 0.0 == found(nearly, nearly).response


def test_of_peaks_alike_the_expected_one_is_taken():
    before, after = rows_of_spots(0), rows_of_spots(20)

    assert -12.0 == pytest.approx(found(before, after).dx, abs=0.3)  # the smaller way to the same picture
    assert 20.0 == pytest.approx(found(before, after, expected=(18.0, 0.0)).dx, abs=0.3)
    assert -12.0 == pytest.approx(found(before, after, expected=(-9.0, 0.0)).dx, abs=0.3)


def test_what_is_expected_does_not_make_peaks():
    peak = found(view(), view(4.0), expected=(20.0, 0.0))
    assert 4.0 == pytest.approx(peak.dx, abs=0.1)


def test_spectra_add_up_as_pictures_do():
    correlator = PhaseCorrelator(WIDTH, HEIGHT)
    one, two = view() // 2, view(30.0, 11.0) // 2
    both = correlator.spectrum(one) + correlator.spectrum(two)

    assert np.allclose(correlator.spectrum(one + two), both, atol=1e-3 * np.abs(both).max())


def test_the_pictures_are_only_read():
    plane = view()
    plane.flags.writeable = False
    assert found(plane, plane).response > 0.9


@pytest.mark.parametrize(
    ("size", "options", "text"),
    [
        ((15, 16), {}, "expected even sides of 8 px or more, got 15x16"),
        ((16, 6), {}, "expected even sides of 8 px or more, got 16x6"),
        ((33, 32), {}, "expected even sides of 8 px or more, got 33x32"),
        ((32, 32), {"reach": -1.0}, "reach: expected px of 0 or more, got -1.0"),
        ((32, 32), {"reach": math.nan}, "reach: expected px of 0 or more, got nan"),
    ],
)
def test_what_cannot_be_compared_is_refused(size, options, text):
    with pytest.raises(InvalidInput, match=text):
        PhaseCorrelator(*size, **options)


def test_a_picture_of_another_size_is_refused():
    with pytest.raises(InvalidInput, match=r"plane: expected shape \(96, 128\), got \(128, 96\)"):
        PhaseCorrelator(WIDTH, HEIGHT).spectrum(np.zeros((WIDTH, HEIGHT), np.uint8))


@pytest.mark.parametrize(
    ("size", "expected"),
    [((320, 180), (320, 180)), ((320, 203), (320, 200)), ((227, 7), (216, 6)), ((2, 1), (2, 2)), ((0, 3), (2, 2))],
)
def test_transforms_have_even_sides_of_small_factors(size, expected):
    assert expected == transform_size(*size)
