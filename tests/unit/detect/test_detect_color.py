"""Objects by colour: ranges of belt and objects, shadow and edge masks, cleaning, R, and the article's recipe."""

from __future__ import annotations

import numpy as np
import pytest
from belts_with_discs import BELT, RADIUS, decoded_frame_of, disc_box, discs, frame_of, painted

from conveyorqc.core import Detector, Direction, Segmenter
from conveyorqc.detect import (
    BlobFinder,
    Closing,
    ColorThresholdDetector,
    Dilation,
    EdgeMask,
    EntryStrip,
    Erosion,
    FillHoles,
    Opening,
    ShadowMask,
)
from conveyorqc.errors import InvalidInput
from conveyorqc.geometry import box_iou
from conveyorqc.imgproc import ColorRange
from conveyorqc.simulate import BeltSimulator

BLUE = ColorRange("hsv", (95, 60, 100), (120, 255, 255))
ORANGE = ColorRange("hsv", (8, 90, 90), (25, 255, 255))
DARK_BLUE = ColorRange("hsv", (95, 60, 10), (120, 255, 99))
RED = ColorRange("hsv", (170, 90, 90), (8, 255, 255))
PLAIN = BlobFinder(min_area=100)
SIZED = BlobFinder(min_area=100, diameter=2 * RADIUS)
TWO = [(40, 40), (110, 80)]


def boxes_in(image, **settings):
    boxes = ColorThresholdDetector(**{"blobs": PLAIN, **settings}).detect(frame_of(image)).boxes
    return boxes[boxes[:, 0].argsort()]


def with_shadow():
    """A disc and, beside and below it, a shadow of the belt's hue."""
    image = painted(discs((70, 60), (58, 52)), color=np.array(BELT) * 0.55)
    image[discs((58, 52))] = painted(discs((58, 52)))[discs((58, 52))]
    return image


def blocks(*, seam):
    """Two square objects side by side; ``seam`` draws a dark line between them."""
    mask = np.zeros((120, 160), bool)
    mask[40:80, 40:120] = True
    image = painted(mask)
    if seam:
        image[40:80, 79:81] = (30, 70, 105)
    return image


@pytest.mark.parametrize(
    "ranges",
    [{"belt": [BLUE]}, {"objects": [ORANGE]}, {"belt": [BLUE], "objects": [ORANGE]}, {"objects": [RED, ORANGE]}],
)
def test_objects_are_found_by_colour(ranges):
    boxes = boxes_in(painted(discs(*TWO), noise=4), **ranges)

    assert np.abs(boxes - [disc_box(*center) for center in TWO]).max() <= 1


def test_it_is_a_detector_and_a_segmenter():
    detector = ColorThresholdDetector(belt=[BLUE], blobs=PLAIN)

    assert isinstance(detector, Detector)
    assert isinstance(detector, Segmenter)


def test_objects_around_red_hue_are_found():
    image = painted(discs((40, 40)), color=(50, 40, 200))  # hue 178
    image[discs((110, 80))] = (40, 55, 200)  # hue 3

    assert len(boxes_in(image, objects=[RED])) == 2
    assert len(boxes_in(image, objects=[ORANGE])) == 0


def test_with_both_an_object_pixel_is_in_one_and_not_in_the_other():
    image = painted(discs((40, 40)))
    image[discs((110, 80))] = (90, 90, 90)  # neither belt nor object

    assert len(boxes_in(image, belt=[BLUE])) == 2
    assert len(boxes_in(image, belt=[BLUE], objects=[ORANGE])) == 1
    assert len(boxes_in(image, belt=[BLUE, ORANGE], objects=[ORANGE])) == 0


def test_several_belt_ranges_are_all_belt():
    image = painted(discs((40, 40)))
    image[100:] = (170, 170, 170)  # a steel rail
    steel = ColorRange("hsv", (0, 0, 40), (179, 40, 255))

    assert len(boxes_in(image, belt=[BLUE])) == 2
    assert len(boxes_in(image, belt=[BLUE, steel])) == 1


@pytest.mark.parametrize("ranges", [{}, {"belt": [], "objects": ()}])
def test_no_range_at_all_is_refused(ranges):
    with pytest.raises(InvalidInput, match="belt: expected colour ranges of the belt or of the objects, got neither"):
        ColorThresholdDetector(**ranges, blobs=PLAIN)


def test_the_shadow_mask_is_taken_away():
    shadow = ShadowMask((DARK_BLUE,))

    assert np.abs(boxes_in(with_shadow(), belt=[BLUE]) - [[40, 34, 88, 78]]).max() <= 1
    assert np.abs(boxes_in(with_shadow(), belt=[BLUE], shadow=shadow) - [disc_box(58, 52)]).max() <= 1


def test_a_shadow_mask_works_alone():
    found = ShadowMask((DARK_BLUE, RED))(with_shadow())

    assert np.array_equal(found, discs((70, 60)) & ~discs((58, 52)))


def test_a_shadow_mask_needs_a_range():
    with pytest.raises(InvalidInput, match="colors: expected"):
        ShadowMask(())


def test_the_edge_mask_parts_objects_that_touch():
    image = blocks(seam=True)

    assert len(boxes_in(image, belt=[BLUE])) == 1
    assert len(boxes_in(image, belt=[BLUE], edges=EdgeMask(width=3))) == 2
    assert len(boxes_in(blocks(seam=False), belt=[BLUE], edges=EdgeMask(width=3))) == 1


def test_edges_are_not_cut_out_of_what_segment_gives():
    detector = ColorThresholdDetector(belt=[BLUE], blobs=SIZED, edges=EdgeMask())

    found = detector.segment(frame_of(painted(discs((60, 60)))), np.array(disc_box(60, 60), float))

    own = discs((60, 60))[42:78, 42:78]
    assert (found & own).sum() / (found | own).sum() > 0.97


def test_an_edge_mask_works_alone_and_grows_with_its_width():
    image = painted(discs((60, 60)))

    thin, wide = EdgeMask()(image), EdgeMask(width=5)(image)

    assert 0 < thin.sum() < wide.sum()
    assert not (thin & ~wide).any()
    assert not thin[60, 60]


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"low": -1.0}, "low, high: expected 0 <= low <= high"),
        ({"low": 200.0, "high": 100.0}, "low, high: expected 0 <= low <= high"),
        ({"high": float("inf")}, "low, high: expected 0 <= low <= high"),
        ({"width": 0}, "width: expected 1-255 px, got 0"),
        ({"width": 256}, "width: expected 1-255 px, got 256"),
    ],
)
def test_an_edge_mask_outside_its_range_is_refused(settings, text):
    with pytest.raises(InvalidInput, match=text):
        EdgeMask(**settings)


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (Erosion(5), 36 * 26),
        (Dilation(5), 44 * 34),
        (Opening(5), 40 * 30),
        (Closing(5), 40 * 30),
        (FillHoles(), 40 * 30),
    ],
)
def test_mask_operations_work_alone(operation, expected):
    mask = np.zeros((60, 120), bool)
    mask[10:40, 10:50] = True
    before = mask.copy()

    assert operation(mask).sum() == expected
    assert np.array_equal(mask, before)


def test_closing_and_filling_close_what_they_are_for():
    torn = np.zeros((60, 120), bool)
    torn[10:40, 10:50] = True
    cracked, holed = torn.copy(), torn.copy()
    cracked[:, 30] = holed[20:30, 20:30] = False

    assert np.array_equal(Closing(3)(cracked), torn)
    assert np.array_equal(FillHoles()(holed), torn)
    assert np.array_equal(Closing(3)(holed), holed)


@pytest.mark.parametrize("operation", [Erosion, Dilation, Opening, Closing])
@pytest.mark.parametrize("size", [0, 256])
def test_an_operation_of_no_size_is_refused(operation, size):
    with pytest.raises(InvalidInput, match=f"size: expected 1-255 px, got {size}"):
        operation(size)


def test_cleaning_is_done_in_order():
    plain = BlobFinder(min_area=100, clean=0)
    mask = discs((40, 60), (110, 60))
    mask[60] = True  # a thread across both
    image = painted(mask)

    assert len(boxes_in(image, belt=[BLUE], blobs=plain)) == 1
    assert len(boxes_in(image, belt=[BLUE], blobs=plain, cleaning=[Opening(3)])) == 2
    assert len(boxes_in(image, belt=[BLUE], blobs=plain, cleaning=[Dilation(3), Opening(3)])) == 1


def test_any_function_on_masks_cleans():
    boxes = boxes_in(painted(discs(*TWO)), belt=[BLUE], cleaning=[lambda mask: mask & (np.arange(160) < 80)])

    assert np.abs(boxes - [disc_box(*TWO[0])]).max() <= 1


def tiny(_picture):
    return np.zeros((2, 2), bool)


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"shadow": tiny}, r"shadow: expected bool of shape \(120, 160\)"),
        ({"edges": tiny}, r"edges: expected bool of shape \(120, 160\)"),
        ({"cleaning": [Opening(3), tiny]}, r"cleaning\[1\]: expected bool of shape \(120, 160\)"),
    ],
)
def test_a_mask_of_another_size_is_refused(settings, text):
    detector = ColorThresholdDetector(belt=[BLUE], blobs=PLAIN, **settings)

    with pytest.raises(InvalidInput, match=text):
        detector.detect(frame_of(painted(discs(*TWO))))


@pytest.mark.parametrize(("ratio", "off"), [(0.5, 3), (0.3, 5)])
def test_a_smaller_ratio_finds_the_same_objects_less_exactly(ratio, off):
    boxes = boxes_in(painted(discs(*TWO), noise=4), belt=[BLUE], ratio=ratio)

    assert np.abs(boxes - [disc_box(*center) for center in TWO]).max() <= off


def test_the_smallest_ratio_still_has_a_pixel():
    assert len(boxes_in(painted(discs(*TWO)), belt=[BLUE], ratio=1e-6)) <= 1


@pytest.mark.parametrize("ratio", [0.0, -0.5, 1.5, float("nan")])
def test_a_ratio_outside_its_range_is_refused(ratio):
    with pytest.raises(InvalidInput, match="ratio: expected a number above 0 and at most 1"):
        ColorThresholdDetector(belt=[BLUE], blobs=PLAIN, ratio=ratio)


def test_the_strip_limits_where_it_looks():
    boxes = boxes_in(painted(discs(*TWO)), belt=[BLUE], strip=EntryStrip(Direction.RIGHT_TO_LEFT, 0.5))

    assert np.abs(boxes - [disc_box(*TWO[1])]).max() <= 1


@pytest.mark.parametrize("ratio", [1.0, 0.5])
def test_segment_leaves_a_touching_neighbour_out(ratio):
    detector = ColorThresholdDetector(belt=[BLUE], blobs=SIZED, ratio=ratio)
    frame = frame_of(painted(discs((50, 60), (85, 60)), noise=4))

    for center in ((50, 60), (85, 60)):
        box = np.add(disc_box(*center), (-6.0, 0.0, 6.0, 0.0))
        own = discs(center)[42:78, int(box[0]) : int(box[2])]
        found = detector.segment(frame, box)

        assert found.shape == own.shape
        assert (found & own).sum() / (found | own).sum() > 0.92


def test_decoded_video_and_bgr_give_nearly_the_same_detections():
    image = painted(discs(*TWO), noise=4)
    detector = ColorThresholdDetector(belt=[BLUE], blobs=SIZED)

    one, other = detector.detect(frame_of(image)), detector.detect(decoded_frame_of(image))

    assert len(one) == len(other) == 2
    assert np.abs(one.boxes - other.boxes).max() <= 2


def test_the_plain_recipe_of_the_article_finds_the_objects_of_a_clip():
    even = {"broken_fraction": 0, "stacked_fraction": 0, "touching_fraction": 0}
    simulator = BeltSimulator(width=320, height=180, seconds=3.0, objects=6, seed=4, **even)
    detector = ColorThresholdDetector(
        belt=[ColorRange("hsv", (90, 40, 120), (130, 255, 255)), ColorRange("hsv", (0, 0, 40), (179, 40, 255))],
        shadow=ShadowMask((ColorRange("hsv", (90, 40, 20), (130, 255, 120)),)),
        edges=EdgeMask(low=60, high=160),
        cleaning=[Closing(3)],
        blobs=BlobFinder(min_area=120),
    )
    there = found = strays = 0
    for frame, truth in list(zip(simulator.frames(), simulator.truth.frames, strict=True))[::5]:
        boxes = np.array([[one.x, one.y, one.x + one.w, one.y + one.h] for one in truth]).reshape(-1, 4)
        overlaps = box_iou(boxes, detector.detect(frame).boxes)
        whole = np.array([one.visible_fraction > 0.99 for one in truth], bool)
        there += int(whole.sum())
        found += int((overlaps[whole] > 0.6).any(axis=1).sum())
        strays += int((overlaps < 0.3).all(axis=0).sum())

    assert there > 20
    assert found / there > 0.9
    assert strays <= 2
