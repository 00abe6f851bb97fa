"""`square_pad`: one size, the object's proportions, repeated edges."""

import numpy as np
import pytest

from conveyorqc.crop import square_pad
from conveyorqc.errors import InvalidInput


def test_a_wide_picture_is_padded_above_and_below_with_its_own_edge_rows():
    image = np.zeros((2, 4, 3), np.uint8)
    image[0], image[1] = 50, 200

    square, mask = square_pad(image, size=4)

    assert square[:, 0, 0].tolist() == [50, 50, 200, 200]
    assert mask is None


def test_a_mask_takes_the_same_way_and_is_false_in_the_padding():
    image = np.zeros((40, 20, 3), np.uint8)
    image[10:30, 5:15] = 255

    square, mask = square_pad(image, size=80, mask=image[:, :, 0] > 0)

    assert mask is not None
    assert (square[:, :, 0] > 127).tolist() == mask.tolist()
    assert not mask[:, :20].any()
    assert not mask[:, 60:].any()


def test_shrinking_averages_so_that_fine_texture_does_not_alias():
    checkerboard = np.indices((64, 64)).sum(axis=0) % 2 * 255
    image = np.repeat(checkerboard[:, :, None], 3, axis=2).astype(np.uint8)

    square, _ = square_pad(image, size=16)

    assert set(np.unique(square)) <= {127, 128}


def test_a_thread_one_pixel_wide_keeps_one_pixel():
    square, mask = square_pad(np.full((1000, 1, 3), 7, np.uint8), size=10, mask=np.ones((1000, 1), np.bool_))

    assert mask is not None
    assert (square == 7).all()
    assert mask.sum() == 10


def test_the_result_never_shares_memory_with_the_input():
    image = np.zeros((8, 8, 3), np.uint8)

    square, _ = square_pad(image, size=8)

    assert not np.shares_memory(square, image)


@pytest.mark.parametrize(
    ("image", "size", "mask", "complaint"),
    [
        (np.zeros((4, 4), np.uint8), 4, None, "image"),
        (np.zeros((4, 4, 3), np.float32), 4, None, "image"),
        (np.zeros((0, 4, 3), np.uint8), 4, None, "at least one pixel"),
        (np.zeros((4, 4, 3), np.uint8), 0, None, "size: expected 1 px or more, got 0"),
        (np.zeros((4, 4, 3), np.uint8), 4, np.ones((4, 5), np.bool_), "mask"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(image, size, mask, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        square_pad(image, size=size, mask=mask)
