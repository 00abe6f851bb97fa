"""Objects against tracks: one to one, with the merges and splits that a count hides."""

import numpy as np
import pytest

from conveyorqc.errors import InvalidInput
from conveyorqc.metrics import ObjectBoxes, count_error, match_boxes, match_objects, object_scores

NOTHING = ObjectBoxes([], [], [])


def moving(tracks):
    """Boxes from ``{id: (frames, x, width)}``: 10 px high, 5 px further in each frame."""
    rows = [(f, i, [x + 5 * f, 0, x + 5 * f + width, 10]) for i, (frames, x, width) in tracks.items() for f in frames]
    return ObjectBoxes(*zip(*rows, strict=True)) if rows else NOTHING


TRUTH = moving({1: (range(10), 0, 10), 2: (range(10), 11, 10), 3: (range(4, 10), 100, 10)})


def test_boxes_are_paired_one_to_one_and_the_better_overlap_wins():
    truth = np.array([[0.0, 0, 10, 10], [20, 0, 30, 10]])
    predicted = np.array([[2.0, 0, 12, 10], [0, 0, 10, 10], [50, 0, 60, 10]])

    rows, columns = match_boxes(truth, predicted)

    assert (rows.tolist(), columns.tolist()) == ([0], [1])


def test_boxes_below_the_overlap_are_no_pair():
    truth, predicted = np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 0, 15, 10]])

    assert [len(match_boxes(truth, predicted, iou=iou)[0]) for iou in (0.3, 0.5)] == [1, 0]


def test_perfect_tracks_score_one_and_keep_their_objects():
    tracks = moving({7: (range(10), 0, 10), 8: (range(10), 11, 10), 9: (range(4, 10), 100, 10)})
    scores = object_scores(TRUTH, tracks)

    assert match_objects(TRUTH, tracks) == {7: 1, 8: 2, 9: 3}
    assert (scores.scores.tp, scores.scores.fp, scores.scores.fn, scores.merges, scores.splits) == (3, 0, 0, 0, 0)


def test_a_track_must_follow_its_object_for_its_share_of_life():
    truth = moving({1: (range(10), 0, 10)})
    short, long = (moving({7: (range(frames), 0, 10)}) for frames in (2, 3))

    assert (match_objects(truth, short), match_objects(truth, long)) == ({}, {7: 1})
    assert match_objects(truth, short, min_share=0.2) == {7: 1}


def test_of_two_tracks_on_one_object_the_longer_one_counts():
    truth = moving({1: (range(10), 0, 10)})
    tracks = moving({7: (range(4), 0, 10), 8: (range(4, 10), 0, 10)})
    scores = object_scores(truth, tracks)

    assert match_objects(truth, tracks) == {8: 1}
    assert (scores.scores.tp, scores.scores.fp, scores.scores.fn) == (1, 1, 0)


def test_a_box_around_two_objects_is_a_merge_and_a_miss():
    scores = object_scores(TRUTH, moving({7: (range(10), 0, 21), 9: (range(4, 10), 100, 10)}))

    assert scores.merges == 1
    assert (scores.scores.tp, scores.scores.fp, scores.scores.fn) == (1, 1, 2)


def test_two_boxes_in_one_object_are_a_split():
    tracks = moving({7: (range(10), 0, 4), 8: (range(10), 4, 6), 9: (range(10), 11, 10)})
    scores = object_scores(TRUTH, tracks)

    assert scores.splits == 1
    assert (scores.scores.tp, scores.scores.fp, scores.scores.fn) == (2, 1, 1)


def test_a_merge_or_split_for_a_moment_does_not_count():
    tracks = moving({7: (range(2, 10), 0, 10), 8: (range(10), 11, 10), 9: (range(4, 10), 100, 10)})
    moment = ObjectBoxes(
        np.r_[tracks.frames, 0, 1], np.r_[tracks.ids, 7, 7], np.vstack([tracks.boxes, [[0, 0, 21, 10], [5, 0, 26, 10]]])
    )

    assert object_scores(TRUTH, moment).merges == 0
    assert object_scores(TRUTH, moment, min_share=0.1).merges == 1


def test_merge_and_split_together_do_not_hide_behind_a_right_count():
    tracks = moving({7: (range(10), 0, 21), 8: (range(4, 10), 100, 5), 9: (range(4, 10), 105, 5)})
    scores = object_scores(TRUTH, tracks)

    assert count_error(3, 3).relative.value == 0
    assert (scores.merges, scores.splits) == (1, 1)


def test_short_tracks_can_be_left_out():
    tracks = moving({7: (range(10), 0, 10), 8: (range(2), 50, 10)})

    assert np.unique(tracks.lasting(5).ids).tolist() == [7]


def test_rows_come_in_any_order():
    order = np.random.default_rng(1).permutation(len(TRUTH))
    shuffled = ObjectBoxes(TRUTH.frames[order], TRUTH.ids[order], TRUTH.boxes[order])

    assert object_scores(TRUTH, shuffled) == object_scores(TRUTH, TRUTH)


def test_nothing_found_and_nothing_there():
    missed, invented, empty = (
        object_scores(*pair) for pair in [(TRUTH, NOTHING), (NOTHING, TRUTH), (NOTHING, NOTHING)]
    )

    assert (missed.scores.fn, missed.scores.recall.value) == (3, 0)
    assert (invented.scores.fp, invented.scores.precision.value) == (3, 0)
    assert empty.scores.f1.value is None


@pytest.mark.parametrize(("counted", "truth", "difference", "relative"), [(98, 100, -2, 0.02), (3, 1, 2, 1.0)])
def test_the_error_of_a_count(counted, truth, difference, relative):
    error = count_error(counted, truth)

    assert (error.difference, error.relative.value, error.relative.n) == (difference, relative, truth)


def test_a_count_where_nothing_was_has_no_relative_error():
    assert (count_error(2, 0).difference, count_error(2, 0).relative.value) == (2, None)


def test_a_negative_count_is_refused():
    with pytest.raises(InvalidInput, match="counts: expected 0 or more, got -1 and 3"):
        count_error(-1, 3)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        (([0], [1, 2], [[0, 0, 1, 1]]), "ids: expected 1, one per box"),
        (([], [1], [[0, 0, 1, 1]]), "frames: expected 1, one per box"),
        (([0, 0], [1, 1], [[0, 0, 1, 1]] * 2), "each object at most once in a frame"),
        (([0], [1], [[5, 0, 1, 1]]), "turned inside out"),
    ],
)
def test_a_table_that_does_not_fit_together_is_refused(columns, complaint):
    with pytest.raises(InvalidInput, match=complaint):
        ObjectBoxes(*columns)


@pytest.mark.parametrize("options", [{"iou": 0}, {"min_share": 1.5}, {"cover": float("nan")}])
def test_an_option_outside_its_range_is_refused_by_name(options):
    with pytest.raises(InvalidInput, match=f"{next(iter(options))}: expected a number above 0 and at most 1"):
        object_scores(TRUTH, TRUTH, **options)
