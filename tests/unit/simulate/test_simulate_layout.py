"""Objects on the belt: none overlap, all enter in time, pairs touch."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import dilation
from conveyorqc.simulate._layout import place
from conveyorqc.simulate._product import random_product

TOP, BOTTOM = 4, 200


def products(count: int, *, seed: int = 0):
    rng = np.random.default_rng(seed)
    labels = ["normal", "broken", "stacked", "normal"]
    return [
        random_product(rng, label=labels[i % 4], diameter_px=40.0, crumbs=0, largest_height=BOTTOM - TOP)
        for i in range(count)
    ]


def placed(count: int, *, pairs: int = 0, travel: int = 900, lanes: int | None = None, seed: int = 1):
    rng = np.random.default_rng(seed)
    return place(rng, products(count), pairs=pairs, top=TOP, bottom=BOTTOM, travel=travel, gap=3, lanes=lanes)


def painted(one, *, left: int, columns: int, grow: int = 0) -> np.ndarray:
    canvas = np.zeros((BOTTOM + 20, columns), np.bool_)
    x, y = one.x - left, one.y
    canvas[y : y + one.product.height, x : x + one.product.width] = one.product.mask
    return dilation(canvas, size=2 * grow + 1) if grow else canvas


@pytest.mark.parametrize("lanes", [None, 4])
@pytest.mark.parametrize("pairs", [0, 3])
def test_no_two_objects_share_a_pixel_and_only_pairs_touch(lanes, pairs):
    found = placed(16, pairs=pairs, lanes=lanes, travel=1100)
    left = min(one.x for one in found) - 10
    columns = max(one.x + one.product.width for one in found) - left + 10
    for i, one in enumerate(found):
        mine = painted(one, left=left, columns=columns)
        near = painted(one, left=left, columns=columns, grow=2)
        for other in found[i + 1 :]:
            theirs = painted(other, left=left, columns=columns)
            assert not (mine & theirs).any()
            assert (other.id in one.touching) == bool((near & theirs).any())
    assert sum(len(one.touching) for one in found) == 2 * pairs


def test_ids_count_from_one_in_the_order_of_entry_and_touching_is_mutual():
    found = placed(14, pairs=4)
    assert [one.id for one in found] == list(range(1, 15))
    entries = [-(one.x + one.product.width) for one in found]
    assert entries == sorted(entries)
    by_id = {one.id: one for one in found}
    assert all(one.id in by_id[other].touching for one in found for other in one.touching)


@pytest.mark.parametrize("travel", [420, 900, 5000])
def test_all_enter_within_the_travel_and_inside_their_rows(travel):
    for one in placed(12, pairs=1, travel=travel):
        assert 0 <= -(one.x + one.product.width) <= travel
        assert one.y >= TOP
        assert one.y + one.product.height <= BOTTOM


def test_a_sparse_belt_is_used_over_its_whole_length():
    entries = [-(one.x + one.product.width) for one in placed(12, travel=5000)]
    assert entries[-1] > 0.85 * 5000
    assert entries[0] < 0.15 * 5000


def test_lanes_line_objects_up():
    middles = [one.y + one.product.height / 2 for one in placed(12, lanes=3, travel=1500)]
    lanes = TOP + (np.arange(3) + 0.5) * (BOTTOM - TOP) / 3
    assert all(np.abs(lanes - middle).min() <= 1.0 for middle in middles)


def test_too_many_objects_are_refused_with_the_number_that_fits():
    with pytest.raises(InvalidInput, match=r"expected at most about \d+ on 200 px of belt, got 60"):
        placed(60, travel=200)


def test_a_pair_that_is_too_wide_for_the_belt_lies_one_behind_the_other():
    rng = np.random.default_rng(3)
    two = [random_product(rng, label="normal", diameter_px=40.0, crumbs=0, largest_height=60) for _ in range(2)]
    room = max(one.height for one in two)
    found = place(rng, two, pairs=1, top=0, bottom=room, travel=300, gap=2, lanes=None)
    assert found[0].touching == (2,)
    assert all(0 <= one.y <= room - one.product.height for one in found)
