"""The experts that look at each place: patches, positions, pixels."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.anomaly._patch import fit_patch_bank, peak
from conveyorqc.anomaly._pixels import fit_pixel_head
from conveyorqc.anomaly._position import GRID, fit_alignment, fit_positions
from conveyorqc.anomaly._recipe import Look
from conveyorqc.imgproc import box_context

EVERYWHERE = np.ones((24, 24), np.bool_)


def cells(seed: int, depth: int = 5) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(24, 24, depth)).astype(np.float32)


def odd_at(place: tuple[int, int], seed: int = 90) -> np.ndarray:
    changed = cells(seed)
    changed[place[0] : place[0] + 4, place[1] : place[1] + 4] += 6
    return changed


def bank_of(count: int):
    pictures = [cells(seed) for seed in range(count)]
    blocks = np.arange(count) % 4
    return fit_patch_bank(pictures, [EVERYWHERE] * count, blocks, rng=np.random.default_rng(0)), pictures


def test_a_place_like_none_before_is_far_from_the_bank() -> None:
    bank, _ = bank_of(8)

    usual, _ = peak(bank.distances(cells(50), EVERYWHERE)[:, 0], EVERYWHERE)
    odd, where = peak(bank.distances(odd_at((10, 4)), EVERYWHERE)[:, 0], EVERYWHERE)

    assert odd > usual + 0.5
    assert np.hypot(*np.subtract(np.unravel_index(where.argmax(), where.shape), (11.5, 5.5))) < 3


def test_distances_are_those_to_the_nearest_place_of_each_block() -> None:
    bank, pictures = bank_of(8)

    found = bank.distances(pictures[0], EVERYWHERE, count=4)

    rows = ((box_context(pictures[0])[EVERYWHERE] - bank.mean) @ bank.whitening)[:7]
    for block in range(4):
        apart = ((rows[:, None] - bank.vectors[bank.blocks == block]) ** 2).sum(axis=2).min(axis=1) / rows.shape[1]
        assert found[:7, block] == pytest.approx(apart, abs=1e-4)
    assert bank.distances(pictures[0], EVERYWHERE)[:, 0] == pytest.approx(found.min(axis=1), abs=1e-6)


def test_the_bank_does_not_grow_with_the_pictures() -> None:
    small, large = bank_of(4)[0], bank_of(24)[0]

    assert len(large.vectors) <= len(small.vectors) * 1.01


def test_a_block_without_places_is_infinitely_far() -> None:
    bank, pictures = bank_of(4)

    assert np.isinf(bank.distances(pictures[0], EVERYWHERE, count=5)[:, 4]).all()


def test_a_place_that_looks_like_another_is_odd_to_the_positional_expert() -> None:
    rng = np.random.default_rng(2)
    pattern = 5 * rng.normal(size=(GRID, GRID, 3)).astype(np.float32)
    normal = (pattern + rng.normal(0, 0.3, (20, GRID, GRID, 3))).astype(np.float16)
    swapped = normal[:2].copy()
    swapped[1, 3:6, 3:6], swapped[1, 15:18, 15:18] = normal[1, 15:18, 15:18], normal[1, 3:6, 3:6]

    usual, odd = fit_positions(normal[2:]).oddness(swapped)

    assert odd > usual + 0.5


def looks_of(turns, *, marked: bool = False) -> list[Look]:
    """Bars with a bright end, turned; ``marked`` lays the bright end elsewhere."""
    y, x = np.mgrid[0:48, 0:48] - 23.5
    looks = []
    for turn in turns:
        u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        inside = (np.abs(u) < 18) & (np.abs(v) < 5 + 3 * (u < 0))
        bright = inside & (u > 10 if not marked else u < -10)
        planes = np.stack([0.2 + 0.8 * bright, inside.astype(float)], axis=2)
        looks.append(Look(np.zeros(3), planes.astype(np.float16), inside, 1.0))
    return looks


def test_objects_that_lie_anyhow_are_turned_by_their_axis() -> None:
    looks = looks_of(np.linspace(0.3, 6, 12))

    alignment = fit_alignment(looks)

    assert alignment.pose == "by-axis"
    laid = np.stack([alignment.lay(look) for look in looks]).astype(np.float64)
    assert laid.var(axis=0).mean() < 0.1 * np.var([look.cells for look in looks], axis=0, dtype=np.float64).mean()


def discs(turns) -> list[Look]:
    """Discs, which have no axis, with a bright spot and a dark one, turned."""
    y, x = np.mgrid[0:48, 0:48] - 23.5
    inside = np.hypot(x, y) < 19
    looks = []
    for turn in turns:
        spots = [np.exp(-(np.hypot(x - 12 * np.cos(turn + at), y - 12 * np.sin(turn + at)) ** 2) / 20) for at in (0, 2)]
        planes = np.stack([0.5 * inside + spots[0] - spots[1], inside.astype(float)], axis=2)
        looks.append(Look(np.zeros(3), planes.astype(np.float16), inside, 1.0))
    return looks


def test_objects_without_an_axis_stay_as_they_lie() -> None:
    alignment = fit_alignment(discs(np.zeros(12)))

    assert (alignment.pose, alignment.template.shape) == ("upright", (0, 0))


def test_small_turns_are_taken_back_where_that_helps() -> None:
    looks = discs(np.random.default_rng(4).normal(0.0, 0.15, 16))

    alignment = fit_alignment(looks)

    laid = np.stack([alignment.lay(look) for look in looks]).astype(np.float64)
    raw = np.var([look.cells for look in looks], axis=0, dtype=np.float64).mean()
    assert (alignment.pose, alignment.template.shape) == ("upright", (48, 48))
    assert laid.var(axis=0).mean() < 0.5 * raw


def test_the_pixel_head_finds_the_classes_it_was_shown() -> None:
    pictures, classes = [], []
    for seed in range(8):
        kind = seed % 3
        grid, target = cells(seed, 4), np.zeros((24, 24), np.int64)
        if kind:
            grid[5:12, 6:13, kind] += 5
            target[5:12, 6:13] = kind
        pictures.append(grid)
        classes.append(target)

    head = fit_pixel_head(pictures, classes, count=3, rng=np.random.default_rng(0))
    shares = head.shares(pictures[2])

    assert shares.shape == (24, 24, 3)
    assert shares.sum(axis=2).max() <= 1 + 1e-6
    assert shares[7:10, 8:11].mean(axis=(0, 1)).argmax() == 1
    assert shares[15:, 15:].sum(axis=2).mean() < 0.2
    assert shares[..., 2].max() < 1e-6  # the third class never occurred
