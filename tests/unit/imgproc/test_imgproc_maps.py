from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import resize_map


def test_a_map_of_its_own_size_is_itself():
    values = np.ones((3, 4), np.float32)
    assert resize_map(values, width=4, height=3) is values


@pytest.mark.parametrize("depth", [1, 3, 4, 5, 1500])
def test_any_number_of_channels_is_resized(depth):
    values = np.arange(depth, dtype=np.float32) * np.ones((2, 3, 1), np.float32)
    resized = resize_map(values, width=6, height=5)
    np.testing.assert_array_equal(np.broadcast_to(values[:1, :1], (5, 6, depth)), resized)


@pytest.mark.parametrize(
    ("values", "size"),
    [
        (np.ones((2, 2)), (2, 2)),
        (np.ones(4, np.float32), (2, 2)),
        (np.ones((0, 2), np.float32), (2, 2)),
        (np.ones((2, 2), np.float32), (0, 2)),
        (np.ones((2, 2), np.float32), (2, 0)),
    ],
)
def test_what_is_no_map_is_refused(values, size):
    with pytest.raises(InvalidInput, match="map: expected"):
        resize_map(values, width=size[0], height=size[1])
