"""Every transform and the whole set: same shape, uint8, input untouched, repeatable by the generator."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.augment import (
    Blur,
    Brightness,
    CastShadow,
    Contrast,
    Flip,
    Hue,
    Jpeg,
    MotionBlur,
    Noise,
    Rotate,
    Scale,
    Shift,
    conveyor_augmenter,
)

ALL = [
    Blur(),
    Brightness(),
    CastShadow(),
    Contrast(),
    Flip(),
    Hue(),
    Jpeg(),
    MotionBlur(),
    Noise(),
    Rotate(),
    Scale(),
    Shift(),
]
seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 40)


def picture(seed, width, height):
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("transform", ALL, ids=lambda t: type(t).__name__)
@given(seed=seeds, width=sides, height=sides)
@settings(max_examples=25)
def test_a_transform_is_a_pure_function_of_picture_and_generator(transform, seed, width, height):
    image = picture(seed, width, height)
    before = image.copy()
    image.flags.writeable = False

    first, second = (transform(image, np.random.default_rng(seed)) for _ in range(2))

    assert (first.dtype, first.shape) == (np.uint8, image.shape)
    assert np.array_equal(image, before)
    assert np.array_equal(first, second)
    assert not np.shares_memory(first, image)


@given(seed=seeds, width=sides, height=sides)
@settings(max_examples=40)
def test_the_default_set_is_a_pure_function_too(seed, width, height):
    image, mask = picture(seed, width, height), np.ones((height, width), np.bool_)
    before = image.copy()
    augmenter = conveyor_augmenter()

    first, second = (augmenter.augment_pair(image, mask, rng=np.random.default_rng(seed)) for _ in range(2))

    assert (first[0].dtype, first[0].shape) == (np.uint8, image.shape)
    assert (first[1].dtype, first[1].shape) == (np.bool_, mask.shape)
    assert np.array_equal(image, before)
    assert mask.all()
    assert all(np.array_equal(one, other) for one, other in zip(first, second, strict=True))
    assert first[0].flags.writeable
