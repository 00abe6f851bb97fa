from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import (
    DENSE_CHANNELS,
    box_context,
    dense_features,
    object_features,
    outline_features,
    relief_features,
    surface_features,
)

DISC = np.hypot(*(np.mgrid[0:64, 0:64] - 31.5)) < 24


def textured(seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    coarse = np.kron(rng.integers(60, 200, (16, 16, 3)), np.ones((4, 4, 1)))
    return np.clip(coarse + rng.normal(0, 8, (64, 64, 3)), 0, 255).astype(np.uint8)


def test_every_cell_has_its_numbers_of_the_order_of_one() -> None:
    features = dense_features(textured(), DISC)

    assert features.shape == (16, 16, DENSE_CHANNELS)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert np.abs(features).max() < 10


def test_a_turned_or_mirrored_view_gives_the_turned_map() -> None:
    view = textured(1)
    plain = dense_features(view, DISC)[2:-2, 2:-2]

    for move in (np.rot90, np.fliplr):
        moved = dense_features(np.ascontiguousarray(move(view)), DISC)[2:-2, 2:-2]
        assert np.abs(moved - move(plain)).mean() < 0.02


def test_a_dark_line_is_seen_where_it_is() -> None:
    plain = np.full((64, 64, 3), 150, np.uint8)
    cracked = plain.copy()
    cracked[30:33, 8:40] = 60

    change = np.abs(dense_features(cracked, DISC) - dense_features(plain, DISC)).sum(axis=2)

    assert change[7:9, 3:9].mean() > 10 * change[12:, 12:].mean()


def test_the_share_of_object_tells_inside_from_outline_and_outside() -> None:
    share = dense_features(textured(), DISC)[..., -4]

    assert share[8, 8] == pytest.approx(1, abs=0.01)
    assert share[0, 0] == pytest.approx(0, abs=0.01)
    assert 0.2 < share[8, 2] < 0.9


def test_the_context_is_the_mean_of_five_by_five_cells() -> None:
    cells = np.random.default_rng(2).normal(size=(9, 9, 6)).astype(np.float32)

    context = box_context(cells)

    assert (context[..., :6] == cells).all()
    assert context[4, 5, 6:] == pytest.approx(cells[2:7, 3:8].mean(axis=(0, 1)), abs=1e-5)


def test_view_and_mask_fit() -> None:
    with pytest.raises(InvalidInput):
        dense_features(textured(), DISC[:32])


def test_all_features_of_an_object_are_those_one_by_one() -> None:
    view = textured(3)

    together = object_features(view, DISC)

    assert together == (outline_features(DISC), surface_features(view, DISC), relief_features(view, DISC))
