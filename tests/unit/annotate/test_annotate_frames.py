"""Annotated frames tell the states apart and never harm the frame itself."""

from __future__ import annotations

import numpy as np
import pytest

from conveyorqc.annotate import FrameAnnotator
from conveyorqc.annotate._annotator import _STYLES, _label
from conveyorqc.core import Disposition, Frame, LedgerCounts, Tracks
from conveyorqc.errors import InvalidInput

COUNTS = LedgerCounts(entered=9, passed=4, rejected=2, unknown=1, in_flight=2)


def frame(width: int = 640, height: int = 360, value: int = 120) -> Frame:
    return Frame.from_bgr(np.full((height, width, 3), value, np.uint8), index=0, time_s=0.0)


def tracks(*boxes: tuple[float, float, float, float]) -> Tracks:
    return Tracks(np.arange(1, len(boxes) + 1), np.array(boxes, dtype=float).reshape(-1, 4))


def draw(picture: Frame, seen: Tracks, dispositions=None, counts=None, **sizes: float) -> np.ndarray:
    return FrameAnnotator(**sizes).draw(picture, seen, dispositions=dispositions or {}, counts=counts)


def has_color(image: np.ndarray, color: tuple[int, int, int]) -> bool:
    return bool((image == np.array(color, np.uint8)).all(axis=2).any())


def test_nothing_to_draw_gives_an_equal_new_picture():
    picture = frame()
    drawn = draw(picture, tracks())
    np.testing.assert_array_equal(drawn, picture.bgr)
    assert not np.shares_memory(drawn, picture.bgr)


def test_the_frame_stays_as_it_is():
    picture = frame()
    draw(picture, tracks((50, 60, 120, 130)), {1: (Disposition.PASS, 0.9)}, COUNTS)
    assert int(picture.bgr.min()) == int(picture.bgr.max()) == 120


@pytest.mark.parametrize("disposition", [None, *Disposition])
def test_each_state_has_a_colour_of_its_own(disposition):
    dispositions = {} if disposition is None else {1: (disposition, 0.9)}
    drawn = draw(frame(), tracks((50, 60, 120, 130)), dispositions)
    assert [state for state, style in _STYLES.items() if has_color(drawn, style.color)] == [disposition]


def test_labels_name_id_verdict_and_confidence():
    assert _label(7, Disposition.PASS, 0.984) == "#7 PASS 98%"
    assert _label(8, Disposition.REJECT, 1.0) == "#8 REJECT 100%"
    assert _label(9, Disposition.UNKNOWN, None) == "#9 UNKNOWN"
    assert _label(10, None, None) == "#10"


def test_no_two_states_share_their_word():
    assert len({style.word for style in _STYLES.values()}) == len(_STYLES)


def test_decisions_on_objects_that_left_do_no_harm():
    left = {5: (Disposition.REJECT, 0.7)}
    np.testing.assert_array_equal(
        draw(frame(), tracks((50, 60, 120, 130)), left), draw(frame(), tracks((50, 60, 120, 130)))
    )


@pytest.mark.parametrize("box", [(0, 0, 40, 40), (600, 0, 640, 30), (600, 330, 640, 360), (0, 350, 3, 360)])
def test_labels_of_objects_at_the_edge_stay_inside_the_frame(box):
    passed = {1: (Disposition.PASS, 0.5)}
    at_edge, inside = (draw(frame(), tracks(where), passed, font_scale=2.0) for where in (box, (300, 150, 340, 190)))
    # White is the ink of the text alone: as much of it as in the middle of the frame means that none is cut off.
    ink = [int((picture > 200).all(axis=2).sum()) for picture in (at_edge, inside)]
    assert ink[0] == ink[1] > 20


@pytest.mark.parametrize(("width", "height"), [(64, 48), (320, 240), (480, 854), (1280, 720), (3840, 2160)])
def test_the_banner_fits_every_frame_and_scales_with_it(width, height):
    drawn = draw(frame(width, height), tracks(), counts=COUNTS)
    changed = (drawn != 120).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    assert rows[0] == columns[0] == 0
    assert rows[-1] < max(24, 0.06 * height)
    assert columns[-1] < width
    for disposition in Disposition:
        assert has_color(drawn, _STYLES[disposition].color)


def test_lines_grow_with_the_frame_and_with_their_width():
    def colored(picture: Frame, scale: float, **sizes: float) -> float:
        drawn = draw(picture, tracks((100 * scale, 100 * scale, 200 * scale, 200 * scale)), **sizes)
        row = drawn[round(150 * scale)]
        return (row == np.array(_STYLES[None].color, np.uint8)).all(axis=1).sum() / 2

    assert colored(frame(640, 360), 1.0) == 1
    assert colored(frame(1280, 720), 2.0) == 2
    assert colored(frame(2560, 1440), 4.0) == 4
    assert colored(frame(1280, 720), 2.0, line_width=5.0) == 5


def test_a_rejected_object_has_the_heavier_line():
    box = tracks((100, 200, 300, 400))
    for state, expected in ((Disposition.PASS, 4), (Disposition.REJECT, 6)):
        row = draw(frame(1280, 720), box, {1: (state, 0.9)})[300]
        assert (row == np.array(_STYLES[state].color, np.uint8)).all(axis=1).sum() == expected


@pytest.mark.parametrize("sizes", [{"line_width": 0.0}, {"font_scale": -1.0}, {"font_scale": float("nan")}])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(InvalidInput, match="expected a number in 0-10"):
        FrameAnnotator(**sizes)
