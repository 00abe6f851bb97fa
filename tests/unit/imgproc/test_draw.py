"""The canvas draws on a copy, cuts at the edges and keeps to its measures."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.imgproc import Canvas, text_size

GREY = np.full((40, 60, 3), 90, np.uint8)


def test_the_picture_itself_is_never_drawn_on():
    image = GREY.copy()
    image.flags.writeable = False
    canvas = Canvas(image)
    canvas.fill((0, 0, 60, 40), color=(1, 2, 3))
    canvas.text("x", x=5, y=30, height_px=12, color=(255, 255, 255))
    np.testing.assert_array_equal(image, GREY)
    assert not np.shares_memory(canvas.image, image)


@pytest.mark.parametrize("opacity", [1.0, 0.5])
@pytest.mark.parametrize("region", [(10, 5, 20, 15), (-7, -7, 4, 3), (50, 30, 500, 500), (0, 0, 60, 40)])
def test_a_fill_paints_exactly_its_region(region, opacity):
    canvas = Canvas(GREY)
    canvas.fill(region, color=(190, 90, 10), opacity=opacity)
    x0, y0, x1, y1 = (max(0, edge) for edge in region)
    expected = GREY.copy()
    expected[y0:y1, x0:x1] = (190, 90, 10) if opacity == 1 else (140, 90, 50)
    np.testing.assert_array_equal(canvas.image, expected)


@pytest.mark.parametrize("region", [(5, 5, 5, 9), (9, 9, 3, 3), (-9, -9, 0, 0), (99, 99, 120, 120)])
@pytest.mark.parametrize("opacity", [1.0, 0.3])
def test_an_empty_region_paints_nothing(region, opacity):
    canvas = Canvas(GREY)
    canvas.fill(region, color=(0, 0, 0), opacity=opacity)
    np.testing.assert_array_equal(canvas.image, GREY)


def test_a_box_has_its_line_inside_and_a_black_one_on_either_side():
    canvas = Canvas(GREY)
    canvas.box(np.array([10.2, 8.0, 39.8, 30.4]), color=(0, 200, 0), line_px=2)
    row = canvas.image[20, :, 1].tolist()
    assert row[8:15] == [90, 0, 200, 200, 0, 90, 90]
    assert row[36:42] == [90, 0, 200, 200, 0, 90]
    column = canvas.image[:, 25, 1].tolist()
    assert column[6:12] == [90, 0, 200, 200, 0, 90]
    assert column[26:32] == [90, 0, 200, 200, 0, 90]


@pytest.mark.parametrize("box", [(-1e9, -1e9, 1e9, 1e9), (20, 20, 20, 20), (55, 35, 80, 90), (20, 20, 22, 40)])
def test_boxes_of_any_size_and_place_are_drawn_without_harm(box):
    canvas = Canvas(GREY)
    canvas.box(np.array(box, dtype=float), color=(0, 200, 0), line_px=3)
    assert canvas.image.shape == GREY.shape


@pytest.mark.parametrize("height_px", [8, 14, 30])
def test_text_is_as_wide_as_announced_and_stands_on_its_base_line(height_px):
    canvas = Canvas(np.zeros((80, 500, 3), np.uint8))
    canvas.text("PASS 98", x=10, y=50, height_px=height_px, color=(255, 255, 255))
    rows, columns = np.nonzero(canvas.image[..., 0] > 60)
    width, _ = text_size("PASS 98", height_px=height_px)
    assert 8 <= columns.min()
    assert columns.max() <= 10 + width + 2
    assert columns.max() >= 10 + 0.8 * width
    assert abs(rows.max() - 50) <= 2
    assert 0.6 * height_px <= rows.max() - rows.min() <= 1.35 * height_px


def test_letters_beyond_ascii_become_question_marks():
    written, asked = Canvas(GREY), Canvas(GREY)
    written.text("né曲\n", x=2, y=30, height_px=12, color=(255, 255, 255))
    asked.text("n???", x=2, y=30, height_px=12, color=(255, 255, 255))
    np.testing.assert_array_equal(written.image, asked.image)


def test_impossible_measures_are_refused():
    canvas = Canvas(GREY)
    with pytest.raises(InvalidInput, match="opacity"):
        canvas.fill((0, 0, 5, 5), color=(0, 0, 0), opacity=1.5)
    with pytest.raises(InvalidInput, match="line_px"):
        canvas.box(np.array([0.0, 0, 5, 5]), color=(0, 0, 0), line_px=0)
    with pytest.raises(InvalidInput, match="height_px"):
        canvas.text("a", x=0, y=0, height_px=0, color=(0, 0, 0))
    with pytest.raises(InvalidInput, match="image"):
        Canvas(np.zeros((4, 4), np.uint8))


def test_a_circle_has_its_radius_and_a_dark_rim():
    canvas = Canvas(np.full((60, 60, 3), 128, np.uint8))
    canvas.circle((30.2, 29.6), radius=20, color=(0, 255, 0), line_px=3)
    row = canvas.image[30].tolist()
    assert [0, 255, 0] == row[10] == row[50]
    assert [128, 128, 128] == row[30]
    assert min(sum(pixel) for pixel in row[:10]) < 120


def test_an_arrow_leads_from_start_to_end_with_its_head_there():
    canvas = Canvas(np.full((40, 80, 3), 128, np.uint8))
    canvas.arrow((10, 20), (70, 20), color=(0, 0, 255), line_px=2, head_px=12)
    drawn = (canvas.image != 128).any(axis=(0, 2))
    assert (True, True, False) == (drawn[12], drawn[68], drawn[2])
    heights = (canvas.image != 128).any(axis=2).sum(axis=0)
    assert heights[62] > heights[20]


@pytest.mark.parametrize("far", [1e9, -1e9])
def test_arrows_and_circles_outside_are_cut_off(far):
    canvas = Canvas(np.zeros((9, 9, 3), np.uint8))
    canvas.arrow((4, 4), (far, 4), color=(255, 255, 255), line_px=1, head_px=3)
    canvas.circle((far, far), radius=3, color=(255, 255, 255), line_px=1)
    canvas.arrow((4, 4), (4, 4), color=(255, 255, 255), line_px=1, head_px=3)
    assert canvas.image.shape == (9, 9, 3)


def test_lines_have_a_width_and_circles_a_radius():
    canvas = Canvas(np.zeros((9, 9, 3), np.uint8))
    with pytest.raises(InvalidInput, match="line_px: expected 1 or more, got 0"):
        canvas.circle((1, 1), radius=1, color=(1, 1, 1), line_px=0)
    with pytest.raises(InvalidInput, match="radius: expected px in 0-30000, got -1"):
        canvas.circle((1, 1), radius=-1, color=(1, 1, 1), line_px=1)
    with pytest.raises(InvalidInput, match="line_px: expected 1 or more, got 0"):
        canvas.arrow((1, 1), (2, 2), color=(1, 1, 1), line_px=0, head_px=1)
