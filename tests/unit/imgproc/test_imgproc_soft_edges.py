"""Boxes finer than a pixel: of discs whose edges share pixels with the belt."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.imgproc import components, half_height_boxes

FINE = 8


def covered(*discs, shape=(48, 80)):
    """(H, W) share of each pixel that discs (x, y, radius) cover."""
    y, x = (np.mgrid[: shape[0] * FINE, : shape[1] * FINE] + 0.5) / FINE
    inside = np.any([np.hypot(x - cx, y - cy) <= radius for cx, cy, radius in discs], axis=0)
    return inside.reshape(shape[0], FINE, shape[1], FINE).mean(axis=(1, 3))


def refined(share, *, height=120):
    labels, boxes, _ = components(share >= 0.5)
    return boxes, half_height_boxes(boxes, labels, np.rint(height * share).astype(np.uint8))


def test_boxes_are_finer_than_pixels_and_without_bias():
    rng = np.random.default_rng(4)
    errors, coarse = [], []
    for _ in range(25):
        x, y, radius = rng.uniform(20, 60), rng.uniform(18, 30), rng.uniform(6, 15)
        before, after = refined(covered((x, y, radius)))
        truth = np.array([x - radius, y - radius, x + radius, y + radius])
        coarse.append(before[0] - truth)
        errors.append(after[0] - truth)

    assert np.abs(errors).mean() < 0.6 * np.abs(coarse).mean()
    assert np.abs(errors).max() < 0.5
    assert np.abs(np.mean(errors, axis=0)).max() < 0.2


@pytest.mark.parametrize("height", [20, 120, 255])
def test_the_height_of_the_object_does_not_matter(height):
    _, after = refined(covered((30.3, 22.6, 11.2)), height=height)

    assert after[0] == pytest.approx([19.1, 11.4, 41.5, 33.8], abs=0.35)


def test_a_side_on_the_edge_of_the_picture_stays_there():
    _, after = refined(covered((3.2, 24, 10.3)))

    assert after[0, 0] == 0
    assert after[0, 2] == pytest.approx(13.5, abs=0.3)


def test_a_neighbour_is_no_part_of_the_object():
    mask = covered((20, 24, 10), (40, 24, 10)) >= 0.5
    labels = np.where(mask, np.where(np.arange(80) < 30, 1, 2), 0).astype(np.int32)
    boxes = np.array([[10, 14, 30, 34], [30, 14, 50, 34]], float)

    after = half_height_boxes(boxes, labels, mask * np.uint8(200))

    assert after[0, 2] == after[1, 0] == 30


def test_tones_inside_are_no_edge():
    share = covered((40, 24, 14))
    share[20:28, 30:34] = 0.1

    boxes, after = refined(share)

    assert np.abs(after - boxes).max() < 1


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_smallest_objects_keep_a_box_in_the_picture(size):
    rng = np.random.default_rng(6)
    for x in range(1, 8 - size):
        labels, difference = np.zeros((8, 8), np.int32), rng.integers(0, 256, (8, 8), dtype=np.uint8)
        labels[2 : 2 + size, x : x + size] = 1

        box = half_height_boxes(np.array([[x, 2, x + size, 2 + size]], float), labels, difference)[0]

        assert (box[2:] - box[:2] >= size / 2).all()
        assert box.min() >= 0
        assert box.max() <= 8


def test_no_boxes_stay_none():
    none = half_height_boxes(np.zeros((0, 4)), np.zeros((5, 6), np.int32), np.zeros((5, 6), np.uint8))

    assert none.shape == (0, 4)
