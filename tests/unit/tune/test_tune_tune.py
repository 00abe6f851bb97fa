"""`tune`: what is tried, what is taken, and which frames decide."""

from __future__ import annotations

import itertools
import re
import sys

import numpy as np
import pytest

from conveyorqc.calibrate import calibrate
from conveyorqc.config import StripSettings
from conveyorqc.core import Frame
from conveyorqc.dataset import LabelledBoxes
from conveyorqc.errors import ConfigError, InvalidInput, MissingExtraError, NotEnoughData
from conveyorqc.simulate import BeltSimulator
from conveyorqc.tune import (
    GridSearch,
    OptunaSearch,
    changed,
    labelled_frames,
    trials_csv,
    tune,
    tuning_page,
    value_at,
)

SENSITIVITY, NECK = "detector.sensitivity", "detector.blobs.neck"
SIMULATOR = BeltSimulator(
    width=240, height=136, fps=12.0, seconds=4.5, objects=7, speed_px_s=110.0, touching_fraction=0.6, seed=1
)


@pytest.fixture(scope="module")
def line():
    return calibrate(SIMULATOR.frames())


@pytest.fixture(scope="module")
def frames():
    return list(SIMULATOR.frames())


@pytest.fixture(scope="module")
def truth():
    return SIMULATOR.truth.labelled()


@pytest.fixture(scope="module")
def blind(line):
    """The line with a detector that finds nothing any more."""
    return changed(line, {SENSITIVITY: 200.0})


@pytest.fixture(scope="module")
def mended(blind, frames, truth):
    return tune(blind, frames, truth, parameters={SENSITIVITY: (4.0, 100.0, 200.0), NECK: (0.5, 0.7)}, most_frames=8)


def test_what_is_better_by_more_than_chance_is_taken(mended, blind):
    assert 4.0 == value_at(mended.line, SENSITIVITY)
    assert mended.taken.score.f1.value > 0.9
    assert not mended.taken.own
    assert 200.0 == mended.own.values[SENSITIVITY] == value_at(blind, SENSITIVITY)


def test_every_combination_is_tried_once_and_the_lines_own_first(mended):
    tried = [tuple(trial.values.values()) for trial in mended.trials]
    grid = set(itertools.product((4.0, 100.0, 200.0), (0.5, 0.7)))
    assert len(tried) == len(set(tried))
    assert grid | {tried[0]} == set(tried)
    assert [True] + [False] * (len(tried) - 1) == [trial.own for trial in mended.trials]
    assert 1 == sum(trial.taken for trial in mended.trials)


def test_among_better_ones_that_are_equal_the_middle_is_taken(blind, frames, truth):
    asked = {SENSITIVITY: (3.5, 4.0, 4.5), "detector.blobs.max_area": (None,)}
    result = tune(blind, frames, truth, parameters=asked, most_frames=4)
    assert 1 == len({trial.score.f1.value for trial in result.trials[1:]})
    assert 4.0 == result.taken.values[SENSITIVITY]


def test_what_the_line_has_stays_among_equals(line, frames, truth):
    result = tune(line, frames, truth, parameters={SENSITIVITY: (3.9, 4.1)}, most_frames=6)
    assert line == result.line
    assert result.own is result.taken or result.own == result.taken
    assert "What the line had stays" in tuning_page(result)


def test_combinations_that_are_not_allowed_are_left_out(line, frames, truth):
    both = {"detector.blobs.max_area": (50.0, None), SENSITIVITY: (4.0,)}
    assert {50.0, None} == {
        trial.values["detector.blobs.max_area"] for trial in tune(line, frames, truth, parameters=both).trials
    }


def test_an_entry_strip_stays_and_is_left_out_of_account(line, frames, truth):
    narrow = line.model_copy(
        update={"detector": line.detector.model_copy(update={"strip": StripSettings(fraction=0.3)})}
    )
    found = tune(narrow, frames, truth, parameters={SENSITIVITY: (4.0,)}, most_frames=6)
    assert narrow.detector.strip == found.line.detector.strip
    assert found.own.score.recall.value > 0.8


def test_defaults_are_tried_when_nothing_is_asked_for(line, frames, truth):
    seen = []
    result = tune(line, frames, truth, most_frames=1, on_trial=seen.append)
    assert len(seen) == len(result.trials) == GridSearch().trials(result.parameters)
    assert {SENSITIVITY, NECK} <= set(result.parameters)


@pytest.mark.parametrize(
    ("parameters", "error", "complaint"),
    [
        ({}, InvalidInput, "expected thresholds to tune, got none"),
        ({SENSITIVITY: ()}, InvalidInput, r"detector\.sensitivity: expected values to try"),
        ({"tracker.max_distance": (3.0,)}, ConfigError, "expected a threshold of the detector"),
        ({"detector.strip.fraction": (0.3,)}, ConfigError, "expected a threshold of the detector"),
        ({NECK: (0.5, 7.0)}, ConfigError, r"got detector\.blobs\.neck = 7\.0"),
        ({"detector.nick": (0.5,)}, ConfigError, "got 'nick'"),
    ],
)
def test_what_cannot_be_tuned_is_refused_before_a_frame_is_read(line, truth, parameters, error, complaint):
    with pytest.raises(error, match=complaint):
        tune(line, iter(()), truth, parameters=parameters)


def test_a_grid_without_end_is_refused(line, frames, truth):
    with pytest.raises(InvalidInput, match="expected at most 3 combinations, got 4"):
        tune(line, frames, truth, parameters={SENSITIVITY: (1, 2, 3, 4)}, search=GridSearch(most=3), most_frames=1)
    with pytest.raises(InvalidInput, match="most: expected 1 or more, got 0"):
        GridSearch(most=0)


def blank(count, *, width=8, height=8):
    picture = np.zeros((height, width, 3), np.uint8)
    for index in range(count):
        yield Frame.from_bgr(picture, index=index, time_s=index / 25)


def labels(*indices):
    return LabelledBoxes(indices, [1] * len(indices), [[0, 0, 4, 4]] * len(indices))


@pytest.mark.parametrize(
    ("labelled", "most", "expected"),
    [
        (range(100), 4, [31, 63, 95]),
        ([3, 7, 50], 10, [3, 7, 50]),
        ([3, 7, 50], 1, [7]),
        ([3, 7, 50, 60], 2, [7, 60]),
        ([2, 500], 10, [2]),
    ],
)
def test_labelled_frames_are_taken_spread_over_the_clip(labelled, most, expected):
    assert expected == [frame.index for frame in labelled_frames(blank(100), labels(*labelled), most=most)]


def test_of_some_frames_of_a_clip_all_that_are_labelled_count():
    some = [frame for frame in blank(100) if frame.index % 30 == 0]
    assert [0, 30, 60, 90] == [frame.index for frame in labelled_frames(some, labels(*range(100)), most=40)]


def test_no_frame_is_taken_after_the_last_that_is_needed():
    source = blank(100)
    labelled_frames(source, labels(5, 9), most=5)
    assert 10 == next(source).index


def test_large_frames_are_kept_in_smaller_number():
    huge = labelled_frames(blank(60, width=7680, height=2160), labels(*range(60)), most=40)
    assert 2 <= len(huge) <= 5


@pytest.mark.parametrize("truth", [labels(200), labels()])
def test_a_clip_without_labelled_frames_tells_nothing(truth):
    with pytest.raises(NotEnoughData, match="expected labelled frames among those of the clip, got none"):
        labelled_frames(blank(10), truth, most=5)


def test_labels_without_objects_tell_nothing():
    with pytest.raises(NotEnoughData, match="expected objects in labelled frames, but none of 2 shows one"):
        labelled_frames(blank(10), LabelledBoxes([], [], [], frames=[1, 2]), most=5)
    with pytest.raises(InvalidInput, match="most_frames: expected 1 or more, got 0"):
        labelled_frames(blank(10), labels(1), most=0)


def test_optuna_looks_between_the_values_and_the_same_seed_finds_the_same(blind, frames, truth):
    asked = {SENSITIVITY: (3.0, 200.0), "detector.reach": (1, 2), "detector.blobs.max_area": (None, 1e6)}
    results = [
        tune(blind, frames, truth, parameters=asked, search=OptunaSearch(count=10, seed=3), most_frames=4)
        for _ in range(2)
    ]
    first = results[0]
    assert [trial.values for trial in first.trials] == [trial.values for trial in results[1].trials]
    assert first.trials[0].own
    assert {3.0, 200.0} < {trial.values[SENSITIVITY] for trial in first.trials} | {3.0, 200.0}
    assert first.taken.score.f1.value > 0.8
    assert all(isinstance(trial.values["detector.reach"], int) for trial in first.trials)


def test_optuna_learns_that_some_combinations_are_not_allowed():
    worths = iter([1.0, None, 0.5])
    tried = []

    def score(values):
        tried.append(dict(values))
        return next(worths)

    OptunaSearch(count=3, seed=0).explore({"a": (1, 2)}, score, own={"a": 1})
    assert {"a": 1} == tried[0]
    assert 3 == len(tried) == OptunaSearch(count=3).trials({})


@pytest.mark.parametrize("wrong", [{"count": 0}, {"seed": -1}])
def test_optuna_is_asked_for_something(wrong):
    with pytest.raises(InvalidInput, match="count, seed: expected 1 or more and 0 or more"):
        OptunaSearch(**wrong)


def test_without_optuna_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'conveyorqc\[tune\]'"):
        OptunaSearch()


def test_the_table_has_a_row_for_each_combination(mended):
    header, *rows = [row.split(",") for row in trials_csv(mended).splitlines()]
    assert ["trial", SENSITIVITY, NECK, "f1"] == header[:4]
    assert len(mended.trials) == len(rows)
    assert ["0", "200.0", "1", "0"] == [rows[0][0], rows[0][1], rows[0][-2], rows[0][-1]]
    assert 1 == sum(row[-1] == "1" for row in rows)


def test_the_page_says_what_was_taken(mended):
    html = tuning_page(mended, title="Line 7")
    assert "<h1>Line 7</h1>" in html
    assert "Better by more than chance, and taken: detector.sensitivity = 4" in html
    assert ["F1 by trial", f"F1 by {SENSITIVITY}", f"F1 by {NECK}"] == re.findall('aria-label="(F1[^"]*)"', html)
    assert "as it was" in html


def test_a_threshold_that_is_no_number_has_no_chart(line, frames, truth):
    result = tune(line, frames, truth, parameters={"detector.blobs.max_area": (None,)}, most_frames=2)
    html = tuning_page(result)
    assert ["F1 by trial"] == re.findall('aria-label="(F1[^"]*)"', html)
    assert "none" in html
