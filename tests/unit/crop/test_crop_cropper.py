"""`SquarePadCropper`: what is cut, when, and how little is decoded."""

import numpy as np
import pytest

from conveyorqc.core import Cropper, Frame, Tracks
from conveyorqc.crop import SquarePadCropper
from conveyorqc.errors import InvalidInput

WIDTH, HEIGHT = 200, 100


def frame_of(image, index=0):
    return Frame.from_bgr(image, index=index, time_s=index / 25)


def belt(index=0):
    return frame_of(np.full((HEIGHT, WIDTH, 3), 90, np.uint8), index)


def frames_with_views(cropper, boxes, object_id=1):
    """The numbers of the frames on which an object that goes through ``boxes`` gives a view."""
    return [i for i, box in enumerate(boxes) if cropper.crop(belt(i), Tracks([object_id], [box]))]


class Segmenter:
    """Answers as told and remembers what it was asked."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []

    def segment(self, frame, box, /):
        self.asked.append(box.tolist())
        x0, y0, x1, y1 = box.astype(int)
        return self.answer(np.array(frame.bgr_in((x0, y0, x1, y1))))


def test_it_is_a_cropper():
    assert isinstance(SquarePadCropper(), Cropper)


def test_a_view_carries_the_identity_frame_and_box_of_its_object():
    [view] = SquarePadCropper(size=32).crop(belt(9), Tracks([4], [[20, 30, 60, 50]]))

    assert (view.object_id, view.frame_index, view.box.tolist()) == (4, 9, [20, 30, 60, 50])
    assert view.image.shape == (32, 32, 3)
    assert view.mask is None


def test_the_margin_is_a_share_of_the_longer_side():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[30:50, 40:80] = 255

    [view] = SquarePadCropper(size=48, margin=0.1).crop(frame_of(image), Tracks([1], [[40, 30, 80, 50]]))

    white = np.argwhere(view.image[:, :, 0] > 127)
    assert white.min(axis=0).tolist() == [14, 4]
    assert white.max(axis=0).tolist() == [33, 43]


def test_only_the_rectangle_that_is_cut_is_decoded():
    asked = []

    def decode(region):
        asked.append(region)
        return np.zeros((region[3] - region[1], region[2] - region[0], 3), np.uint8)

    frame = Frame.deferred(WIDTH, HEIGHT, index=0, time_s=0.0, to_bgr=decode)
    SquarePadCropper(size=16, margin=0.1).crop(frame, Tracks([1], [[20, 30, 60, 50]]))

    assert asked == [(16, 26, 64, 54)]


def test_views_come_at_fair_steps_of_travel():
    boxes = [[20 + step, 30, 60 + step, 50] for step in range(0, 100, 5)]

    assert frames_with_views(SquarePadCropper(size=8, spacing=0.5), boxes) == [0, 4, 8, 12, 16]


def test_a_stopped_belt_gives_no_second_view():
    assert frames_with_views(SquarePadCropper(size=8), [[20, 30, 60, 50]] * 10) == [0]


def test_a_spacing_of_zero_gives_every_view():
    assert frames_with_views(SquarePadCropper(size=8, spacing=0), [[20, 30, 60, 50]] * 3) == [0, 1, 2]


def test_an_object_is_seen_at_once_when_it_is_whole_for_the_first_time():
    boxes = [[0, 30, 30, 50], [0, 30, 36, 50], [2, 30, 42, 50], [4, 30, 44, 50]]
    cropper = SquarePadCropper(size=8, spacing=5)

    views = [view for i, box in enumerate(boxes) for view in cropper.crop(belt(i), Tracks([1], [box]))]

    assert [(view.frame_index, view.complete) for view in views] == [(0, False), (2, True)]


@pytest.mark.parametrize("box", [[0, 30, 40, 50], [20, 0, 40, 50], [180, 30, 200, 50], [20, 60, 40, 100]])
def test_a_view_at_an_edge_of_the_frame_is_incomplete(box):
    [view] = SquarePadCropper(size=8).crop(belt(), Tracks([1], [box]))

    assert not view.complete


def test_a_box_that_reaches_outside_is_clipped():
    [view] = SquarePadCropper(size=8).crop(belt(), Tracks([1], [[-20, 30, 40, 50]]))

    assert view.box.tolist() == [0, 30, 40, 50]


def test_an_object_with_less_than_a_pixel_in_the_frame_gives_no_view_yet():
    assert frames_with_views(SquarePadCropper(size=8), [[-40, 30, 0, 50], [-39.5, 30, 0.5, 50], [-30, 30, 10, 50]]) == [
        2
    ]


def test_each_object_has_its_own_rhythm():
    cropper = SquarePadCropper(size=8)
    cropper.crop(belt(0), Tracks([1], [[20, 30, 60, 50]]))

    views = cropper.crop(belt(1), Tracks([1, 2], [[21, 30, 61, 50], [100, 30, 140, 50]]))

    assert [view.object_id for view in views] == [2]


def test_an_object_that_left_is_forgotten():
    cropper = SquarePadCropper(size=8)
    cropper.crop(belt(0), Tracks([1], [[20, 30, 60, 50]]))
    cropper.crop(belt(1), Tracks([], [], ended=(1,)))

    assert len(cropper.crop(belt(2), Tracks([1], [[20, 30, 60, 50]]))) == 1


def test_an_empty_belt_gives_nothing():
    assert SquarePadCropper(size=8).crop(belt(), Tracks([], [])) == []


def test_the_mask_of_the_segmenter_goes_with_the_picture():
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[30:50, 40:80] = 255
    segmenter = Segmenter(lambda cut: cut[:, :, 0] > 0)

    [view] = SquarePadCropper(size=96, margin=0.1, segmenter=segmenter).crop(
        frame_of(image), Tracks([1], [[40, 30, 80, 50]])
    )

    assert segmenter.asked == [[36, 26, 84, 54]]
    assert view.mask is not None
    assert view.mask.tolist() == (view.image[:, :, 0] > 127).tolist()


def test_a_segmenter_that_finds_nothing_tells_nothing():
    segmenter = Segmenter(lambda cut: np.zeros(cut.shape[:2], np.bool_))

    [view] = SquarePadCropper(size=8, segmenter=segmenter).crop(belt(), Tracks([1], [[40, 30, 80, 50]]))

    assert view.mask is None


def test_a_mask_of_another_size_is_refused():
    cropper = SquarePadCropper(size=8, segmenter=Segmenter(lambda _: np.ones((3, 3), np.bool_)))

    with pytest.raises(InvalidInput, match=r"mask of the segmenter: expected bool of shape \(28, 48\), got .*\(3, 3\)"):
        cropper.crop(belt(), Tracks([1], [[40, 30, 80, 50]]))


@pytest.mark.parametrize(
    "options", [{"size": 0}, {"margin": -0.1}, {"margin": float("nan")}, {"spacing": -1.0}, {"spacing": float("inf")}]
)
def test_an_option_outside_its_range_is_refused_by_name(options):
    with pytest.raises(InvalidInput, match=next(iter(options))):
        SquarePadCropper(**options)
