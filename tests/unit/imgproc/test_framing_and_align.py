from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import (
    Piece,
    ViewSquare,
    base_pose,
    blur,
    cut_plane,
    cut_view,
    lay_back,
    object_square,
    picture_square,
    posed,
    refined_pose,
    spoiled,
)

BAR = np.zeros((48, 48), np.bool_)
BAR[20:28, 6:40] = True
BAR[16:32, 6:14] = True


def test_a_picture_of_any_shape_has_a_square_around_it() -> None:
    assert picture_square(40, 100) == ViewSquare(0, -30, 100)
    assert picture_square(1, 1) == ViewSquare(-1, -1, 3)


def test_what_lies_back_lies_where_it_was_cut() -> None:
    plane = np.zeros((60, 80), np.float32)
    plane[20:40, 50:80] = 1
    square = ViewSquare(44, 10, 40)

    back = lay_back(cut_plane(plane, square, size=40), square, height=60, width=80)

    assert back.shape == (60, 80)
    assert back == pytest.approx(plane, abs=1e-6)


def test_cells_of_a_cut_are_means() -> None:
    plane = np.zeros((8, 8), np.float32)
    plane[0, 0] = 1

    assert cut_plane(plane, ViewSquare(0, 0, 8), size=2).tolist() == [[1 / 16, 0], [0, 0]]


def test_a_square_without_object_is_refused() -> None:
    mask = np.zeros((30, 30), np.bool_)
    mask[25:, 25:] = True

    with pytest.raises(InvalidInput, match="in the square"):
        cut_view(np.zeros((30, 30, 3), np.uint8), mask, ViewSquare(0, 0, 10), size=16)
    with pytest.raises(InvalidInput, match="at least one pixel"):
        object_square(np.zeros((4, 4), np.bool_))


def turned(mask, degrees: int):
    return np.rot90(mask, degrees // 90)


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_the_long_axis_is_laid_along_x_with_the_heavier_half_first(degrees: int) -> None:
    cells = turned(BAR, degrees).astype(np.float32)[..., None]

    laid = posed(cells, base_pose(turned(BAR, degrees), scale=1.0, by_axis=True), size=24)[..., 0]

    expected = posed(BAR.astype(np.float32)[..., None], base_pose(BAR, scale=1.0, by_axis=True), size=24)[..., 0]
    assert np.abs(laid - expected).mean() < 0.02
    assert laid[:, :12].sum() > laid[:, 12:].sum()


def test_more_than_four_planes_are_laid_alike() -> None:
    cells = np.repeat(BAR.astype(np.float32)[..., None], 6, axis=2)

    laid = posed(cells, base_pose(BAR, scale=1.2, by_axis=False), size=24)

    assert laid.shape == (24, 24, 6)
    assert np.abs(laid - laid[..., :1]).max() < 0.01


def test_a_shifted_plane_is_moved_to_fit_the_template() -> None:
    template = blur(BAR.astype(np.float32), sigma=1.5)
    shifted = np.roll(template, (2, -3), (0, 1))
    start = np.array([[1.0, 0, 0], [0, 1, 0]])

    pose = refined_pose(shifted, start, template)

    assert pose[:, 2] == pytest.approx([-3, 2], abs=0.3)


def test_where_nothing_fits_the_pose_stays() -> None:
    start = np.array([[1.0, 0, 0], [0, 1, 0]])

    pose = refined_pose(np.zeros((48, 48), np.float32), start, blur(BAR.astype(np.float32), sigma=1.5))

    assert (pose == start).all()


def biscuit(seed: int = 0) -> Piece:
    rng = np.random.default_rng(seed)
    mask = np.hypot(*(np.mgrid[0:96, 0:96] - 47.5)) < 34
    noise = rng.normal(0, 6, (96, 96, 3))
    return Piece(
        np.clip(np.where(mask[..., None], (70, 140, 200), (150, 110, 70)) + noise, 0, 255).astype(np.uint8), mask
    )


@pytest.mark.parametrize("on_belt", [True, False])
def test_a_spoiled_piece_differs_and_still_has_an_object(on_belt: bool) -> None:  # noqa: FBT001 (pytest passes it)
    piece = biscuit()

    for seed in range(40):
        copy = spoiled(piece, biscuit(1), rng=np.random.default_rng(seed), on_belt=on_belt)
        changed = np.abs(copy.image.astype(int) - piece.image).max(axis=2) > 12
        assert copy.image.shape == piece.image.shape
        assert copy.mask.any()
        assert changed.sum() > 10
        assert on_belt or (copy.mask == piece.mask).all()


def test_spoiling_leaves_the_piece_alone_and_is_the_same_every_time() -> None:
    piece = biscuit()
    before = piece.image.copy(), piece.mask.copy()

    one, again = (spoiled(piece, piece, rng=np.random.default_rng(7), on_belt=True) for _ in range(2))

    assert (piece.image == before[0]).all()
    assert (piece.mask == before[1]).all()
    assert (one.image == again.image).all()


def test_many_kinds_of_defect_are_made() -> None:
    piece = biscuit()
    copies = [spoiled(piece, biscuit(2), rng=np.random.default_rng(seed), on_belt=True) for seed in range(40)]

    smaller = sum(copy.mask.sum() < 0.97 * piece.mask.sum() for copy in copies)
    same = sum((copy.mask == piece.mask).all() for copy in copies)

    assert smaller > 5
    assert same > 5
