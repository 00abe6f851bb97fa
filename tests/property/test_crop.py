"""Crops are square, keep the object's proportions and lose nothing of it, whatever the box."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from conveyorqc.core import Crop, Frame, Tracks
from conveyorqc.crop import BestViews, SquarePadCropper, square_pad

sides = st.integers(1, 90)


@given(width=sides, height=sides, size=st.integers(1, 64))
def test_the_square_keeps_the_proportions_within_a_pixel(width, height, size):
    square, mask = square_pad(
        np.zeros((height, width, 3), np.uint8), size=size, mask=np.ones((height, width), np.bool_)
    )

    assert mask is not None
    inner_height, inner_width = mask.any(axis=1).sum(), mask.any(axis=0).sum()
    assert square.shape == (size, size, 3)
    assert max(inner_width, inner_height) == size
    assert abs(inner_width - max(width * size / max(width, height), 1)) <= 0.5
    assert abs(inner_height - max(height * size / max(width, height), 1)) <= 0.5


@given(width=sides, height=sides, size=st.integers(1, 64), shade=st.integers(0, 255))
def test_padding_brings_in_no_foreign_colour(width, height, size, shade):
    square, _ = square_pad(np.full((height, width, 3), shade, np.uint8), size=size)

    assert (square == shade).all()


coordinate = st.floats(-60, 220, allow_nan=False)


@given(
    corners=st.lists(st.tuples(coordinate, coordinate, coordinate, coordinate), max_size=6),
    margin=st.floats(0, 2),
    size=st.integers(1, 24),
)
def test_any_boxes_give_square_crops_of_boxes_inside_the_frame(corners, margin, size):
    frame = Frame.from_bgr(np.zeros((90, 160, 3), np.uint8), index=0, time_s=0.0)
    boxes = [[min(a, c), min(b, d), max(a, c), max(b, d)] for a, b, c, d in corners]

    crops = SquarePadCropper(size=size, margin=margin).crop(frame, Tracks(np.arange(len(boxes)), boxes))

    for crop in crops:
        x0, y0, x1, y1 = crop.box
        assert 0 <= x0 < x1 <= 160
        assert 0 <= y0 < y1 <= 90
        assert crop.image.shape == (size, size, 3)
        assert crop.complete == (x0 > 1 and y0 > 1 and x1 < 159 and y1 < 89)


@given(
    offered=st.lists(st.tuples(st.booleans(), st.integers(1, 9)), min_size=1, max_size=20),
    keep=st.integers(1, 4),
    collect=st.integers(1, 4),
)
def test_best_views_agree_with_sorting_all_of_them(offered, keep, collect):
    selector = BestViews(collect=collect, keep=keep)
    checkerboard = np.indices((8, 8)).sum(axis=0) % 2
    for frame_index, (complete, strength) in enumerate(offered):
        image = np.repeat((checkerboard * strength * 20)[:, :, None], 3, axis=2).astype(np.uint8)
        selector.offer(Crop(1, frame_index, [0, 0, strength, 1], image, None, complete))

    candidates = [i for i, (complete, _) in enumerate(offered) if complete] or list(range(len(offered)))
    expected = sorted(candidates, key=lambda i: -offered[i][1])[:keep]
    whole = sum(complete for complete, _ in offered)
    assert list(selector.ready()) == ([1] if whole >= collect else [])
    assert selector.has_complete(1) == (whole > 0)
    assert [crop.frame_index for crop in selector.take(1)] == expected
