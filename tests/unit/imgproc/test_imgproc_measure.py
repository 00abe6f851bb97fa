"""Blur, edges, sharpness and connected parts on pictures whose answer is known."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import blur, canny_edges, components, sharpness

GRAIN = np.random.default_rng(4).integers(0, 256, (64, 96, 3), dtype=np.uint8)


def two_halves():
    picture = np.full((40, 60, 3), 40, np.uint8)
    picture[:, 30:] = 200
    return picture


def test_blur_keeps_what_is_even_and_calms_what_is_not():
    assert np.allclose(blur(np.full((9, 9), 50, np.uint8), sigma=2.0), 50)
    assert blur(GRAIN, sigma=2.0).std() < GRAIN.std() / 2
    assert blur(GRAIN, sigma=2.0).shape == GRAIN.shape


@pytest.mark.parametrize("sigma", [0.0, -1.0, float("nan")])
def test_blur_needs_a_width(sigma):
    with pytest.raises(InvalidInput, match="sigma: expected px above 0"):
        blur(GRAIN, sigma=sigma)


def test_edges_are_where_the_picture_jumps():
    edges = canny_edges(two_halves(), low=60, high=160)

    assert edges.dtype == np.bool_
    assert set(np.nonzero(edges)[1].tolist()) <= {29, 30}
    assert edges.any(axis=1).all()


def test_higher_limits_find_fewer_edges():
    assert canny_edges(GRAIN, low=600, high=1200).sum() < canny_edges(GRAIN, low=50, high=100).sum()


def test_sharpness_drops_with_blur():
    values = [sharpness(np.rint(blur(GRAIN, sigma=sigma)).astype(np.uint8)) for sigma in (0.3, 0.8, 1.5, 3.0)]

    assert values == sorted(values, reverse=True)
    assert sharpness(np.full((8, 8, 3), 90, np.uint8)) == 0


def test_sharpness_looks_at_the_object_alone():
    picture = GRAIN.copy()
    picture[16:48, 16:48] = 128
    inside = np.zeros((64, 96), bool)
    inside[18:46, 18:46] = True

    assert sharpness(picture, mask=inside) == 0 < sharpness(picture)
    assert sharpness(picture, mask=np.zeros_like(inside)) == sharpness(picture)


def test_sharpness_wants_a_mask_of_the_same_size():
    with pytest.raises(InvalidInput, match=r"mask: expected bool of shape \(64, 96\)"):
        sharpness(GRAIN, mask=np.ones((8, 8), bool))


def test_components_have_labels_boxes_and_areas():
    mask = np.zeros((20, 30), bool)
    mask[2:5, 3:9] = True
    mask[10, 20] = mask[11, 21] = True  # they touch by their corners

    labels, boxes, areas = components(mask)

    assert np.array_equal(labels > 0, mask)
    assert boxes.tolist() == [[3, 2, 9, 5], [20, 10, 22, 12]]
    assert areas.tolist() == [18, 2]
    assert [labels[3, 4], labels[11, 21]] == [1, 2]


def test_an_empty_mask_has_no_components():
    labels, boxes, areas = components(np.zeros((4, 6), bool))

    assert (int(labels.max()), boxes.shape, areas.shape) == (0, (0, 4), (0,))
