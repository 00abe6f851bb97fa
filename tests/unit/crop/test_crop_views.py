"""`BestViews`: complete before cut, sharp before blurred, and no more than it must keep."""

import numpy as np
import pytest

from conveyorqc.core import Crop, ViewSelector
from conveyorqc.crop import BestViews
from conveyorqc.errors import InvalidInput


def view(frame_index, *, contrast=100, complete=True, object_id=1, area=(20, 20), mask=None):
    """A picture whose sharpness rises with ``contrast``."""
    image = np.repeat((np.indices((16, 16)).sum(axis=0) % 2 * contrast)[:, :, None], 3, axis=2).astype(np.uint8)
    return Crop(object_id, frame_index, [0, 0, *area], image, mask, complete)


def taken(selector, object_id=1):
    return [crop.frame_index for crop in selector.take(object_id)]


def test_it_is_a_view_selector():
    assert isinstance(BestViews(), ViewSelector)


def test_the_sharpest_views_come_first_and_no_more_than_asked_for():
    selector = BestViews(keep=3)
    for frame_index, contrast in enumerate([40, 200, 10, 120, 80]):
        selector.offer(view(frame_index, contrast=contrast))

    assert taken(selector) == [1, 3, 4]


def test_equally_sharp_views_stay_in_order():
    selector = BestViews(keep=3)
    for frame_index in range(3):
        selector.offer(view(frame_index))

    assert taken(selector) == [0, 1, 2]


def test_sharpness_counts_on_the_object_only():
    sharp_belt = np.zeros((16, 16), np.bool_)
    sharp_belt[:4, :4] = True
    blurred = np.array(view(0, contrast=200).image)
    blurred[:6, :6] = 0
    selector = BestViews()
    selector.offer(Crop(1, 0, [0, 0, 9, 9], blurred, sharp_belt, complete=True))
    selector.offer(view(1, contrast=50, mask=sharp_belt))

    assert taken(selector) == [1, 0]


def test_one_complete_view_outranks_all_that_an_edge_cuts():
    selector = BestViews()
    for frame_index, complete in enumerate([False, True, False]):
        selector.offer(view(frame_index, contrast=200 - 190 * complete, complete=complete))

    assert taken(selector) == [1]


def test_without_a_complete_view_the_one_that_shows_most_comes_first():
    selector = BestViews(keep=2)
    for frame_index, width in enumerate([5, 30, 12]):
        selector.offer(view(frame_index, complete=False, area=(width, 20)))

    assert taken(selector) == [1, 2]


def test_an_object_is_ready_when_enough_complete_views_were_offered_and_until_it_is_taken():
    selector = BestViews(collect=2, keep=1)
    selector.offer(view(0, complete=False))
    selector.offer(view(1))
    before = list(selector.ready())
    selector.offer(view(2))
    ready = list(selector.ready()), list(selector.ready())
    selector.take(1)

    assert (before, ready, list(selector.ready())) == ([], ([1], [1]), [])


def test_it_says_whether_an_object_was_seen_whole():
    selector = BestViews()
    selector.offer(view(0, complete=False, object_id=1))
    selector.offer(view(0, object_id=2))

    assert [selector.has_complete(object_id) for object_id in (1, 2, 3)] == [False, True, False]


def test_objects_do_not_mix():
    selector = BestViews()
    selector.offer(view(0, object_id=1))
    selector.offer(view(5, object_id=2))

    assert (taken(selector, 2), taken(selector, 1)) == ([5], [0])


def test_an_object_never_seen_or_already_taken_has_no_views():
    selector = BestViews()
    selector.offer(view(0))
    selector.take(1)

    assert (taken(selector, 1), taken(selector, 99)) == ([], [])


@pytest.mark.parametrize("options", [{"collect": 0}, {"keep": 0}])
def test_an_option_outside_its_range_is_refused_by_name(options):
    with pytest.raises(InvalidInput, match=next(iter(options))):
        BestViews(**options)
