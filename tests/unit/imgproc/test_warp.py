"""Warps keep kind and geometry; the line blur spreads exactly its length."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import line_kernel_blur, mirrored, sliding_window, transposed, warp_affine

IDENTITY = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def spot(height: int = 21, width: int = 21) -> np.ndarray:
    image = np.zeros((height, width), np.float32)
    image[height // 2, width // 2] = 1.0
    return image


@pytest.mark.parametrize("method", ["nearest", "linear", "cubic", "area"])
@pytest.mark.parametrize("shape", [(7, 9), (7, 9, 1), (7, 9, 3), (7, 9, 4)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_identity_returns_an_equal_array_of_the_same_kind(method, shape, dtype):
    image = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    image.flags.writeable = False
    moved = warp_affine(image, IDENTITY, width=9, height=7, method=method)
    assert moved.dtype == dtype
    np.testing.assert_array_equal(moved, image)


def test_a_half_pixel_shift_averages_neighbours():
    row = np.array([[0, 100, 0]], np.float32)
    moved = warp_affine(row, [[1, 0, 0.5], [0, 1, 0]], width=3, height=1, border="constant")
    np.testing.assert_allclose(moved, [[0, 50, 50]], atol=0.1)


def test_borders_repeat_the_edge_or_take_the_value():
    image = np.full((3, 3, 3), 9, np.uint8)
    away = [[1, 0, 2], [0, 1, 0]]
    assert int(warp_affine(image, away, width=3, height=3)[0, 0, 0]) == 9
    constant = warp_affine(image, away, width=3, height=3, border="constant", value=77)
    assert constant[0].tolist() == [[77] * 3, [77] * 3, [9] * 3]


def test_a_mask_stays_a_mask_and_takes_a_border_value():
    mask = np.zeros((8, 8), np.bool_)
    mask[2:5, 2:5] = True
    moved = warp_affine(mask, [[1, 0, 3], [0, 1, 1]], width=10, height=8, border="constant", value=1)
    assert moved.dtype == np.bool_
    expected = np.zeros((8, 10), np.bool_)
    expected[3:6, 5:8] = True
    np.testing.assert_array_equal(moved[1:, 3:], expected[1:, 3:])
    assert bool(moved[:, 0].all())


def test_area_keeps_the_mean_of_a_fine_pattern_that_linear_aliases():
    stripes = np.tile(np.array([0, 200], np.uint8), (40, 20))
    quarter = [[0.25, 0, 0], [0, 0.25, 0]]
    smooth = warp_affine(stripes, quarter, width=10, height=10, method="area")
    aliased = warp_affine(stripes, quarter, width=10, height=10, method="linear")
    assert abs(float(smooth[:, 2:8].mean()) - 100) < 5
    assert abs(float(aliased[:, 2:8].mean()) - 100) > 50


@pytest.mark.parametrize("length", [0, 0.3, 1.0])
def test_a_blur_shorter_than_a_pixel_leaves_the_picture(length):
    np.testing.assert_array_equal(line_kernel_blur(spot(), length_px=length, angle_deg=20), spot())


@pytest.mark.parametrize(("angle", "axis"), [(0, 1), (90, 0), (180, 1), (270, 0)])
def test_an_axis_blur_spreads_along_that_axis_only(angle, axis):
    blurred = line_kernel_blur(spot(), length_px=5, angle_deg=angle)
    profile = blurred.take(10, axis=1 - axis)
    np.testing.assert_allclose(profile[8:13], 0.2, atol=1e-6)
    assert float(blurred.sum()) == pytest.approx(1.0)
    assert float(profile.sum()) == pytest.approx(1.0)


def test_a_sub_pixel_length_gives_its_fraction_to_the_ends():
    blurred = line_kernel_blur(spot(), length_px=2.0, angle_deg=0)
    np.testing.assert_allclose(blurred[10, 9:12], [0.25, 0.5, 0.25], atol=1e-6)


@pytest.mark.parametrize("angle", [0, 17, 45, 120, -60])
def test_spread_grows_with_length_in_the_named_direction(angle):
    for length in (4.0, 9.5):
        blurred = line_kernel_blur(spot(), length_px=length, angle_deg=angle)
        y, x = np.mgrid[-10:11, -10:11]
        along = x * np.cos(np.radians(angle)) + y * np.sin(np.radians(angle))
        across = -x * np.sin(np.radians(angle)) + y * np.cos(np.radians(angle))
        assert float((blurred * along).sum()) == pytest.approx(0.0, abs=1e-5)
        assert float((blurred * along**2).sum()) == pytest.approx(length**2 / 12, abs=0.35)
        assert float((blurred * across**2).sum()) < 0.35


def test_a_uniform_picture_stays_uniform_up_to_its_edges():
    image = np.full((6, 8, 3), 130, np.uint8)
    np.testing.assert_array_equal(line_kernel_blur(image, length_px=6.4, angle_deg=33), image)


@pytest.mark.parametrize(
    ("image", "matrix", "size"),
    [
        (np.zeros((4, 4), np.int32), IDENTITY, (4, 4)),
        (np.zeros((4, 4, 5), np.uint8), IDENTITY, (4, 4)),
        (np.zeros((4,), np.uint8), IDENTITY, (4, 4)),
        (np.zeros((0, 4), np.uint8), IDENTITY, (4, 4)),
        (np.zeros((4, 4), np.uint8), [[1, 0, np.nan], [0, 1, 0]], (4, 4)),
        (np.zeros((4, 4), np.uint8), np.eye(3), (4, 4)),
        (np.zeros((4, 4), np.uint8), [[1, 1, 0], [1, 1, 0]], (4, 4)),
        (np.zeros((4, 4), np.uint8), IDENTITY, (0, 4)),
        (np.zeros((4, 4), np.uint8), IDENTITY, (4, 40_000)),
    ],
)
def test_a_warp_refuses_what_it_cannot_do(image, matrix, size):
    with pytest.raises(InvalidInput, match="expected"):
        warp_affine(image, matrix, width=size[0], height=size[1])


@pytest.mark.parametrize(("length", "angle"), [(-1, 0), (np.nan, 0), (np.inf, 0), (3, np.nan)])
def test_a_blur_refuses_impossible_paths(length, angle):
    with pytest.raises(InvalidInput, match="blur: expected"):
        line_kernel_blur(spot(), length_px=length, angle_deg=angle)


def test_a_window_at_a_whole_column_is_a_copy_of_it():
    image = np.arange(60, dtype=np.uint8).reshape(2, 10, 3)
    np.testing.assert_array_equal(sliding_window(image, start_px=3, width=4), image[:, 3:7])


@pytest.mark.parametrize("length", [0.0, 2.0, 3.0, 6.5, 9.0, 15.0])
@pytest.mark.parametrize("start", [10.0, 10.25, 10.8])
def test_a_smeared_window_has_its_middle_where_it_starts_and_spreads_by_its_length(start, length):
    row = np.zeros((1, 60), np.uint8)
    row[0, 30] = 250
    seen = sliding_window(row, start_px=start, width=40, length_px=length)[0].astype(float)
    columns = np.arange(40)
    middle = (seen * columns).sum() / seen.sum()
    spread = (seen * (columns - middle) ** 2).sum() / seen.sum()
    assert middle == pytest.approx(30 - start, abs=0.12)
    assert spread == pytest.approx(max(length, 1) ** 2 / 12, abs=0.4)
    assert seen.sum() == pytest.approx(250, abs=8)


def test_a_window_is_the_same_wherever_the_picture_around_it_ends():
    image = np.random.default_rng(0).integers(0, 256, (4, 200, 3), dtype=np.uint8)
    for length in (7, 18):
        whole = sliding_window(image, start_px=80.4, width=30, length_px=length)
        part = sliding_window(image[:, 60:140], start_px=20.4, width=30, length_px=length)
        np.testing.assert_array_equal(whole, part)


@pytest.mark.parametrize(("start", "width", "length"), [(-0.5, 3, 0), (7.0, 3, 0), (2.0, 0, 0), (2.0, 3, -1)])
def test_a_window_outside_the_picture_is_refused(start, width, length):
    with pytest.raises(InvalidInput, match="window: expected"):
        sliding_window(np.zeros((2, 10), np.uint8), start_px=start, width=width, length_px=length)


@pytest.mark.parametrize("shape", [(3, 5), (3, 5, 1), (3, 5, 3)])
def test_mirrors_and_transposes_are_those_of_numpy(shape):
    image = np.arange(np.prod(shape), dtype=np.uint8).reshape(shape)
    np.testing.assert_array_equal(mirrored(image, axis="x"), image[:, ::-1])
    np.testing.assert_array_equal(mirrored(image, axis="y"), image[::-1])
    np.testing.assert_array_equal(transposed(image), image.swapaxes(0, 1))
