from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from conveyorqc.core import FloatArray, Mask
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import object_view, outline_features, relief_features, surface_features

SIDE = 128
ROWS, COLUMNS = np.mgrid[0:SIDE, 0:SIDE]


def ellipse(x: float = 64, y: float = 64, *, across: float = 40, down: float = 40) -> Mask:
    return np.asarray(((COLUMNS - x) / across) ** 2 + ((ROWS - y) / down) ** 2 <= 1)


def textured(seed: int = 0, *, spread: float = 12.0) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).normal(0, spread, (SIDE, SIDE, 1))
    return np.clip(np.array([80, 140, 200]) + noise, 0, 255).astype(np.uint8)


def largest_difference(first: dict[str, float], second: dict[str, float]) -> float:
    return max(abs(first[name] - second[name]) for name in first)


BITTEN = ellipse() & ~ellipse(100, 64, across=24, down=24)
HALVES = ellipse() & (np.abs(COLUMNS - 60) > 4)
RING = ellipse() & ~ellipse(across=15, down=15)


def test_a_disc_is_round_and_solid() -> None:
    features = outline_features(ellipse())

    assert features["solidity"] == pytest.approx(1, abs=0.03)
    assert features["circularity"] == pytest.approx(0, abs=0.05)
    assert features["circle_fill"] == pytest.approx(1, abs=0.05)
    assert features["elongation"] == pytest.approx(0, abs=0.02)
    assert features["holes"] == 0
    assert features["pieces"] == 0


def test_elongation_is_the_log_of_the_ratio_of_the_sides() -> None:
    assert outline_features(ellipse(across=50, down=25))["elongation"] == pytest.approx(np.log(2), abs=0.03)


def test_a_bite_shows_as_notch_gap_and_lost_solidity() -> None:
    whole, bitten = outline_features(ellipse()), outline_features(BITTEN)

    assert bitten["solidity"] < whole["solidity"] - 0.05
    assert bitten["gap_0_depth"] > whole["gap_0_depth"] + 0.1
    assert bitten["notch_8"] > whole["notch_8"] + 0.05
    assert bitten["spike_8"] < whole["spike_8"] - 0.05
    assert bitten["ragged"] > whole["ragged"]


def test_halves_are_two_pieces_and_a_ring_has_a_hole() -> None:
    assert outline_features(HALVES)["pieces"] == pytest.approx(np.log(2))
    assert outline_features(HALVES)["main_piece"] < 0.7
    assert outline_features(RING)["holes"] == pytest.approx((15 / 40) ** 2, abs=0.02)


@pytest.mark.parametrize("mask", [BITTEN, HALVES, RING, ellipse(across=50, down=25)])
@pytest.mark.parametrize("turn", [np.rot90, np.fliplr, np.flipud, np.transpose])
def test_the_outline_does_not_depend_on_how_the_object_lies(mask: Mask, turn) -> None:
    assert largest_difference(outline_features(mask), outline_features(turn(mask))) < 0.15


def test_the_outline_does_not_depend_on_where_the_object_lies() -> None:
    moved = np.roll(BITTEN, (7, -9), axis=(0, 1))

    assert largest_difference(outline_features(BITTEN), outline_features(moved)) < 1e-3


def test_every_mask_gives_the_same_finite_numbers_by_name() -> None:
    dot = np.zeros((SIDE, SIDE), np.bool_)
    dot[5, 5] = True
    line = np.zeros((SIDE, SIDE), np.bool_)
    line[:, 5] = True
    names = list(outline_features(ellipse()))

    for mask in (dot, line, BITTEN, HALVES, RING, np.ones((SIDE, SIDE), np.bool_), ROWS % 2 == 0):
        features = outline_features(mask)
        assert list(features) == names
        assert np.isfinite(list(features.values())).all()


def test_an_empty_mask_has_no_outline() -> None:
    with pytest.raises(InvalidInput, match="at least one pixel of object, got none"):
        outline_features(np.zeros((8, 8), np.bool_))


def test_color_statistics_are_those_of_the_object_and_not_of_the_belt() -> None:
    gray_on_blue = np.where(ellipse()[..., None], np.uint8(119), np.array([255, 0, 0], np.uint8)).astype(np.uint8)

    features = surface_features(gray_on_blue, ellipse())

    assert features["lightness_mean"] == pytest.approx(0.50, abs=0.01)
    assert features["blue_yellow_mean"] == pytest.approx(0, abs=0.01)
    assert features["lightness_spread"] == pytest.approx(0, abs=1e-6)


def test_texture_raises_contrast_in_its_own_octave_most() -> None:
    smooth, rough = (surface_features(textured(spread=spread), ellipse()) for spread in (2.0, 20.0))

    gain = [rough[f"contrast_{octave}"] - smooth[f"contrast_{octave}"] for octave in range(4)]
    assert min(gain) > 0
    assert int(np.argmax(gain)) == 0


def test_dark_specks_show_in_the_dark_band() -> None:
    speckled = textured(spread=1.0).copy()
    speckled[::8, ::8] = 0

    plain, specks = surface_features(textured(spread=1.0), ellipse()), surface_features(speckled, ellipse())

    assert specks["dark_0"] - plain["dark_0"] > specks["bright_0"] - plain["bright_0"] + 0.5


def patterns_by_hand(levels: FloatArray, inside: Mask, radius: int) -> list[float]:
    """Rotation invariant uniform patterns, one pixel at a time."""
    ring = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))
    counts = [0] * 10
    for y in range(radius, levels.shape[0] - radius):
        for x in range(radius, levels.shape[1] - radius):
            if inside[y, x]:
                bits = [levels[y + radius * dy, x + radius * dx] >= levels[y, x] for dy, dx in ring]
                runs = sum(bits[i] != bits[i - 1] for i in range(8))
                counts[sum(bits) if runs <= 2 else 9] += 1
    return [count / sum(counts) for count in counts]


@pytest.mark.parametrize("radius", [1, 2])
def test_binary_patterns_agree_with_counting_them_one_by_one(radius: int) -> None:
    from conveyorqc.imgproc._features import _pattern_shares

    levels = np.random.default_rng(3).integers(0, 4, (24, 20)).astype(np.float32)
    inside = np.random.default_rng(4).random((24, 20)) > 0.3

    assert _pattern_shares(levels, inside, radius).tolist() == pytest.approx(patterns_by_hand(levels, inside, radius))


@pytest.mark.parametrize("measure", [surface_features, relief_features])
def test_surface_and_relief_do_not_depend_on_how_the_object_lies(measure) -> None:
    view = textured(1)
    turned = np.ascontiguousarray(np.rot90(view))

    assert largest_difference(measure(view, BITTEN), measure(turned, np.rot90(BITTEN))) < 0.12


def test_a_second_rim_on_the_object_is_a_long_contour() -> None:
    plain = textured(spread=2.0)
    top = ellipse(54, 54, across=26, down=26)
    shadow = ellipse(57, 57, across=27, down=27) & ~top
    stacked = np.where(shadow[..., None], plain // 2, plain)

    assert relief_features(stacked, ellipse())["coarse_longest"] > (
        relief_features(plain, ellipse())["coarse_longest"] + 0.2
    )
    assert relief_features(stacked, ellipse())["coarse_edge_98"] > relief_features(plain, ellipse())["coarse_edge_98"]


@pytest.mark.parametrize("measure", [surface_features, relief_features])
def test_the_smallest_object_still_gives_finite_numbers(measure) -> None:
    dot = np.zeros((SIDE, SIDE), np.bool_)
    dot[5, 5] = True

    assert np.isfinite(list(measure(textured(), dot).values())).all()


def test_the_view_shows_the_object_alike_at_any_place_and_size() -> None:
    picture = np.where(BITTEN[..., None], np.uint8(200), np.uint8(60)) * np.ones(3, np.uint8)
    large = np.kron(picture, np.ones((3, 3, 1), np.uint8))
    moved = np.pad(picture, ((40, 3), (0, 70), (0, 0)), mode="edge")

    views = [
        object_view(picture, BITTEN, size=96),
        object_view(large, np.kron(BITTEN, np.ones((3, 3), np.bool_)), size=96),
        object_view(moved, np.pad(BITTEN, ((40, 3), (0, 70))), size=96),
    ]

    for view, mask in views[1:]:
        assert (mask ^ views[0][1]).mean() < 0.02
        assert np.abs(view.astype(int) - views[0][0]).mean() < 4


def test_the_view_repeats_the_edge_where_the_picture_ends() -> None:
    picture = np.full((10, 10, 3), 50, np.uint8)

    view, mask = object_view(picture, np.ones((10, 10), np.bool_), size=64)

    assert (view == 50).all()
    assert mask[32, 32]
    assert not mask[0, 0]


def test_the_view_of_a_single_pixel_has_an_object() -> None:
    mask = np.zeros((400, 400), np.bool_)
    mask[3, 399] = True

    assert object_view(np.zeros((400, 400, 3), np.uint8), mask)[1].any()


def test_a_large_object_keeps_a_mask_when_it_is_a_hair() -> None:
    mask = np.zeros((1500, 1500), np.bool_)
    mask[:, 700] = True

    assert object_view(np.zeros((1500, 1500, 3), np.uint8), mask, size=64)[1].any()


def test_the_view_leaves_picture_and_mask_alone() -> None:
    picture, mask = textured(), ellipse()
    before = picture.copy(), mask.copy()
    picture.flags.writeable = mask.flags.writeable = False

    object_view(picture, mask)

    assert (picture == before[0]).all()
    assert (mask == before[1]).all()


def test_a_view_needs_an_object_and_a_mask_that_fits() -> None:
    with pytest.raises(InvalidInput, match="at least one pixel of object, got none"):
        object_view(textured(), np.zeros((SIDE, SIDE), np.bool_))
    with pytest.raises(InvalidInput, match="mask: expected bool of shape"):
        object_view(textured(), np.ones((4, 4), np.bool_))
