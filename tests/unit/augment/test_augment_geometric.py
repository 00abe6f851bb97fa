"""Geometric transforms: each is the map it says it is."""

import numpy as np
import pytest

from conveyorqc.augment import Flip, GeometricTransform, Rotate, Scale, Shift
from conveyorqc.errors import InvalidInput

GEOMETRIC = [Flip(), Rotate(), Scale(), Shift()]


def picture(seed=1, side=33):
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)


def rng(seed=7):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("transform", GEOMETRIC, ids=lambda t: type(t).__name__)
def test_a_geometric_transform_tells_its_map(transform):
    assert isinstance(transform, GeometricTransform)
    assert transform.matrix(30, 20, rng())[2].tolist() == [0, 0, 1]


@pytest.mark.parametrize(("axis", "flipped"), [("horizontal", np.s_[:, ::-1]), ("vertical", np.s_[::-1])])
def test_a_flip_mirrors_exactly(axis, flipped):
    image = picture()[:20]

    assert Flip(axis)(image, rng()).tolist() == image[flipped].tolist()


def test_a_flip_about_either_axis_draws_both():
    image = picture(side=5)
    mirrored = {Flip()(image, rng(seed)).tobytes() for seed in range(20)}

    assert mirrored == {image[:, ::-1].tobytes(), image[::-1].tobytes()}


def test_a_rotation_turns_about_the_middle():
    image = np.zeros((33, 33, 3), np.uint8)
    image[14:19, 14:19] = 255

    turned = Rotate()(image, rng())

    assert not np.array_equal(turned, image)
    assert np.argwhere(turned[:, :, 0] > 127).mean(axis=0) == pytest.approx([16, 16], abs=0.1)
    assert float(turned.sum()) == pytest.approx(float(image.sum()), rel=0.05)


def test_a_shift_moves_by_no_more_than_its_share_of_each_side():
    shifts = np.array([Shift(0.1).matrix(200, 50, rng(seed))[:2, 2] for seed in range(200)])

    assert (np.abs(shifts).max(axis=0) <= [20, 5]).all()
    assert (np.abs(shifts).max(axis=0) > [15, 4]).all()


def test_a_scale_stays_in_its_range_and_keeps_the_middle():
    matrices = [Scale(0.5, 2.0).matrix(21, 11, rng(seed)) for seed in range(100)]

    assert all(0.5 <= matrix[0, 0] == matrix[1, 1] <= 2.0 for matrix in matrices)
    assert np.allclose([matrix @ [10, 5, 1] for matrix in matrices], [10, 5, 1])


@pytest.mark.parametrize("transform", [Rotate(0), Shift(0), Scale(1, 1)], ids=lambda t: type(t).__name__)
def test_a_transform_without_strength_changes_nothing(transform):
    image = picture()

    assert transform(image, rng()).tolist() == image.tolist()


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: Rotate(181), "max_deg: expected 0 to 180, got 181"),
        (lambda: Rotate(float("nan")), "max_deg"),
        (lambda: Shift(-0.1), "max_fraction: expected 0 to 1, got -0.1"),
        (lambda: Scale(low=0), "low: expected 0.01 or more, got 0"),
        (lambda: Scale(low=2, high=1), "high: expected 2 or more, got 1"),
        (lambda: Flip("sideways"), "axis: expected horizontal, vertical or either, got 'sideways'"),
    ],
)
def test_an_option_outside_its_range_is_refused(make, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        make()
