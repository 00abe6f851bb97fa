"""Objects as what the empty belt does not look like, on a belt that no colour range describes."""

from __future__ import annotations

import numpy as np
import pytest
from belts_with_discs import HEIGHT, RADIUS, WIDTH, decoded_frame_of, disc_box, discs, frame_of

from conveyorqc.core import Detector, Direction, Segmenter, mask_shape
from conveyorqc.detect import BackgroundDetector, BlobFinder, EntryStrip, learn_belt
from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import blur, small_ycrcb

BLOBS = BlobFinder(min_area=100, diameter=2 * RADIUS)
CENTERS = [(40, 40), (110, 80)]


def belt_picture():
    """BGR: coarse texture, light that falls off to the right, and rails at both sides."""
    noise = np.random.default_rng(21).normal(0, 60, (HEIGHT, WIDTH, 1)).astype(np.float32)
    texture = blur(noise, sigma=2.0).reshape(HEIGHT, WIDTH, 1)
    values = (np.array([120, 110, 95]) + texture) * np.linspace(1.2, 0.8, WIDTH)[None, :, None]
    values[:6] = values[-6:] = (210, 205, 200)
    return values


def picture(mask=None, *, seed=0, shadow=None):
    values = belt_picture()
    if shadow is not None:
        values[shadow] *= 0.65
    if mask is not None:
        values[mask] = (60, 120, 190)
    values += np.random.default_rng(seed).normal(0, 2.0, values.shape)
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def belt(width=WIDTH, height=HEIGHT):
    """Learned while an object crosses."""
    frames = [frame_of(picture(discs((20 + 14 * i, 60)), seed=i)) for i in range(10)]
    return learn_belt([small_ycrcb(frame, width=width, height=height) for frame in frames])


BELT, HALF_BELT = belt(), belt(WIDTH // 2, HEIGHT // 2)


def detector(appearance=BELT, **settings):
    return BackgroundDetector(appearance, **{"blobs": BLOBS, **settings})


def boxes_of(found):
    return found.boxes[found.boxes[:, 0].argsort()]


@pytest.mark.parametrize(("appearance", "off"), [(BELT, 2), (HALF_BELT, 4)])
def test_objects_are_found_at_the_resolution_of_the_belt(appearance, off):
    found = detector(appearance).detect(frame_of(picture(discs(*CENTERS), seed=30)))

    assert np.abs(boxes_of(found) - [disc_box(*center) for center in CENTERS]).max() <= off


def test_boxes_are_finer_than_the_pixels_of_the_belt():
    errors = [
        boxes_of(detector(HALF_BELT).detect(frame_of(picture(discs((60 + x, 60)), seed=50 + x))))[0]
        - disc_box(60 + x, 60)
        for x in range(4)
    ]

    assert np.abs(errors).mean() < 0.8
    assert np.abs(np.mean(errors, axis=0)).max() < 0.8


def test_a_smeared_gap_still_parts_neighbours():
    smeared = blur(picture(discs((50, 60), (89, 60)), seed=41), sigma=1.6)

    assert len(detector().detect(frame_of(np.rint(smeared).astype(np.uint8)))) == 2


@pytest.mark.parametrize("appearance", [BELT, HALF_BELT])
def test_the_empty_belt_is_empty(appearance):
    assert len(detector(appearance).detect(frame_of(picture(seed=31)))) == 0


def test_it_is_a_detector_and_a_segmenter():
    assert isinstance(detector(), Detector)
    assert isinstance(detector(), Segmenter)


def test_a_shadow_is_no_object():
    shadow = discs((52, 50)) & ~discs((40, 40))

    found = detector().detect(frame_of(picture(discs((40, 40)), shadow=shadow, seed=32)))

    assert np.abs(found.boxes - [disc_box(40, 40)]).max() <= 3


def test_touching_objects_are_parted():
    assert len(detector().detect(frame_of(picture(discs((50, 60), (85, 60)), seed=33)))) == 2


def test_a_camera_that_shakes_within_reach_finds_nothing():
    shaken = np.roll(picture(seed=34), 2, axis=0)[2:-2]
    shaken = np.pad(shaken, ((2, 2), (0, 0), (0, 0)), mode="edge")

    assert len(detector(reach=2).detect(frame_of(shaken))) == 0
    assert len(detector(reach=0, blobs=BlobFinder(min_area=100, clean=0)).detect(frame_of(shaken))) > 0


def test_lower_sensitivity_sees_what_looks_like_the_belt():
    pale = picture(seed=35)
    pale[discs((60, 60))] += 14

    assert len(detector(sensitivity=2.5).detect(frame_of(pale))) == 1
    assert len(detector(sensitivity=10.0).detect(frame_of(pale))) == 0


def test_the_strip_limits_where_it_looks():
    frame = frame_of(picture(discs(*CENTERS), seed=36))

    found = detector(HALF_BELT, strip=EntryStrip(Direction.LEFT_TO_RIGHT, 0.5)).detect(frame)

    assert np.abs(found.boxes - [disc_box(*CENTERS[0])]).max() <= 4


@pytest.mark.parametrize("appearance", [BELT, HALF_BELT])
def test_segment_gives_the_object_and_leaves_the_neighbour_out(appearance):
    frame = frame_of(picture(discs((50, 60), (85, 60)), seed=37))
    box = np.add(disc_box(50, 60), (-3.0, -3.0, 6.0, 3.0))

    found = detector(appearance).segment(frame, box)

    own = discs((50, 60))[39:81, 29:74]
    assert found.shape == mask_shape(box) == own.shape
    assert (found & own).sum() / (found | own).sum() > 0.9


def test_specks_on_the_belt_are_no_object():
    image = picture(seed=40)
    image[[30, 40, 55], [120, 130, 125]] = 0

    assert not detector().segment(frame_of(image), np.array([110.0, 20, 150, 60])).any()


@pytest.mark.parametrize("box", [[159.0, 119, 160, 120], [0.0, 0, 1, 1], [159.2, 60, 159.9, 60.5]])
def test_the_smallest_box_has_a_mask(box):
    assert detector(HALF_BELT).segment(frame_of(picture(seed=38)), np.array(box)).shape == (1, 1)


@pytest.mark.parametrize("appearance", [BELT, HALF_BELT])
def test_decoded_video_and_bgr_give_nearly_the_same_detections(appearance):
    image = picture(discs(*CENTERS), seed=39)

    one = boxes_of(detector(appearance).detect(frame_of(image)))
    other = boxes_of(detector(appearance).detect(decoded_frame_of(image)))

    assert one.shape == other.shape == (2, 4)
    assert np.abs(one - other).max() <= 2


@pytest.mark.parametrize(
    ("settings", "text"),
    [({"sensitivity": 0.0}, "sensitivity: expected a number above 0"), ({"reach": -1}, "reach: expected 0-100 px")],
)
def test_a_number_outside_its_range_is_refused(settings, text):
    with pytest.raises(InvalidInput, match=text):
        detector(**settings)
