"""`Augmenter`: chance, order, masks, and callables of other people."""

import numpy as np
import pytest

from conveyorqc.augment import Augmenter, Brightness, Flip, Rotate, Scale, Shift, conveyor_augmenter
from conveyorqc.errors import InvalidInput


def rng(seed=7):
    return np.random.default_rng(seed)


def disc(side=64):
    """A white disc off the middle, and its mask."""
    rows, columns = np.indices((side, side))
    mask = (rows - 20) ** 2 + (columns - 36) ** 2 < 144
    return np.repeat((mask * 255).astype(np.uint8)[:, :, None], 3, axis=2), mask


def add_one(image, rng):
    return image + np.uint8(1)


def double(image, rng):
    return image * np.uint8(2)


def test_transforms_run_in_the_order_given():
    changed = Augmenter([add_one, double], probability=1).augment(np.full((2, 2, 3), 10, np.uint8), rng=rng())

    assert (changed == 22).all()


def test_each_step_happens_with_the_probability_given():
    augmenter, generator = Augmenter([add_one], probability=0.3), rng()
    changed = [int(augmenter.augment(np.zeros((1, 1, 3), np.uint8), rng=generator)[0, 0, 0]) for _ in range(1000)]

    assert np.mean(changed) == pytest.approx(0.3, abs=0.05)


def test_without_any_chance_the_result_is_a_copy():
    image, mask = disc()

    changed, moved = conveyor_augmenter(probability=0).augment_pair(image, mask, rng=rng())

    assert (changed.tolist(), moved.tolist()) == (image.tolist(), mask.tolist())
    assert not np.shares_memory(changed, image)
    assert not np.shares_memory(moved, mask)


def test_the_mask_goes_where_the_object_goes():
    image, mask = disc()
    augmenter = Augmenter([Flip(), Brightness(0.1), Rotate(), Scale(), Shift()], probability=1)

    for seed in range(10):
        changed, moved = augmenter.augment_pair(image, mask, rng=rng(seed))
        assert np.mean((changed[:, :, 0] > 115) == moved) > 0.99


def test_the_mask_does_not_grow_where_edges_are_repeated():
    image, mask = np.full((20, 20, 3), 255, np.uint8), np.ones((20, 20), np.bool_)

    changed, moved = Augmenter([Scale(0.5, 0.5)], probability=1).augment_pair(image, mask, rng=rng())

    assert (changed == 255).all()
    assert moved.sum() == pytest.approx(100, abs=25)


def test_a_picture_changes_alike_with_and_without_its_mask():
    image, mask = disc()
    augmenter = conveyor_augmenter()

    assert augmenter.augment(image, rng=rng()).tolist() == augmenter.augment_pair(image, mask, rng=rng())[0].tolist()


def test_neighbouring_maps_are_one_so_that_pixels_are_resampled_once():
    image = rng(2).integers(0, 256, (31, 31, 3), dtype=np.uint8)

    class Turn:
        """Turns by a fixed angle and cannot be called: only its map is asked for."""

        def __init__(self, sine):
            self.sine = sine

        def matrix(self, width, height, rng, /):
            turn = np.array([[0.6, -self.sine, 0], [self.sine, 0.6, 0], [0, 0, 1]])
            to_middle = np.array([[1, 0, -(width - 1) / 2], [0, 1, -(height - 1) / 2], [0, 0, 1]])
            return np.linalg.inv(to_middle) @ turn @ to_middle

    changed = Augmenter([Turn(0.8), Turn(-0.8)], probability=1).augment(image, rng=rng())

    assert np.abs(changed.astype(int) - image).max() <= 1


def test_the_default_set_varies_a_picture_and_leaves_it_recognisable():
    image, _ = disc(96)
    generator = rng()
    changed = [conveyor_augmenter().augment(image, rng=generator) for _ in range(8)]

    assert len({picture.tobytes() for picture in changed}) == 8
    assert all(picture.max() > 90 for picture in changed)


@pytest.mark.parametrize(
    "bad", [lambda image, rng: image[:-1], lambda image, rng: image.astype(float), lambda image, rng: None]
)
def test_a_callable_that_returns_no_such_picture_is_named(bad):
    with pytest.raises(InvalidInput, match=r"<lambda>.*: expected uint8 of shape \(4, 4, 3\), got"):
        Augmenter([bad], probability=1).augment(np.zeros((4, 4, 3), np.uint8), rng=rng())


def test_a_callable_cannot_write_into_the_picture_of_the_caller():
    def scribble(image, rng):
        image[:] = 0
        return image

    with pytest.raises(ValueError, match="read-only"):
        Augmenter([scribble], probability=1).augment(np.ones((4, 4, 3), np.uint8), rng=rng())


def test_a_mask_of_another_size_and_a_grey_picture_are_refused():
    augmenter = conveyor_augmenter()
    with pytest.raises(InvalidInput, match=r"mask: expected bool of shape \(4, 4\)"):
        augmenter.augment_pair(np.zeros((4, 4, 3), np.uint8), np.ones((4, 5), np.bool_), rng=rng())
    with pytest.raises(InvalidInput, match="image: expected"):
        augmenter.augment(np.zeros((4, 4), np.uint8), rng=rng())


def test_a_probability_above_one_is_refused():
    with pytest.raises(InvalidInput, match=r"probability: expected 0 to 1, got 1\.5"):
        Augmenter([], probability=1.5)
